//! Reading messages back, by page number as the original did, or by key.

use crate::app::App;
use crate::model::{Message, MessageId, User, Username};
use crate::store::{MessagePage, MessageScope, MessageSlice, StoreError};

/// Messages on one page of the original's paging.
pub const PAGE: usize = 15;

/// Where to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// A page of [`PAGE`], newest first, counted from 1.
    Page(i64),
    LastPage,
    /// Older than this message, newest first.
    Before(MessageId),
    /// Newer than this message, oldest first.
    After(MessageId),
}

/// A part of the history.
#[derive(Debug)]
pub struct Part {
    /// Messages in the whole history (with that person).
    pub count: i64,
    /// The page number, where pages were asked for.
    pub page: i64,
    pub messages: Vec<Message>,
    /// The last message that was read, if there are more after it.
    pub next: Option<MessageId>,
}

/// There is no such page.
#[derive(Debug)]
pub struct NoSuchPage;

/// Reads at most `limit` messages of `me`'s, of those with `target` if one is named. If nobody has that name, there are
/// no messages.
pub async fn history(
    app: &App,
    me: &User,
    target: Option<&str>,
    position: Position,
    limit: usize,
) -> Result<Result<Part, NoSuchPage>, StoreError> {
    let scope = match target {
        None => Some(MessageScope::All),
        Some(name) => find(app, name).await?.map(|other| MessageScope::With(other.id)),
    };
    let (slice, page) = match position {
        Position::Before(id) => (MessageSlice::Before(id), 1),
        Position::After(id) => (MessageSlice::After(id), 1),
        Position::Page(page) => (newest(page), page),
        Position::LastPage => {
            let count = match scope {
                Some(scope) => app.store.count_messages(me.id, scope).await?,
                None => 0,
            };
            let last = (count + PAGE as i64 - 1).div_euclid(PAGE as i64).max(1);
            (newest(last), last)
        }
    };
    let found = match scope {
        Some(scope) if page >= 1 => app.store.messages(me.id, scope, slice, limit).await?,
        _ => MessagePage { count: 0, messages: Vec::new(), next: None },
    };
    if page < 1 || (page > 1 && found.messages.is_empty() && found.next.is_none()) {
        return Ok(Err(NoSuchPage));
    }
    Ok(Ok(Part { count: found.count, page, messages: found.messages, next: found.next }))
}

/// The person of exactly this name; names are not folded here, as in the original.
pub async fn find(app: &App, name: &str) -> Result<Option<User>, StoreError> {
    match Username::of_account(name) {
        Ok(name) => app.store.user(&name).await,
        Err(_) => Ok(None),
    }
}

fn newest(page: i64) -> MessageSlice {
    MessageSlice::Newest { skip: page.saturating_sub(1).saturating_mul(PAGE as i64) }
}
