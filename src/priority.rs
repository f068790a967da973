//! Who comes first where there are fewer cores than work. Where it cannot be said, which is no matter, all are alike. Must not
//! know what anybody does.

/// Niceness (setpriority(2)) at which a thread gets a tenth of what another one gets, where there is not enough for both.
#[cfg(target_os = "linux")]
const LESS: i32 = 10;

/// Niceness at which others come first, whatever they do.
const LAST: i32 = 19;

/// Has this thread leave the core to those who answer. Elsewhere than on Linux a thread has no priority of its own.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LESS);
}

/// Has this process come after all others: this thread, and those that it begins later.
pub fn come_last() {
    let _ = rustix::process::setpriority_process(None, LAST);
}
