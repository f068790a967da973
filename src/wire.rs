//! What a WebSocket says, as text. The one place that knows the form of frames.

use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::model::{Event, MessageId};

/// The frame that tells of an event, in the original's form; nothing for events that have none.
pub fn frame(event: &Event) -> Option<Utf8Bytes> {
    match event {
        Event::MessageCreated(message) => Some(message_created(message.id)),
        Event::SessionEnded { .. } => None,
    }
}

/// `{"message": "40"}`: the id as a string, to be fetched by whoever wants the message.
pub fn message_created(id: MessageId) -> Utf8Bytes {
    format!(r#"{{"message": "{}"}}"#, id.0).into()
}
