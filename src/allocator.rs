//! Where memory comes from. Most pieces are small and live for one request: mimalloc hands them out for a third of what the
//! system's allocator takes. It keeps what was large for a while, though, and a few logins or pictures at once would fill a
//! small machine; so what is large comes from the system, which takes it back at once. Must not know what asks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ffi::c_long;
use std::time::Duration;

use libmimalloc_sys::{mi_collect, mi_malloc, mi_option_set, mi_option_t, mi_realloc, mi_thread_init, mi_zalloc};
use mimalloc::MiMalloc;

/// From so many bytes on a piece is large: bodies, pictures, the memory of password hashes.
const LARGE: usize = 64 * 1024;

/// Where each of mimalloc's pieces begins, if it is as long: at a multiple of two words. To ask for that by name takes twice
/// as long.
const ALIGNED: usize = 2 * size_of::<usize>();

/// How often what small pieces no longer need goes back to the system.
const EVERY: Duration = Duration::from_secs(1);

/// How many milliseconds mimalloc keeps memory that is not used, before whoever gives back a piece next has to give all of
/// it back to the system (`mi_option_purge_delay` of `mimalloc.h`).
const PURGE_DELAY: mi_option_t = 15;
const A_DAY: c_long = 24 * 60 * 60 * 1000;

pub struct Allocator;

/// Gives what is not used back to the system, for ever. After a thousand people have come and gone that takes milliseconds,
/// for which none of the threads that serve others is to be kept.
pub fn give_back_unused() {
    keep_unused();
    loop {
        std::thread::sleep(EVERY);
        collect();
    }
}

/// From now on memory stays until somebody collects what is not used.
fn keep_unused() {
    // SAFETY: the option is one of mimalloc's, and is read anew each time.
    unsafe { mi_option_set(PURGE_DELAY, A_DAY) };
    // What was to be given back soon would take along all that is not used by then.
    collect();
}

fn collect() {
    // SAFETY: it prepares mimalloc for this thread, and may be done again.
    unsafe { mi_thread_init() };
    // SAFETY: it looks through what this thread has and what belongs to none, and may be done at any time.
    unsafe { mi_collect(true) };
}

const fn is_large(size: usize) -> bool {
    size >= LARGE
}

const fn is_plain(size: usize, align: usize) -> bool {
    align <= ALIGNED && align <= size
}

// SAFETY: the size in a piece's layout, which is the same when it is given back, says whose it is; each of the two keeps the
// contract for its own.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe {
            match layout.size() {
                size if is_large(size) => System.alloc(layout),
                size if is_plain(size, layout.align()) => mi_malloc(size).cast(),
                _ => MiMalloc.alloc(layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe {
            match layout.size() {
                size if is_large(size) => System.alloc_zeroed(layout),
                size if is_plain(size, layout.align()) => mi_zalloc(size).cast(),
                _ => MiMalloc.alloc_zeroed(layout),
            }
        }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        unsafe { if is_large(layout.size()) { System.dealloc(piece, layout) } else { MiMalloc.dealloc(piece, layout) } }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            match (is_large(layout.size()), is_large(size)) {
                (true, true) => System.realloc(piece, layout, size),
                (false, false) if is_plain(size, layout.align()) => mi_realloc(piece.cast(), size).cast(),
                (false, false) => MiMalloc.realloc(piece, layout, size),
                _ => {
                    let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
                    if !moved.is_null() {
                        piece.copy_to_nonoverlapping(moved, size.min(layout.size()));
                        self.dealloc(piece, layout);
                    }
                    moved
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{EVERY, LARGE, give_back_unused, keep_unused};

    const UNUSED: usize = 64 << 20;

    /// Resident memory of this process, in bytes.
    fn resident() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        1024 * kibibytes.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    }

    fn use_and_give_back() {
        let pieces: Vec<Vec<u8>> = (0..UNUSED / 1024).map(|_| vec![1; 1024]).collect();
        std::hint::black_box(pieces);
    }

    #[test]
    fn who_gives_back_a_piece_does_not_give_memory_back_to_the_system_but_a_thread_of_its_own_does() {
        // Something is to be given back soon already.
        std::thread::spawn(use_and_give_back).join().unwrap();
        keep_unused();
        use_and_give_back();
        let held = resident();
        let began = Instant::now();
        while began.elapsed() < 3 * EVERY / 2 {
            std::hint::black_box(vec![vec![1_u8; 10_000]; 100]);
        }
        assert!(resident() > held - UNUSED / 4, "{} MiB of {}", resident() >> 20, held >> 20);
        std::thread::spawn(give_back_unused);
        while resident() > held - UNUSED * 3 / 4 {
            assert!(began.elapsed() < 20 * EVERY, "{} MiB of {}", resident() >> 20, held >> 20);
            std::thread::sleep(EVERY / 50);
        }
    }

    #[test]
    fn what_becomes_large_and_small_again_stays_what_it_is() {
        let expected: Vec<u8> = (0..=u8::MAX).cycle().take(5 * LARGE).collect();
        let mut grown = Vec::new();
        for part in expected.chunks(1_000) {
            grown.extend_from_slice(part);
        }
        assert!(grown == expected);
        for length in [3 * LARGE, LARGE, LARGE - 1, 100] {
            grown.truncate(length);
            grown.shrink_to_fit();
            assert!(grown == expected[..length]);
        }
        assert!(vec![0_u8; LARGE].iter().chain(&vec![0_u8; LARGE - 1]).all(|byte| *byte == 0));
    }
}
