//! One algebra of zero and infinity, in every door and to the second order: nothing that flows beats infinity, and
//! a 0 by value that meets infinity is NaN.

use gradtape::lanes::Isa;
use gradtape::op::Op;
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use gradtape::{Dual, Real, Tape, Var, dot, gradient, hessian, hessian_vector, jacobian, jvp};
use gradtape::{affine, derivative, nth_derivative, sum, vjp};

#[path = "common/programs.rs"]
mod programs;
use programs::record_plain;

/// A function, the point where its slope is infinite, and its value there.
struct Steep(&'static str, f64, f64);

const STEEP: [Steep; 28] = [
    Steep("sqrt", 0.0, 0.0),
    Steep("cbrt", 0.0, 0.0),
    Steep("powf", 0.0, 0.0),
    Steep("pow", 0.0, 0.0),
    Steep("asin", 1.0, std::f64::consts::FRAC_PI_2),
    Steep("acos", 1.0, 0.0),
    Steep("acos below", -1.0, std::f64::consts::PI),
    Steep("acosh", 1.0, 0.0),
    Steep("atanh", 1.0, f64::INFINITY),
    Steep("ln", 0.0, f64::NEG_INFINITY),
    Steep("log2", 0.0, f64::NEG_INFINITY),
    Steep("log10", 0.0, f64::NEG_INFINITY),
    Steep("ln_1p", -1.0, f64::NEG_INFINITY),
    Steep("ln_1m_exp", 0.0, f64::NEG_INFINITY),
    Steep("recip", 0.0, f64::INFINITY),
    Steep("3 / x", 0.0, f64::INFINITY),
    Steep("k / x", 0.0, f64::INFINITY),
    Steep("powi", 0.0, f64::INFINITY),
    Steep("lgamma", 0.0, f64::INFINITY),
    Steep("exp", 1000.0, f64::INFINITY),
    Steep("square", 1e300, f64::INFINITY),
    Steep("sqrt outside", -1.0, f64::NAN),
    Steep("ln outside", -1.0, f64::NAN),
    Steep("min of NaN", f64::NAN, -2.0),
    Steep("max of NaN", f64::NAN, 2.0),
    Steep("abs of NaN", f64::NAN, f64::NAN),
    Steep("relu of NaN", f64::NAN, f64::NAN),
    Steep("rem of NaN", f64::NAN, f64::NAN),
];

fn steep<S: Real>(name: &str, x: S, k: S) -> S {
    match name {
        "sqrt" | "sqrt outside" => x.sqrt(),
        "cbrt" => x.cbrt(),
        "powf" => x.powf(0.5),
        "pow" => x.pow(k * 0.5),
        "asin" => x.asin(),
        "acos" | "acos below" => x.acos(),
        "acosh" => x.acosh(),
        "atanh" => x.atanh(),
        "ln" | "ln outside" => x.ln(),
        "log2" => x.log2(),
        "log10" => x.log10(),
        "ln_1p" => x.ln_1p(),
        "ln_1m_exp" => x.ln_1m_exp(),
        "recip" => x.recip(),
        "3 / x" => S::from(3.0) / x,
        "k / x" => k / x,
        "powi" => x.powi(-2),
        "lgamma" => x.lgamma(),
        "exp" => x.exp(),
        "square" => x.square(),
        "min of NaN" => x.min(S::from(-2.0)),
        "max of NaN" => x.max(k * 2.0),
        "abs of NaN" => x.abs(),
        "relu of NaN" => x.relu(),
        "rem of NaN" => (k * 5.0) % x,
        _ => unreachable!("{name}"),
    }
}

const FLAT: [&str; 19] = [
    "select",
    "select other",
    "relu",
    "leaky relu",
    "min",
    "max",
    "min of two",
    "max of two",
    "clamp",
    "floor",
    "ceil",
    "round",
    "trunc",
    "signum",
    "compare",
    "times 0",
    "over infinity",
    "dot with 0",
    "affine with 0",
];

/// A function of `u` that is constant around it, if there is one of that name: below is blocked, above is not.
fn flat<S: Real>(name: &str, u: S, k: S) -> Option<S> {
    let (far, value) = (S::from(1e301), u.value());
    Some(match name {
        "select" => S::select(-k, u, k),
        "select other" => S::select(k, k, u),
        "relu" if value < 1e301 => (u - 1e301).relu(),
        "leaky relu" if value < 1e301 => (u - 1e301).leaky_relu(0.0),
        "min" if value > -1e301 => u.min(-far),
        "max" if value < 1e301 => u.max(far),
        "min of two" if value > -1e301 => u.min(-(k * far)),
        "max of two" if value < 1e301 => u.max(k * far),
        "clamp" if value.abs() < 1e301 || value.is_infinite() => {
            u.clamp(-2e301, -1e301).clamp(1.0, 2.0)
        }
        "floor" if !value.is_nan() => u.floor(),
        "ceil" if !value.is_nan() => u.ceil(),
        "round" if !value.is_nan() => u.round(),
        "trunc" if !value.is_nan() => u.trunc(),
        "signum" if !value.is_nan() => u.signum(),
        "compare" if !value.is_nan() => u.compare(k),
        "times 0" => u * 0.0,
        "over infinity" => u / f64::INFINITY,
        "dot with 0" => dot([u, k, k], [S::from(0.0), S::from(1.0), k]),
        "affine with 0" => affine([u, k], [S::from(0.0), S::from(1.0)], k),
        _ => return None,
    })
}

/// The functions to try: `x[0]` is where something is infinite and blocked, and `x[1]` is 1.
#[derive(Clone, Copy, Debug)]
struct Case {
    flat: &'static str,
    steep: &'static str,
    /// Where `x[0]` is.
    at: f64,
    /// The steep function around the flat one, not inside it.
    is_around: bool,
    /// What the flat function is, to be taken away, and where the steep function is to be.
    shift: [f64; 2],
}

impl Case {
    /// `y = h(x₀) + 3 x₀` with `h` constant: the gradient is (3, -).
    fn run<S: Real>(self, x: &[S]) -> S {
        let (x, k) = (x[0], x[1]);
        let h = if self.is_around {
            let inside = flat(self.flat, x, k).expect("a case that there is");
            steep(self.steep, inside - self.shift[0] + self.shift[1], k)
        } else {
            flat(self.flat, steep(self.steep, x, k), k).expect("a case that there is")
        };
        h + x * 3.0
    }

    fn all() -> Vec<Case> {
        let mut all = Vec::new();
        for Steep(name, at, value) in STEEP {
            for flat_name in FLAT {
                // Below: the steep function where its slope is infinite, inside a flat one.
                if flat(flat_name, value, 1.0).is_some() {
                    all.push(Case {
                        flat: flat_name,
                        steep: name,
                        at,
                        is_around: false,
                        shift: [0.0; 2],
                    });
                }
                // Above: around it, and moved to where its slope is infinite.
                if let Some(inside) = flat(flat_name, -5.25, 1.0)
                    && name != "sqrt outside"
                    && name != "ln outside"
                {
                    let shift = [inside, at];
                    all.push(Case {
                        flat: flat_name,
                        steep: name,
                        at: -5.25,
                        is_around: true,
                        shift,
                    });
                }
            }
        }
        all
    }
}

/// Every first derivative with respect to `x[0]`, by door.
fn first_derivatives<F>(f: F, x: [f64; 2]) -> Vec<(String, f64)>
where
    F: Fn(&[Var]) -> Var + Copy,
{
    let mut found = Vec::new();
    let mut add = |door: &str, slope: f64| found.push((door.to_string(), slope));
    add("gradient", gradient(f, &x)[0]);
    add("jvp", jvp(|v| [f(v)], &x, &[1.0, 0.0]).1[0]);
    add("vjp", vjp(|v| [f(v)], &x, &[1.0]).1[0]);
    add("jacobian, one output", jacobian(|v| [f(v)], &x).row(0)[0]);
    add("jacobian, two outputs", jacobian(|v| [f(v), v[0]], &x).row(0)[0]);
    add("jacobian, three outputs", jacobian(|v| [v[1], v[0], f(v)], &x).row(2)[0]);

    let tape = Tape::new();
    let v = tape.vars(&x);
    let y = f(&v);
    add("forward", tape.forward(&[(v[0], 1.0)]).wrt(y));
    add("backward", tape.backward(&[(y, 0.5), (y, 0.5)]).wrt(v[0]));
    add("recorded", tape.backward_recorded(y, &v).expect("no custom operation")[0].value());
    add("derivative", derivative(|x0| f(&[x0, Var::from(x[1])]), x[0]));

    let mut workspace = Workspace::new();
    let (mut dx, mut dy, mut two) = ([0.0; 2], [0.0; 1], [0.0; 4]);
    // Recorded where nothing is flat or infinite, and replayed here.
    for (name, program) in
        [("plain ", record_plain(|v| [f(v)], &x)), ("", Program::record(|v| [f(v)], &x))]
    {
        program.value_and_gradient(&x, &mut dx, &mut workspace).expect("no guard");
        add(&format!("{name}program"), dx[0]);
        program.jvp(&x, &[1.0, 0.0], &mut dy, &mut workspace).expect("no guard");
        add(&format!("{name}program, jvp"), dy[0]);
        program.vjp(&x, &[1.0, 1.0], &mut two, &mut workspace).expect("no guard");
        add(&format!("{name}program, two seeds"), two[2]);
        let mut both = [0.0; 2];
        program.jvp(&x, &[1.0, 0.0, 0.0, 0.0], &mut both, &mut workspace).expect("no guard");
        add(&format!("{name}program, two directions"), both[0]);
        let derived = program.gradient_program().expect("one output");
        derived.values(&x, &mut dx, &mut workspace).expect("no guard");
        add(&format!("{name}gradient program"), dx[0]);
    }
    let wide = Program::record(|v| [f(v), v[0], v[1]], &x);
    let mut matrix = [0.0; 6];
    wide.jacobian(&x, &mut matrix, &mut workspace).expect("no guard");
    add("program, jacobian", matrix[0]);

    // The row has x[0], or it is shared: in lanes, or in the uniform part.
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        let mut workspace = Workspace::new().with_isa(isa);
        let data = [x[0], x[1], 0.75, 1.0, x[0], x[1]];
        let rows = Rows::row_major(&data, 2).expect("whole rows");
        let program = RowProgram::record(|_, row| f(row), &[1.0], &x);
        let mut slopes = [0.0; 9];
        program.gradients(&[1.0], rows, &mut slopes, &mut workspace).expect("no guard");
        add(&format!("{isa} rows"), slopes[1]);
        add(&format!("{isa} rows, last"), slopes[7]);
        let shared = RowProgram::record(|p, row| f(p) * row[0] + row[1], &x, &[1.0, 1.0]);
        let ones = [1.0, 0.0, 1.0, 0.0];
        let ones = Rows::row_major(&ones, 2).expect("whole rows");
        shared.sum_and_gradient(&x, ones, &mut dx, &mut workspace).expect("no guard");
        add(&format!("{isa} shared"), dx[0] / 2.0);
        let moved =
            RowProgram::record(|p, row| f(&[p[0] + row[0], p[1] + row[1]]), &x, &[0.0, 0.0]);
        let zeros = [0.0; 4];
        let zeros = Rows::row_major(&zeros, 2).expect("whole rows");
        moved.sum_and_gradient(&x, zeros, &mut dx, &mut workspace).expect("no guard");
        add(&format!("{isa} sum over rows"), dx[0] / 2.0);
    }
    found
}

