//! Loops: steps that follow each other evenly.
//!
//! ```text
//! for each level of loops, from the innermost:
//!     for each item, from the first:
//!         for each length p of a turn, short ones and those at which rare items come again:
//!             n = how many runs of p items there are from here on, each like the one before, so that every number in
//!                 them grows from run to run by the same stride
//!         the p and n that save most become a loop, if they save enough; else go on with the next item
//! ```
//!
//! A unit of a layer is such a run, its terms an inner loop, and all units of the layer a loop of the next level; so is
//! one observation of a sum. Like each other are steps with the same operation, the same number of terms and the same
//! strides in the loops inside.

use super::rules::counts;
use super::step::{Constant, Item, LEVELS, Place, Step, Terms, What};
use std::collections::HashMap;

/// How long a short turn may be, at each level: long ones come last, or short ones would be written out inside of them.
const SHORT: [usize; LEVELS] = [8, 64, 64];

/// How many longer turns are tried at the last levels.
const LONG: usize = 24;

/// How many statements a loop must save.
const SAVES: usize = 6;

/// Make loops of steps, as deep as they go.
pub(super) fn rolled(steps: Vec<Step>, constants: &[f64]) -> Vec<Item> {
    let mut items: Vec<Item> = steps.into_iter().map(Item::Step).collect();
    for level in 0..LEVELS {
        items = roll(items, level, constants);
    }
    items
}

fn roll(items: Vec<Item>, level: usize, constants: &[f64]) -> Vec<Item> {
    let keys: Vec<Key> = items.iter().map(Key::of).collect();
    let long = if level > 0 { recurrences(&keys, SHORT[level]) } else { Vec::new() };
    let mut rolled = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let best = (1..=SHORT[level])
            .chain(long.iter().copied())
            .filter_map(|length| {
                let count = turns(&keys[at..], length)?;
                let statements: usize = items[at..at + length].iter().map(Item::statements).sum();
                let saved = (count - 1) * statements;
                (saved >= SAVES).then_some((saved, std::cmp::Reverse(length), count))
            })
            .max();
        match best {
            None => {
                rolled.push(items[at].clone());
                at += 1;
            }
            Some((_, std::cmp::Reverse(length), count)) => {
                rolled.push(loop_of(&items[at..], length, count, level, constants));
                at += length * count;
            }
        }
    }
    rolled
}

/// How far apart items of one shape follow each other, where that is further than a short turn: the distances that are most
/// frequent. In a long turn some item occurs once, and so at the length of the turn.
fn recurrences(keys: &[Key], short: usize) -> Vec<usize> {
    let mut last: HashMap<u64, usize> = HashMap::new();
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        if let Some(before) = last.insert(key.shape, at) {
            *counts.entry(at - before).or_default() += 1;
        }
    }
    let long = counts.into_iter().filter(|&(distance, count)| distance > short && count > 1);
    let mut long: Vec<(usize, usize)> = long.map(|(distance, count)| (count, distance)).collect();
    long.sort_unstable_by(|a, b| b.cmp(a));
    long.into_iter().take(LONG).map(|(_, distance)| distance).collect()
}

/// What items are compared by.
struct Key {
    shape: u64,
    /// The bases of all its numbers.
    bases: Vec<i64>,
}

impl Key {
    fn of(item: &Item) -> Key {
        let mut bases = Vec::new();
        item.steps(&mut |step| bases.extend(places(step).iter().map(|place| place.base)));
        Key { shape: shape(item), bases }
    }

    /// Whether this is turn `t` of what has `first` and `second` as its turns 0 and 1.
    fn follows(&self, [first, second]: [&Key; 2], t: i64) -> bool {
        let is_even = |((a, b), c): ((&i64, &i64), &i64)| c - a == t * (b - a);
        self.shape == first.shape
            && second.shape == first.shape
            && first.bases.iter().zip(&second.bases).zip(&self.bases).all(is_even)
    }
}

