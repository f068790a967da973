//! Every statement of the store, for the tests that look at all of them.

use crate::store::{
    account_deletion, accounts, blocks, changes, conversations, direct, epochs, merge, message_rows, messages, people,
    presence, profiles, progress, receipts, send, send_batch, sessions, sync, users,
};

/// A list of statements by module and name.
macro_rules! statements {
    ($($module:ident: $($name:ident),+;)+) => {
        &[$($((concat!(stringify!($module), "::", stringify!($name)), $module::$name),)+)+]
    };
}

pub(super) const STATEMENTS: &[(&str, &str)] = statements! {
    account_deletion: EMPTY;
    accounts: ACCOUNT, BLOCKED, STAMP;
    blocks: BLOCKS, COUNT_BLOCKED, BLOCK, UNBLOCK, STAMP;
    changes: QUOTING, BLOCKED_BY_OTHER, EDIT, DELETE, DELETE_REACTIONS, HIDE, REACT, UNREACT, STAMP, STAMP_CONVERSATION;
    conversations: OF_TWO, END, ONE, LATEST, PINNED;
    direct: CREATE;
    epochs: LAST_OF, NEWEST, INSERT, FORGET;
    merge: DOWN, UP;
    message_rows: OF_MEMBER, BY_ID, BETWEEN, AUDIENCE;
    messages: COUNT_ALL, ENDS, SEQ, AT_SEQ;
    people: WRITTEN_WITH, NOT_WRITTEN_WITH;
    presence: ID_OF, SEEN, MAY_TYPE_IN, SET_LAST_SEEN;
    profiles: PICTURE, UPDATE, SET_TAG, SET_PICTURE, REMOVE_PICTURE, FORGET_NAMES, ADD_NAME, STAMP, ACQUAINTED;
    progress: STATE, COUNT_PINNED, UPDATE, STAMP, MOVED, FORGET_MOVES;
    receipts: READER, DELIVERED, READ;
    send: WITH_PERSON, IN_CONVERSATION, BY_KEY, QUOTED;
    send_batch: MEMBER, MESSAGE, NEWEST, KEEP_FROM, SHADOW;
    sessions: BY_TOKEN, OF_USER, ALL_OF_USER, INSERT, FORGET_EXPIRED, RENEW, END;
    sync: REVISION, CHANGED, NEW_MESSAGES, CHANGED_MESSAGES, HIDDEN_MESSAGES;
    users: BY_KEY, KEYS_TAKEN, INSERT, REPLACE_PASSWORD;
};

/// What removes a person's rows.
pub(super) fn deletions() -> impl Iterator<Item = (&'static str, &'static str)> {
    account_deletion::FORGET.iter().map(|sql| ("account_deletion::FORGET", *sql))
}