/// Every second derivative with respect to `x[0]`, by door.
fn second_derivatives<F>(f: F, x: [f64; 2]) -> Vec<(String, f64)>
where
    F: Fn(&[Var]) -> Var + Copy,
{
    let mut found = Vec::new();
    let mut add = |door: &str, slope: f64| found.push((door.to_string(), slope));
    add("hessian", hessian(f, &x).row(0)[0]);
    add("hessian_vector", hessian_vector(f, &x, &[1.0, 0.0])[0]);
    add("nested gradient", gradient(|v| gradient(f, v)[0], &x)[0]);
    add("nth_derivative", nth_derivative(|x0| f(&[x0, Var::from(x[1])]), x[0], 2));
    let mut workspace = Workspace::new();
    let mut matrix = [0.0; 4];
    for (name, program) in
        [("plain ", record_plain(|v| [f(v)], &x)), ("", Program::record(|v| [f(v)], &x))]
    {
        program.hessian(&x, &mut matrix, &mut workspace).expect("no guard");
        add(&format!("{name}program, hessian"), matrix[0]);
        let derived = program.gradient_program().expect("one output");
        derived.jacobian(&x, &mut matrix, &mut workspace).expect("no guard");
        add(&format!("{name}gradient program, jacobian"), matrix[0]);
    }
    found
}