/// Count the turns of a loop whose first turn are the first items; at least three.
fn turns(keys: &[Key], length: usize) -> Option<usize> {
    let is_turn = |t: usize| {
        let turn = keys.get(t * length..(t + 1) * length)?;
        let first_two = keys[..length].iter().zip(&keys[length..2 * length]);
        let mut all = turn.iter().zip(first_two);
        all.all(|(key, (first, second))| key.follows([first, second], t as i64)).then_some(())
    };
    is_turn(2)?;
    (3..).find(|&t| is_turn(t).is_none())
}

/// A loop of the first items.
fn loop_of(items: &[Item], length: usize, count: usize, level: usize, constants: &[f64]) -> Item {
    let mut body = items[..length].to_vec();
    for (item, next) in body.iter_mut().zip(&items[length..2 * length]) {
        set_strides(item, next, level);
        settle_constants(item, level, count, constants);
    }
    Item::Loop { count, level, body }
}

/// Set the strides of a level to how far the next turn is ahead.
fn set_strides(item: &mut Item, next: &Item, level: usize) {
    match (item, next) {
        (Item::Step(step), Item::Step(next)) => {
            for (place, next) in places_mut(step).into_iter().zip(places(next)) {
                place.strides[level] = next.base - place.base;
            }
        }
        (Item::Loop { body, .. }, Item::Loop { body: next, .. }) => {
            for (item, next) in body.iter_mut().zip(next) {
                set_strides(item, next, level);
            }
        }
        _ => {}
    }
}

/// Find out which constants differ from turn to turn.
fn settle_constants(item: &mut Item, level: usize, count: usize, constants: &[f64]) {
    match item {
        Item::Step(step) => {
            for constant in &mut step.constants {
                let Constant { value, at, varies } = constant;
                let stride = at.strides[level];
                let is_other = |t: i64| {
                    constants[(at.base + t * stride) as usize].to_bits() != value.to_bits()
                };
                *varies |= (0..count as i64).any(is_other);
            }
        }
        Item::Loop { body, .. } => {
            for item in body {
                settle_constants(item, level, count, constants);
            }
        }
    }
}

fn places(step: &Step) -> Vec<Place> {
    let table = match step.terms {
        Terms::Table { at, .. } => Some(at),
        _ => None,
    };
    let constants = step.constants.iter().map(|constant| constant.at);
    std::iter::once(step.own)
        .chain(step.operands.iter().copied())
        .chain(constants)
        .chain(table)
        .collect()
}

fn places_mut(step: &mut Step) -> Vec<&mut Place> {
    let table = match &mut step.terms {
        Terms::Table { at, .. } => Some(at),
        _ => None,
    };
    let constants = step.constants.iter_mut().map(|constant| &mut constant.at);
    std::iter::once(&mut step.own).chain(&mut step.operands).chain(constants).chain(table).collect()
}

/// A number that items which are like each other have in common, and others have not.
fn shape(item: &Item) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    fn add(item: &Item, hasher: &mut DefaultHasher) {
        match item {
            Item::Loop { count, level, body } => {
                (1_u8, count, level, body.len()).hash(hasher);
                body.iter().for_each(|item| add(item, hasher));
            }
            Item::Step(step) => {
                0_u8.hash(hasher);
                match step.what {
                    What::Compute(op) => (0_u8, op as u8).hash(hasher),
                    What::Guard(relation, outcome, sides) => {
                        (1_u8, relation, outcome, sides).hash(hasher);
                    }
                    // The first may be the value, which does not go where the others go.
                    What::Output => (2_u8, step.own.base == 0).hash(hasher),
                }
                match step.terms {
                    Terms::Listed => 0_u8.hash(hasher),
                    Terms::Even { count, strides } => (1_u8, count, strides).hash(hasher),
                    Terms::Table { count, .. } => (2_u8, count).hash(hasher),
                }
                (step.operands.len(), step.constants.len()).hash(hasher);
                places(step).iter().for_each(|place| place.strides.hash(hasher));
                for constant in &step.constants {
                    let is_count = matches!(step.what, What::Compute(op) if counts(op));
                    let is_nan = constant.value.is_nan();
                    (constant.varies, is_nan, is_count.then_some(constant.value.to_bits()))
                        .hash(hasher);
                }
            }
        }
    }
    let mut hasher = DefaultHasher::new();
    add(item, &mut hasher);
    hasher.finish()
}
