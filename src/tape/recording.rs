//! A recording: columns, their serial numbers, and the side tables that cost nothing unused.
//!
//! `clear` and `rewind` cut a recording back; what stands keeps its tags, what is gone must never be taken
//! for what comes next:
//!
//! ```text
//! cut(n):                              // nodes 0 .. n stand
//!     older += (base, start .. len)    // the newest segment, whose tags are base + i
//!     cut every older segment at n, drop those that are empty
//!     base = the next serial number that was never given out
//!     start = n                        // node n, n + 1, ... get the tags base + n, base + n + 1, ...
//!     cut columns, pools and side tables to the lengths that the mark remembered
//! ```
//!
//! Where that is not the whole story:
//!
//! 1. The tags `base .. base + n` of the new segment are skipped, so that `tag - base < len` alone tells a
//!    live node of it from anything else: a smaller index would wrap or belong to an older segment, which is
//!    tried next.
//! 2. When a range of serial numbers has no room left for two full recordings, another is taken, of higher
//!    numbers: counting never goes back. The tape keeps the old one too, for messages about its variables.
//! 3. Side tables are cut by node as well as by length. A mark that was made after another rewind may have
//!    counted labels, scopes or guards that are no longer there.
//! 4. Custom operations are dropped last and outside any borrow: their `Drop` is the user's code, which may
//!    use the tape.
//! 5. `clear` of a recording in which none of this happened resets three lengths and the base.

use super::custom::CustomCall;
use super::guards::Guard;
use super::labels::{Labels, Scopes, keep_labels};
use super::locations::{Line, Locations};
use super::network::{Evaluation, Source};
use super::nodes::Nodes;
use super::serial::{self, CONSTANT, MAX_NODES, Range, Segment, locate_in};
use super::store::{Pool, Store};
use crate::op::Op;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

/// What a tape owns.
pub(crate) struct Recording {
    pub store: Rc<Store>,
    /// The serial number before the first node's, which no node gets: no other tape ever has it.
    pub id: u64,
    /// The number that messages call this tape by: that of its first range of serial numbers.
    number: u64,
    /// The serial numbers it was given last, and the ranges that it had before.
    pub(super) range: Cell<(u64, u64)>,
    ranges_before: RefCell<Vec<u64>>,
    /// How many nodes it can hold.
    pub(super) limit: Cell<usize>,
    /// Where the newest segment starts; its tags count from the store's base.
    start: Cell<usize>,
    older: RefCell<Vec<Segment>>,
    /// Whether one of the tables below may hold something.
    pub annotated: Cell<bool>,
    pub customs: RefCell<Vec<CustomCall>>,
    pub guards: RefCell<Vec<Guard>>,
    pub labels: RefCell<Arc<Labels>>,
    pub scopes: RefCell<Scopes>,
    /// The networks that ran, each with the number of nodes when it was done.
    pub networks: RefCell<Vec<(usize, Evaluation<Source>)>>,
    pub locations: Locations,
    /// The last of the thread's open scopes that it has taken note of.
    pub scopes_seen: Cell<u64>,
    /// How many functions that may capture variables of other tapes were running when it was started.
    pub level: Cell<u32>,
    /// The variables of other tapes that it has captured, if it may, and the leaves that stand for them.
    pub captured: RefCell<Option<BTreeMap<u64, u32>>>,
}

/// How long each table was, so that a rewind can cut it back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lengths {
    pub nodes: usize,
    pool: usize,
    data: usize,
    customs: usize,
    guards: usize,
    scopes: usize,
}

impl Recording {
    pub(super) fn new() -> Recording {
        let range = serial::take();
        Recording {
            store: Store::new(range.next + 1),
            id: range.next,
            number: range.number(),
            range: Cell::new((range.next, range.end)),
            ranges_before: RefCell::default(),
            limit: Cell::new(MAX_NODES),
            start: Cell::new(0),
            older: RefCell::default(),
            annotated: Cell::new(false),
            customs: RefCell::default(),
            guards: RefCell::default(),
            labels: RefCell::default(),
            scopes: RefCell::default(),
            networks: RefCell::default(),
            locations: Locations::default(),
            scopes_seen: Cell::new(0),
            level: Cell::new(0),
            captured: RefCell::default(),
        }
    }

    /// Give the serial numbers back: nothing may be recorded here from now on.
    pub(super) fn give_back(&self) {
        self.keep_labels(0);
        serial::give_back(self.unused(), &self.ranges_before.borrow());
    }

    /// Keep the labels of the nodes from `from` on, for messages: they are about to go.
    fn keep_labels(&self, from: usize) {
        if self.labels.borrow().reach(from) {
            let gone = Arc::make_mut(&mut self.labels.borrow_mut()).split_off(from);
            let tagged = |(node, name): (u32, Box<str>)| (self.tag_of(node as usize), name);
            keep_labels(self.id, gone.map(tagged).collect());
        }
    }

