//! A program in print, and the size of a program in numbers.

mod common {
    pub mod programs;
}

use common::programs::record_plain;
use gradtape::nn::Dosage;
use gradtape::program::{Pass, Program};
use gradtape::{CustomOp, Real, Tape, Var, custom, dot, log_sum_exp, sum};

/// The sum of squared residuals over the three observations.
const DOSAGE: &str = "\
program: 7 inputs, 19 instructions, 0 guards, 1 output
%0 = input                      ; w1
%1 = input                      ; b1
%2 = input                      ; w2
%3 = input                      ; b2
%4 = input                      ; w3
%5 = input                      ; w4
%6 = input                      ; b3
%7 = %0 * 0 + %1
%8 = softplus(%7)
%9 = %2 * 0 + %3
%10 = softplus(%9)
%11 = %4 * %8 + %5 * %10 + %6   ; predicted 0
%12 = 0 - %11                   ; residual 0
%13 = %0 * 0.5 + %1
%14 = softplus(%13)
%15 = %2 * 0.5 + %3
%16 = softplus(%15)
%17 = %4 * %14 + %5 * %16 + %6  ; predicted 0.5
%18 = 1 - %17                   ; residual 0.5
%19 = %0 + %1
%20 = softplus(%19)
%21 = %2 + %3
%22 = softplus(%21)
%23 = %4 * %20 + %5 * %22 + %6  ; predicted 1
%24 = 0 - %23                   ; residual 1
%25 = %12² + %18² + %24²        ; SSR
return %25
";

#[test]
fn the_dosage_network_prints_one_line_an_instruction() {
    let dosage = Dosage::main_ideas();
    let program = Program::record(|p| dosage.ssr_labelled(p), &dosage.start);
    assert_eq!(program.to_string(), DOSAGE);
}

/// Sum and difference.
struct Both;

impl CustomOp for Both {
    fn name(&self) -> &str {
        "both"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.copy_from_slice(&[x[0] + x[1], x[0] - x[1]]);
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.copy_from_slice(&[w[0] + w[1], w[0] - w[1]]);
    }
}

/// An operation of each kind.
fn mixed(x: &[Var]) -> [Var; 2] {
    let [a, b, c] = [0, 1, 2].map(|i| x[i].label(["a", "b", "c"][i]));
    let both = custom(Both, &[a, b]);
    let shifted = Real::clamp(both[0], -1.0, 1.0) + 2.5;
    let branch = Var::scope("outer", || {
        Var::scope("inner", || if shifted < a.exp() { shifted.powi(3) } else { a })
    });
    let _guard = b >= 0.5;
    let chosen = Var::select(both[1], branch, c).label("chosen\nhere");
    let many = sum((1..=12).map(|i| x[i % 3].powf(i as f64 + 0.5)));
    let weighted = dot(x, [0.5, -1.0, 2.0]) / 3.0;
    [log_sum_exp([chosen, c, many]), affine_of_nine(x) - weighted]
}

fn affine_of_nine(x: &[Var]) -> Var {
    let pairs = (0..9).map(|i| x[i % 3]);
    gradtape::affine(pairs.clone(), pairs.map(|x| x.sin()), x[1])
}

const MIXED: &str = r"program: 3 inputs, 28 instructions, 2 guards, 2 outputs
%0 = input                                        ; a
%1 = input                                        ; b
%2 = input                                        ; c
%3 = both(%0, %1)[0]
%4 = both(%0, %1)[1]
%5 = clamp(%3, -1, 1)
%6 = %5 + 2.5
%7 = exp(%0)
guard %6 < %7 is true                             ; in outer / inner
%8 = %6^3
guard %1 >= 0.5 is true
%9 = select(%4 > 0, %8, %2)                       ; chosen\nhere
%10 = %1^1.5
%11 = %2^2.5
%12 = %0^3.5
%13 = %1^4.5
%14 = %2^5.5
%15 = %0^6.5
%16 = %1^7.5
%17 = %2^8.5
%18 = %0^9.5
%19 = %1^10.5
%20 = %2^11.5
%21 = %0^12.5
%22 = %10 + %11 + %12 + %13 + %14 + %15 + ... 6 more
%23 = %0 * 0.5 + %1 * -1 + %2 * 2
%24 = %23 / 3
%25 = log_sum_exp(%9, %2, %22)
%26 = sin(%0)
%27 = sin(%1)
%28 = sin(%2)
%29 = %0 * %26 + %1 * %27 + %2 * %28 + %0 * %26 + %1 * %27 + %2 * %28 + ... 3 more + %1
%30 = %29 - %24
return %25, %30
";

