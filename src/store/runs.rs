//! Ids of messages that belong together, in order, as one value of one row: a list of many short rows would cost a search
//! and a change of its own for each id. Knows nothing of what a list is for.

use crate::model::MessageId;

/// Ids in one run at the most: 960 bytes, so that a row stays on its page. One of more than 1,002 bytes, with its key, would
/// get a page of its own (SQLite file format, section 1.6).
pub(super) const LONGEST: usize = 120;

/// Bytes of one id, the most significant first.
const WIDTH: usize = 8;

pub(super) fn pack(ids: &[MessageId]) -> Vec<u8> {
    ids.iter().flat_map(|id| id.0.to_be_bytes()).collect()
}

pub(super) fn unpack(run: &[u8]) -> impl DoubleEndedIterator<Item = MessageId> + ExactSizeIterator {
    run.as_chunks::<WIDTH>().0.iter().map(|id| MessageId(i64::from_be_bytes(*id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_gives_back_what_was_packed() {
        let ids = [1, 2, 255, 256, i64::MAX].map(MessageId);
        assert_eq!(unpack(&pack(&ids)).collect::<Vec<_>>(), ids);
        assert_eq!(unpack(&pack(&ids)).next_back(), Some(MessageId(i64::MAX)));
        assert_eq!(unpack(&[]).len(), 0);
    }
}
