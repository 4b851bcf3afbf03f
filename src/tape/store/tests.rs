//! The column store beside its safe twin, which does the same with `Vec`s.
//!
//! Under Miri (`cargo miri test store`) the histories are few and short.

#[path = "../../../tests/common/seed.rs"]
mod seed;

use super::columns::LEADS;
use super::*;
use crate::op::Op;
use crate::tape::serial::{CONSTANT, MAX_NODES};
use crate::tape::var::Var;
use std::rc::Rc;

/// What a store is meant to be. It has no notion of memory: whether there is room is asked of the
/// store.
#[derive(Clone, Default)]
struct Twin {
    base: u64,
    /// What the tags of the first nodes count from after a rewind, and how many these are.
    first: (u64, usize),
    nodes: Vec<(Op, [u32; 2], f64)>,
    pool: Vec<u32>,
    data: Vec<f64>,
    /// Whether the fast path is closed: then everything there is refused.
    is_slow_only: bool,
}

impl Twin {
    fn own(&self, tag: u64) -> Option<u32> {
        let among = |base: u64, len: usize| (base..base + len as u64).contains(&tag);
        let base = match among(self.base, self.nodes.len()) {
            true => self.base,
            false if among(self.first.0, self.first.1) => self.first.0,
            false => return None,
        };
        Some((tag - base) as u32)
    }

    fn write(&mut self, op: Op, a: u32, b: u32, value: f64) -> u64 {
        self.nodes.push((op, [a, b], value));
        self.base + self.nodes.len() as u64 - 1
    }
}

/// A store and its twin, which every test drives in step.
struct Pair {
    store: Rc<Store>,
    twin: Twin,
}

/// The one place that knows how items get into a pool.
fn push<T: Copy>(pool: &Pool<T>, item: T) -> bool {
    pool.push([[item]]).is_some()
}

impl Pair {
    fn new(base: u64) -> Pair {
        Pair { store: Store::new(base), twin: Twin { base, ..Twin::default() } }
    }

    /// Every column, length and answer of the store is the twin's.
    fn compare(&self) {
        let Pair { store, twin } = self;
        self.check_room();
        assert_eq!((store.len(), store.base()), (twin.nodes.len(), twin.base));
        let view = store.view();
        let nodes = || view.ops().iter().zip(view.operands()).zip(view.values());
        assert_eq!(nodes().count(), twin.nodes.len());
        for (((op, operands), value), expected) in nodes().zip(&twin.nodes) {
            assert_eq!(
                (*op, *operands, value.to_bits()),
                (expected.0, expected.1, expected.2.to_bits())
            );
        }
        assert_eq!(view.pool(), twin.pool);
        assert_eq!(view.data(), twin.data);
        let (first, end) = (twin.first.0, twin.first.0 + twin.first.1 as u64);
        let around_first = [first.wrapping_sub(1), first, end.wrapping_sub(1), end];
        let around_base = [twin.base.wrapping_sub(1), twin.base, twin.base + 1];
        for tag in around_first.into_iter().chain(around_base).chain([0, u64::MAX]) {
            assert_eq!(store.index_of(tag), twin.own(tag), "tag {tag}");
        }
        let end = twin.base + twin.nodes.len() as u64;
        assert_eq!((store.index_of(end), store.index_of(end - 1)), (None, twin.own(end - 1)));
    }

    /// A tag of a node, or one that is none.
    fn any_tag(&self, random: &mut fastrand::Rng) -> u64 {
        let base = random.choice([self.twin.base, self.twin.first.0]).unwrap_or_default();
        base.wrapping_sub(2).wrapping_add(random.u64(..self.twin.nodes.len() as u64 + 4))
    }

    /// Write straight to this store.
    fn write(&mut self, random: &mut fastrand::Rng) {
        let (op, a, b, value) = (any_op(random), random.u32(..), random.u32(..), any_value(random));
        let expected = self.store.has_room_for(1).then(|| self.twin.write(op, a, b, value));
        assert_eq!(self.store.write(op, a, b, value), expected);
    }

