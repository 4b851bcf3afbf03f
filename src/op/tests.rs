//! Local partials in print, with names and with numbers in place.

#[path = "../../tests/common/formula.rs"]
mod formula;

use super::{Arity, Op};
use formula::evaluate;

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn write(op: Op, operands: &[&str], constants: &[f64]) -> Vec<String> {
    let names = texts(operands);
    let partial = |which| op.express_partial(which, "solve", &names, "%9", constants);
    (0..operands.len()).map(partial).collect()
}

#[test]
fn partials_are_written_with_names_in_place() {
    assert_eq!(write(Op::Mul, &["w1", "%3"], &[]), ["%3", "w1"]);
    assert_eq!(write(Op::Tanh, &["x"], &[]), ["1 - %9²"]);
    assert_eq!(write(Op::Hypot, &["a", "b"], &[]), ["a / %9", "b / %9"]);
    assert_eq!(write(Op::MulAdd, &["a", "b", "c"], &[]), ["b", "a", "1"]);
    assert_eq!(write(Op::Powi, &["%1"], &[3.0]), ["3 * %1^(3 - 1)"]);
    assert_eq!(
        write(Op::Clamp, &["x"], &[-1.0, 0.5]),
        ["1 if -1 < x < 0.5, 0 if x < -1 or x > 0.5, else ½"]
    );
    // A label that looks like a place is no place.
    assert_eq!(write(Op::Mul, &["{y}", "{x}"], &[]), ["{x}", "{y}"]);
}

#[test]
fn each_operand_of_an_n_ary_operation_finds_its_partner_its_constant_or_the_bias() {
    assert_eq!(write(Op::Sum, &["a", "b"], &[]), ["1", "1"]);
    assert_eq!(write(Op::SumSquares, &["a", "b"], &[]), ["2 * a", "2 * b"]);
    assert_eq!(write(Op::Dot, &["a", "b", "c", "d"], &[]), ["b", "a", "d", "c"]);
    assert_eq!(write(Op::Affine, &["a", "b", "c", "d", "e"], &[]), ["b", "a", "d", "c", "1"]);
    assert_eq!(write(Op::Affine, &["e"], &[]), ["1"]);
    assert_eq!(write(Op::Linear, &["a", "b"], &[0.5, -2.0]), ["0.5", "-2"]);
    assert_eq!(write(Op::AffineData, &["a", "b", "e"], &[0.5, -2.0]), ["0.5", "-2", "1"]);
    assert_eq!(write(Op::AffineData, &["e"], &[]), ["1"]);
    assert_eq!(write(Op::LogSumExp, &["a", "b"], &[]), ["exp(a - %9)", "exp(b - %9)"]);
}

#[test]
fn a_custom_operation_says_whose_vjp_it_is() {
    assert_eq!(write(Op::Custom, &["a", "b"], &[]), ["the vjp of solve", "the vjp of solve"]);
}

#[test]
fn an_operand_that_is_not_there_has_no_partial() {
    assert_eq!(Op::Mul.express_partial(2, "", &texts(&["a", "b"]), "", &[]), "");
    assert_eq!(Op::Input.express_partial(0, "", &[], "", &[]), "");
    assert_eq!(Op::Custom.express_partial(0, "", &[], "", &[]), "");
}

#[test]
fn parentheses_stand_where_a_name_would_be_misread_and_nowhere_else() {
    assert_eq!(write(Op::Square, &["layer[0].w₁"], &[]), ["2 * layer[0].w₁"]);
    assert_eq!(write(Op::Square, &["layer 1[0]"], &[]), ["2 * (layer 1[0])"]);
    assert_eq!(write(Op::Exp, &["layer 1[0]"], &[]), ["exp(layer 1[0])"]);
    assert_eq!(write(Op::Mul, &["a - b", "-2"], &[]), ["-2", "a - b"]);
    assert_eq!(write(Op::Recip, &["x²"], &[]), ["-1 / (x²)²"]);
    assert_eq!(write(Op::Recip, &["1e-5"], &[]), ["-1 / (1e-5)²"]);
    assert_eq!(write(Op::ConstDiv, &["x"], &[-3.0]), ["-(-3) / x²"]);
    assert_eq!(write(Op::ConstPow, &["x"], &[-2.0]), ["(-2)^x * ln(-2)"]);
    assert_eq!(write(Op::Powf, &["x"], &[-0.5]), ["-0.5 * x^(-0.5 - 1)"]);
    assert_eq!(write(Op::Polygamma, &["a, b"], &[1.0]), ["polygamma(1 + 1, (a, b))"]);
}

/// Numbers in place of names, and sums in place of names, are read as what they stand for.
#[test]
fn a_partial_in_numbers_is_the_partial_in_symbols() {
    let mut compared = 0;
    for op in Op::ALL {
        let count = match op.arity() {
            Arity::Unary | Arity::Data => 1,
            Arity::Binary => 2,
            Arity::Ternary => 3,
            Arity::Leaf | Arity::Nary | Arity::Custom => continue,
        };
        for point in op.info().samples {
            let (x, c) = point.split_at(count);
            // Any number will do for the result: both have the same.
            let numbers = [x, &[-0.75]].concat();
            let symbol = |name: &str| {
                let i = ["p", "q", "s", "r"].iter().position(|&n| n == name)?;
                if name == "r" { Some(-0.75) } else { numbers.get(i).copied() }
            };
            let written = |which, names: &[String], r: &str| {
                op.express_partial(which, "", &names[..count], r, c)
            };
            let in_sums = texts(&["0 + p", "0 + q", "0 + s"]);
            let in_numbers: Vec<String> = x.iter().map(|v| format!("{v:?}")).collect();
            for which in 0..count {
                let all = [
                    written(which, &texts(&["p", "q", "s"]), "r"),
                    written(which, &in_sums, "0 + r"),
                    written(which, &in_numbers, "-0.75"),
                ];
                let [first, others @ ..] = all.map(|text| evaluate(&text, &symbol).unwrap());
                assert_eq!(others.map(f64::to_bits), [first.to_bits(); 2], "{op:?} {point:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 150, "only {compared} were compared");
}