fn dual<F: Fn(&[Dual]) -> Dual>(f: F, x: [f64; 2]) -> f64 {
    f(&[Dual::new(x[0], 1.0), Dual::from(x[1])]).tangent()
}

fn second_dual<F: Fn(&[Dual<Dual>]) -> Dual<Dual>>(f: F, x: [f64; 2]) -> f64 {
    let x0 = Dual::new(Dual::new(x[0], 1.0), Dual::new(1.0, 0.0));
    f(&[x0, Dual::from(x[1])]).tangent().tangent()
}

/// Panic with all that is wrong.
#[track_caller]
fn assert_none(wrong: Vec<String>) {
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
}

#[test]
fn what_is_blocked_beats_infinity_in_every_door() {
    let mut wrong = Vec::new();
    for case in Case::all() {
        let x = [case.at, 1.0];
        let mut found = first_derivatives(|v| case.run(v), x);
        found.push(("Dual".to_string(), dual(|v| case.run(v), x)));
        wrong.extend(
            found
                .into_iter()
                .filter(|(_, slope)| *slope != 3.0)
                .map(|(door, slope)| format!("{door}: {slope}, not 3, in {case:?}")),
        );
    }
    assert_none(wrong);
}

#[test]
fn what_is_blocked_beats_infinity_to_the_second_order() {
    let mut wrong = Vec::new();
    for case in Case::all() {
        let x = [case.at, 1.0];
        let mut found = second_derivatives(|v| case.run(v), x);
        found.push(("Dual of Dual".to_string(), second_dual(|v| case.run(v), x)));
        wrong.extend(
            found
                .into_iter()
                .filter(|(_, slope)| *slope != 0.0)
                .map(|(door, slope)| format!("{door}: {slope}, not 0, in {case:?}")),
        );
    }
    assert_none(wrong);
}

