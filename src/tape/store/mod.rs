//! The column store: where nodes are written, and which store the thread is writing to.
//!
//! The only module of the tape with `unsafe` code. What it buys is measured in
//! `docs/benchmarks.md` ("Why `unsafe`"); the safe twin in this module's tests does the same with
//! `Vec`s, and a test compares the two on random histories.
//!
//! Invariants
//! 1. The pointers of a store point into one allocation with room for `capacity` nodes, and the first
//!    `len` elements of each column are written; `len <= capacity`. The same holds for a [`Pool`].
//! 2. `room` is the capacity, or 0 while a [`View`] is alive. Something is written only at
//!    `len < room`, and memory moves only when no view is alive, so nothing changes while it is read.
//! 3. [`ACTIVE`] is null or points to a store that is alive: [`activate`] takes it from an `Rc`, so
//!    its address is stable, and dropping a store resets the pointer. The pointer, like the store,
//!    never leaves its thread (`Cell` and `Rc` are `!Send`).
//!
//! One allocation holds `values | operands | ops`, and the capacity is never a multiple of 512:
//! columns whose sizes are equal powers of two would fall on the same cache sets, which makes
//! recording up to three times slower.

#![allow(unsafe_code)]

mod pool;

pub(crate) use pool::Pool;

use super::Var;
use crate::op::Op;
use pool::POOL_ROOM;
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
    first_base: Cell<u64>,
    first_len: Cell<usize>,
    len: Cell<usize>,
    room: Cell<usize>,
    values: Cell<NonNull<f64>>,
    operands: Cell<NonNull<[u32; 2]>>,
    ops: Cell<NonNull<Op>>,
    capacity: Cell<usize>,
    readers: Cell<usize>,
    /// Operands of n-ary, ternary and custom nodes.
    pub pool: Pool<u32>,
    /// Constants of the nodes that keep one.
    pub data: Pool<f64>,
}

/// Make `store` the one that recording goes to.
pub(crate) fn activate(store: &Rc<Store>) {
    ACTIVE.set(Rc::as_ptr(store));
}

/// Make recording go nowhere.
pub(crate) fn deactivate() {
    ACTIVE.set(ptr::null());
}

/// Tell whether `store` is the one that recording goes to.
pub(crate) fn is_active(store: &Rc<Store>) -> bool {
    ptr::eq(ACTIVE.get(), Rc::as_ptr(store))
}

/// Run `body` on the active store.
#[inline(always)]
fn with_active<R>(body: impl FnOnce(&Store) -> Option<R>) -> Option<R> {
    let active = ACTIVE.get();
    if active.is_null() {
        return None;
    }
    // SAFETY: not null, so alive by invariant 3; `body` cannot drop it, for every caller below
    // only reads and writes plain numbers.
    body(unsafe { &*active })
}

/// Record a node with one operand. `None` if the operand is not of the active store's newest
/// or first segment or there is no room; the caller then takes the long way.
#[inline(always)]
pub(crate) fn unary(op: Op, x: u64, value: f64) -> Option<u64> {
    with_active(|store| store.write(op, store.own(x)?, 0, value))
}

/// Record a node with two operands, on the same terms.
#[inline(always)]
pub(crate) fn binary(op: Op, x: u64, y: u64, value: f64) -> Option<u64> {
    with_active(|store| store.write(op, store.own(x)?, store.own(y)?, value))
}

/// Record a node with one operand and one constant, on the same terms.
#[inline(always)]
pub(crate) fn data(op: Op, x: u64, c: f64, value: f64) -> Option<u64> {
    with_active(|store| {
        let x = store.own(x)?;
        let at = store.data.len();
        store.data.push([[c]])?;
        store.write(op, x, at as u32, value)
    })
}

/// What the tags of the active store's newest segment count from, and how long its columns are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ends {
    pub base: u64,
    pub nodes: u64,
    pub pool: usize,
    pub data: usize,
}

/// Look where the active store's columns end.
#[inline(always)]
pub(crate) fn ends() -> Ends {
    let ends = with_active(|store| {
        let (pool, data) = (store.pool.len(), store.data.len());
        Some(Ends { base: store.base(), nodes: store.len() as u64, pool, data })
    });
    ends.unwrap_or_default()
}

impl Ends {
    /// Find operands that were recorded since this was looked at, or before the first rewind. Returns a new
    /// look, and what the tags of the first segment count from and how long it is.
    ///
    /// By value: were `self` lent out, it would live in memory where it is used.
    #[cold]
    #[inline(never)]
    pub fn look_again<const W: usize>(
        self,
        tags: [u64; W],
    ) -> Option<(Ends, (u64, usize), [u32; W])> {
        with_active(|store| {
            if store.base() != self.base {
                return None;
            }
            let mut nodes = [0; W];
            for (node, tag) in nodes.iter_mut().zip(tags) {
                *node = store.own(tag)?;
            }
            let first = (store.first_base.get(), store.first_len.get());
            Some((Ends { nodes: store.len() as u64, ..self }, first, nodes))
        })
    }

    /// Append operands of an n-ary node to be, if the active store is the one that was looked at and
    /// its pool ends where this says and has room.
    #[inline(always)]
    pub fn stage<const W: usize, const N: usize>(&mut self, terms: [[u32; W]; N]) -> Option<()> {
        self.with_store(|store| store.pool.push(terms))?;
        self.pool += W * N;
        Some(())
    }

