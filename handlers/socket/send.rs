//! Sending: events as they happen, and what was missed from the store.

use std::sync::Arc;

use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::connection::{End, LOGGED_OUT, Socket, Stream};
use crate::hub::Lagged;
use crate::mistakes::{Mistake, made};
use crate::model::{Event, MessageId, Revision};
use crate::store::{Changes, Cursor, Item, MessageScope, MessageSlice};
use crate::wire::{self, BroadcastEvent, Frame};

/// Changes read at once when a socket catches up.
const PAGE: usize = 100;

/// Bytes of text after which events go out, though more are waiting.
const MAX_BATCH: usize = 64 * 1024;

/// Events that go out together: one as it is, several as an array.
#[derive(Default)]
struct Batch {
    events: Vec<Utf8Bytes>,
    bytes: usize,
}

impl Batch {
    fn has_room_for(&self, text: &Utf8Bytes) -> bool {
        self.events.is_empty() || self.bytes + text.len() <= MAX_BATCH
    }

    fn push(&mut self, text: Utf8Bytes) {
        self.bytes += text.len();
        self.events.push(text);
    }

    /// The text of the frame; nothing when there is nothing to send.
    fn take(&mut self) -> Option<Utf8Bytes> {
        let Self { mut events, bytes } = std::mem::take(self);
        if events.len() <= 1 {
            return events.pop();
        }
        let mut text = String::with_capacity(bytes + events.len() + 1);
        for event in &events {
            text.push(if text.is_empty() { '[' } else { ',' });
            text.push_str(event);
        }
        text.push(']');
        Some(text.into())
    }
}

impl Socket {
    /// Sends an event and those that wait behind it, unless catching up has sent them already.
    pub(super) async fn send_events(
        &mut self,
        stream: &mut Stream,
        first: Result<Arc<BroadcastEvent>, Lagged>,
    ) -> Result<(), End> {
        let mut batch = Batch::default();
        let mut next = Some(first);
        while let Some(event) = next {
            let Ok(event) = event else {
                self.flush(stream, &mut batch).await?;
                self.check_session().await?;
                if made(Mistake::IgnoreLag) {
                    return Ok(());
                }
                return Box::pin(self.catch_up(stream)).await;
            };
            if let Some(text) = self.text_of(&event)? {
                self.put(stream, &mut batch, text).await?;
            }
            next = self.subscription.try_next();
        }
        self.flush(stream, &mut batch).await
    }

    /// An event as this client receives it; nothing when it does not.
    fn text_of(&mut self, event: &BroadcastEvent) -> Result<Option<Utf8Bytes>, End> {
        match (&event.event, event.event.revision()) {
            (Event::SessionEnded { session, .. }, _) if *session == self.session.key => return Err(LOGGED_OUT),
            (_, Some(revision)) if revision > self.latest => self.latest = revision,
            _ => return Ok(None),
        }
        if let Event::MessageCreated { message, .. } = &event.event {
            self.presence.has_written(message.conversation, &message.sender_name);
        }
        Ok(match (&event.event, self.live) {
            (_, true) => event.live().cloned(),
            (Event::MessageCreated { message, .. }, false) => Some(wire::original(message.id)),
            _ => None,
        })
    }

    /// Adds a text to what goes out next. The original's clients understand single events only.
    async fn put(&self, stream: &mut Stream, batch: &mut Batch, text: Utf8Bytes) -> Result<(), End> {
        if !self.live || !batch.has_room_for(&text) {
            self.flush(stream, batch).await?;
        }
        batch.push(text);
        Ok(())
    }

    async fn flush(&self, stream: &mut Stream, batch: &mut Batch) -> Result<(), End> {
        match batch.take() {
            Some(text) => self.send(stream, Message::Text(text)).await,
            None => Ok(()),
        }
    }

    /// Replays everything after `since`. A revision of another history is answered with `resync`.
    pub(super) async fn resume(&mut self, stream: &mut Stream, since: Cursor) -> Result<(), End> {
        let store = &self.app.store;
        let epoch = store.epoch().to_owned();
        let Some(missed) = store.changes(self.session.user.id, since, PAGE).await? else {
            return self.send_frame(stream, &Frame::Resync { revision: self.latest.0, epoch }).await;
        };
        if self.send_changes(stream, missed).await? {
            self.catch_up(stream).await?;
        }
        self.send_frame(stream, &Frame::Synced { revision: self.latest.0, epoch }).await
    }

    /// Sends everything that is due, from the store.
    async fn catch_up(&mut self, stream: &mut Stream) -> Result<(), End> {
        if self.live { self.catch_up_live(stream).await } else { self.catch_up_original(stream).await }
    }

    async fn catch_up_live(&mut self, stream: &mut Stream) -> Result<(), End> {
        let me = self.session.user.id;
        loop {
            let changes = self.app.store.changes_after(me, self.latest, PAGE).await?;
            if !self.send_changes(stream, changes).await? {
                return Ok(());
            }
        }
    }

    /// Sends a page of changes, and returns whether there is more.
    async fn send_changes(&mut self, stream: &mut Stream, changes: Changes) -> Result<bool, End> {
        let mut batch = Batch::default();
        for (revision, item) in &changes.items {
            if let Item::Message(message) = item {
                self.presence.has_written(message.conversation, &message.sender_name);
            }
            self.put(stream, &mut batch, Frame::of_item(*revision, item).text()).await?;
        }
        self.flush(stream, &mut batch).await?;
        self.latest = changes.upto;
        Ok(changes.more)
    }

    async fn catch_up_original(&mut self, stream: &mut Stream) -> Result<(), End> {
        let me = self.session.user.id;
        loop {
            let due = MessageSlice::After(MessageId(self.latest.0));
            let page = self.app.store.messages(me, MessageScope::All, due, PAGE).await?;
            for message in &page.messages {
                self.latest = Revision(message.id.0);
                self.send(stream, Message::Text(wire::original(message.id))).await?;
            }
            match page.next {
                Some(next) => self.latest = Revision(next.0),
                None => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_goes_out_as_it_is_and_several_as_an_array() {
        let mut batch = Batch::default();
        assert_eq!(batch.take(), None);
        batch.push("{}".into());
        assert_eq!(batch.take().unwrap(), "{}");
        for text in ["1", "{\"a\":2}", "3"] {
            batch.push(text.into());
        }
        assert_eq!(batch.take().unwrap(), r#"[1,{"a":2},3]"#);
        assert_eq!(batch.take(), None);
    }

    #[test]
    fn a_batch_has_a_bound_that_only_a_single_event_may_exceed() {
        let mut batch = Batch::default();
        let long: Utf8Bytes = "x".repeat(MAX_BATCH + 1).into();
        assert!(batch.has_room_for(&long));
        batch.push("x".repeat(MAX_BATCH - 1).into());
        assert!(batch.has_room_for(&"x".into()) && !batch.has_room_for(&"xx".into()));
    }
}
