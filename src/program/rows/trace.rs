//! The row part of a program as straight-line code, for [`native`](crate::native).
//!
//! It is the interpreter that writes it down: the loops of a [`Walk`](super::walk) run once over a scalar that is traced,
//! and whatever they would add to or store becomes an instruction. Results and adjoints need no places: they are the
//! scalars themselves.

use super::split::{INDEX, PASSIVE, Part, Split, UNIFORM};
use crate::Real;
use crate::native::{self, Code, Form, Predicate, Straight, Traced, trace};
use crate::op::Values;
use crate::program::body::Body;
use crate::program::code::{Check, InstVec, evaluate_guarded};
use crate::sweep::interpreter::pull;
use crate::sweep::storage::{Adjoints, Results, accumulate};
use crate::tape::Relation;
use std::cell::Cell;

/// What rows are computed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The outputs of each row.
    Outputs,
    /// The only output of each row, and the adjoints of the frontier added to those of the rows before.
    SumAndAdjoints,
    /// The adjoint of every input in each row.
    Gradients,
}

/// Compile what a block of rows is computed by. None where the system does not let memory be run.
///
/// The inputs of the code are the columns of the rows, and behind them the weights. There must be no custom operations.
pub(super) fn compile(split: &Split, body: &Body, purpose: Purpose, form: Form) -> Option<Code> {
    native::compile(&straight(split, body, purpose), form)
}

fn straight(split: &Split, body: &Body, purpose: Purpose) -> Straight {
    trace(|| match purpose {
        Purpose::Outputs => {
            let values = forwards_in_part(split, body);
            for (at, &output) in split.outputs.iter().enumerate() {
                values.get(output).output(at);
            }
        }
        Purpose::SumAndAdjoints => {
            let values = forwards_in_part(split, body);
            let output = split.outputs[0];
            values.get(output).output(0);
            let row_inputs = body.inputs as usize - split.shared;
            backwards(&split.row.code, row_inputs, output, Traced::input(row_inputs), &values);
        }
        Purpose::Gradients => {
            let mut values = Traces(vec![Traced::NOTHING; body.code.insts.len()]);
            for (k, &at) in split.uniform_at.iter().enumerate() {
                values.0[at as usize] = Traced::uniform(k as u32);
            }
            let inputs = body.inputs as usize;
            let columns = values.0[split.shared..inputs].iter_mut().enumerate();
            columns.for_each(|(column, place)| *place = Traced::input(column));
            forwards(&split.whole, &split.checks, inputs, &mut values);
            let adjoints =
                backwards(&body.code, inputs, body.outputs[0], Traced::from(1.0), &values);
            for (at, adjoint) in adjoints[..inputs].iter().enumerate() {
                adjoint.get().output(at);
            }
        }
    })
}

fn forwards_in_part(split: &Split, body: &Body) -> Traces {
    let Part { code, checks, .. } = &split.row;
    let inputs = body.inputs as usize - split.shared;
    let mut values = Traces(vec![Traced::NOTHING; code.insts.len()]);
    for (column, place) in values.0[..inputs].iter_mut().enumerate() {
        *place = Traced::input(column);
    }
    forwards(code, checks, inputs, &mut values);
    values
}

/// Compute all behind the inputs; leave where a guard does not hold.
fn forwards(code: &InstVec, checks: &[Check], inputs: usize, values: &mut Traces) {
    let range = inputs..code.insts.len();
    let all_hold = evaluate_guarded(code, range, checks, values, |check, left: Traced, right| {
        left.leave_if(broken(check.relation, check.outcome), right);
        true
    });
    debug_assert!(all_hold.is_ok(), "a trace holds every guard");
}

/// How two sides compare where a guard does not hold.
fn broken(relation: Relation, outcome: bool) -> Predicate {
    use Predicate as P;
    let [holds, fails] = match relation {
        Relation::Less => [P::Less, P::NotLess],
        Relation::LessEqual => [P::LessEqual, P::NotLessEqual],
        Relation::Greater => [P::Greater, P::NotGreater],
        Relation::GreaterEqual => [P::GreaterEqual, P::NotGreaterEqual],
        Relation::Equal => [P::Equal, P::NotEqual],
        Relation::Unordered => [P::Unordered, P::Ordered],
    };
    if outcome { fails } else { holds }
}

/// Sweep backwards from an output, quickly; return the adjoints of all results.
fn backwards(
    code: &InstVec,
    inputs: usize,
    output: u32,
    seed: Traced,
    values: &Traces,
) -> Vec<Cell<Traced>> {
    let adjoints = vec![Cell::new(Traced::NOTHING); code.insts.len()];
    let places = TracedAdjoints(&adjoints);
    if places.wants(output) {
        places.add(output, seed.seeded());
        let swept = pull::<false, Traced>(code, inputs..code.insts.len(), values, places);
        debug_assert!(swept.is_ok(), "there are no custom operations");
    }
    adjoints
}