    /// The number that messages call this tape by.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Tell whether a tag is from the ranges of serial numbers that it was given.
    pub fn issued(&self, tag: u64) -> bool {
        let range = serial::range_of(tag);
        let is_own = range == serial::range_of(self.range.get().1 - 1)
            || self.ranges_before.borrow().contains(&range);
        is_own && tag > self.id
    }

    pub fn len(&self) -> usize {
        self.store.len()
    }

    fn unused(&self) -> Range {
        Range { next: self.store.base() + self.len() as u64, end: self.range.get().1 }
    }

    /// The index of the node with this tag.
    #[inline]
    pub fn locate(&self, tag: u64) -> Option<u32> {
        self.store.index_of(tag).or_else(|| locate_in(&self.older.borrow(), tag))
    }

    /// The same, also for a variable of another tape that was captured.
    pub fn locate_or_captured(&self, tag: u64) -> Option<u32> {
        self.locate(tag).or_else(|| self.captured.borrow().as_ref()?.get(&tag).copied())
    }

    /// Tell whether variables of another recording, one that is older, can be captured.
    pub fn captures(&self, other: &Recording) -> bool {
        self.captured.borrow().is_some() && other.level.get() < self.level.get()
    }

    /// The tag of node `i`.
    pub fn tag_of(&self, i: usize) -> u64 {
        if i >= self.start.get() {
            return self.store.base() + i as u64;
        }
        let older = self.older.borrow();
        let after = older.partition_point(|s| s.start <= i);
        after.checked_sub(1).map_or(CONSTANT, |at| older[at].base + i as u64)
    }

    fn newest(&self) -> Segment {
        Segment { base: self.store.base(), start: self.start.get(), end: self.len() }
    }

    /// The segments, the newest last.
    pub fn segments(&self) -> SmallVec<[Segment; 1]> {
        let mut segments = SmallVec::new();
        self.copy_segments(&mut segments);
        segments
    }

    /// Write the segments into a list of the caller's.
    #[inline]
    pub fn copy_segments(&self, segments: &mut SmallVec<[Segment; 1]>) {
        segments.clear();
        if self.start.get() > 0 {
            segments.extend(self.older.borrow().iter().copied());
        }
        segments.push(self.newest());
    }

    pub fn lengths(&self) -> Lengths {
        let columns = Lengths {
            nodes: self.len(),
            pool: self.store.pool.len(),
            data: self.store.data.len(),
            ..Lengths::default()
        };
        if !self.annotated.get() {
            return columns;
        }
        Lengths {
            customs: self.customs.borrow().len(),
            guards: self.guards.borrow().len(),
            scopes: self.scopes.borrow().len(),
            ..columns
        }
    }

    /// Forget all nodes; the memory stays.
    ///
    /// # Panics
    /// If the recording is being swept.
    #[inline]
    #[track_caller]
    pub fn clear(&self) {
        self.assert_not_read("be cleared or rewound");
        let unused = self.unused();
        // Reset before, not after: a custom operation that is dropped may note something new.
        let is_annotated = self.annotated.replace(false);
        if is_annotated || self.start.get() > 0 || !unused.fits_a_recording() {
            return self.cut(Lengths::default(), is_annotated);
        }
        self.store.truncate(0, unused.next, (0, 0));
        self.store.pool.truncate(0);
        self.store.data.truncate(0);
    }

    /// Cut every table back to what it was; the memory stays.
    ///
    /// # Panics
    /// If the recording is being swept.
    #[track_caller]
    pub fn truncate(&self, to: Lengths) {
        self.assert_not_read("be cleared or rewound");
        self.cut(to, self.annotated.get());
    }

    fn cut(&self, to: Lengths, is_annotated: bool) {
        let mut range = self.unused();
        if !range.fits_a_recording() {
            self.ranges_before.borrow_mut().push(range.number());
            range = serial::take_another(self.number);
            self.range.set((range.next, range.end));
        }
        let n = to.nodes;
        if is_annotated {
            self.keep_labels(n);
        }
        let newest = self.newest();
        let mut older = self.older.borrow_mut();
        older.push(newest);
        while older.pop_if(|s| s.start >= n).is_some() {}
        if let Some(last) = older.last_mut() {
            last.end = last.end.min(n);
        }
        let first = older.first().map_or((0, 0), |first| (first.base, first.end));
        drop(older);
        self.start.set(n);
        // Nodes from `n` on get the tags `next + n ..`: `next .. next + n` are never given out, so
        // that "tag - base < len" alone tells a live node of this segment.
        self.store.truncate(n, range.next, first);
        self.store.pool.truncate(to.pool);
        self.store.data.truncate(to.data);
        if is_annotated {
            self.truncate_side_tables(to);
        }
    }