    /// Write to this store the slow path, which is open to one that is not full and not being read.
    fn append(&mut self, random: &mut fastrand::Rng) {
        let (op, a, b, value) = (any_op(random), random.u32(..), random.u32(..), any_value(random));
        let is_open = !self.store.is_full() && !self.store.is_being_read();
        let expected = is_open.then(|| self.twin.write(op, a, b, value));
        assert_eq!(self.store.append(op, a, b, value), expected);
        let (operand, pool) = (random.u32(..), &self.store.pool);
        let is_open = pool.len() < pool.capacity() && !self.store.is_being_read();
        assert_eq!(pool.append(operand).is_some(), is_open);
        self.twin.pool.extend(is_open.then_some(operand));
    }

    /// Open the fast path, or close it: also while the store is being read.
    fn switch(&mut self, random: &mut fastrand::Rng) {
        self.twin.is_slow_only = random.bool();
        self.store.set_fast_path(!self.twin.is_slow_only);
        self.check_room();
    }

    /// The fast path has room where it is open, no view is alive and there is memory.
    fn check_room(&self) {
        let is_shut = self.twin.is_slow_only || self.store.is_being_read();
        assert_eq!(self.store.has_room_for(1), !is_shut && !self.store.is_full());
        if is_shut {
            assert!(!push(&self.store.pool, 1) && !push(&self.store.data, 1.0));
            assert!(!self.store.pool.has_room_for(1));
        }
    }

    /// Record on the fast path; this store is the active one.
    fn record(&mut self, random: &mut fastrand::Rng) {
        assert!(is_active(&self.store));
        let (op, value, c) = (any_op(random), any_value(random), any_value(random));
        let (x, y) = (self.any_tag(random), self.any_tag(random));
        let (i, j) = (self.twin.own(x), self.twin.own(y));
        let has_room = self.store.has_room_for(1);
        let (found, written) = match random.u8(..4) {
            0 => (unary(op, x, value), i.map(|i| [i, 0])),
            1 => (binary(op, x, y, value), i.and_then(|i| Some([i, j?]))),
            2 => {
                let fits = has_room && self.store.pool.has_room_for(3);
                let at = self.twin.pool.len() as u32;
                let operands = i.zip(j).filter(|_| fits).map(|(i, j)| [i, j, i]);
                self.twin.pool.extend(operands.iter().flatten());
                (ternary(op, [x, y, x], value), operands.map(|_| [at, 3]))
            }
            _ => {
                let at = self.twin.data.len() as u32;
                let found = data(op, x, [c], value);
                // A constant whose node found no room is left over; it is never read.
                if self.store.data.len() > self.twin.data.len() {
                    self.twin.data.push(c);
                }
                let kept = self.twin.data.len() as u32 > at;
                (found, i.filter(|_| kept).map(|i| [i, at]))
            }
        };
        let expected = written.filter(|_| has_room).map(|[a, b]| self.twin.write(op, a, b, value));
        assert_eq!(found, expected);
    }

    /// An operand or a constant.
    fn any_operand(&self, random: &mut fastrand::Rng) -> Var {
        let tag = if random.u8(..5) == 0 { CONSTANT } else { self.any_tag(random) };
        Var { value: f64::from(random.i32(-9..9)), tag }
    }

