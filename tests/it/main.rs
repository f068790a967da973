//! Tests from the outside: the real server on a free port with a real file, spoken to over real sockets.
//! `support` holds the server, its callers and listeners; every other module is one part of what is promised.

mod support;

mod first;

mod account;
mod api;
mod contract;
mod faults;
mod live;
mod security;

mod backup;
mod command_line;
mod concurrency;
mod damage;
mod durability;
mod log;
mod memory;
mod openapi;
mod platform;
mod problems;
mod shutdown;
mod stuck_clients;
mod tidy;
mod two_people;
mod upgrade;
mod write_ahead;
