//! Direct conversations in SQL: what knows that they have two members, or one where someone keeps notes. Their row
//! names both, so that two first messages at once make one conversation.

/// The member other than `$me` of the direct conversation `$c`; `$me` in notes to oneself.
macro_rules! other_member {
    ($c:literal, $me:literal) => {
        concat!($c, ".low_user_id + ", $c, ".high_user_id - ", $me)
    };
}

/// Whether `c` is the direct conversation of these two.
macro_rules! is_direct {
    ($one:literal, $two:literal) => {
        concat!(
            "c.low_user_id = CASE WHEN ",
            $one,
            " < ",
            $two,
            " THEN ",
            $one,
            " ELSE ",
            $two,
            " END AND c.high_user_id = CASE WHEN ",
            $one,
            " < ",
            $two,
            " THEN ",
            $two,
            " ELSE ",
            $one,
            " END"
        )
    };
}
pub(super) use {is_direct, other_member};

/// A new one, `$1`, of the people `$2` and `$3`, the lower id first.
pub(super) const CREATE: &str = "INSERT INTO conversations
       (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
     VALUES ($1, 'direct', $2, $3, $4, 0, 0, $1)";