    /// Record a node with any number of operands; this store is the active one.
    fn record_nary(&mut self, random: &mut fastrand::Rng) {
        let op = any_op(random);
        let operands: Vec<Var> =
            (0..random.usize(1..6)).map(|_| self.any_operand(random)).collect();
        let count = operands.len();
        let bias = random.bool().then(|| self.any_operand(random));
        let (at, data_at) = (self.twin.pool.len() as u32, self.twin.data.len() as u32);
        let own = |v: &Var| self.twin.own(v.tag);
        let takes = |v: &Var| v.tag == CONSTANT || own(v).is_some();
        let room = |nodes: usize, operands: usize| {
            self.store.has_room_for(nodes) && self.store.pool.has_room_for(operands)
        };
        let (kind, all) = (random.u8(..2), || operands.iter().chain(&bias));
        let constant = |i: usize| i as f64 + 0.5;
        let mut total = -0.0;
        let (found, fits) = match kind {
            0 => {
                let terms: Vec<[Var; 1]> = operands.iter().map(|&v| [v]).collect();
                operands.iter().for_each(|v| total += v.value * 2.0);
                let constants = all().filter(|v| v.tag == CONSTANT).count();
                let fits = all().all(takes) && constants < all().count();
                let fits = fits && room((constants + 1).max(2), count + 1);
                let fast = nary(op, &terms, bias, |[x]| x * 2.0, |total| total);
                let found =
                    fast.or_else(|| mixed(op, &terms, bias, |[x]| x * 2.0, |total| total, Some));
                (found, fits)
            }
            _ => {
                let with = |(i, &v): (usize, &Var)| {
                    let c = Var::constant(constant(i));
                    if i % 2 == 0 { [v, c] } else { [c, v] }
                };
                let pairs: Vec<[Var; 2]> = operands.iter().enumerate().map(with).collect();
                pairs.iter().for_each(|[x, y]| total += x.value * y.value);
                let is_known = operands.iter().all(|v| own(v).is_some());
                let fits = is_known && bias.iter().all(takes) && room(2, count + 2);
                let fits = fits && self.store.data.has_room_for(count);
                (weighted(op, &pairs, bias), fits)
            }
        };
        if !fits {
            return assert!(found.is_none());
        }
        let value = bias.map_or(total, |b| total + b.value);
        for v in all() {
            let node = self.twin.own(v.tag).unwrap_or(self.twin.nodes.len() as u32);
            if v.tag == CONSTANT {
                self.twin.write(Op::Const, 0, 0, v.value);
            }
            self.twin.pool.push(node);
        }
        if kind == 1 {
            self.twin.data.extend((0..count).map(constant));
            self.twin.pool.push(data_at);
        }
        let tag = self.twin.write(op, at, count as u32, value);
        let found = found.map(|v| (v.tag, v.value.to_bits()));
        assert_eq!(found, Some((tag, value.to_bits())));
    }

    fn push_pools(&mut self, random: &mut fastrand::Rng) {
        for _ in 0..random.usize(..40) {
            let (operand, constant) = (random.u32(..), any_value(random));
            if push(&self.store.pool, operand) {
                self.twin.pool.push(operand);
            }
            if push(&self.store.data, constant) {
                self.twin.data.push(constant);
            }
        }
    }

    /// Make room, as much as a limit allows.
    fn grow(&mut self, random: &mut fastrand::Rng) {
        let limit = match random.bool() {
            true => MAX_NODES,
            false => self.store.len() + random.usize(..5),
        };
        self.store.grow(limit);
        assert!(!self.store.is_full() || limit <= self.store.len(), "limit {limit}");
        let more = random.usize(1..600);
        self.store.pool.grow(more);
        self.store.data.grow(more);
        let item = random.u32(..);
        let pushed = push(&self.store.pool, item);
        assert_eq!(pushed, !self.twin.is_slow_only, "room was made for {more} items");
        assert!(pushed || self.store.pool.append(item).is_some());
        self.twin.pool.push(item);
    }

    fn truncate(&mut self, random: &mut fastrand::Rng) {
        let keep = |len: usize, random: &mut fastrand::Rng| random.usize(..=len);
        let (nodes, pool) = (keep(self.store.len(), random), keep(self.twin.pool.len(), random));
        let data = keep(self.twin.data.len(), random);
        let base = self.twin.base + self.twin.nodes.len() as u64;
        let stands = if self.twin.first.1 > 0 { self.twin.first } else { (self.twin.base, nodes) };
        let first = (stands.0, stands.1.min(nodes));
        self.store.truncate(nodes, base, first);
        self.store.pool.truncate(pool);
        self.store.data.truncate(data);
        (self.twin.base, self.twin.first) = (base, first);
        self.twin.nodes.truncate(nodes);
        self.twin.pool.truncate(pool);
        self.twin.data.truncate(data);
    }

