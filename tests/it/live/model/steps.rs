//! The possible steps of a run, and how often each happens.

use proptest::prelude::*;
use proptest::sample::Index;

pub const NAMES: [&str; 3] = ["al", "bo", "cy"];
pub const EMOJI: [&str; 3] = ["👍", "🎉", "❤️"];

#[derive(Clone, Debug)]
pub enum Step {
    Send {
        from: usize,
        to: usize,
        answer: Option<Index>,
    },
    Repeat {
        which: Index,
    },
    Edit {
        who: usize,
        which: Index,
    },
    Delete {
        who: usize,
        which: Index,
        everyone: bool,
    },
    React {
        who: usize,
        which: Index,
        emoji: Option<usize>,
    },
    Update {
        who: usize,
        with: usize,
        update: Update,
    },
    Block {
        who: usize,
        target: usize,
        blocked: bool,
    },
    /// A screen loses its connection; it reconnects when it is looked at next.
    Disconnect {
        screen: usize,
    },
    Look {
        screen: usize,
    },
    Restart,
}

/// A change that a person makes to their conversation.
#[derive(Clone, Debug, Default)]
pub struct Update {
    pub delivered: Option<i64>,
    pub read: Option<i64>,
    pub unread: Option<bool>,
    pub pinned: Option<bool>,
    pub archived: Option<bool>,
}

pub fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let person = || 0..NAMES.len();
    prop_oneof![
        30 => (person(), person(), proptest::option::weighted(0.4, index()))
            .prop_map(|(from, to, answer)| Step::Send { from, to, answer }),
        6 => index().prop_map(|which| Step::Repeat { which }),
        12 => (person(), index()).prop_map(|(who, which)| Step::Edit { who, which }),
        8 => (person(), index(), any::<bool>())
            .prop_map(|(who, which, everyone)| Step::Delete { who, which, everyone }),
        12 => (person(), index(), proptest::option::weighted(0.7, 0..EMOJI.len()))
            .prop_map(|(who, which, emoji)| Step::React { who, which, emoji }),
        14 => (person(), person(), update()).prop_map(|(who, with, update)| Step::Update { who, with, update }),
        5 => (person(), person(), proptest::bool::weighted(0.4))
            .prop_map(|(who, target, blocked)| Step::Block { who, target, blocked }),
        8 => (0..6usize).prop_map(|screen| Step::Disconnect { screen }),
        8 => (0..6usize).prop_map(|screen| Step::Look { screen }),
        1 => Just(Step::Restart),
    ]
}

fn update() -> impl Strategy<Value = Update> {
    let flag = || proptest::option::weighted(0.2, any::<bool>());
    let place = || proptest::option::weighted(0.6, -1..40i64);
    (place(), place(), flag(), flag(), flag()).prop_map(|(delivered, read, unread, pinned, archived)| Update {
        delivered,
        read,
        unread,
        pinned,
        archived,
    })
}