    /// Cut what is known of nodes besides the columns.
    fn truncate_side_tables(&self, to: Lengths) {
        let n = to.nodes;
        self.locations.truncate(n);
        while self.networks.borrow_mut().pop_if(|(end, _)| *end > n).is_some() {}
        let mut scopes = self.scopes.borrow_mut();
        let scopes_before = scopes.len();
        scopes.truncate(to.scopes, n);
        // A mark made after another rewind to the same node may have counted more than there is of.
        let mut guards = self.guards.borrow_mut();
        let standing = guards.partition_point(|guard| guard.at <= n);
        guards.truncate(to.guards.min(standing));
        // Scopes that such a mark did not know were opened at node `n`, and so were the guards in them made there.
        let here = if scopes.len() < scopes_before { n } else { usize::MAX };
        for guard in guards.iter_mut().rev().take_while(|guard| guard.at >= here) {
            guard.scope = guard.scope.filter(|&scope| scope < scopes.len());
        }
        drop((guards, scopes));
        // Dropped last and outside the borrow: the user's `Drop` may use the tape.
        let keep = to.customs.min(self.customs.borrow().len());
        let gone = self.customs.borrow_mut().split_off(keep);
        drop(gone);
    }

    /// Append a node whose operands were resolved, and return its tag.
    ///
    /// # Panics
    /// If the recording is being swept or holds as many nodes as 32-bit indices can name.
    #[track_caller]
    pub fn push(&self, op: Op, a: u32, b: u32, value: f64) -> u64 {
        self.push_for(Location::caller(), op, a, b, value)
    }

    /// Append a node for a known caller: a closure does not know who called around it.
    #[inline]
    #[track_caller]
    pub fn push_for(&self, caller: Line, op: Op, a: u32, b: u32, value: f64) -> u64 {
        match self.store.write(op, a, b, value) {
            Some(tag) => tag,
            None => self.push_slow(caller, op, a, b, value),
        }
    }

    /// Append a node that there was no room for, or whose location is to be remembered.
    #[cold]
    #[track_caller]
    fn push_slow(&self, caller: Line, op: Op, a: u32, b: u32, value: f64) -> u64 {
        self.assert_not_read("record");
        if self.store.is_full() {
            self.grow();
        }
        if self.locations.is_on() {
            self.annotated.set(true);
            self.locations.remember(self.len(), caller);
        }
        match self.store.append(op, a, b, value) {
            Some(tag) => tag,
            None => unreachable!("room was made"),
        }
    }

    #[track_caller]
    fn grow(&self) {
        self.assert_room(1, 0, 0);
        self.store.grow(self.limit.get());
    }

    /// Tell whether as many more nodes, operands and constants fit.
    #[inline]
    pub fn has_room(&self, more: usize) -> bool {
        let used = self.len().max(self.store.pool.len()).max(self.store.data.len());
        used + more <= self.limit.get() && !self.store.is_being_read()
    }

    /// Refuse an operation that takes more nodes, operands or constants than fit, before any of it is written.
    #[track_caller]
    pub fn assert_room(&self, nodes: usize, operands: usize, constants: usize) {
        if self.has_room(nodes.max(operands).max(constants)) {
            return;
        }
        self.assert_not_read("record");
        let limit = self.limit.get();
        let (pool, data) = (self.store.pool.len(), self.store.data.len());
        let kinds = [
            ("nodes", self.len(), nodes),
            ("operands of n-ary nodes", pool, operands),
            ("constants of nodes", data, constants),
        ];
        if let Some((what, used, _)) =
            kinds.into_iter().find(|&(_, used, more)| used + more > limit)
        {
            panic!(
                "tape {} has no room for this operation: it holds {used} of {limit} {what}, the most that 32-bit \
                 indices can name: clear it, rewind it, or split the computation",
                self.number()
            );
        }
    }

    /// Append operands to the pool and return where they start.
    #[track_caller]
    pub fn push_pool(&self, operands: impl IntoIterator<Item = u32>) -> u32 {
        self.append(&self.store.pool, operands)
    }

    /// Append constants to the data column and return where they start.
    #[track_caller]
    pub fn push_data(&self, constants: impl IntoIterator<Item = f64>) -> u32 {
        self.append(&self.store.data, constants)
    }

    #[track_caller]
    fn append<T: Copy>(&self, pool: &Pool<T>, items: impl IntoIterator<Item = T>) -> u32 {
        let at = pool.len();
        for item in items {
            if pool.push([[item]]).is_none() {
                pool.grow(1);
                let appended = pool.append(item);
                assert!(appended.is_some(), "room is asserted before an operation is written");
            }
        }
        at as u32
    }

    /// Remember the lines of later nodes, or stop that.
    pub fn set_locations(&self, on: bool) {
        self.locations.set(on);
        self.store.set_fast_path(!on);
    }

    /// Refuse to change while the columns are being read.
    #[inline]
    #[track_caller]
    pub fn assert_not_read(&self, what: &str) {
        assert!(
            !self.store.is_being_read(),
            "tape {} is being swept and cannot {what}: in its plain `value` and `vjp` a custom \
             operation must leave the tape alone and compute on the numbers it is given",
            self.number()
        );
    }

    /// Read all nodes; nothing can be recorded on this tape meanwhile.
    pub fn read<R>(&self, body: impl FnOnce(Nodes<'_>) -> R) -> R {
        let view = self.store.view();
        let customs = self.customs.borrow();
        let (ops, operands, values) = (view.ops(), view.operands(), view.values());
        body(Nodes::new(ops, operands, values, view.pool(), view.data(), &customs))
    }
}
