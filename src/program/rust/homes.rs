//! Where results live: in variables, or in an array.
//!
//! ```text
//! home(step)     the body it stands in: a function, or one turn of a loop
//! visible        of a result to a step: the home of the result is that of the step, or around it
//! local          an operand that is visible in all turns, and in all is the same variable
//! stored         a result that some step reads without seeing it; it goes to the array
//! ```
//!
//! An operand is local or not for all turns of a loop alike, for they share one line of text.

use super::step::{Item, LEVELS, Place, Step, Terms, What};
use crate::op::Op;
use crate::tape::Inst;

/// What is known about homes.
pub(super) struct Homes<'a> {
    insts: &'a [Inst],
    table: &'a [u32],
    /// The home around each home; the outermost are their own.
    around: Vec<u32>,
    /// Of each result; [`NONE`] for those that only the array has.
    home: Vec<u32>,
    /// The variable of each result: the result that its step computes in the first turn.
    variable: Vec<u32>,
}

const NONE: u32 = u32::MAX;

/// A function's items, and the function that it stands in, if it does.
pub(super) struct Part {
    pub items: Vec<Item>,
    /// The part that it stands in: a loop over rows in the body around it.
    pub within: Option<usize>,
    /// Inputs that are variables of its.
    pub inputs: std::ops::Range<usize>,
    /// The loop that it is called in.
    pub turns: Option<Turns>,
}

/// A loop whose body is divided over several functions.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Turns {
    pub count: usize,
    pub level: usize,
    /// Which loop of the text it is.
    pub group: usize,
}

/// Find out which operands are variables, and which results are stored; `results` are stored in any case. Return which
/// results are variables.
pub(super) fn settle(
    parts: &mut [Part],
    insts: &[Inst],
    table: &[u32],
    results: &[u32],
) -> Vec<bool> {
    let home = vec![NONE; insts.len()];
    let variable = (0..insts.len() as u32).collect();
    let mut homes = Homes { insts, table, around: Vec::new(), home, variable };
    let mut roots: Vec<u32> = Vec::new();
    for part in &*parts {
        let root = homes.enter(part.within.map(|within| roots[within]));
        roots.push(root);
        homes.home[part.inputs.clone()].fill(root);
    }
    let mut turn = [0; LEVELS];
    let first = homes.around.len();
    let mut visit = |homes: &mut Homes<'_>, step: &mut Step, turn: &[i64; LEVELS], at: u32| {
        if let What::Compute(_) = step.what {
            let own = step.own.in_turn(turn) as usize;
            homes.home[own] = at;
            homes.variable[own] = step.own.base as u32;
        }
    };
    for (part, &root) in parts.iter_mut().zip(&roots) {
        homes.walk_part(part, root, &mut turn, &mut visit);
    }
    // The same walk gives the same homes.
    homes.around.truncate(first);
    let mut visit = |homes: &mut Homes<'_>, step: &mut Step, turn: &[i64; LEVELS], at: u32| {
        homes.look(step, turn, at);
    };
    for (part, &root) in parts.iter_mut().zip(&roots) {
        homes.walk_part(part, root, &mut turn, &mut visit);
    }
    let (mut stored, mut named) = (vec![false; insts.len()], vec![false; insts.len()]);
    results.iter().for_each(|&result| stored[result as usize] = true);
    let mut visit = |homes: &mut Homes<'_>, step: &mut Step, turn: &[i64; LEVELS], _: u32| {
        for o in step.unlisted(turn, homes.table) {
            stored[o] = true;
        }
        for (o, &local) in step.operands.iter().zip(&step.local) {
            match local {
                _ if is_literal(o, homes.insts) => {}
                true => named[o.base as usize] = true,
                false => stored[o.in_turn(turn) as usize] = true,
            }
        }
    };
    for part in &mut *parts {
        homes.walk_part(part, 0, &mut turn, &mut visit);
    }
    let mut visit = |_: &mut Homes<'_>, step: &mut Step, turn: &[i64; LEVELS], _: u32| {
        if let What::Compute(_) = step.what {
            step.stored |= stored[step.own.in_turn(turn) as usize];
            step.named = named[step.own.base as usize];
        }
    };
    for part in &mut *parts {
        homes.walk_part(part, 0, &mut turn, &mut visit);
        prune(&mut part.items);
    }
    named
}

/// Drop steps whose result nothing reads.
fn prune(items: &mut Vec<Item>) {
    items.retain_mut(|item| match item {
        Item::Step(Step { what: What::Compute(_), named, stored, .. }) => *named || *stored,
        Item::Step(_) => true,
        Item::Loop { body, .. } => {
            prune(body);
            !body.is_empty()
        }
    });
}

impl Homes<'_> {
    fn enter(&mut self, around: Option<u32>) -> u32 {
        let home = self.around.len() as u32;
        self.around.push(around.unwrap_or(home));
        home
    }

    /// Visit every step of a part in every turn.
    fn walk_part(
        &mut self,
        part: &mut Part,
        root: u32,
        turn: &mut [i64; LEVELS],
        visit: &mut impl FnMut(&mut Self, &mut Step, &[i64; LEVELS], u32),
    ) {
        let Some(Turns { count, level, .. }) = part.turns else {
            return self.walk(&mut part.items, root, turn, visit);
        };
        for t in 0..count {
            turn[level] = t as i64;
            let inner = self.enter(None);
            self.walk(&mut part.items, inner, turn, visit);
        }
        turn[level] = 0;
    }

    /// Visit every step of some items in every turn.
    fn walk(
        &mut self,
        items: &mut [Item],
        at: u32,
        turn: &mut [i64; LEVELS],
        visit: &mut impl FnMut(&mut Self, &mut Step, &[i64; LEVELS], u32),
    ) {
        for item in items {
            match item {
                Item::Step(step) => visit(self, step, turn, at),
                Item::Loop { count, level, body } => {
                    for t in 0..*count {
                        turn[*level] = t as i64;
                        let inner = self.enter(Some(at));
                        self.walk(body, inner, turn, visit);
                    }
                    turn[*level] = 0;
                }
            }
        }
    }

    /// Strike from the local operands of a step those that it does not see in this turn.
    fn look(&self, step: &mut Step, turn: &[i64; LEVELS], at: u32) {
        let from_array = match (step.what, step.terms) {
            (What::Compute(op), Terms::Even { .. }) => op.terms().operands,
            _ => 0,
        };
        for (which, o) in step.operands.iter().enumerate() {
            let result = o.in_turn(turn) as usize;
            let is_same = i64::from(self.variable[result]) == o.base;
            let is_seen = is_same && self.sees(at, self.home[result]);
            step.local[which] &= which >= from_array && (is_seen || is_literal(o, self.insts));
        }
    }

    fn sees(&self, mut at: u32, home: u32) -> bool {
        if home == NONE {
            return false;
        }
        loop {
            let around = self.around[at as usize];
            if at == home || around == at {
                return at == home;
            }
            at = around;
        }
    }
}

/// Whether an operand is the same constant in all turns, and so is written as a number.
pub(super) fn is_literal(o: &Place, insts: &[Inst]) -> bool {
    o.strides == [0; LEVELS] && insts[o.base as usize].op == Op::Const
}
