//! Reading a conversation by `seq`, for clients that keep ranges known to be complete.

use std::ops::RangeInclusive;

use super::conversations::end;
use super::engine::{self, Db};
use super::message_rows::between;
use super::{Store, StoreError};
use crate::model::{ConversationId, Message, UserId};

/// Which part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Newest,
    /// Up to but not including this `seq`.
    Before(i64),
    /// From the `seq` after this one on.
    After(i64),
}

/// All messages of a range of `seq` that the reader may see, in order.
#[derive(Debug)]
pub struct Range {
    pub messages: Vec<Message>,
    /// Empty where nothing is left.
    pub seqs: RangeInclusive<i64>,
    /// The `seq` of the newest message the reader may see.
    pub last_seq: i64,
}

impl Store {
    /// A part of a conversation, a range of at most `limit`; nothing if `me` is no member.
    pub async fn range(
        &self,
        me: UserId,
        id: ConversationId,
        window: Window,
        limit: usize,
    ) -> Result<Option<Range>, StoreError> {
        self.read(move |db| range(db, me, id, window, limit as i64)).await
    }
}

fn range(db: &mut dyn Db, me: UserId, id: ConversationId, window: Window, limit: i64) -> engine::Result<Option<Range>> {
    let Some(last_seq) = end(db, me, id)? else { return Ok(None) };
    let seqs = window.seqs(last_seq, limit);
    let messages = if seqs.is_empty() { Vec::new() } else { between(db, me, id, &seqs)? };
    Ok(Some(Range { messages, seqs, last_seq }))
}

impl Window {
    fn seqs(self, last_seq: i64, limit: i64) -> RangeInclusive<i64> {
        let up_to = |last: i64| (last - limit + 1).max(1)..=last;
        match self {
            Self::Newest => up_to(last_seq),
            Self::Before(seq) => up_to(seq.saturating_sub(1).clamp(0, last_seq)),
            Self::After(seq) => {
                let first = seq.clamp(0, last_seq) + 1;
                first..=(first + limit - 1).min(last_seq)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Window::{After, Before, Newest};

    #[test]
    fn windows_stay_within_the_conversation() {
        for (window, first, last) in [
            (Newest, 8, 10),
            (Before(8), 5, 7),
            (Before(3), 1, 2),
            (Before(1), 1, 0),
            (Before(i64::MIN), 1, 0),
            (Before(i64::MAX), 8, 10),
            (After(0), 1, 3),
            (After(8), 9, 10),
            (After(10), 11, 10),
            (After(i64::MAX), 11, 10),
            (After(i64::MIN), 1, 3),
        ] {
            assert_eq!(window.seqs(10, 3), first..=last, "{window:?}");
        }
    }
}
