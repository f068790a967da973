//! One connection to PostgreSQL, driven by the thread that uses it and waits. What was posted is sent together with the
//! next question or the commit, so that a group of changes is two round trips: begin and ask, write and commit.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{TryStreamExt, pin_mut};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, yield_now};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row as PostgresRow, Statement};

use super::address::Address;
use super::spread::spread;
use super::values::Parameter;
use crate::store::engine::{Db, Error, Question, Result, Row, Take, Value};

/// How long a server may take to accept a connection.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long an answer may take. A connection without one is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Settings of every connection. `synchronous_commit` makes a commit durable whatever the server's default is. The
/// planner's settings keep every statement to its indexes: with the statistics of a table that was empty once, whole
/// tables would be read. The timeouts end what has been given up here; a process that freezes in the middle of a change
/// holds up the others no longer than five seconds.
const SETTINGS: &str =
    "SET synchronous_commit = on; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
     SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; SET lock_timeout = '10s';
     SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '5s'; SET application_name = 'chinwag'";

/// A statement, whether it runs for many sets of parameters at once, and the types of one set.
#[derive(Clone)]
struct Prepared {
    statement: Statement,
    types: Vec<Type>,
}

/// A statement that is sent with its parameters.
struct Request {
    statement: Statement,
    parameters: Vec<Parameter>,
}

/// What came back: rows, or how many were changed.
struct Answer {
    rows: Vec<PostgresRow>,
    changed: u64,
}

