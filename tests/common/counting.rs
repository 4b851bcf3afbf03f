//! A counting allocator: what a test that allows no allocation looks at.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts the allocations of each thread for itself: tests run side by side.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    /// The bytes that are taken, less those that were given back, and the most there were.
    static TAKEN: Cell<[isize; 2]> = const { Cell::new([0; 2]) };
}

fn count() {
    // At the end of a thread its counter may be gone.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

fn take(bytes: isize) {
    let _ = TAKEN.try_with(|taken| {
        let [now, most] = taken.get();
        taken.set([now + bytes, most.max(now + bytes)]);
    });
}

// SAFETY: every call goes on to the system's allocator unchanged; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        take(layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        take(-(layout.size() as isize));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        take(size as isize - layout.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Count the allocations of `body` on this thread.
pub fn allocations(body: impl FnOnce()) -> usize {
    let before = COUNT.get();
    body();
    COUNT.get() - before
}

/// The most bytes that `body` has at a time on this thread, beside those that there were.
#[allow(dead_code, reason = "each test uses its part")]
pub fn most_bytes(body: impl FnOnce()) -> usize {
    let [before, _] = TAKEN.get();
    TAKEN.set([before; 2]);
    body();
    (TAKEN.get()[1] - before).unsigned_abs()
}
