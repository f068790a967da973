//! Looking: who is there, of those a client watches, and who is typing to it.

use super::pump::{End, Socket, Stream};
use crate::presence::{Look, Shown};
use crate::wire::Frame;

impl Socket {
    /// Tells what is new of the people this client watches, as far as it may know, and who is typing to it.
    pub(super) async fn look(&mut self, stream: &mut Stream) -> Result<(), End> {
        let Look { wish, typing } = self.attendance.look();
        for name in typing {
            self.say(stream, &Frame::Typing { user: name.to_string() }).await?;
        }
        if let Some(names) = wish {
            let users = self.app.store.users_named(names).await?;
            self.attendance.watch(users);
        }
        let sightings = self.attendance.sightings();
        if sightings.is_empty() {
            return Ok(());
        }
        let people = sightings.iter().map(|sighting| sighting.user).collect();
        // Read after what is kept in memory, which is forgotten once it is in the store.
        let seen = self.app.store.seen(self.session.user.id, people).await?;
        for (sighting, seen) in sightings.into_iter().zip(seen) {
            let now = seen.shown.then(|| Shown {
                online: sighting.online,
                last_seen: seen.last_seen.max(sighting.left_at).filter(|_| !sighting.online),
            });
            if let Some(Shown { online, last_seen }) = self.attendance.tell(sighting.user, now) {
                let last_seen = last_seen.map(|time| time.to_string());
                self.say(stream, &Frame::Presence { user: seen.name.to_string(), online, last_seen }).await?;
            }
        }
        Ok(())
    }
}
