//! Whatever the user writes: leaves, operators, methods, functions, traits.

use super::apply::{apply, operands, scalar_rows, split};
use super::{SumAndProduct, lines, locating, on_its_line};
use gradtape::op::Op;
use gradtape::{Real, Var, affine, custom, dot, log_sum_exp, sum, sum_squares};
use std::iter::{Product, Sum};

#[test]
fn leaves_name_the_line_that_declares_them() {
    let tape = locating();
    on_its_line!(tape, tape.var(1.0));
    on_its_line!(tape, tape.vars(&[1.0, 2.0, 3.0]));
}

#[test]
#[allow(clippy::op_ref, reason = "the forms by reference are what is tried")]
fn operators_name_the_line_they_stand_on_in_every_form() {
    let tape = locating();
    let (x, y) = (tape.var(1.5), tape.var(2.5));
    macro_rules! forms {
        ($($op:tt $assign:tt)*) => {$(
            on_its_line!(tape, x $op y);
            on_its_line!(tape, &x $op y);
            on_its_line!(tape, x $op &y);
            on_its_line!(tape, &x $op &y);
            on_its_line!(tape, x $op 2.0);
            on_its_line!(tape, &x $op 2.0);
            on_its_line!(tape, x $op &2.0);
            on_its_line!(tape, 2.0 $op x);
            on_its_line!(tape, 2.0 $op &x);
            on_its_line!(tape, &2.0 $op &x);
            on_its_line!(tape, x $op Var::from(2.0));
            on_its_line!(tape, Var::from(2.0) $op x);
            let mut z = x;
            on_its_line!(tape, z $assign y);
            on_its_line!(tape, z $assign &y);
            on_its_line!(tape, z $assign 2.0);
        )*};
    }
    forms! { + += - -= * *= / /= % %= }
    on_its_line!(tape, -x);
    on_its_line!(tape, -&x);
}

#[test]
fn methods_name_the_line_that_calls_them() {
    let tape = locating();
    let (x, y) = (tape.var(0.3), tape.var(0.4));
    macro_rules! methods {
        ($($name:ident)*) => {$(
            on_its_line!(tape, x.$name());
            on_its_line!(tape, Real::$name(x));
        )*};
    }
    methods! {
        recip square sqrt cbrt exp exp2 exp_m1 ln ln_1p log2 log10 sin cos tan asin acos atan sinh cosh
        tanh asinh atanh abs signum floor ceil round trunc fract relu softplus sigmoid silu gelu erf erfc
        lgamma digamma sin_cos
    }
    on_its_line!(tape, x.powi(3));
    on_its_line!(tape, x.powi(i32::MIN));
    on_its_line!(tape, x.powf(1.5));
    on_its_line!(tape, x.clamp(0.0, 1.0));
    on_its_line!(tape, x.leaky_relu(0.1));
    on_its_line!(tape, x.polygamma(1));
    on_its_line!(tape, x.pow(y));
    on_its_line!(tape, x.pow(2.0));
    on_its_line!(tape, x.atan2(y));
    on_its_line!(tape, Var::from(1.0).atan2(y));
    on_its_line!(tape, x.hypot(1.0));
    on_its_line!(tape, x.min(y));
    on_its_line!(tape, x.max(0.0));
    on_its_line!(tape, x.compare(y));
    on_its_line!(tape, x.mul_add(y, 2.0));
    on_its_line!(tape, Var::select(x, y, 2.0));
}

#[test]
fn every_row_of_the_op_table_names_the_line_of_generic_code() {
    for op in scalar_rows() {
        let tape = locating();
        let (point, constants) = split(op, op.info().samples[0]);
        let x = tape.vars(point);
        assert_eq!(operands(op), x.len());
        let _ = apply(op, &x, constants);
        let file = tape.location(tape.len() - 1).map(|location| location.file().replace('\\', "/"));
        assert!(
            file.is_some_and(|file| file.ends_with("tests/locations/../common/apply.rs")),
            "{op:?}"
        );
    }
}

#[test]
fn generic_code_is_named_itself_and_not_its_caller() {
    fn cube<S: Real>(x: S) -> (S, u32) {
        (x * x * x, line!())
    }
    let tape = locating();
    let (_, line) = cube(tape.var(2.0));
    assert_eq!(lines(&tape)[1..], [Some(line), Some(line)]);
}

