//! Programs as bytes: what was written comes back to the bit, and no bytes do harm.

#[path = "common/property.rs"]
mod property;

mod common {
    pub mod apply;
    pub mod expression;
    pub mod formula;
    pub mod naive;
    pub mod numeric;
}

use common::apply;
use common::expression::expressions;
use gradtape::nn::Dosage;
use gradtape::op::Op;
use gradtape::program::{FileError, Pass, Program, RowProgram, Rows, Workspace};
use gradtape::{
    CustomOp, Real, Tape, Var, affine, custom, dot, implicit, linear, log_sum_exp, sum,
};
use property::{config, seed};
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// The checksum of `src/program/file`, for files that are changed on purpose.
fn checksum(bytes: &[u8]) -> u64 {
    let mut padded = bytes.to_vec();
    padded.resize((bytes.len() / 8 + 1) * 8, 0);
    let words = padded.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap()));
    let mix = |h: u64, word: u64| (h ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    mix(words.fold(bytes.len() as u64, mix), 0)
}

/// Give changed bytes the checksum that they should have.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 8);
    let sum = checksum(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

/// (x, y) ↦ (x y, x - y).
struct Two;

impl CustomOp for Two {
    fn name(&self) -> &str {
        "two"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] * x[1], x[0] - x[1]]);
    }
    fn vjp(&self, x: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.copy_from_slice(&[w[0] * x[1] + w[1], w[0] * x[0] - w[1]]);
    }
    fn vjp_recorded(&self, x: &[Var], _: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        Some(vec![w[0] * x[1] + w[1], w[0] * x[0] - w[1]])
    }
}

fn operations() -> Vec<Arc<dyn CustomOp>> {
    vec![Arc::new(Two)]
}

/// Everything that a program can contain: labels, scopes, guards, n-ary operations, custom ones at constants too.
fn everything() -> Program {
    let f = |x: &[Var]| {
        x[0].label("first");
        x[2].label("ὀδ\n\"ά");
        let branch = Var::scope("outer", || {
            Var::scope("inner", || if x[0] < x[1] { x[0] * 2.0 } else { x[1] / 3.0 })
        });
        assert!(x[2] > 0.5 && branch == 2.4);
        let pair = custom(Two, &[branch, x[2]]);
        let other = custom(Two, &[Var::from(3.5), pair[1]]);
        let solved =
            linear::solve(&[x[2] + 3.0, x[0], 0.5.into(), 4.0.into()], &[x[1], 1.0.into()])
                .unwrap();
        let factor = linear::cholesky(&[x[2] + 3.0, x[0], x[0], 4.0.into()]).unwrap();
        let det =
            linear::det(&x[..1]).unwrap() + linear::det(&[x[0], 2.0.into(), x[1], x[2]]).unwrap();
        let form = affine(&x[..2], &[1.5, -0.25], pair[0]) + dot(&x[..2], &x[1..3]);
        let total =
            sum([form, log_sum_exp(x), other[0], other[1], solved[1], factor[2], factor[3], det]);
        [total.label("total"), pair[1], x[1].powi(-3), x[2].polygamma(2), Var::from(7.0)]
    };
    Program::record(f, &[1.2, 2.5, 0.75])
}

fn assert_same(written: &Program, read: &Program, points: &[Vec<f64>]) {
    assert_eq!(written.to_string(), read.to_string());
    // All but the memory, which is what was reserved.
    let stats = |program: &Program| {
        let stats = program.stats();
        (stats.recorded, stats.removed, stats.instructions, stats.guards, stats.values)
    };
    assert_eq!(stats(written), stats(read));
    let mut workspace = Workspace::new();
    let mut run = |program: &Program, x: &[f64]| {
        let mut y = vec![0.0; program.outputs()];
        let mut jacobian = vec![0.0; program.outputs() * program.inputs()];
        program.values(x, &mut y, &mut workspace)?;
        program.jacobian(x, &mut jacobian, &mut workspace)?;
        Ok::<_, gradtape::program::ReplayError>(
            y.into_iter().chain(jacobian).map(f64::to_bits).collect::<Vec<_>>(),
        )
    };
    for x in points {
        assert_eq!(
            run(written, x).map_err(|e| e.to_string()),
            run(read, x).map_err(|e| e.to_string())
        );
    }
}

#[test]
fn everything_comes_back_to_the_bit() {
    let program = everything();
    let bytes = program.to_bytes().unwrap();
    let read = Program::from_bytes(&bytes, &operations()).unwrap();
    let points = [
        vec![1.2, 2.5, 0.75],
        vec![1.2, 2.0, 0.875],
        // Other branches, and a matrix that is not positive definite.
        vec![3.0, 2.5, 0.75],
        vec![1.2, 2.5, 0.25],
        vec![1.2, 1e9, f64::NAN],
    ];
    assert_same(&program, &read, &points);
    assert_eq!(read.to_bytes().unwrap(), bytes);
}

