//! Telling: what happens, as it happens, and what was missed, from the store.

use tokio_tungstenite::tungstenite::Message;

use super::pump::{End, LOGGED_OUT, Socket, Stream};
use crate::model::{Event, MessageId, Revision};
use crate::store::{Changes, Cursor, MessageScope, MessageSlice};
use crate::wire::{self, Frame, Notice};

/// Changes read at once when a socket catches up.
const CATCH_UP: usize = 100;

impl Socket {
    /// Tells of an event, unless catching up has told of it already.
    pub(super) async fn tell(&mut self, stream: &mut Stream, notice: &Notice) -> Result<(), End> {
        match (&notice.event, notice.event.revision()) {
            (Event::SessionEnded { session, .. }, _) if *session == self.session.key => return Err(LOGGED_OUT),
            (_, Some(revision)) if revision > self.latest => self.latest = revision,
            _ => return Ok(()),
        }
        if let Event::MessageCreated { message, .. } = &notice.event {
            self.attendance.has_written(&message.sender_name);
        }
        match (&notice.event, self.live) {
            (_, true) => match notice.live() {
                Some(text) => self.send(stream, Message::Text(text.clone())).await,
                None => Ok(()),
            },
            (Event::MessageCreated { message, .. }, false) => {
                self.send(stream, Message::Text(wire::original(message.id))).await
            }
            _ => Ok(()),
        }
    }

    /// Replays everything after `since`. A place of another history is answered with `resync`.
    pub(super) async fn resume(&mut self, stream: &mut Stream, since: Cursor) -> Result<(), End> {
        let store = &self.app.store;
        let epoch = store.epoch().to_owned();
        let Some(missed) = store.changes(self.session.user.id, since, CATCH_UP).await? else {
            let now = store.revision().await?;
            return self.say(stream, &Frame::Resync { revision: now.0, epoch }).await;
        };
        if self.tell_changes(stream, missed).await? {
            self.catch_up(stream).await?;
        }
        self.say(stream, &Frame::Synced { revision: self.latest.0, epoch }).await
    }

    /// Tells of everything that is due, from the store.
    pub(super) async fn catch_up(&mut self, stream: &mut Stream) -> Result<(), End> {
        if self.live { self.catch_up_live(stream).await } else { self.catch_up_original(stream).await }
    }

    async fn catch_up_live(&mut self, stream: &mut Stream) -> Result<(), End> {
        let me = self.session.user.id;
        loop {
            let changes = self.app.store.changes_after(me, self.latest, CATCH_UP).await?;
            if !self.tell_changes(stream, changes).await? {
                return Ok(());
            }
        }
    }

    /// Tells of what was read, and says whether there is more.
    async fn tell_changes(&mut self, stream: &mut Stream, changes: Changes) -> Result<bool, End> {
        for (revision, item) in &changes.items {
            self.say(stream, &Frame::of_item(*revision, item)).await?;
        }
        self.latest = changes.upto;
        Ok(changes.more)
    }

    async fn catch_up_original(&mut self, stream: &mut Stream) -> Result<(), End> {
        let me = self.session.user.id;
        loop {
            let due = MessageSlice::After(MessageId(self.latest.0));
            let page = self.app.store.messages(me, MessageScope::All, due, CATCH_UP).await?;
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
