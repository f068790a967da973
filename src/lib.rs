//! Chinwag: a self-hosted, person-to-person message centre: one program, with a SQLite file or PostgreSQL.
//! `ARCHITECTURE.md` is the map; modules stand here in reading order, each using only those above it.

#![forbid(unsafe_code)]

pub mod clock;
pub mod mistakes;
pub mod model;

pub mod config;

pub mod assets;
pub mod auth;
pub mod hub;
pub mod pictures;
pub mod presence;
pub mod store;
pub mod texts;
pub mod views;
pub mod wire;

pub mod app;

pub mod actions;

pub mod web;

// The routes stand beside `src/`, as the first thing a reader of the tree sees.
#[path = "../handlers/mod.rs"]
pub mod handlers;

pub mod cli;
pub mod relay;
pub mod server;