#[test]
fn operations_on_many_terms_name_the_line_that_calls_them() {
    let tape = locating();
    // Fewer and more than are staged at once, and than are gathered on the stack.
    for n in [1, 3, 4, 5, 40] {
        let x = tape.vars(&vec![0.5; n]);
        let data = vec![0.25; n];
        on_its_line!(tape, sum(&x));
        on_its_line!(tape, sum_squares(&x));
        on_its_line!(tape, dot(&x, &x));
        on_its_line!(tape, dot(&x, &data));
        on_its_line!(tape, affine(&x, &x, x[0]));
        on_its_line!(tape, affine(&x, &data, x[0]));
        on_its_line!(tape, affine(&x, &data, Var::from(1.0)));
        on_its_line!(tape, log_sum_exp(&x));
        on_its_line!(tape, sum(x.iter().map(|&x| x * 2.0)));
        on_its_line!(tape, <Var as Sum>::sum(x.iter().copied()));
        on_its_line!(tape, <Var as Sum<&Var>>::sum(x.iter()));
    }
    let x = tape.vars(&[0.5; 6]);
    let nothing: [Var; 0] = [];
    on_its_line!(tape, affine(nothing, nothing, x[0]));
    on_its_line!(tape, <Var as Product>::product(x.iter().copied()));
    on_its_line!(tape, <Var as Product<&Var>>::product(x.iter()));
}

#[test]
fn constants_that_become_nodes_name_the_line_that_made_them_one() {
    let tape = locating();
    let (x, c) = (tape.var(0.5), Var::from(0.25));
    let mixed = [x, x, x, x, x, c, x, c];
    let constants = || tape.nodes().filter(|node| node.op == Op::Const).count();
    on_its_line!(tape, sum(mixed));
    on_its_line!(tape, sum([c, x]));
    on_its_line!(tape, dot(mixed, [x; 8]));
    on_its_line!(tape, dot([c, x], [x, x]));
    on_its_line!(tape, affine(mixed, [x; 8], c));
    on_its_line!(tape, log_sum_exp(mixed));
    on_its_line!(tape, x.mul_add(c, c));
    on_its_line!(tape, c.hypot(x));
    on_its_line!(tape, custom(SumAndProduct, &[c, x]));
    assert!(constants() > 12, "{}", constants());
}

#[test]
fn custom_operations_name_the_line_that_applies_them() {
    let tape = locating();
    let (x, y) = (tape.var(2.0), tape.var(3.0));
    let outputs = on_its_line!(tape, custom(SumAndProduct, &[x, y]));
    assert_eq!(outputs.len(), 2);
}

#[test]
fn num_traits_names_the_line_that_calls_it() {
    use num_traits::{Float, Inv, MulAdd, Pow, Signed};
    let tape = locating();
    let (x, y) = (tape.var(0.3), tape.var(0.4));
    macro_rules! methods {
        ($($name:ident)*) => {$(
            on_its_line!(tape, Float::$name(x));
        )*};
    }
    methods! {
        floor ceil round trunc fract abs signum recip sqrt cbrt exp exp2 ln log2 log10 sin cos tan asin acos
        atan exp_m1 ln_1p sinh cosh tanh asinh atanh to_degrees to_radians sin_cos
    }
    on_its_line!(tape, Float::powi(x, 3));
    on_its_line!(tape, Float::powf(x, y));
    on_its_line!(tape, Float::log(x, y));
    on_its_line!(tape, Float::max(x, y));
    on_its_line!(tape, Float::min(x, y));
    on_its_line!(tape, Float::hypot(x, y));
    on_its_line!(tape, Float::atan2(x, y));
    on_its_line!(tape, Float::abs_sub(x, y));
    on_its_line!(tape, Float::mul_add(x, y, x));
    on_its_line!(tape, MulAdd::mul_add(x, y, x));
    on_its_line!(tape, Inv::inv(x));
    on_its_line!(tape, Pow::pow(x, 3_i32));
    on_its_line!(tape, Pow::pow(x, 1.5));
    on_its_line!(tape, Pow::pow(x, y));
    on_its_line!(tape, Signed::abs(&x));
    on_its_line!(tape, Signed::abs_sub(&x, &y));
    on_its_line!(tape, Signed::signum(&x));
    // The sign of a zero is asked of its signum, which is recorded.
    let zero = tape.var(-0.0);
    assert!(on_its_line!(tape, Float::is_sign_negative(zero)));
    assert!(!on_its_line!(tape, Float::is_sign_positive(zero)));
    assert!(on_its_line!(tape, Signed::is_negative(&zero)));
}
