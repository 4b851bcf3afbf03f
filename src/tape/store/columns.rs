//! The column store: where nodes are written, and which store the thread is writing to.
//!
//! The only module of the tape with `unsafe` code. What it buys is measured in
//! `docs/benchmarks.md` ("Why `unsafe`"); the safe twin in this module's tests does the same with
//! `Vec`s, and a test compares the two on random histories.
//!
//! Invariants
//! 1. The pointers of a store point into one allocation with room for `capacity` nodes, and the first
//!    `len` elements of each column are written; `len <= capacity`. The same holds for a [`Pool`].
//! 2. `room` is the capacity, or 0 while a [`View`] is alive or the fast path is closed. The fast path
//!    writes only at `len < room`; the slow path ([`Store::append`], [`Pool::append`]) only at
//!    `len < capacity` and when no view is alive, and then alone may memory move. So nothing changes
//!    while it is read, and a store whose fast path is closed sends every node to the slow path.
//! 3. [`ACTIVE`] is null or points to a store that is alive: [`activate`] takes it from an `Rc`, so
//!    its address is stable, and dropping a store resets the pointer. The pointer, like the store,
//!    never leaves its thread (`Cell` and `Rc` are `!Send`).
//!
//! One allocation holds `values | operands | ops`, and the capacity is never a multiple of 512:
//! columns whose sizes are equal powers of two would fall on the same cache sets, which makes
//! recording up to three times slower.

#![allow(unsafe_code)]

use super::pool::Pool;
use crate::op::Op;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::rc::Rc;

/// Bytes that one node takes: 8 of value, 2 × 4 of operands, 1 of operation.
pub(crate) const BYTES_PER_NODE: usize = 8 + 8 + 1;

/// The columns are laid out by it.
const _: () = assert!(BYTES_PER_NODE == size_of::<f64>() + size_of::<[u32; 2]>() + size_of::<Op>());

const ALIGN: usize = 64;

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
    values: Cell<NonNull<f64>>,
    operands: Cell<NonNull<[u32; 2]>>,
    ops: Cell<NonNull<Op>>,
    pub(super) capacity: Cell<usize>,
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
    // `ends`, only reads and writes plain numbers.
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

/// Record a node with one operand and one constant, under the same conditions.
#[inline(always)]
pub(crate) fn data(op: Op, x: u64, c: f64, value: f64) -> Option<u64> {
    with_active(|store| {
        let x = store.index_of(x)?;
        let at = store.data.len();
        store.data.push([[c]])?;
        store.write(op, x, at as u32, value)
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
            values: Cell::new(NonNull::dangling()),
            operands: Cell::new(NonNull::dangling()),
            ops: Cell::new(NonNull::dangling()),
            capacity: Cell::new(0),
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

    pub fn is_being_read(&self) -> bool {
        self.readers.get() > 0
    }

    /// Tell whether the fast path is open and another node fits.
    pub fn has_room(&self) -> bool {
        self.len.get() < self.room.get()
    }

    /// Tell whether another node fits only once the store has grown.
    pub fn is_full(&self) -> bool {
        self.len.get() == self.capacity.get()
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
        self.unread_room.set(if self.fast_path.get() { self.capacity.get() } else { 0 });
        if !self.is_being_read() {
            self.room.set(self.unread_room.get());
        }
    }

    /// The node of a bias, if there is room for the rest of an n-ary node: nothing is half written.
    #[inline(always)]
    pub(super) fn bias_if_all_fits(&self, bias: Option<u64>) -> Option<Option<u32>> {
        if !self.pool.has_room() || !self.has_room() {
            return None;
        }
        match bias {
            Some(bias) => self.index_of(bias).map(Some),
            None => Some(None),
        }
    }

    /// The index of a tag of the newest segment, or of the first.
    #[inline(always)]
    pub fn index_of(&self, tag: u64) -> Option<u32> {
        let index = tag.wrapping_sub(self.base.get());
        if index < self.len.get() as u64 {
            return Some(index as u32);
        }
        let index = tag.wrapping_sub(self.first_base.get());
        (index < self.first_len.get() as u64).then_some(index as u32)
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
            self.values.get().add(i).write(value);
            self.operands.get().add(i).write([a, b]);
            self.ops.get().add(i).write(op);
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

    /// Make the columns larger: by at least one more node, and at most to `limit` nodes in all.
    #[cold]
    pub fn grow(&self, limit: usize) {
        assert!(!self.is_being_read(), "the store is being read");
        let old = self.capacity.get();
        let new = stagger((old * 2).max(1024)).min(limit);
        if new <= old {
            return;
        }
        let (layout, at) = layout(new);
        // SAFETY: no view is reading, as asserted. The layout is not empty. The three column starts are aligned and inside it. The
        // old columns hold `len` written elements and do not overlap the fresh memory.
        unsafe {
            let memory = NonNull::new(alloc(layout)).unwrap_or_else(|| handle_alloc_error(layout));
            let values = memory.cast::<f64>();
            let operands = memory.add(at.operands).cast::<[u32; 2]>();
            let ops = memory.add(at.ops).cast::<Op>();
            values.copy_from_nonoverlapping(self.values.get(), self.len.get());
            operands.copy_from_nonoverlapping(self.operands.get(), self.len.get());
            ops.copy_from_nonoverlapping(self.ops.get(), self.len.get());
            self.free();
            self.values.set(values);
            self.operands.set(operands);
            self.ops.set(ops);
        }
        self.capacity.set(new);
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
        self.capacity.get() * BYTES_PER_NODE
            + self.pool.capacity() * size_of::<u32>()
            + self.data.capacity() * size_of::<f64>()
    }

    fn free(&self) {
        if self.capacity.get() > 0 {
            // SAFETY: `values` is the start of the allocation made by `grow` with this layout.
            unsafe { dealloc(self.values.get().cast().as_ptr(), layout(self.capacity.get()).0) }
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if ptr::eq(ACTIVE.get(), self) {
            ACTIVE.set(ptr::null());
        }
        self.free();
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
        unsafe { NonNull::slice_from_raw_parts(self.store.values.get(), self.store.len()).as_ref() }
    }

    #[inline(always)]
    pub fn operands(&self) -> &[[u32; 2]] {
        // SAFETY: as for `values`.
        unsafe {
            NonNull::slice_from_raw_parts(self.store.operands.get(), self.store.len()).as_ref()
        }
    }

    #[inline(always)]
    pub fn ops(&self) -> &[Op] {
        // SAFETY: as for `values`.
        unsafe { NonNull::slice_from_raw_parts(self.store.ops.get(), self.store.len()).as_ref() }
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

/// Byte offsets of the columns behind `values`.
pub(super) struct Offsets {
    pub operands: usize,
    pub ops: usize,
}

/// A capacity whose columns start 1088 and 2176 bytes apart modulo the page size.
pub(super) fn stagger(capacity: usize) -> usize {
    capacity.next_multiple_of(512) + 136
}

pub(super) fn layout(capacity: usize) -> (Layout, Offsets) {
    let bytes = capacity.checked_mul(BYTES_PER_NODE).expect("a limit of u32::MAX nodes fits");
    let layout = Layout::from_size_align(bytes, ALIGN).expect("a limit of u32::MAX nodes fits");
    (layout, Offsets { operands: capacity * 8, ops: capacity * 16 })
}
