//! Presence: who is online, of those a client watches, and who is typing to it.

use super::connection::{End, Socket, Stream};
use crate::presence::{Poll, Shown};
use crate::wire::Frame;

impl Socket {
    /// Sends what has changed about the people this client watches, as far as it may know, and who is typing to it.
    pub(super) async fn send_presence(&mut self, stream: &mut Stream) -> Result<(), End> {
        let Poll { watch_list, typing } = self.presence.poll();
        for (conversation, name) in typing {
            self.send_frame(stream, &Frame::Typing { conversation: conversation.0, user: name.to_string() }).await?;
        }
        if let Some(names) = watch_list {
            let users = self.app.store.users_named(names).await?;
            self.presence.watch(users);
        }
        let snapshots = self.presence.snapshots();
        if snapshots.is_empty() {
            return Ok(());
        }
        let people = snapshots.iter().map(|snapshot| snapshot.user).collect();
        // Read after the memory, from which values are removed once they are in the store.
        let seen = self.app.store.seen(self.session.user.id, people).await?;
        for (snapshot, seen) in snapshots.into_iter().zip(seen) {
            let now = seen.shown.then(|| Shown {
                online: snapshot.online,
                last_seen: seen.last_seen.max(snapshot.left_at).filter(|_| !snapshot.online),
            });
            if let Some(Shown { online, last_seen }) = self.presence.update_shown(snapshot.user, now) {
                let last_seen = last_seen.map(|time| time.to_string());
                self.send_frame(stream, &Frame::Presence { user: seen.name.to_string(), online, last_seen }).await?;
            }
        }
        Ok(())
    }
}
