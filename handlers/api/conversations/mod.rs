//! `/api/v1/conversation/`: conversations as their members see them.

pub mod update;
