//! What a quick sweep relies on.

use crate::Tape;
use crate::op::Op;

/// A quick sweep looks for an infinite partial only in steep rows and where the value is not finite.
#[test]
fn only_steep_rows_have_an_infinite_partial_where_the_value_is_finite() {
    const SPECIAL: [f64; 25] = [
        0.0,
        5e-324,
        1e-310,
        1e-300,
        1e-200,
        1e-154,
        1e-20,
        0.3,
        0.5,
        0.999_999_999_999_999_9,
        1.0,
        1.5,
        2.0,
        26.0,
        27.0,
        40.0,
        700.0,
        709.7,
        750.0,
        1e8,
        1e77,
        1e154,
        1e300,
        f64::MAX,
        f64::INFINITY,
    ];
    let grid: Vec<f64> = SPECIAL.iter().flat_map(|&x| [x, -x]).chain([f64::NAN]).collect();
    let mut found_steep = Vec::new();
    for &op in Op::ALL {
        let Some(count) = op.arity().operands() else { continue };
        let constants = &op.info().samples[0][count..];
        // All pairs of special numbers; the third is one of them.
        for (k, &x) in grid.iter().enumerate() {
            for &y in if count == 1 { &grid[..1] } else { &grid[..] } {
                let tape = Tape::new();
                let operands = tape.vars(&[x, y, grid[k * 7 % grid.len()]][..count]);
                let result = op.apply(&operands, constants).expect("as many as it takes");
                let partials = result.backward().wrt_all(&operands);
                if result.value().is_finite() && partials.iter().any(|partial| !partial.is_finite())
                {
                    let at: Vec<f64> = operands.iter().map(|v| v.value()).collect();
                    assert!(op.is_steep(), "{op:?} at {at:?}: {partials:?}");
                    found_steep.push(op);
                }
            }
        }
    }
    assert!(found_steep.contains(&Op::Sqrt) && found_steep.contains(&Op::Div));
}