pub(super) struct Client {
    runtime: Option<Runtime>,
    client: tokio_postgres::Client,
    /// What sends and receives for it.
    connection: JoinHandle<std::result::Result<(), tokio_postgres::Error>>,
    statements: HashMap<(&'static str, bool), Prepared>,
    posted: Vec<Request>,
    /// Whether what is posted is sent at once, so that its failure is known.
    pub waits_for_posts: bool,
    broken: bool,
}

impl Client {
    pub fn connect(address: &Address) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Other(error.to_string()))?;
        let connecting = async {
            let (client, connection) = address.connect().await?;
            // Ends with the runtime, or says why with the next request.
            let connection = tokio::spawn(connection);
            client.batch_execute(SETTINGS).await?;
            Ok::<_, tokio_postgres::Error>((client, connection))
        };
        let connected = runtime.block_on(async { tokio::time::timeout(CONNECTING, connecting).await });
        let (client, connection) =
            connected.map_err(|_| Error::Lost("the database server does not answer".into()))??;
        let (statements, posted) = (HashMap::new(), Vec::new());
        let runtime = Some(runtime);
        Ok(Self { runtime, client, connection, statements, posted, waits_for_posts: false, broken: false })
    }

    /// Whether it can be used, as far as is known here: a server that went away has said so.
    pub fn is_open(&mut self) -> bool {
        // Lets the system say what has arrived meanwhile, and then the connection read it.
        self.run(async |_| {
            yield_now().await;
            yield_now().await;
        });
        !self.broken()
    }

    /// Closes it, so that the server ends what it still does for it and releases its locks.
    pub fn close(&mut self) {
        self.broken = true;
        if let Some(runtime) = &self.runtime
            && !self.connection.is_finished()
        {
            self.connection.abort();
            // Fails, since it was aborted.
            let _ = runtime.block_on(&mut self.connection);
        }
    }

    pub fn broken(&self) -> bool {
        self.broken || self.client.is_closed()
    }

    /// Runs statements that have no parameters, one after the other.
    pub fn script(&mut self, sql: &str) -> Result<()> {
        self.run(async |client| client.batch_execute(sql).await).map_err(|error| self.met(error.into()))
    }

    /// Sends a statement with the next question.
    pub fn post_one(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<()> {
        let request = self.single(sql, params)?;
        self.posted.push(request);
        Ok(())
    }

    /// Forgets what was posted.
    pub fn discard(&mut self) {
        self.posted.clear();
    }

    /// Sends what was posted, and waits for all of it.
    pub fn flush(&mut self) -> Result<()> {
        self.send(Vec::new()).map(drop)
    }

    /// Asks `sql`, which has one row and no parameters, and these questions at once.
    pub fn ask_all(
        &mut self,
        sql: &'static str,
        questions: &[Question<'_>],
        take: &mut Take<'_>,
    ) -> Result<PostgresRow> {
        let mut requests = vec![self.single(sql, &[])?];
        let asked = questions.iter().enumerate().filter(|(_, question)| !question.each.is_empty());
        let (numbers, asked): (Vec<_>, Vec<_>) = asked.unzip();
        for question in asked {
            requests.push(self.multiple(question.sql, &question.each)?);
        }
        let mut answers = self.send(requests)?.into_iter();
        let first = answers.next().and_then(|mut answer| answer.rows.pop());
        for (number, answer) in numbers.into_iter().zip(answers) {
            deliver(&answer, &mut |index, row| take(number, index, row))?;
        }
        first.ok_or_else(|| Error::Other(format!("no answer: {sql}")))
    }

    /// Runs this to its end.
    pub fn run<T>(&self, work: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> T {
        let runtime = self.runtime.as_ref().expect("it is there until this is dropped");
        runtime.block_on(work(&self.client))
    }

    fn met(&mut self, error: Error) -> Error {
        self.broken |= matches!(error, Error::Lost(_));
        error
    }

    /// Sends what was posted and these at once, in this order, and waits for the answers to these.
    fn send(&mut self, asked: Vec<Request>) -> Result<Vec<Answer>> {
        let mut requests = std::mem::take(&mut self.posted);
        let posted = requests.len();
        requests.extend(asked);
        let answers = self.run(async |client| {
            let all = join_all(requests.iter().map(|request| request.send(client)));
            tokio::time::timeout(PATIENCE, all).await
        });
        let answers = answers.map_err(|_| self.met(Error::Lost("no answer in time".into())))?;
        // The first failure is the reason for all after it.
        let answers = answers.into_iter().collect::<std::result::Result<Vec<_>, _>>();
        let mut answers = answers.map_err(|error| self.met(error.into()))?;
        Ok(answers.split_off(posted))
    }

    fn ask_one(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Answer> {
        let request = self.single(sql, params)?;
        let answer = self.send(vec![request])?.pop();
        answer.ok_or_else(|| Error::Other(format!("no answer: {sql}")))
    }

    fn single(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<Request> {
        let Prepared { statement, .. } = self.prepared(sql, false)?;
        Ok(Request { statement, parameters: params.iter().map(Parameter::one).collect() })
    }

    fn multiple(&mut self, sql: &'static str, each: &[Vec<Value<'_>>]) -> Result<Request> {
        let Prepared { statement, types } = self.prepared(sql, true)?;
        let parameters = (0..types.len()).map(|column| Parameter::many(each.iter().map(|set| &set[column])));
        Ok(Request { statement, parameters: parameters.collect() })
    }

    /// Prepares a statement, once for each connection.
    fn prepared(&mut self, sql: &'static str, many: bool) -> Result<Prepared> {
        if let Some(prepared) = self.statements.get(&(sql, many)) {
            return Ok(prepared.clone());
        }
        let preparing = async |client: &tokio_postgres::Client| {
            let one = client.prepare(sql).await?;
            let types = one.params().to_vec();
            let statement = if many { client.prepare(&spread(sql, &types)).await? } else { one };
            Ok::<_, tokio_postgres::Error>(Prepared { statement, types })
        };
        let prepared = self.run(async |client| tokio::time::timeout(PATIENCE, preparing(client)).await);
        let prepared = prepared.map_err(|_| self.met(Error::Lost("no answer in time".into())))?;
        let prepared = prepared.map_err(|error| self.met(error.into()))?;
        self.statements.insert((sql, many), prepared.clone());
        Ok(prepared)
    }
}

impl Request {
    async fn send(&self, client: &tokio_postgres::Client) -> std::result::Result<Answer, tokio_postgres::Error> {
        let parameters = self.parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync));
        let stream = client.query_raw(&self.statement, parameters).await?;
        pin_mut!(stream);
        let mut rows = Vec::new();
        while let Some(row) = stream.try_next().await? {
            rows.push(row);
        }
        Ok(Answer { rows, changed: stream.rows_affected().unwrap_or(0) })
    }
}

/// Passes on the rows of an answer for many sets of parameters: the last column says for which, from 1.
fn deliver(answer: &Answer, take: &mut dyn FnMut(usize, &dyn Row) -> Result<()>) -> Result<()> {
    answer.rows.iter().try_for_each(|row| {
        let number: i64 = (row as &dyn Row).get(row.len() - 1)?;
        take(number as usize - 1, row)
    })
}

impl Db for Client {
    fn rows(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        self.ask_one(sql, params)?.rows.iter().try_for_each(|row| each(row))
    }

    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<usize> {
        Ok(self.ask_one(sql, params)?.changed as usize)
    }

    fn ask(&mut self, question: &Question<'_>, take: &mut dyn FnMut(usize, &dyn Row) -> Result<()>) -> Result<()> {
        if question.each.is_empty() {
            return Ok(());
        }
        let request = self.multiple(question.sql, &question.each)?;
        self.send(vec![request])?.iter().try_for_each(|answer| deliver(answer, take))
    }

    fn post(&mut self, sql: &'static str, each: &[Vec<Value<'_>>]) -> Result<()> {
        if each.is_empty() {
            return Ok(());
        }
        let request = self.multiple(sql, each)?;
        self.posted.push(request);
        if self.waits_for_posts { self.flush() } else { Ok(()) }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Dropping it would wait, which an async thread must not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