    /// While a view is alive nothing can be written, and what it shows stays in place.
    fn read(&mut self, random: &mut fastrand::Rng) {
        let store = self.store.clone();
        let (first, second) = (store.view(), store.view());
        let (values, pool) = (first.values(), second.pool());
        let before = (values.as_ptr(), values.to_vec(), pool.to_vec());
        activate(&self.store);
        for _ in 0..random.usize(1..4) {
            self.switch(random);
            self.write(random);
            self.append(random);
            self.record(random);
            self.push_pools(random);
        }
        self.store.pool.grow(1000);
        drop(second);
        self.write(random);
        assert!(store.is_being_read() && !store.has_room_for(1));
        assert_eq!(before.0, first.values().as_ptr());
        assert_eq!((&before.1[..], &before.2[..]), (values, first.pool()));
        drop(first);
        assert!(!store.is_being_read());
    }
}

fn any_op(random: &mut fastrand::Rng) -> Op {
    Op::ALL[random.usize(..Op::ALL.len())]
}

fn any_value(random: &mut fastrand::Rng) -> f64 {
    // Numbers, not bit patterns: the copies must be exact, NaN or not.
    random.choice([0.0, -0.0, f64::INFINITY, 1.5]).unwrap_or_default() * random.f64()
}

/// One random history of a few stores, one of them active at a time.
fn history(seed: u64, steps: usize) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut pairs: Vec<Pair> = (1..4).map(|n| Pair::new(n << 40)).collect();
    let mut active = 0;
    activate(&pairs[0].store);
    for step in 0..steps {
        let other = random.usize(..pairs.len());
        match random.u8(..14) {
            0 => pairs[other].grow(&mut random),
            1 => pairs[other].truncate(&mut random),
            2 => pairs[other].push_pools(&mut random),
            3 => {
                pairs[other].read(&mut random);
                active = other;
            }
            4 => {
                active = other;
                activate(&pairs[active].store);
            }
            5 if random.u8(..4) == 0 => {
                pairs[other] = Pair::new((step as u64 + 10) << 40);
                let was_active = other == active;
                assert_eq!(unary(Op::Neg, pairs[other].twin.base, 0.0), None);
                assert!(!is_active(&pairs[other].store));
                if was_active {
                    assert!(pairs.iter().all(|pair| !is_active(&pair.store)));
                    activate(&pairs[active].store);
                }
            }
            12 => pairs[other].switch(&mut random),
            13 => (0..random.usize(..steps)).for_each(|_| pairs[other].append(&mut random)),
            // Enough writes that the columns move several times in a history.
            6..8 => (0..random.usize(..steps)).for_each(|_| pairs[other].write(&mut random)),
            8 => (0..random.usize(..20)).for_each(|_| pairs[active].record_nary(&mut random)),
            _ => (0..random.usize(..steps)).for_each(|_| pairs[active].record(&mut random)),
        }
        assert!(is_active(&pairs[active].store));
        pairs[other].compare();
        pairs[active].compare();
    }
}

#[test]
fn a_store_does_what_its_safe_twin_does_on_random_histories() {
    let (histories, steps) = if cfg!(miri) { (3, 30) } else { (60, 200) };
    seed::seeds(histories).for_each(|seed| history(seed, steps));
}

#[test]
fn histories_are_long_enough_to_move_the_columns() {
    // The memory grows from nothing to more than two capacities' worth in one history.
    let mut random = seed::random(7);
    let mut pair = Pair::new(1 << 40);
    let mut capacities = Vec::new();
    for _ in 0..5000 {
        if !pair.store.has_room_for(1) {
            pair.store.grow(MAX_NODES);
            capacities.push(pair.store.capacity());
        }
        pair.write(&mut random);
    }
    pair.compare();
    assert!(capacities.len() >= 3 && capacities.is_sorted(), "{capacities:?}");
}