#[test]
fn every_kind_of_instruction_has_its_form() {
    let program = Program::record(mixed, &[2.0, 0.75, 1.0]);
    assert_eq!(program.to_string(), MIXED);
}

#[test]
fn guards_stand_where_they_are_checked_and_the_last_ones_at_the_end() {
    let program = Program::record(
        |x| {
            let first = x[0] > 1.0;
            let y = x[0].exp();
            let last = y > 1.0;
            if first && last { y } else { x[0] }
        },
        &[2.0],
    );
    let expected = "\
program: 1 input, 1 instruction, 2 guards, 1 output
%0 = input
guard %0 > 1 is true
%1 = exp(%0)
guard %1 > 1 is true
return %1
";
    assert_eq!(program.to_string(), expected);
}

#[test]
fn constants_and_inputs_can_be_outputs() {
    let tape = Tape::new();
    let (x, _unused) = (tape.var(1.0), tape.var(2.0));
    let program = tape.freeze(&[x, _unused], &[x, Var::from(0.1), x]).unwrap();
    let expected = "\
program: 2 inputs, 1 instruction, 0 guards, 3 outputs
%0 = input
%1 = input
%2 = 0.1
return %0, %2, %0
";
    assert_eq!(program.to_string(), expected);
}

#[test]
fn stats_count_what_each_pass_removes() {
    let program = Program::record(
        |x| {
            // Behind each line: how many instructions it records.
            let _dead = x[0].exp().sin(); // 2
            let same = x[0] * 1.0; // 1
            let [a, b] = [x[0] - x[1], x[0] - x[1]].map(|d| d.cos()); // 4
            let constant = Var::select(same, Var::from(2.0), 3.0); // 2 constants, 1
            a * x[1] + b * constant // 3
        },
        &[1.0, 2.0],
    );
    let stats = program.stats();
    let removed: Vec<(Pass, usize)> = stats.removed.clone();
    let expected = [
        (Pass::Dead, 2),
        (Pass::Identities, 1),
        (Pass::Fold, 0),
        (Pass::Share, 2),
        (Pass::Fuse, 2),
        (Pass::Dead, 0),
    ];
    assert_eq!(stats.recorded, 13);
    assert_eq!(removed, expected);
    assert_eq!(stats.instructions, 6, "{program}");
    assert_eq!(stats.instructions, program.len());
    assert_eq!((stats.inputs, stats.outputs, stats.guards), (2, 1, 0));
    assert_eq!(stats.values, 8);
    assert!(stats.slots < stats.values, "{stats}");
    let plain = record_plain(|x| x[0] * x[1], &[1.0, 2.0]).stats();
    assert_eq!((plain.removed.len(), plain.recorded, plain.instructions), (0, 1, 1));
}

#[test]
fn stats_print_as_a_table() {
    let dosage = Dosage::main_ideas();
    let stats = Program::record(|p| dosage.ssr_labelled(p), &dosage.start).stats();
    let text = stats.to_string();
    let expected = format!(
        "\
recorded       34 instructions
dead            0 removed
identities      2 removed
fold            0 removed
share           0 removed
fuse           13 removed
dead            0 removed
now            19 instructions, 0 guards
outputs        10 slots, 80 bytes
derivatives    26 values and adjoints, 416 bytes
program      {} bytes
",
        stats.bytes
    );
    assert_eq!(text, expected);
    let instructions = 2 * 19 * 16;
    assert!(stats.bytes > instructions, "{text}");
}

#[test]
fn the_report_of_a_program_has_its_comparisons() {
    let program = Program::record(
        |x| {
            let r = x[0].hypot(x[1]).label("r");
            if r < 10.0 { r * 2.0 } else { r }
        },
        &[3.0, 4.0],
    );
    let report = program.report(&[5.0, 6.0]).unwrap();
    let guards: Vec<String> = report.guards.iter().map(ToString::to_string).collect();
    assert_eq!(guards, ["%2 < 10 is true"]);
    assert!(report.findings.is_empty(), "{:?}", report.findings);

    // On the other branch: the numbers are those of the recorded one, and it says so first.
    let report = program.report(&[30.0, 40.0]).unwrap();
    assert_eq!(report.findings[0].code.name(), "branch-changed");
    assert!(report.findings[0].evidence.contains("`r` < 10 is false, and was true"), "{report:?}");
    assert_eq!(report.nodes[report.output.unwrap()].value, 100.0);
}
