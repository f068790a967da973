//! The read and delivered positions a client reports. One update at a time is on its way to the store; acks that arrive
//! meanwhile are merged by conversation and go next, so that a client which sends many makes the store write little.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use crate::actions::progress;
use crate::app::App;
use crate::model::{ConversationId, User};
use crate::store::{ConversationUpdate, StoreError};

/// Conversations with a waiting update; before one more, no frame of the client is read until one is done.
const MAX_WAITING: usize = 64;

/// The update on its way and those that wait, each conversation once, in the order of its first ack.
pub struct Receipts {
    app: App,
    me: User,
    waiting: VecDeque<(ConversationId, ConversationUpdate)>,
    in_flight: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Receipts {
    pub fn new(app: &App, me: &User) -> Self {
        Self { app: app.clone(), me: me.clone(), waiting: VecDeque::new(), in_flight: None }
    }

    /// Takes an ack. One for a conversation of others is ignored later.
    pub async fn add(&mut self, conversation: ConversationId, ack: ConversationUpdate) -> Result<(), StoreError> {
        match self.waiting.iter_mut().find(|(other, _)| *other == conversation) {
            Some((_, update)) => {
                update.delivered = update.delivered.max(ack.delivered);
                update.read = update.read.max(ack.read);
            }
            None => {
                while self.waiting.len() >= MAX_WAITING {
                    self.done().await?;
                }
                self.waiting.push_back((conversation, ack));
            }
        }
        self.start();
        Ok(())
    }

    /// Waits until the update on its way is done, and starts the next; for ever when there is none.
    pub async fn done(&mut self) -> Result<(), StoreError> {
        let Some(in_flight) = &mut self.in_flight else { return std::future::pending().await };
        let done = in_flight.await;
        self.in_flight = None;
        self.start();
        done.unwrap_or_else(|panic| Err(StoreError::Unavailable(panic.to_string().into())))
    }

    /// Waits until all updates are done.
    pub async fn complete(&mut self) -> Result<(), StoreError> {
        while self.in_flight.is_some() {
            self.done().await?;
        }
        Ok(())
    }

    fn start(&mut self) {
        if self.in_flight.is_some() {
            return;
        }
        if let Some((conversation, update)) = self.waiting.pop_front() {
            let (app, me) = (self.app.clone(), self.me.clone());
            self.in_flight =
                Some(tokio::spawn(async move { progress::acknowledge(&app, &me, conversation, update).await }));
        } else {
            self.waiting = VecDeque::new();
        }
    }
}
