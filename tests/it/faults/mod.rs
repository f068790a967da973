//! Fault tests: the program is killed, its disk fails, fills or stalls, its PostgreSQL server goes away, its network
//! cuts and freezes, its clients do not read. Clients that behave like real ones (`clients`) record what they saw
//! (`history`), and the checker (`checker`) compares that with what is stored in the end. `seeded` shows that the
//! checker detects errors: it runs the same tests on a program with a deliberate mistake.

pub mod chance;
mod checker;
mod clients;
mod cluster;
mod descriptors;
mod disk;
mod history;
mod kill;
pub mod mount;
mod network;
mod postgres;
mod power;
mod processes;
mod proxy;
mod seeded;
mod shim;
pub mod world;
