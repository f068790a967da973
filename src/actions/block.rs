//! Blocking and unblocking people.

use super::history;
use crate::app::App;
use crate::model::{Account, User};
use crate::store::{BlockRefusal, StoreError};

/// Why someone is not blocked.
#[derive(Debug)]
pub enum BlockError {
    NoSuchPerson,
    Refused(BlockRefusal),
    Store(StoreError),
}

impl From<StoreError> for BlockError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Blocks or unblocks the person of this name.
pub async fn block(app: &App, me: &User, name: &str, blocked: bool) -> Result<Account, BlockError> {
    let other = history::find(app, name).await?.ok_or(BlockError::NoSuchPerson)?;
    app.store.block(me.id, other.id, blocked).await?.map_err(BlockError::Refused)
}
