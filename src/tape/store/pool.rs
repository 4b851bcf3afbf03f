//! A pool: a column of plain numbers beside the nodes. Same invariants as the store's columns.

#![allow(unsafe_code)]

use super::memory::Memory;
use crate::tape::serial::MAX_NODES;
use std::cell::Cell;
use std::ptr::NonNull;

/// A column of plain numbers beside the nodes, that grows at its end.
pub(crate) struct Pool<T: Copy> {
    items: Memory<T>,
    len: Cell<usize>,
    room: Cell<usize>,
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
            items: Memory::new(0),
            len: Cell::new(0),
            room: Cell::new(0),
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
        self.items.capacity()
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
        self.unread_room.set(if self.fast_path.get() { self.items.capacity() } else { 0 });
        if !self.is_closed.get() {
            self.room.set(self.unread_room.get());
        }
    }

    /// Tell whether the fast path is open and so many more items fit.
    pub fn has_room_for(&self, more: usize) -> bool {
        self.len.get() + more <= self.room.get()
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
        unsafe { self.items.items().add(at).cast::<[[T; W]; N]>().write(items) };
        self.len.set(at + W * N);
        Some(())
    }

    /// Append `W` items for each source on the fast path, or nothing if there is no room for them and `spare` more or if
    /// one has none. `item` may not change this pool.
    #[inline(always)]
    pub(super) fn extend<const W: usize, S>(
        &self,
        sources: &[S],
        spare: usize,
        mut item: impl FnMut(&S) -> Option<[T; W]>,
    ) -> Option<()> {
        let at = self.len.get();
        if !self.has_room_for(sources.len() * W + spare) {
            return None;
        }
        let items = self.items.items();
        for (i, source) in sources.iter().enumerate() {
            let item = item(source)?;
            // SAFETY: at + W·i + W <= room <= capacity (invariant 1), and no view is reading (invariant 2). Memory has
            // not moved: in `nary`, where all callers are, `item` looks up numbers and writes nodes.
            unsafe { items.add(at + W * i).cast::<[T; W]>().write(item) };
        }
        self.len.set(at + W * sources.len());
        Some(())
    }

    /// The same with one item for each source in this pool and one in another.
    #[inline(always)]
    pub(super) fn extend_both<U: Copy, S>(
        &self,
        other: &Pool<U>,
        sources: &[S],
        spare: usize,
        mut item: impl FnMut(&S) -> Option<(T, U)>,
    ) -> Option<()> {
        let (at, other_at) = (self.len.get(), other.len.get());
        if !self.has_room_for(sources.len() + spare) || !other.has_room_for(sources.len()) {
            return None;
        }
        let (items, others) = (self.items.items(), other.items.items());
        for (i, source) in sources.iter().enumerate() {
            let (item, other) = item(source)?;
            // SAFETY: as in `extend`, for each of the two.
            unsafe {
                items.add(at + i).write(item);
                others.add(other_at + i).write(other);
            }
        }
        self.len.set(at + sources.len());
        other.len.set(other_at + sources.len());
        Some(())
    }

    /// Append an item on the slow path, whether the fast path is open or not. `None` if the pool is full or
    /// being read.
    pub fn append(&self, item: T) -> Option<()> {
        let at = self.len.get();
        if at == self.items.capacity() || self.is_closed.get() {
            return None;
        }
        // SAFETY: at < capacity (invariant 1), and no view is reading.
        unsafe { self.items.items().add(at).write(item) };
        self.len.set(at + 1);
        Some(())
    }

    pub fn truncate(&self, len: usize) {
        self.len.set(len.min(self.len.get()));
    }

    /// Make room for `more` items, unless they are too many or the store is being read.
    #[cold]
    pub fn grow(&self, more: usize) {
        let old = self.items.capacity();
        let needed = self.len.get() + more;
        let new = (old * 2).max(needed).clamp(512, MAX_NODES);
        if needed <= old || new < needed || self.is_closed.get() {
            return;
        }
        self.items.grow(new);
        self.set_room();
    }

    #[inline(always)]
    pub(super) fn slice(&self) -> &[T] {
        // SAFETY: `len` items are written (invariant 1). Called by views only, and while one is alive
        // nothing is written or moved (invariant 2).
        unsafe { NonNull::slice_from_raw_parts(self.items.items(), self.len.get()).as_ref() }
    }
}
