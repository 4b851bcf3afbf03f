//! The column store: where nodes are written, and which store the thread is writing to.
//!
//! Of the tape only this folder has `unsafe` code: here, and in the leaves `pool`, `memory` and `few`. What it buys is
//! measured in `docs/performance.md` ("Why `unsafe`"); the safe twin in this folder's tests does the same with
//! `Vec`s, and a test compares the two on random histories.
//!
//! Invariants
//! 1. Each column has memory for `capacity` nodes, and the first `len` elements of it are written;
//!    `len <= capacity`. The same holds for a [`Pool`].
//! 2. `room` is the capacity, or 0 while a [`View`] is alive or the fast path is closed. The fast path
//!    writes only at `len < room`; the slow path ([`Store::append`], [`Pool::append`]) only at
//!    `len < capacity` and when no view is alive, and then alone may memory move. So nothing changes
//!    while it is read, and a store whose fast path is closed sends every node to the slow path.
//! 3. [`ACTIVE`] is null or points to a store that is alive: [`activate`] takes it from an `Rc`, so
//!    its address is stable, and dropping a store resets the pointer. The pointer, like the store,
//!    never leaves its thread (`Cell` and `Rc` are `!Send`).
//!
//! Each column grows for itself: large memory is moved by its pages, not copied, and a page is made once. The columns
//! start in different places of a page ([`LEADS`]). Large memory begins where a page does, and columns that began
//! there would fall on the same cache sets, which makes recording up to three times slower.

#![allow(unsafe_code)]

use super::memory::Memory;
use super::pool::Pool;
use crate::op::Op;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::rc::Rc;

/// Bytes that one node takes: 8 of value, 2 × 4 of operands, 1 of operation.
pub(crate) const BYTES_PER_NODE: usize = 8 + 8 + 1;

/// The columns are laid out by it.
const _: () = assert!(BYTES_PER_NODE == size_of::<f64>() + size_of::<[u32; 2]>() + size_of::<Op>());

/// How far behind the start of their memory the values, operands and operations begin.
pub(super) const LEADS: [usize; 3] = [0, 1088, 2176];

thread_local! {
    /// The store that the thread is recording on.
    static ACTIVE: Cell<*const Store> = const { Cell::new(ptr::null()) };
}

/// The columns of one recording.
pub(crate) struct Store {
    /// Serial number of node 0 of the newest segment: node `i` has the tag `base + i`.
    base: Cell<u64>,
    /// The same for nodes `0 .. first_len` of the oldest segment, which a rewind left standing: the
    /// parameters of a loop that records, sweeps and rewinds.
    pub(super) first_base: Cell<u64>,
    pub(super) first_len: Cell<usize>,
    len: Cell<usize>,
    room: Cell<usize>,
    values: Memory<f64>,
    operands: Memory<[u32; 2]>,
    ops: Memory<Op>,
    readers: Cell<usize>,
    /// Whether nodes may be recorded on the fast path.
    fast_path: Cell<bool>,
    /// The room while no view is alive, so that the end of a sweep need not work it out.
    unread_room: Cell<usize>,
    /// Operands of n-ary, ternary and custom nodes.
    pub pool: Pool<u32>,
    /// Constants of the nodes that keep one.
    pub data: Pool<f64>,
}

/// Make `store` the one that recording goes to.
#[inline]
pub(crate) fn activate(store: &Rc<Store>) {
    ACTIVE.set(Rc::as_ptr(store));
}

/// Make recording go nowhere.
pub(crate) fn deactivate() {
    ACTIVE.set(ptr::null());
}

/// Tell whether `store` is the one that recording goes to.
#[inline(always)]
pub(crate) fn is_active(store: &Rc<Store>) -> bool {
    ptr::eq(ACTIVE.get(), Rc::as_ptr(store))
}

/// What the tags of the store that recording goes to count from.
pub(crate) fn active_base() -> Option<u64> {
    with_active(|store| Some(store.base()))
}

/// Run `body` on the active store.
#[inline(always)]
pub(super) fn with_active<R>(body: impl FnOnce(&Store) -> Option<R>) -> Option<R> {
    let active = ACTIVE.get();
    if active.is_null() {
        return None;
    }
    // SAFETY: not null, so alive by invariant 3; `body` cannot drop it, for every caller, here and in
    // `nary`, only reads and writes plain numbers.
    body(unsafe { &*active })
}

/// Record a node with one operand. `None` if the operand is not of the active store's newest
/// or first segment or there is no room; the caller then takes the slow path.
#[inline(always)]
pub(crate) fn unary(op: Op, x: u64, value: f64) -> Option<u64> {
    with_active(|store| store.write(op, store.index_of(x)?, 0, value))
}