/// Functions of `u` whose slope is 0 by value where `u` is 0.
const BY_VALUE: [&str; 7] = [
    "square",
    "times a variable 0",
    "cancelled",
    "cosine",
    "underflow",
    "dot with a variable 0",
    "cosh",
];

fn by_value<S: Real>(name: &str, u: S, k: S) -> S {
    let zero = k - 1.0;
    match name {
        "square" => u.square(),
        "times a variable 0" => u * zero,
        "cancelled" => sum([u, -u]),
        "cosine" => u.cos(),
        "underflow" => (u - 1000.0).exp(),
        "dot with a variable 0" => dot([u, k], [zero, k]),
        "cosh" => u.cosh(),
        _ => unreachable!("{name}"),
    }
}

#[test]
fn a_zero_by_value_that_meets_infinity_is_nan_in_every_first_order_door() {
    let mut wrong = Vec::new();
    // Their value is 0 where their slope is infinite.
    for name in ["sqrt", "cbrt", "powf", "acos", "acosh"] {
        let at = STEEP.into_iter().find(|steep| steep.0 == name).expect("in the table").1;
        for zero in BY_VALUE {
            macro_rules! f {
                () => {
                    |v| by_value(zero, steep(name, v[0], v[1]), v[1]) + v[0] * 3.0
                };
            }
            let x = [at, 1.0];
            let mut found = first_derivatives(f!(), x);
            found.push(("Dual".to_string(), dual(f!(), x)));
            found.retain(|(door, _)| {
                // There x[1] is a constant, and so is a 0 made of it: that blocks.
                let is_constant =
                    zero.contains("variable") && ["Dual", "derivative"].contains(&&door[..]);
                !is_constant
            });
            wrong.extend(
                found
                    .into_iter()
                    .filter(|(_, slope)| !slope.is_nan())
                    .map(|(door, slope)| format!("{door}: {slope}, not NaN, of {zero} of {name}")),
            );
        }
    }
    assert_none(wrong);
}

#[test]
fn an_underflow_on_the_way_to_a_steep_function_is_nan() {
    // ln(exp(x)) has slope 1 everywhere; at -1000 the engine can only know that it does not.
    let found = first_derivatives(|v| v[0].exp().ln() + v[1], [-1000.0, 1.0]);
    assert_none(found.into_iter().filter(|(_, s)| !s.is_nan()).map(|f| format!("{f:?}")).collect());
}