#[test]
fn no_store_is_active_after_the_active_one_is_dropped() {
    let store = Store::new(1 << 40);
    let other = Store::new(2 << 40);
    store.grow(MAX_NODES);
    let leaf = store.write(Op::Input, 0, 0, 1.0).expect("room");
    activate(&store);
    assert!(unary(Op::Neg, leaf, -1.0).is_some());
    drop(other);
    assert!(unary(Op::Neg, leaf, -1.0).is_some(), "dropping another store changes nothing");
    drop(store);
    assert_eq!(unary(Op::Neg, leaf, -1.0), None);
    assert_eq!(binary(Op::Add, leaf, leaf, 2.0), None);
    assert_eq!(data(Op::AddConst, leaf, [1.0], 2.0), None);
}

#[test]
fn each_thread_has_its_own_active_store() {
    let store = Store::new(1 << 40);
    store.grow(MAX_NODES);
    let leaf = store.write(Op::Input, 0, 0, 1.0).expect("room");
    activate(&store);
    let elsewhere = std::thread::spawn(move || unary(Op::Neg, leaf, -1.0));
    assert_eq!(elsewhere.join().expect("no panic"), None);
    assert_eq!(unary(Op::Neg, leaf, -1.0), Some(leaf + 1));
}

#[test]
#[should_panic(expected = "the store is being read")]
fn memory_does_not_move_while_it_is_read() {
    let store = Store::new(1 << 40);
    let _view = store.view();
    store.grow(MAX_NODES);
}

/// An empty pool has no room, read or not: what is refused must be what is read.
#[test]
fn an_empty_pool_stays_empty_while_it_is_read() {
    let store = Store::new(1 << 40);
    let (outer, inner) = (store.view(), store.view());
    drop(inner);
    store.pool.grow(1);
    assert!(!push(&store.pool, 1) && !store.pool.has_room_for(1));
    assert_eq!((outer.pool(), store.pool.capacity()), (&[][..], 0));
    drop(outer);
    store.pool.grow(1);
    assert!(push(&store.pool, 1));
}

/// Large memory begins where a page does; the columns begin in different places there, far from each other.
#[test]
fn columns_do_not_fall_on_the_same_cache_sets() {
    for (i, a) in LEADS.into_iter().enumerate() {
        for b in &LEADS[..i] {
            let apart = (a - b) % 4096;
            assert!((1024..=4096 - 1024).contains(&apart), "{a} and {b}");
        }
    }
}

/// A limit cuts the last capacity to any number: the columns are aligned, and what was written is still there.
#[test]
fn columns_keep_what_was_written_at_any_capacity() {
    let step = if cfg!(miri) { 500 } else { 7 };
    for limit in (1..3000).step_by(step) {
        let store = Store::new(1 << 40);
        let mut written = 0;
        while !store.is_full() || store.len() < limit {
            if store.is_full() {
                store.grow(limit.min(store.len() + 400));
            }
            let (a, b) = (written, written * 3 + 1);
            assert!(store.write(Op::Add, a, b, f64::from(written)).is_some());
            written += 1;
        }
        assert_eq!((store.len(), store.capacity()), (limit, limit));
        store.grow(limit);
        assert_eq!(store.capacity(), limit, "it has no room for more than the limit");
        let view = store.view();
        assert!(view.operands().as_ptr().cast::<u64>().is_aligned());
        for (i, (value, operands)) in (0..).zip(view.values().iter().zip(view.operands())) {
            assert_eq!((*value, *operands), (f64::from(i), [i, i * 3 + 1]));
        }
        assert!(view.ops().iter().all(|&op| op == Op::Add));
    }
}

#[test]
fn a_few_items_are_those_that_a_vector_would_have() {
    let mut random = fastrand::Rng::with_seed(12);
    for _ in 0..2000 {
        let all: Vec<u64> = (0..random.usize(..12)).map(|_| random.u64(..)).collect();
        let (mut items, mut few) = (all.iter().copied(), Few::<u64, 3>::new());
        assert!(few.as_mut_slice().is_empty());
        for chunk in 1.. {
            let has_ended = few.fill(&mut items);
            assert_eq!(few.as_mut_slice(), &all[3 * (chunk - 1)..all.len().min(3 * chunk)]);
            // A full one has not seen the end.
            assert_eq!(has_ended, 3 * chunk > all.len());
            if has_ended {
                break;
            }
        }
    }
}
