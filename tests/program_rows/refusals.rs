//! Random comparisons in random programs: over rows the same points are refused, for the same guard, as by the
//! engine for one point.

use crate::expression::{Expression, expressions};
use crate::programs::record_plain;
use crate::{All, Table, available, config, wild, without_kernels};
use gradtape::Var;
use gradtape::program::{Program, ReplayError, RowProgram, Workspace};
use proptest::prelude::*;

/// An expression with comparisons: after which step, and of which two values.
#[derive(Clone, Debug)]
struct Case {
    expression: Expression,
    comparisons: Vec<(usize, usize, usize)>,
    optimized: bool,
    shared: usize,
    /// Another point for the shared inputs.
    elsewhere: Vec<f64>,
    table: Table,
}

fn cases() -> impl Strategy<Value = Case> {
    (expressions(), any::<u64>(), any::<bool>()).prop_map(|(expression, seed, optimized)| {
        // With kernels a guard may have another outcome where both sides are almost equal.
        let expression = without_kernels(expression);
        let random = &mut fastrand::Rng::with_seed(seed);
        let (inputs, steps) = (expression.point.len(), expression.steps.len());
        let shared = random.usize(0..inputs);
        let comparisons = (0..random.usize(1..6)).map(|_| {
            let after = random.usize(0..=steps);
            (after, random.usize(0..inputs + after), random.usize(0..inputs + after))
        });
        let comparisons = comparisons.collect();
        // Most rows are the point itself, where every guard holds.
        let mut table = Table { numbers: Vec::new(), width: inputs - shared };
        for _ in 0..random.usize(1..40) {
            let is_wild = random.u32(0..12) == 0;
            let own = expression.point[shared..].iter();
            table.numbers.extend(own.map(|&x| if is_wild { wild(random) } else { x }));
        }
        let elsewhere = expression.point[..shared].iter().map(|x| x * 1.5 - 0.25).collect();
        Case { expression, comparisons, optimized, shared, elsewhere, table }
    })
}

impl Case {
    fn record(&self, x: &[Var]) -> [Var; 1] {
        let mut values = x.to_vec();
        for step in 0..=self.expression.steps.len() {
            for &(_, left, right) in self.comparisons.iter().filter(|(after, ..)| *after == step) {
                let _ = values[left] < values[right];
            }
            if let Some(step) = self.expression.steps.get(step) {
                values.push(step.run(&values));
            }
        }
        [values[values.len() - 1]]
    }

    fn program(&self) -> RowProgram {
        let point = &self.expression.point;
        match self.optimized {
            true => Program::record(|x| self.record(x), point),
            false => record_plain(|x| self.record(x), point),
        }
        .over_rows(self.shared)
        .expect("no more are shared than there are")
    }
}

/// A refusal without its row; as a text, because a NaN in it is not equal to itself.
fn text_of(error: &ReplayError) -> (Option<usize>, String) {
    match error {
        ReplayError::BranchChanged(change) => {
            let mut change = change.clone();
            (change.row.take(), format!("{change:?}"))
        }
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn the_first_row_that_the_engine_for_one_point_refuses_is_refused(case in cases()) {
        let program = case.program();
        let mut workspace = Workspace::new();
        for shared in [&case.expression.point[..case.shared], &case.elsewhere] {
            let one = |row: &[f64]| {
                program.program().value(&[shared, row].concat(), &mut workspace).err()
            };
            let errors: Vec<Option<ReplayError>> = case.table.each().map(one).collect();
            let first = errors.iter().position(Option::is_some);
            for isa in available() {
                let mut workspace = Workspace::new().with_isa(isa);
                let all = All::of(&program, shared, case.table.rows(), &mut workspace);
                match (all, first) {
                    (Ok(_), None) => {}
                    (Err(error), Some(first)) => match text_of(&error) {
                        // A guard of shared inputs alone: every row is refused, for this one or another.
                        (None, _) => prop_assert!(errors.iter().all(Option::is_some)),
                        (Some(row), guard) => {
                            prop_assert_eq!(row, first);
                            let expected = errors[row].as_ref().map(|error| text_of(error).1);
                            prop_assert_eq!(Some(guard), expected);
                        }
                    },
                    (all, first) => prop_assert!(false, "{all:?} where {first:?} is the first"),
                }
            }
        }
    }
}