/// Record a node with two operands, under the same conditions.
#[inline(always)]
pub(crate) fn binary(op: Op, x: u64, y: u64, value: f64) -> Option<u64> {
    with_active(|store| store.write(op, store.index_of(x)?, store.index_of(y)?, value))
}

/// Record a node with one operand and its constants, under the same conditions.
#[inline(always)]
pub(crate) fn data<const N: usize>(op: Op, x: u64, constants: [f64; N], value: f64) -> Option<u64> {
    with_active(|store| {
        let x = store.index_of(x)?;
        let at = store.data.len();
        store.data.push([constants])?;
        store.write(op, x, at as u32, value)
    })
}

/// Record a node with three operands, under the same conditions.
#[inline(always)]
pub(crate) fn ternary(op: Op, operands: [u64; 3], value: f64) -> Option<u64> {
    with_active(|store| {
        if !store.has_room_for(1) {
            return None;
        }
        let ([x, y, z], segments) = (operands, store.segments());
        let nodes = [segments.index_of(x)?, segments.index_of(y)?, segments.index_of(z)?];
        let at = store.pool.len();
        store.pool.push([nodes])?;
        store.write(op, at as u32, 3, value)
    })
}

impl Store {
    pub fn new(base: u64) -> Rc<Store> {
        Rc::new(Store {
            base: Cell::new(base),
            first_base: Cell::new(base),
            first_len: Cell::new(0),
            len: Cell::new(0),
            room: Cell::new(0),
            values: Memory::new(LEADS[0]),
            operands: Memory::new(LEADS[1]),
            ops: Memory::new(LEADS[2]),
            readers: Cell::new(0),
            fast_path: Cell::new(true),
            unread_room: Cell::new(0),
            pool: Pool::new(),
            data: Pool::new(),
        })
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get()
    }

    #[inline(always)]
    pub fn base(&self) -> u64 {
        self.base.get()
    }

    /// Count the nodes that there is memory for.
    pub(super) fn capacity(&self) -> usize {
        // The column that grows last.
        self.ops.capacity()
    }

    pub fn is_being_read(&self) -> bool {
        self.readers.get() > 0
    }

    /// Tell whether the fast path is open and so many more nodes fit.
    #[inline(always)]
    pub fn has_room_for(&self, more: usize) -> bool {
        self.len.get() + more <= self.room.get()
    }

    /// Tell whether another node fits only once the store has grown.
    pub fn is_full(&self) -> bool {
        self.len.get() == self.capacity()
    }

    /// Open the fast path, or close it: then nodes, operands and constants are refused there.
    pub fn set_fast_path(&self, is_open: bool) {
        self.fast_path.set(is_open);
        self.pool.set_fast_path(is_open);
        self.data.set_fast_path(is_open);
        self.set_room();
    }

    /// Set the room to what invariant 2 says.
    fn set_room(&self) {
        self.unread_room.set(if self.fast_path.get() { self.capacity() } else { 0 });
        if !self.is_being_read() {
            self.room.set(self.unread_room.get());
        }
    }

    /// The index of a tag of the newest segment, or of the first.
    #[inline(always)]
    pub fn index_of(&self, tag: u64) -> Option<u32> {
        self.segments().index_of(tag)
    }

    /// The newest segment and the first, to look up many tags while nothing is written.
    #[inline(always)]
    pub(super) fn segments(&self) -> Segments {
        Segments {
            newest: (self.base.get(), self.len.get() as u64),
            first: (self.first_base.get(), self.first_len.get() as u64),
        }
    }

    /// Write a node on the fast path, if there is room, and return its tag.
    #[inline(always)]
    pub fn write(&self, op: Op, a: u32, b: u32, value: f64) -> Option<u64> {
        if self.len.get() >= self.room.get() {
            return None;
        }
        // SAFETY: len < room <= capacity, and so no view is reading (invariant 2).
        Some(unsafe { self.write_next(op, a, b, value) })
    }

    /// Write a node on the slow path, whether the fast path is open or not, and return its tag. `None` if
    /// the store is full or being read.
    pub fn append(&self, op: Op, a: u32, b: u32, value: f64) -> Option<u64> {
        if self.is_full() || self.is_being_read() {
            return None;
        }
        // SAFETY: not full, so len < capacity by invariant 1, and no view is reading.
        Some(unsafe { self.write_next(op, a, b, value) })
    }

    /// Write a node and return its tag.
    ///
    /// # Safety
    /// `len < capacity`, and no view is alive.
    #[inline(always)]
    unsafe fn write_next(&self, op: Op, a: u32, b: u32, value: f64) -> u64 {
        let i = self.len.get();
        // SAFETY: i < capacity as the caller promises, so the element is inside each column
        // (invariant 1), and no view reads it.
        unsafe {
            self.values.items().add(i).write(value);
            self.operands.items().cast::<u64>().add(i).write(in_one_piece(a, b));
            self.ops.items().add(i).write(op);
        }
        self.len.set(i + 1);
        self.base.get() + i as u64
    }

