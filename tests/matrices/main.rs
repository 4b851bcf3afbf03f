//! Matrices of variables in nalgebra: the values of `f64` to the bit, and gradients beside closed forms.
//!
//! The same tests run in each version of nalgebra that a feature serves.

#![cfg(all(feature = "simba-0_9", feature = "simba-0_10"))]

#[path = "../../examples/matrices.rs"]
#[allow(dead_code, reason = "its table is printed by `main`")]
mod example;
#[path = "../common/numeric.rs"]
mod numeric;
#[path = "../common/seed.rs"]
mod seed;

use gradtape::program::{Program, ReplayError, Workspace};
use gradtape::{Dual, Real, Tape, Var, gradient, hessian};
use numeric::{close, same};
use seed::random;

macro_rules! in_version {
    ($module:ident, $nalgebra:ident) => {
        mod $module {
            use super::*;
            use ::$nalgebra as library;
            use ::$nalgebra::{
                DMatrix, DVector, Matrix3, Matrix4, RealField, Rotation3, UnitQuaternion, Vector3,
                try_convert,
            };
            include!("calls.rs");
            include!("gradients.rs");
        }
    };
}

in_version! { v0_33, nalgebra_0_33 }
in_version! { v0_34, nalgebra }
in_version! { v0_35, nalgebra_0_35 }

#[test]
fn the_page_says_what_each_algorithm_records() {
    let page = std::fs::read_to_string("docs/other-crates.md").expect("it is there");
    for (name, algorithm) in example::ALGORITHMS {
        let row = page.lines().find(|line| line.starts_with(&format!("| {name} |")));
        let cells: Vec<&str> = row.expect(name).split(" | ").collect();
        for (n, cell) in [(3, cells[1]), (10, cells[2])] {
            let (m, v) = example::numbers(n);
            let tape = Tape::new();
            example::record(*algorithm, &tape, &m, &v);
            let nodes = tape.len() - n * n - n;
            assert_eq!(cell.replace(',', ""), nodes.to_string(), "{name}, n = {n}");
        }
    }
}