#[test]
fn what_is_made_of_a_program_that_was_read_is_the_same() {
    let f = |x: &[Var]| custom(Two, x)[0] * linear::det(&[x[0], x[1], 2.0.into(), x[1]]).unwrap();
    let program = Program::record(f, &[1.2, 2.5]);
    let read = Program::from_bytes(&program.to_bytes().unwrap(), &operations()).unwrap();
    let [slopes, again] = [&program, &read].map(|program| program.gradient_program().unwrap());
    assert_same(&slopes, &again, &[vec![1.2, 2.5], vec![-3.0, 0.5]]);
}

#[test]
fn every_operation_comes_back() {
    let mut count = 0;
    for op in apply::scalar_rows() {
        for point in op.info().samples {
            let (x, c) = apply::split(op, point);
            for passes in [&[][..], &Pass::ALL] {
                let tape = Tape::new();
                let inputs = tape.vars(x);
                let y = apply::apply(op, &inputs, c);
                let program = tape.freeze_with(&inputs, &[y], passes).unwrap();
                let read = Program::from_bytes(&program.to_bytes().unwrap(), &[]).unwrap();
                assert_same(&program, &read, &[x.to_vec()]);
                count += 1;
            }
        }
    }
    assert!(count > 2 * Op::ALL.len(), "{count}");
}

#[test]
fn rows_come_back_with_what_they_share() {
    let data = [0.0, 0.0, 0.5, 1.0, 1.0, 0.0];
    let start = Dosage::details_2().start;
    let squared = |p: &[Var], row: &[Var]| {
        let blue = p[4] * (p[0] * row[0] + p[1]).softplus();
        let orange = p[5] * (p[2] * row[0] + p[3]).softplus();
        (row[1] - (blue + orange + p[6])).square()
    };
    let program = RowProgram::record(squared, &start, &[0.5, 1.0]);
    let bytes = program.to_bytes().unwrap();
    let read = RowProgram::from_bytes(&bytes, &[]).unwrap();
    assert_eq!((read.shared(), read.row_inputs()), (7, 2));
    let run = |program: &RowProgram| {
        let (mut slopes, mut workspace) = ([0.0; 7], Workspace::new());
        let rows = Rows::row_major(&data, 2).unwrap();
        let sum = program.sum_and_gradient(&start, rows, &mut slopes, &mut workspace).unwrap();
        (sum.to_bits(), slopes.map(f64::to_bits))
    };
    assert_eq!(run(&program), run(&read));
    assert_eq!(read.to_bytes().unwrap(), bytes);
    assert_eq!(
        Program::from_bytes(&bytes, &[]).unwrap_err().to_string(),
        "the bytes are a program over rows, and a program was asked for"
    );
    let alone = program.program().to_bytes().unwrap();
    assert!(matches!(RowProgram::from_bytes(&alone, &[]), Err(FileError::Kind { .. })));
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn any_expression_comes_back(expression in expressions()) {
        let tape = Tape::new();
        let inputs = tape.vars(&expression.point);
        let y = expression.run(&inputs);
        for passes in [&[][..], &Pass::ALL] {
            let program = tape.freeze_with(&inputs, &[y], passes).unwrap();
            let read = Program::from_bytes(&program.to_bytes().unwrap(), &[]).unwrap();
            assert_same(&program, &read, std::slice::from_ref(&expression.point));
        }
    }
}

#[test]
fn what_lives_in_this_process_only_cannot_be_written() {
    let root = |p: &[Var]| {
        let residual = |x: &[Var], p: &[Var]| [x[0].square() - p[0]];
        implicit::root(residual, |p: &[f64]| vec![p[0].sqrt()], p).unwrap()
    };
    let error = Program::record(root, &[2.0]).to_bytes().unwrap_err();
    assert_eq!(
        error.to_string(),
        "custom operation `root` lives in this process only and cannot be written: write the program without it"
    );
    let tape = Tape::new();
    let x = tape.var(0.5);
    let y = tape.preaccumulate(|| [(0..100).fold(x, |y, _| (y + x).sin())]).unwrap().outputs[0];
    let error = tape.freeze(&[x], &[y]).unwrap().to_bytes().unwrap_err();
    assert_eq!(error, FileError::Unwritable { name: "preaccumulated".into() });
}

