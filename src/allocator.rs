//! Where memory comes from. Most pieces are small and live for one request: mimalloc hands them out for a third of what the
//! system's allocator takes. It keeps what was large for a while, though, and a few logins or pictures at once would fill a
//! small machine; so what is large comes from the system, which takes it back at once. Must not know what asks.

use std::alloc::{GlobalAlloc, Layout, System};

use libmimalloc_sys::{mi_malloc, mi_realloc, mi_zalloc};
use mimalloc::MiMalloc;

/// From so many bytes on a piece is large: bodies, pictures, the memory of password hashes.
const LARGE: usize = 64 * 1024;

/// Where each of mimalloc's pieces begins, if it is as long: at a multiple of two words. To ask for that by name takes twice
/// as long.
const ALIGNED: usize = 2 * size_of::<usize>();

pub struct Allocator;

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
    use super::LARGE;

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
