//! Hearing: what a client of the live protocol says, done.

use super::pump::{End, Socket, Stream};
use super::says::Says;
use crate::actions::presence;
use crate::model::{Revision, Username};
use crate::presence::MOST_WATCHED;
use crate::store::{ConversationUpdate, Cursor};
use crate::wire::Frame;

impl Socket {
    /// Does what a client says. What cannot be read or is not known is passed over.
    pub(super) async fn hear(&mut self, stream: &mut Stream, text: &str) -> Result<(), End> {
        match Says::parse(text) {
            Some(Says::Resume { since, epoch }) => {
                self.resume(stream, Cursor { revision: Revision(since), epoch }).await
            }
            Some(Says::Delivered { with, seq }) => {
                let said = ConversationUpdate { delivered: Some(seq), ..ConversationUpdate::default() };
                Ok(self.positions.take(&with, said).await?)
            }
            Some(Says::Read { with, seq }) => {
                let said = ConversationUpdate { read: Some(seq), ..ConversationUpdate::default() };
                Ok(self.positions.take(&with, said).await?)
            }
            Some(Says::Typing { with }) => {
                Ok(presence::typing(&self.app, &self.session.user, &self.attendance, &with).await?)
            }
            Some(Says::Active { active }) => {
                self.attendance.set_active(active);
                Ok(())
            }
            Some(Says::Watch { people }) => {
                let names = people.iter().filter_map(|name| Username::parse(name).ok());
                self.attendance.wish(names.take(MOST_WATCHED).collect());
                Ok(())
            }
            Some(Says::Ping {}) => self.say(stream, &Frame::Pong {}).await,
            None => Ok(()),
        }
    }
}
