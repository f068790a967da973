//! Errors of other modules as problems.

use warp::http::StatusCode;

use super::{Problem, ProblemCode};
use crate::actions::account::Refusal;
use crate::actions::block::BlockError;
use crate::actions::change::ChangeError;
use crate::actions::progress::UpdateError;
use crate::actions::send::SendError;
use crate::actions::{FieldCode, FieldError};
use crate::auth::password::Busy;
use crate::auth::throttle::Wait;
use crate::hub::TooManySubscriptions;
use crate::pictures::PictureError;
use crate::store::{BlockRefusal, ChangeRefusal, MOST_BLOCKED, MOST_PINNED, StoreError};
use crate::views::ViewError;

/// How long someone with too many sockets and waiting requests should wait before the next.
const SUBSCRIPTION_WAIT: std::time::Duration = std::time::Duration::from_secs(60);

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer");
        match error {
            StoreError::Damaged => Self::damaged(),
            StoreError::Overloaded | StoreError::Unavailable(_) => Self::unavailable(),
        }
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        tracing::warn!("too many passwords are waiting to be hashed");
        Self::unavailable()
    }
}

impl From<PictureError> for Problem {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Busy => {
                tracing::warn!("too many pictures are waiting");
                Self::unavailable()
            }
            other => Self::field(FieldError::of("avatar", other)),
        }
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        tracing::error!(%error, "cannot render a page");
        Self::internal()
    }
}

impl From<Wait> for Problem {
    fn from(Wait(wait): Wait) -> Self {
        Self::too_many(wait)
    }
}

impl From<TooManySubscriptions> for Problem {
    fn from(_: TooManySubscriptions) -> Self {
        Self::too_many(SUBSCRIPTION_WAIT)
    }
}

fn forbidden(code: ProblemCode, detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, code, detail)
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Fields(errors) => Self::fields(errors),
            Refusal::Closed => forbidden(ProblemCode::SignupClosed, "This server makes no new accounts."),
            Refusal::WrongLogin => forbidden(ProblemCode::WrongLogin, "Unknown user name or wrong password."),
            Refusal::TooMany(wait) => wait.into(),
            Refusal::Busy => Busy.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<ChangeRefusal> for Problem {
    fn from(refusal: ChangeRefusal) -> Self {
        match refusal {
            ChangeRefusal::NoSuchMessage => Self::not_found(),
            ChangeRefusal::NotYours => forbidden(ProblemCode::NotYours, "Only who sent a message may do this."),
            ChangeRefusal::TooLate => forbidden(ProblemCode::TooLate, "It is too late to edit this message."),
            ChangeRefusal::Deleted => forbidden(ProblemCode::Deleted, "This message was deleted."),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Field(error) => Self::field(error),
            ChangeError::Refused(refusal) => refusal.into(),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<UpdateError> for Problem {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::NoSuchConversation => Self::not_found(),
            UpdateError::TooManyPinned => {
                let detail = format!("At most {MOST_PINNED} conversations can be pinned.");
                Self::field(FieldError::new("pinned", FieldCode::TooManyPinned, detail))
            }
            UpdateError::Store(error) => error.into(),
        }
    }
}

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        let refused = |code, detail: String| Self::new(StatusCode::BAD_REQUEST, code, detail);
        match error {
            BlockError::NoSuchPerson => Self::not_found(),
            BlockError::Refused(BlockRefusal::Oneself) => {
                refused(ProblemCode::OwnBlock, "Nobody can block themselves.".into())
            }
            BlockError::Refused(BlockRefusal::TooMany) => {
                refused(ProblemCode::TooManyBlocked, format!("At most {MOST_BLOCKED} people can be blocked."))
            }
            BlockError::Store(error) => error.into(),
        }
    }
}

impl From<SendError> for Problem {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Fields(errors) => Self::fields(errors),
            SendError::NoSuchConversation => Self::not_found(),
            SendError::NoSuchRecipient => {
                let detail = "There is nobody of this user name.";
                Self::new(StatusCode::NOT_FOUND, ProblemCode::NoSuchRecipient, detail)
            }
            SendError::KeyReused => {
                let detail = "This client_id was used for another message; make a new one for each message.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, ProblemCode::ClientIdReused, detail)
            }
            SendError::Blocked => forbidden(ProblemCode::Blocked, "You block this person; unblock first."),
            SendError::Store(error) => error.into(),
        }
    }
}
