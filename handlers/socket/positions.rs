//! How far a client says its person has come. One update is on its way to the store at a time; what is said meanwhile is
//! merged by conversation and goes next, so that a client which says much makes the store write little.

use std::collections::VecDeque;

use tokio::task::JoinHandle;

use crate::actions::history;
use crate::actions::progress::{self, UpdateError};
use crate::app::App;
use crate::model::{User, Username};
use crate::store::{ConversationUpdate, StoreError};

/// Conversations of which something may wait; before one more, the client is not listened to until one is done.
const MOST_WAITING: usize = 64;

/// What is on its way and what waits, each conversation once, in the order of its first word.
pub struct Positions {
    app: App,
    me: User,
    waiting: VecDeque<(Username, ConversationUpdate)>,
    under_way: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Positions {
    pub fn new(app: &App, me: &User) -> Self {
        Self { app: app.clone(), me: me.clone(), waiting: VecDeque::new(), under_way: None }
    }

    /// Takes down what is said of the conversation with someone. What is said of nobody is passed over.
    pub async fn take(&mut self, with: &str, said: ConversationUpdate) -> Result<(), StoreError> {
        let Ok(with) = Username::parse(with) else { return Ok(()) };
        match self.waiting.iter_mut().find(|(name, _)| *name == with) {
            Some((_, update)) => {
                update.delivered = update.delivered.max(said.delivered);
                update.read = update.read.max(said.read);
            }
            None => {
                while self.waiting.len() >= MOST_WAITING {
                    self.done().await?;
                }
                self.waiting.push_back((with, said));
            }
        }
        self.start();
        Ok(())
    }

    /// Waits until the update that is on its way is done, and starts the next; for ever when there is none.
    pub async fn done(&mut self) -> Result<(), StoreError> {
        let Some(under_way) = &mut self.under_way else { return std::future::pending().await };
        let done = under_way.await;
        self.under_way = None;
        self.start();
        done.unwrap_or_else(|panic| Err(StoreError::Unavailable(panic.to_string().into())))
    }

    /// Waits until all is done.
    pub async fn settle(&mut self) -> Result<(), StoreError> {
        while self.under_way.is_some() {
            self.done().await?;
        }
        Ok(())
    }

    fn start(&mut self) {
        if self.under_way.is_some() {
            return;
        }
        if let Some((with, update)) = self.waiting.pop_front() {
            let (app, me) = (self.app.clone(), self.me.clone());
            self.under_way = Some(tokio::spawn(async move {
                let Some(id) = history::conversation_with(&app, &me, with.as_str()).await? else { return Ok(()) };
                match progress::update(&app, &me, id, update).await {
                    Err(UpdateError::Store(error)) => Err(error),
                    // What is said of a conversation that does not exist is passed over.
                    _ => Ok(()),
                }
            }));
        } else {
            self.waiting = VecDeque::new();
        }
    }
}
