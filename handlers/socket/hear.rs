//! Hearing: what a client of the live protocol says, done.

use super::pump::{End, Socket, Stream};
use super::says::Says;
use crate::actions::progress::{self, UpdateError};
use crate::model::Revision;
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
                self.update(&with, ConversationUpdate { delivered: Some(seq), ..ConversationUpdate::default() }).await
            }
            Some(Says::Read { with, seq }) => {
                self.update(&with, ConversationUpdate { read: Some(seq), ..ConversationUpdate::default() }).await
            }
            Some(Says::Ping {}) => self.say(stream, &Frame::Pong {}).await,
            None => Ok(()),
        }
    }

    async fn update(&self, with: &str, update: ConversationUpdate) -> Result<(), End> {
        match progress::update(&self.app, &self.session.user, with, update).await {
            Err(UpdateError::Store(error)) => Err(error.into()),
            // What is said of a conversation that does not exist is passed over.
            _ => Ok(()),
        }
    }
}