    /// Append constants of an n-ary node to be, on the same terms and if the data end where this says.
    #[inline(always)]
    pub fn stage_data<const N: usize>(&mut self, constants: [f64; N]) -> Option<()> {
        self.with_store(|store| {
            if store.data.len() == self.data { store.data.push([constants]) } else { None }
        })?;
        self.data += N;
        Some(())
    }

    /// Append the last operands of an n-ary node to be, fewer than a chunk, and write the node: its
    /// operands lie from `at` on. On the same terms; a bias joins the operands.
    ///
    /// They are appended one by one: a copy in one piece would read them back in wider pieces than they
    /// were just written in, which stalls the processor.
    #[inline(always)]
    pub fn write<const W: usize>(
        &self,
        op: Op,
        at: usize,
        last: &[[u32; W]],
        bias: Option<Var>,
        value: f64,
    ) -> Option<u64> {
        self.with_store(|store| {
            let bias = store.bias_if_all_fits(bias)?;
            last.iter().try_for_each(|&term| store.pool.push([term]))?;
            let terms = (store.pool.len() - at) / W;
            if let Some(bias) = bias {
                store.pool.push([[bias]])?;
            }
            store.write(op, at as u32, terms as u32, value)
        })
    }

    /// Append the last operands with their constants, and write the node, on the same terms: its
    /// operands lie from `at` on, its constants from `data_at` on.
    #[inline(always)]
    pub fn write_weighted(
        &self,
        op: Op,
        (at, data_at): (usize, usize),
        (last, constants): (&[[u32; 1]], &[f64]),
        bias: Option<Var>,
        value: f64,
    ) -> Option<u64> {
        self.with_store(|store| {
            let bias = store.bias_if_all_fits(bias)?;
            if store.data.len() != self.data || !store.data.has_room() {
                return None;
            }
            last.iter().try_for_each(|&node| store.pool.push([node]))?;
            constants.iter().try_for_each(|&constant| store.data.push([[constant]]))?;
            let terms = store.pool.len() - at;
            store.pool.push([[data_at as u32]])?;
            if let Some(bias) = bias {
                store.pool.push([[bias]])?;
            }
            store.write(op, at as u32, terms as u32, value)
        })
    }

    /// Make room in the pools of the active store, if it is the one that was looked at.
    #[cold]
    #[inline(never)]
    pub fn make_room(&self) -> Option<()> {
        self.with_store(|store| {
            store.pool.grow(POOL_ROOM);
            store.data.grow(POOL_ROOM);
            (store.pool.has_room() && store.data.has_room()).then_some(())
        })
    }

    #[inline(always)]
    fn with_store<R>(&self, body: impl FnOnce(&Store) -> Option<R>) -> Option<R> {
        with_active(|store| {
            let same = store.base() == self.base && store.pool.len() == self.pool;
            if same { body(store) } else { None }
        })
    }
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

    pub fn has_room(&self) -> bool {
        self.len.get() < self.room.get()
    }

    /// The node of a bias, if there is room for the rest of an n-ary node: nothing is half written.
    #[inline(always)]
    fn bias_if_all_fits(&self, bias: Option<Var>) -> Option<Option<u32>> {
        if !self.pool.has_room() || !self.has_room() {
            return None;
        }
        match bias {
            Some(bias) => self.own(bias.tag).map(Some),
            None => Some(None),
        }
    }

    /// The index of a tag of the newest segment, or of the first.
    #[inline(always)]
    pub fn own(&self, tag: u64) -> Option<u32> {
        let index = tag.wrapping_sub(self.base.get());
        if index < self.len.get() as u64 {
            return Some(index as u32);
        }
        let index = tag.wrapping_sub(self.first_base.get());
        (index < self.first_len.get() as u64).then_some(index as u32)
    }

    /// Write a node if there is room, and return its tag.
    #[inline(always)]
    pub fn write(&self, op: Op, a: u32, b: u32, value: f64) -> Option<u64> {
        let i = self.len.get();
        if i >= self.room.get() {
            return None;
        }
        // SAFETY: i < room <= capacity, so the element is inside each column (invariant 1), and no
        // view is reading (invariant 2).
        unsafe {
            self.values.get().add(i).write(value);
            self.operands.get().add(i).write([a, b]);
            self.ops.get().add(i).write(op);
        }
        self.len.set(i + 1);
        Some(self.base.get() + i as u64)
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

    /// Make room for at least one more node and at most `limit` nodes in all.
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
        self.room.set(new);
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
            store.room.set(store.capacity.get());
            store.pool.open();
            store.data.open();
        }
    }
}

/// Byte offsets of the columns behind `values`.
struct Offsets {
    operands: usize,
    ops: usize,
}

/// A capacity whose columns start 1088 and 2176 bytes apart modulo the page size.
fn stagger(capacity: usize) -> usize {
    capacity.next_multiple_of(512) + 136
}

fn layout(capacity: usize) -> (Layout, Offsets) {
    let bytes = capacity.checked_mul(BYTES_PER_NODE).expect("a limit of u32::MAX nodes fits");
    let layout = Layout::from_size_align(bytes, ALIGN).expect("a limit of u32::MAX nodes fits");
    (layout, Offsets { operands: capacity * 8, ops: capacity * 16 })
}

#[cfg(test)]
mod tests;
