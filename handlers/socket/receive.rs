//! Receiving: what a client of the live protocol sends, carried out.

use super::client_frame::ClientFrame;
use super::connection::{End, Socket, Stream};
use crate::actions::presence;
use crate::model::{ConversationId, Username};
use crate::presence::MAX_WATCHED;
use crate::store::ConversationUpdate;
use crate::wire::Frame;

impl Socket {
    /// Does what a client asks for. What cannot be read or is not known is ignored.
    pub(super) async fn receive(&mut self, stream: &mut Stream, text: &str) -> Result<(), End> {
        match ClientFrame::parse(text) {
            Some(ClientFrame::Ack { conversation, delivered, read }) => {
                let ack = ConversationUpdate { delivered, read, ..ConversationUpdate::default() };
                Ok(self.receipts.add(ConversationId(conversation), ack).await?)
            }
            Some(ClientFrame::Typing { conversation }) => {
                let conversation = ConversationId(conversation);
                Ok(presence::typing(&self.app, &self.session.user, &self.presence, conversation).await?)
            }
            Some(ClientFrame::Active { active }) => {
                self.presence.set_active(active);
                Ok(())
            }
            Some(ClientFrame::Watch { people }) => {
                let names = people.iter().filter_map(|name| Username::of_account(name).ok());
                self.presence.set_watch_list(names.take(MAX_WATCHED).collect());
                Ok(())
            }
            Some(ClientFrame::Ping {}) => self.send_frame(stream, &Frame::Pong {}).await,
            None => Ok(()),
        }
    }
}