#[test]
fn errors_say_what_and_where() {
    let bytes = Program::record(|x| custom(Two, x)[0].sin(), &[1.0, 2.0]).to_bytes().unwrap();
    let said = |bytes: &[u8]| Program::from_bytes(bytes, &operations()).unwrap_err().to_string();
    let none = Program::from_bytes(&bytes, &[]).unwrap_err();
    assert!(
        none.to_string().ends_with(
            "no custom operation `two` with 2 outputs was given: pass it in `operations`"
        ),
        "{none}"
    );
    assert_eq!(
        said(b""),
        "these bytes are not a gradtape program: they do not begin with GRADTAPE"
    );
    assert_eq!(said(b"GRADTAP3 and more"), said(b""));
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    assert_eq!(
        said(&changed(8, &[9])),
        "the program was written in version 9 of the format, and this library reads up to 1: read it with a newer one"
    );
    assert!(said(&changed(40, &[255])).starts_with("the checksum is "));
    // The name of an operation: `custom` begins behind the header, a count and a length.
    let name = bytes.windows(3).position(|w| w == b"sin").unwrap();
    assert_eq!(
        said(&sealed(changed(name, b"sim"))),
        format!(
            "byte {}: there is no operation `sim`: the program may be of a newer library",
            name - 4
        )
    );
    let mut long = bytes.clone();
    long.splice(long.len() - 8..long.len() - 8, [1, 2, 3]);
    assert!(said(&sealed(long)).ends_with("3 bytes behind the end"));
    // A count that asks for more than there is.
    assert_eq!(
        said(&sealed(changed(16, &u32::MAX.to_le_bytes()))),
        format!(
            "byte 16: the names of operations should take 17179869180 bytes, and {} are left: the program was cut off or damaged",
            bytes.len() - 8 - 20
        )
    );
    // A power that is no whole number.
    let power = Program::record(|x| x[0].powi(3), &[1.0]).to_bytes().unwrap();
    let at = power.windows(8).rposition(|w| w == 3.0_f64.to_le_bytes()).unwrap();
    let mut changed = power.clone();
    changed[at..at + 8].copy_from_slice(&2.5_f64.to_le_bytes());
    assert_eq!(said(&sealed(changed)), format!("byte {at}: powi cannot have the constant 2.5"));
}

#[test]
fn cut_off_anywhere_it_is_refused() {
    let bytes = everything().to_bytes().unwrap();
    for end in 0..bytes.len() {
        assert!(Program::from_bytes(&bytes[..end], &operations()).is_err(), "{end}");
        if (16..bytes.len() - 8).contains(&end) {
            let mut cut = bytes[..end].to_vec();
            cut.extend([0; 8]);
            assert!(Program::from_bytes(&sealed(cut), &operations()).is_err(), "{end}, sealed");
        }
    }
}

#[test]
fn any_one_byte_that_changes_is_found() {
    let bytes = everything().to_bytes().unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(Program::from_bytes(&changed, &operations()).is_err(), "byte {at}, bit {bit}");
        }
    }
}

/// With the right checksum, so that all that is behind it is tried. What is accepted must run.
#[test]
fn no_mutation_makes_a_panic() {
    let originals = [
        everything().to_bytes().unwrap(),
        Program::record(|x| x[0].sin() * x[1], &[1.0, 2.0]).to_bytes().unwrap(),
    ];
    let mut random = seed::random(7);
    let (mut accepted, mut workspace) = (0, Workspace::new());
    let cases = 20_000 * seed::times();
    for _ in 0..cases {
        let mut bytes = originals[random.usize(..originals.len())].clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(16..bytes.len() - 8);
            match random.u8(..4) {
                0 => bytes[at] = random.u8(..),
                1 => bytes[at] = bytes[at].wrapping_add(1),
                2 => _ = bytes.remove(at),
                _ => bytes.insert(at, random.u8(..)),
            }
        }
        let Ok(program) = Program::from_bytes(&sealed(bytes), &operations()) else { continue };
        accepted += 1;
        let x = vec![0.5; program.inputs()];
        let mut y = vec![0.0; program.outputs()];
        let mut jacobian = vec![0.0; program.outputs() * program.inputs()];
        let _ = program.values(&x, &mut y, &mut workspace);
        let _ = program.jacobian(&x, &mut jacobian, &mut workspace);
        let _ = program.to_string();
        program.to_bytes().unwrap();
    }
    assert!(accepted > cases / 100, "{accepted} of {cases} were accepted");
}

/// Files of the first version, as they were written then.
#[test]
fn files_of_earlier_versions_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/programs");
    for (name, program) in [
        ("everything-1.gradtape", everything()),
        ("powers-1.gradtape", Program::record(|x| x[0].powi(3) * x[1], &[1.0, 2.0])),
    ] {
        let path = folder.join(name);
        if std::env::var_os("GRADTAPE_WRITE_GOLDEN").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, program.to_bytes().unwrap()).unwrap();
        }
        let bytes = std::fs::read(&path).expect("a golden file");
        let read = Program::from_bytes(&bytes, &operations()).unwrap();
        assert_eq!(read.to_string(), program.to_string(), "{name}");
    }
    let powers = std::fs::read(folder.join("powers-1.gradtape")).unwrap();
    let powers = Program::from_bytes(&powers, &[]).unwrap();
    let (mut slopes, mut workspace) = ([0.0; 2], Workspace::new());
    assert_eq!(powers.value_and_gradient(&[2.0, 5.0], &mut slopes, &mut workspace), Ok(40.0));
    assert_eq!(slopes, [60.0, 8.0]);
}
