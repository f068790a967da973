//! Integration tests: the real server on a free port with a real file, used over real sockets. `support` has the
//! server, its callers and listeners; every other module tests one area.

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
mod ready;
mod shutdown;
mod stuck_clients;
mod tidy;
mod transfer;
mod two_people;
mod upgrade;
mod write_ahead;
