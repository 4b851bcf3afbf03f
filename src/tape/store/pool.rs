//! A pool: a column of plain numbers beside the nodes. Same invariants as the store's columns.

#![allow(unsafe_code)]

use crate::tape::serial::MAX_NODES;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// The most items that are appended to a pool at once.
pub(super) const POOL_ROOM: usize = 32;

/// A column of plain numbers beside the nodes, that grows at its end.
pub(crate) struct Pool<T: Copy> {
    items: Cell<NonNull<T>>,
    len: Cell<usize>,
    room: Cell<usize>,
    capacity: Cell<usize>,
    /// Whether a view is alive. A room of 0 does not tell that: an empty pool has it too.
    is_closed: Cell<bool>,
    /// Whether items may be appended on the fast path.
    fast_path: Cell<bool>,
    /// The room while no view is alive.
    unread_room: Cell<usize>,
}

impl<T: Copy> Pool<T> {
    pub(super) fn new() -> Pool<T> {
        Pool {
            items: Cell::new(NonNull::dangling()),
            len: Cell::new(0),
            room: Cell::new(0),
            capacity: Cell::new(0),
            is_closed: Cell::new(false),
            fast_path: Cell::new(true),
            unread_room: Cell::new(0),
        }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    /// Count the items that fit without moving.
    pub fn capacity(&self) -> usize {
        self.capacity.get()
    }

    /// Refuse items from now on: a view is alive.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
        self.room.set(0);
    }

    /// Take items again.
    pub(super) fn open(&self) {
        self.is_closed.set(false);
        self.room.set(self.unread_room.get());
    }

    pub(super) fn set_fast_path(&self, is_open: bool) {
        self.fast_path.set(is_open);
        self.set_room();
    }

    /// Set the room to what invariant 2 says.
    fn set_room(&self) {
        self.unread_room.set(if self.fast_path.get() { self.capacity.get() } else { 0 });
        if !self.is_closed.get() {
            self.room.set(self.unread_room.get());
        }
    }

    /// Tell whether [`POOL_ROOM`] more items fit.
    pub fn has_room(&self) -> bool {
        self.len.get() + POOL_ROOM <= self.room.get()
    }

    /// Append all items on the fast path, or nothing if there is no room.
    #[inline(always)]
    pub fn push<const W: usize, const N: usize>(&self, items: [[T; W]; N]) -> Option<()> {
        let at = self.len.get();
        if at + W * N > self.room.get() {
            return None;
        }
        // SAFETY: at + W·N <= room <= capacity (invariant 1), and no view is reading (invariant 2). The
        // items of nested arrays lie one after the other.
        unsafe { self.items.get().add(at).cast::<[[T; W]; N]>().write(items) };
        self.len.set(at + W * N);
        Some(())
    }

    /// Append an item on the slow path, whether the fast path is open or not. `None` if the pool is full or
    /// being read.
    pub fn append(&self, item: T) -> Option<()> {
        let at = self.len.get();
        if at == self.capacity.get() || self.is_closed.get() {
            return None;
        }
        // SAFETY: at < capacity (invariant 1), and no view is reading.
        unsafe { self.items.get().add(at).write(item) };
        self.len.set(at + 1);
        Some(())
    }

    /// Copy out the item at `i`.
    pub fn get(&self, i: usize) -> Option<T> {
        // SAFETY: i < len, so the item is written (invariant 1).
        (i < self.len.get()).then(|| unsafe { self.items.get().add(i).read() })
    }

    pub fn truncate(&self, len: usize) {
        self.len.set(len.min(self.len.get()));
    }

    /// Make room for `more` items, unless they are too many or the store is being read.
    #[cold]
    pub fn grow(&self, more: usize) {
        let old = self.capacity.get();
        let needed = self.len.get() + more;
        let new = (old * 2).max(needed).clamp(512, MAX_NODES);
        if needed <= old || new < needed || self.is_closed.get() {
            return;
        }
        let layout = Layout::array::<T>(new).expect("a limit of u32::MAX items fits");
        // SAFETY: no view is reading (invariant 2). The layout is not empty, the old items do not overlap
        // the fresh memory, and the old allocation was made here with its capacity's layout.
        unsafe {
            let memory = NonNull::new(alloc(layout)).unwrap_or_else(|| handle_alloc_error(layout));
            memory.cast::<T>().copy_from_nonoverlapping(self.items.get(), self.len.get());
            self.free();
            self.items.set(memory.cast());
        }
        self.capacity.set(new);
        self.set_room();
    }

    fn free(&self) {
        if let Ok(layout) = Layout::array::<T>(self.capacity.get())
            && layout.size() > 0
        {
            // SAFETY: `items` is the allocation made by `grow` with this layout.
            unsafe { dealloc(self.items.get().cast().as_ptr(), layout) }
        }
    }

    #[inline(always)]
    pub(super) fn slice(&self) -> &[T] {
        // SAFETY: `len` items are written (invariant 1). Called by views only, and while one is alive
        // nothing is written or moved (invariant 2).
        unsafe { NonNull::slice_from_raw_parts(self.items.get(), self.len.get()).as_ref() }
    }
}

impl<T: Copy> Drop for Pool<T> {
    fn drop(&mut self) {
        self.free();
    }
}