    /// Forget all nodes from `len` on; later nodes count from `base`. Of what stands, nodes
    /// `0 .. first.1` count from `first.0`.
    pub fn truncate(&self, len: usize, base: u64, first: (u64, usize)) {
        debug_assert!(!self.is_being_read() && first.1 <= len);
        self.len.set(len.min(self.len.get()));
        self.base.set(base);
        self.first_base.set(first.0);
        self.first_len.set(first.1.min(self.len.get()));
    }

    /// Forget nodes, constants of an n-ary node that is not written after all, and their places in the pool. No variable
    /// has their tags.
    pub(super) fn take_back(&self, nodes: usize, pool: usize) {
        self.len.set(nodes.min(self.len.get()));
        self.pool.truncate(pool);
    }

    /// Make the columns larger: by at least one more node, and at most to `limit` nodes in all.
    #[cold]
    pub fn grow(&self, limit: usize) {
        assert!(!self.is_being_read(), "the store is being read");
        let old = self.capacity();
        let new = (old * 2).max(1024).min(limit);
        if new <= old {
            return;
        }
        self.values.grow(new);
        self.operands.grow(new);
        self.ops.grow(new);
        self.set_room();
    }

    /// Read the columns. While the view is alive nothing can be recorded here.
    #[inline]
    pub fn view(&self) -> View<'_> {
        self.readers.set(self.readers.get() + 1);
        self.room.set(0);
        self.pool.close();
        self.data.close();
        View { store: self }
    }

    /// Bytes in use by the columns and the pools.
    pub fn bytes_used(&self) -> usize {
        self.len.get() * BYTES_PER_NODE
            + self.pool.len() * size_of::<u32>()
            + self.data.len() * size_of::<f64>()
    }

    /// Bytes reserved by the columns and the pools.
    pub fn bytes_reserved(&self) -> usize {
        self.capacity() * BYTES_PER_NODE
            + self.pool.capacity() * size_of::<u32>()
            + self.data.capacity() * size_of::<f64>()
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if ptr::eq(ACTIVE.get(), self) {
            ACTIVE.set(ptr::null());
        }
    }
}

/// What the tags of the newest segment and of the first count from, and how many nodes these reach to.
#[derive(Clone, Copy)]
pub(super) struct Segments {
    newest: (u64, u64),
    first: (u64, u64),
}

impl Segments {
    /// The index of a tag of the newest segment, or of the first.
    #[inline(always)]
    pub fn index_of(self, tag: u64) -> Option<u32> {
        let index = tag.wrapping_sub(self.newest.0);
        if index < self.newest.1 {
            return Some(index as u32);
        }
        let index = tag.wrapping_sub(self.first.0);
        (index < self.first.1).then_some(index as u32)
    }
}

/// The columns of a store, read in place.
pub(crate) struct View<'a> {
    store: &'a Store,
}

impl View<'_> {
    #[inline(always)]
    pub fn values(&self) -> &[f64] {
        // SAFETY: `len` elements are written (invariant 1), and none is written or moved while this
        // view is alive (invariant 2).
        unsafe {
            NonNull::slice_from_raw_parts(self.store.values.items(), self.store.len()).as_ref()
        }
    }

    #[inline(always)]
    pub fn operands(&self) -> &[[u32; 2]] {
        // SAFETY: as for `values`.
        unsafe {
            NonNull::slice_from_raw_parts(self.store.operands.items(), self.store.len()).as_ref()
        }
    }

    #[inline(always)]
    pub fn ops(&self) -> &[Op] {
        // SAFETY: as for `values`.
        unsafe { NonNull::slice_from_raw_parts(self.store.ops.items(), self.store.len()).as_ref() }
    }

    #[inline(always)]
    pub fn pool(&self) -> &[u32] {
        self.store.pool.slice()
    }

    #[inline(always)]
    pub fn data(&self) -> &[f64] {
        self.store.data.slice()
    }
}

impl Drop for View<'_> {
    #[inline]
    fn drop(&mut self) {
        let store = self.store;
        let readers = store.readers.get() - 1;
        store.readers.set(readers);
        if readers == 0 {
            store.room.set(store.unread_room.get());
            store.pool.open();
            store.data.open();
        }
    }
}

/// Both operands as they lie in memory, to be written by one store.
#[inline(always)]
fn in_one_piece(a: u32, b: u32) -> u64 {
    let (first, second) = if cfg!(target_endian = "little") { (a, b) } else { (b, a) };
    u64::from(first) | u64::from(second) << 32
}