/// Results.
struct Traces(Vec<Traced>);

impl Values<Traced> for Traces {
    fn get(&self, operand: u32) -> Traced {
        let at = operand & INDEX;
        match operand & UNIFORM {
            0 => self.0[at as usize],
            _ => Traced::uniform(at),
        }
    }
}

impl Results<Traced> for Traces {
    fn set(&mut self, instruction: usize, value: Traced) {
        self.0[instruction] = value;
    }
}

/// Adjoints of results; those of the frontier are added to where they are.
#[derive(Clone, Copy)]
struct TracedAdjoints<'a>(&'a [Cell<Traced>]);

impl Adjoints<Traced> for TracedAdjoints<'_> {
    fn get(self, instruction: usize) -> Traced {
        self.0[instruction].get()
    }
    fn wants(self, operand: u32) -> bool {
        operand & PASSIVE == 0
    }
    fn add(self, operand: u32, contribution: Traced) {
        let at = operand & INDEX;
        match operand & UNIFORM {
            0 => accumulate(&self.0[at as usize], contribution),
            _ => contribution.accumulate_at(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Purpose, compile, straight};
    use crate::lanes::{Isa, Lanes};
    use crate::native::Form;
    use crate::program::workspace::Block;
    use crate::program::{RowProgram, Rows, Workspace};
    use crate::{Real, Var, dot, log_sum_exp, sum_squares};

    fn forms() -> Vec<Form> {
        let mut forms = vec![];
        if Isa::Avx2.is_available() {
            forms.push(Form::Vex4);
        }
        if Isa::Avx512.is_available() {
            forms.extend([Form::Evex4, Form::Evex8]);
        }
        forms
    }

    fn check(f: impl Fn(&[Var], &[Var]) -> Var, shared: &[f64], rows: &[f64]) {
        let width = rows.len() / 8;
        let program = RowProgram::record(f, shared, &rows[..width]);
        let (split, body) = program.parts();
        let data = Rows::row_major(rows, width).unwrap();
        let mut workspace = Workspace::new();
        let (mut values, mut gradients) = ([0.0; 8], vec![0.0; 8 * (shared.len() + width)]);
        program.values(shared, data, &mut values, &mut workspace).unwrap();
        program.gradients(shared, data, &mut gradients, &mut workspace).unwrap();
        let mut inputs = vec![Block::splat(0.0); width + 1];
        for (j, block) in inputs.iter_mut().enumerate() {
            for lane in 0..8 {
                block.0[lane] = if j < width { rows[lane * width + j] } else { 1.0 };
            }
        }
        for form in forms() {
            for purpose in [Purpose::Outputs, Purpose::SumAndAdjoints, Purpose::Gradients] {
                let code = compile(split, body, purpose, form).unwrap();
                let s = straight(split, body, purpose);
                println!("{form:?} {purpose:?} {} insts, {code:?}", s.insts.len());
                let mut scratch = vec![Block::splat(f64::NAN); code.needs().scratch];
                let mut adjoints = vec![Block::nothing(); 100];
                let mut outputs = vec![Block::splat(f64::NAN); 100];
                let uniform = if purpose == Purpose::Gradients {
                    workspace.values.clone()
                } else {
                    workspace.frontier.clone()
                };
                assert!(code.run(8, &inputs, &uniform, &mut scratch, &mut adjoints, &mut outputs));
                match purpose {
                    Purpose::Gradients => {
                        for lane in 0..8 {
                            for i in 0..shared.len() + width {
                                let (a, b) = (
                                    outputs[i].0[lane] + 0.0,
                                    gradients[lane * (shared.len() + width) + i],
                                );
                                assert_eq!(a.to_bits(), b.to_bits(), "{form:?} {i} {a} {b}");
                            }
                        }
                    }
                    _ => assert_eq!(outputs[0].0.map(f64::to_bits), values.map(f64::to_bits)),
                }
                println!("{:?}", adjoints[0]);
            }
        }
        let _ = Lanes::<crate::lanes::Baseline>::splat(0.0);
    }

    #[test]
    fn code_has_the_bits_of_the_interpreter() {
        let rows: Vec<f64> = (0..16).map(|i| f64::from(i) * 0.37 - 2.0).collect();
        check(|p, x| p[0] * x[0] + x[1], &[2.0], &rows);
        check(|p, x| (p[0] * x[0] + x[1]).exp(), &[2.0], &rows);
        check(
            |p, x| (p[0] * x[0] + x[1]).softplus().sin().max(p[1] * x[0]).tanh(),
            &[2.0, 1.0],
            &rows,
        );
        check(
            |p, x| {
                log_sum_exp([p[0] * x[0], p[1] * x[1], dot(p, x), sum_squares(x)]).sqrt().sigmoid()
            },
            &[2.0, 1.0],
            &rows,
        );
    }
}
