//! Values on their way to PostgreSQL and back.

use std::error::Error as StdError;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::store::engine::{Error, Result, Row, Value, ValueRef};

/// A value that outlives the caller's, because it is sent later.
#[derive(Debug)]
pub(super) enum Owned {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// One value, or one for each set of parameters: an array.
#[derive(Debug)]
pub(super) enum Parameter {
    One(Owned),
    Many(Vec<Owned>),
}

impl Parameter {
    pub fn one(value: &Value<'_>) -> Self {
        Self::One(Owned::from(value))
    }

    pub fn many<'v>(values: impl Iterator<Item = &'v Value<'v>>) -> Self {
        Self::Many(values.map(Owned::from).collect())
    }
}

impl From<&Value<'_>> for Owned {
    fn from(value: &Value<'_>) -> Self {
        match *value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Blob(bytes) => Self::Blob(bytes.to_owned()),
        }
    }
}

type Sent = std::result::Result<IsNull, Box<dyn StdError + Sync + Send>>;

impl Owned {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Blob(bytes) => Value::Blob(bytes),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Sent {
        match *self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => match *of {
                Type::INT8 => number.to_sql(of, out),
                Type::INT4 => i32::try_from(number)?.to_sql(of, out),
                Type::BOOL => (number != 0).to_sql(of, out),
                _ => Err(format!("a number where {of} is expected").into()),
            },
            Self::Text(text) if <&str as ToSql>::accepts(of) => text.to_sql(of, out),
            Self::Blob(bytes) if *of == Type::BYTEA => bytes.to_sql(of, out),
            Self::Text(_) | Self::Blob(_) => Err(format!("another kind of value where {of} is expected").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl ToSql for Owned {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Sent {
        self.value().to_sql(of, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl ToSql for Parameter {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Sent {
        match self {
            Self::One(value) => value.to_sql(of, out),
            Self::Many(values) => values.to_sql(of, out),
        }
    }

    fn accepts(of: &Type) -> bool {
        !matches!(of.kind(), Kind::Pseudo)
    }

    to_sql_checked!();
}

impl Row for tokio_postgres::Row {
    fn value(&self, index: usize) -> Result<ValueRef<'_>> {
        let column = self.columns().get(index).ok_or_else(|| Error::Other(format!("there is no column {index}")))?;
        Ok(match *column.type_() {
            Type::INT8 => self.try_get::<_, Option<i64>>(index)?.map_or(ValueRef::Null, ValueRef::Int),
            Type::INT4 => self.try_get::<_, Option<i32>>(index)?.map_or(ValueRef::Null, |n| ValueRef::Int(n.into())),
            Type::BOOL => self.try_get::<_, Option<bool>>(index)?.map_or(ValueRef::Null, |b| ValueRef::Int(b.into())),
            Type::TEXT => self.try_get::<_, Option<&str>>(index)?.map_or(ValueRef::Null, ValueRef::Text),
            Type::BYTEA => self.try_get::<_, Option<&[u8]>>(index)?.map_or(ValueRef::Null, ValueRef::Blob),
            ref other => return Err(Error::Other(format!("no column is of the type {other}"))),
        })
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(cause) = error.as_db_error() else {
            // A value that cannot be sent, or a column of another type, is a mistake of ours.
            let ours = error.source().is_some_and(|cause| !cause.is::<std::io::Error>());
            let text = with_causes(&error);
            return if ours && !error.is_closed() { Self::Other(text) } else { Self::Lost(text) };
        };
        let text = format!("{} ({})", cause.message(), cause.code().code());
        // PostgreSQL, appendix A. Conflicts, locks and statements that took too long; then shutdowns (57P…), a server
        // that only reads now (25006), a transaction that was idle for too long (25P03), too many connections (53300).
        match cause.code().code() {
            "23505" => Self::Unique(text),
            "40001" | "40P01" | "55P03" | "57014" => Self::Retry(text),
            "57P01" | "57P02" | "57P03" | "25006" | "25P03" | "53300" => Self::Lost(text),
            "XX001" | "XX002" => Self::Damaged(text),
            _ => Self::Other(text),
        }
    }
}

/// The error and why: the reason for a failed connection is only in its cause.
pub(super) fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