#[test]
fn the_examples_have_their_answers() {
    assert_eq!(gradient(|v| v[0].clamp(-1.0, 1.0).acos(), &[1.0 + 1e-9]), [0.0]);
    assert_eq!(gradient(|v| v[0].max(Var::from(0.0)).sqrt(), &[-1.0]), [0.0]);
    assert_eq!(gradient(|v| v[0].max(v[1]).ln(), &[-1.0, 0.0]), [0.0, f64::INFINITY]);
    assert_eq!(gradient(|v| v[0].relu().sqrt(), &[-1.0]), [0.0]);
    for outputs in [1, 2, 3] {
        let row =
            jacobian(|x| [x[0].sqrt().max(Var::from(0.1)), x[0], x[0]][..outputs].to_vec(), &[0.0]);
        assert_eq!(row.row(0), [0.0], "{outputs} outputs");
    }
    let guarded = |x: Var| Var::select(x, x.sqrt(), 0.0);
    for order in 1..=4 {
        assert_eq!(nth_derivative(guarded, -1.0, order), 0.0, "derivative {order}");
    }
    // x ln x: -inf + 0 · inf.
    assert_none(
        first_derivatives(|v| v[0] * v[0].ln() + v[1], [0.0, 1.0])
            .into_iter()
            .filter(|(_, slope)| !slope.is_nan())
            .map(|found| format!("{found:?}"))
            .collect(),
    );
}

#[test]
fn a_fit_and_a_check_are_not_spoilt_by_what_is_guarded_against() {
    use gradtape::check_gradient;
    use gradtape::optim::{Sgd, fit};
    // The first term is blocked at the start, and stays so.
    let loss = |p: &[Var]| Var::select(p[0], p[0].sqrt(), 0.0) + (p[1] - 2.0).square();
    let fitted = fit(loss, &[-1.0, 0.0], &mut Sgd::new(0.5), 5).expect("finite slopes");
    assert_eq!(fitted.parameters, [-1.0, 2.0]);
    check_gradient(loss, &[-1.0, 0.5]).expect("right");
}

#[test]
fn a_derived_program_is_right_where_it_was_not_recorded() {
    let f =
        |v: &[Var]| Var::select(v[0], v[0].sqrt(), 0.0) + (v[0] + 3.0).relu().sqrt() + v[0] * 2.0;
    let derived = Program::record(|v| [f(v)], &[4.0]).gradient_program().expect("one output");
    let twice = Program::record(|v| [gradient(f, v)[0]], &[4.0]);
    let mut workspace = Workspace::new();
    for x in [4.0, 0.25, -1.0, -2.5, -3.5, -4.0, f64::NEG_INFINITY] {
        let [expected] = gradient(f, &[x]);
        for program in [&derived, &twice] {
            let mut found = [0.0];
            program.values(&[x], &mut found, &mut workspace).expect("no guard");
            assert_eq!(found[0], expected, "at {x}");
        }
    }
}

#[test]
fn what_a_convention_blocks_beats_infinity_too() {
    let mut wrong = Vec::new();
    for op in [Op::Hypot, Op::HypotSlope, Op::Pow] {
        let f = |v: &[Var]| {
            let u = v[0].cbrt();
            op.apply(&[u, u * v[1]], &[]).expect("two operands") + v[0] * 3.0
        };
        let found = first_derivatives(f, [0.0, 1.0]);
        wrong.extend(found.into_iter().filter(|found| found.1 != 3.0).map(|found| (op, found)));
    }
    assert_none(wrong.into_iter().map(|wrong| format!("{wrong:?}")).collect());
}

#[test]
fn the_smallest_slope_of_a_leaky_relu_is_no_flat_piece() {
    let mut found = Vec::new();
    for slope in [5e-324, 1e-310, 1e-160, -1e-310] {
        let once = first_derivatives(|v| v[0].leaky_relu(slope) * v[1], [-1.0, 1.0]);
        found.extend(once.into_iter().map(|(door, found)| (door, slope, found)));
    }
    let twice = |v: &[Var]| v[0].leaky_relu(1e-160).leaky_relu(1e-150) * v[1] * 0.5;
    found.extend(first_derivatives(twice, [-1.0, 1.0]).into_iter().map(|(d, f)| (d, 5e-311, f)));
    let wrong = found.into_iter().filter(|(_, expected, found)| (found - expected).abs() > 1e-322);
    assert_none(wrong.map(|wrong| format!("{wrong:?}")).collect());
}

#[test]
fn the_report_names_the_edge_where_zero_meets_infinity() {
    let tape = Tape::new();
    let x = tape.var(0.0).label("x");
    let root = x.sqrt().label("root");
    let report = tape.report(root.square());
    let finding =
        report.findings.iter().find(|finding| finding.message.contains("0 · inf")).expect("one");
    assert_eq!(finding.node, x.index());
    assert!(finding.message.contains("root"), "{}", finding.message);
}
