//! What goes wrong in the world goes wrong here: the program is killed, its disk dies, fills or stalls, its network cuts
//! and freezes, its clients do not read. Clients that behave as real ones do (`clients`) put down what they saw (`history`),
//! and one judge (`checker`) compares that with what is there in the end. `seeded` shows that the judge can see: it runs
//! the same rigs on a program with a mistake in it.

pub mod chance;
mod checker;
mod clients;
mod descriptors;
mod disk;
mod history;
mod kill;
pub mod mount;
mod network;
mod power;
mod proxy;
mod seeded;
mod shim;
pub mod world;
