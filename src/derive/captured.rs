//! A gradient at constants, of a function that may capture variables from outside.
//!
//! Where the result is to be recorded is known only once the function has run: on the tape of what it
//! captured. So it runs on a tape that captures, and what it recorded is recorded there a second time:
//!
//! ```text
//! z = leaves of a tape of its own
//! y = f(z)                        // a variable of another tape becomes a leaf that stands for it
//! if nothing was captured:        // nothing outside depends on the result: numbers
//!     return the value of y, a plain sweep
//! value[z] = constant;  value[leaf that stands for v] = v
//! evaluate all nodes over these   // records on the tape of v; what depends on z alone stays a constant
//! sweep over them, from y to z    // records there too
//! ```
//!
//! Labels, scopes, comparisons, networks and lines of code come along. Variables that `f` keeps for later are
//! stale, as those of any function with a tape of its own.

use super::pool::with_tape;
use crate::op::Op;
use crate::sweep::interpreter::evaluate;
use crate::sweep::pull_recorded;
use crate::tape::live::{self, Capture};
use crate::tape::network::Source;
use crate::tape::nodes::Nodes;
use crate::tape::recording::Recording;
use crate::tape::{
    GuardOperand, Instructions, NotTwiceDifferentiable, locations, misuse, remember,
    remember_network,
};
use crate::{Tape, Var};
use std::collections::BTreeMap;
use std::panic::Location;
use std::rc::Rc;

/// Compute `f` at constants, and write its gradient into `dx`, which is zero before.
#[track_caller]
pub(super) fn at_constants<E>(
    f: impl FnOnce(&[Var]) -> Result<Var, E>,
    x: &[Var],
    dx: &mut [Var],
) -> Result<Var, E> {
    let caller = Location::caller();
    // A closure does not know its caller, at whom a panic must point: so these come back as they are.
    let run = |tape: &Tape| -> Result<Result<Var, Refused>, E> {
        let own = &tape.recording;
        let inner: Vec<Var> = x.iter().map(|v| tape.var(v.value())).collect();
        own.set_locations(locations::are_recorded());
        let capture = Capture::start(own);
        let y = f(&inner);
        let captured = own.captured.take().unwrap_or_default();
        drop(capture);
        own.set_locations(false);
        let y = y?;
        let Some(output) = own.locate(y.tag) else {
            // A constant, or a variable from outside.
            let is_alive = y.is_constant() || live::find(y.tag).is_some();
            return Ok(if is_alive { Ok(y) } else { Err(Refused::Stale(y.tag)) });
        };
        if let Some(&tag) = captured.keys().find(|&&tag| live::find(tag).is_none()) {
            return Ok(Err(Refused::Stale(tag)));
        }
        let Some((outside, _)) = captured.keys().next().and_then(|&tag| live::find(tag)) else {
            let gradient = tape.backward(&[(y, 1.0)]);
            dx.iter_mut().zip(gradient.adjoints()).for_each(|(dx, &slope)| *dx = slope.into());
            return Ok(Ok(Var::constant(y.value())));
        };
        own.read(|nodes| {
            let values = record_again(own, &nodes, &captured, &outside);
            let _line = outside.locations.attribute_to(caller);
            let adjoints = match pull_recorded(&nodes, &values[..], output as usize, x.len(), 0) {
                Ok(adjoints) => adjoints,
                Err(error) => return Ok(Err(Refused::Twice(error))),
            };
            dx.iter_mut().zip(adjoints).for_each(|(dx, slope)| *dx = slope);
            Ok(Ok(values[output as usize]))
        })
    };
    match with_tape(run)? {
        Ok(y) => Ok(y),
        Err(Refused::Stale(tag)) => misuse::stale(tag),
        Err(Refused::Twice(error)) => panic!("{error}"),
    }
}

/// Why there is no gradient.
enum Refused {
    Stale(u64),
    Twice(NotTwiceDifferentiable),
}

/// Record all nodes once more, over what was captured, and return their variables.
fn record_again(
    own: &Recording,
    nodes: &Nodes<'_>,
    captured: &BTreeMap<u64, u32>,
    outside: &Rc<Recording>,
) -> Vec<Var> {
    let mut values: Vec<Var> = nodes.values.iter().map(|&value| Var::constant(value)).collect();
    for (&tag, &leaf) in captured {
        values[leaf as usize].tag = tag;
    }
    let (scopes, guards) = (own.scopes.borrow(), own.guards.borrow());
    let (mut scopes, mut guards) =
        (scopes.all().iter().enumerate().peekable(), guards.iter().peekable());
    // The ends of the scopes that are open, and the tickets to close them.
    let mut open: Vec<(usize, u64)> = Vec::new();
    outside.annotated.set(true);
    live::enter_scopes(outside);
    for i in 0..=values.len() {
        let close = |open: &mut Vec<(usize, u64)>| {
            while let Some((_, ticket)) = open.pop_if(|&mut (end, _)| end <= i) {
                outside.scopes.borrow_mut().leave(ticket, outside.len());
            }
        };
        close(&mut open);
        let mut enter = |open: &mut Vec<(usize, u64)>, up_to: usize| {
            while let Some((_, scope)) =
                scopes.next_if(|&(at, scope)| scope.start == i && at <= up_to)
            {
                let ticket = outside.scopes.borrow_mut().enter(&scope.name, outside.len());
                open.push((scope.end.unwrap_or(usize::MAX), ticket));
            }
        };
        let side = |operand: GuardOperand| match operand {
            GuardOperand::Node(node) => values[node],
            GuardOperand::Constant(c) => Var::constant(c),
        };
        while let Some(guard) = guards.next_if(|guard| guard.at == i) {
            if let Some(scope) = guard.scope {
                enter(&mut open, scope);
            }
            remember(side(guard.left), guard.relation, side(guard.right), guard.outcome);
        }
        enter(&mut open, usize::MAX);
        close(&mut open);
        if i < values.len() && !matches!(nodes.op(i), Op::Input | Op::Const) {
            let line = own.locations.get(i);
            let _line = line.map(|line| outside.locations.attribute_to(line));
            evaluate(nodes, i..i + 1, &mut values[..]);
        }
    }
    for (node, label) in own.labels.borrow().iter() {
        values[node as usize].label(label);
    }
    for (_, run) in own.networks.borrow().iter() {
        let run = run.map(|source| match source {
            Source::Node(i) => Some(values[i]),
            Source::Data(x) => Some(Var::constant(x)),
        });
        run.iter().for_each(remember_network);
    }
    values
}
