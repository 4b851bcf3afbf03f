//! Reports that have everything in them that a report can have.

use crate::apply::{apply, scalar_rows, split};
use gradtape::check::GradientReport;
use gradtape::inspect::{Link, Network, Report, Source, Unit};
use gradtape::nn::Dosage;
use gradtape::optim::{Fitter, History, Sgd, fit};
use gradtape::{
    CustomOp, Program, Tape, Var, affine, check_gradient, custom, dot, gradient, log_sum_exp, sum,
    sum_squares,
};

/// Labels that could end a string, a tag, a line or a program.
pub const HOSTILE: [&str; 14] = [
    "",
    "<b>&amp;'\"</b>",
    "</script><script>alert(1)</script>",
    "<!-- ]]> -->",
    "two\nlines\r\nand a\ttab",
    "back\\slash \\\" \\u0041",
    "NUL \0 and bell \u{7}",
    "delete \u{7f} and next line \u{85}",
    "line \u{2028} paragraph \u{2029}",
    "emoji 🦀👩‍🔬 and a flag 🇨🇭",
    "right to left \u{202e}abc",
    "%0",
    "NaN",
    "null",
];

/// The dosage network, as the inspector shows it.
pub fn dosage() -> Report {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    tape.report(ssr).title("SSR of the dosage network")
}

/// Every operation that there is, the n-ary ones over variables and over data.
pub fn every_op() -> Report {
    let tape = Tape::new();
    let mut ends = Vec::new();
    for op in scalar_rows() {
        let (x, c) = split(op, op.info().samples[0]);
        ends.push(apply(op, &tape.vars(x), c));
    }
    let x = tape.vars(&[0.5, -1.5, 2.0]);
    ends.extend([sum(&x), sum_squares(&x), log_sum_exp(&x), dot(&x, &x), affine(&x, &x, x[0])]);
    ends.extend([dot(&x, [1.0, -0.0, 3.5]), affine(&x, [1.0, 2.0, 3.5], x[1])]);
    // What a nested gradient makes of its inputs, a constant that must be a node, an operation of the user's own.
    ends.extend(gradient(|y| y[0].square(), &x[..1]));
    ends.push(dot(&x, [x[0], Var::from(2.0), x[1]]));
    ends.extend(custom(Named("own", 2), &x));
    tape.report(sum(&ends))
}

/// An operation of any name that gives its inputs' sum, so many times.
pub struct Named(pub &'static str, pub usize);

impl CustomOp for Named {
    fn name(&self) -> &str {
        self.0
    }
    fn outputs(&self) -> usize {
        self.1
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y.fill(x.iter().sum());
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx.fill(w.iter().sum());
    }
}

/// Custom operations whose names are those of other things.
pub fn customs() -> Report {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0]);
    let names = ["add", "custom", "input", "const", "sum"].into_iter().chain(HOSTILE);
    let ends: Vec<Var> = names.map(|name| custom(Named(name, 1), &x)[0]).collect();
    tape.report(sum(&ends))
}

/// Labels, scopes and a title that are hostile; scopes in scopes, empty ones, one that is still open.
pub fn hostile() -> Report {
    let tape = Tape::new();
    let mut x = tape.var(0.5);
    for name in HOSTILE {
        let _outer = tape.scope(name);
        x = (x + 1.0).label(name);
        let _empty = tape.scope("empty");
        drop(_empty);
        let _inner = tape.scope(name);
        let _outcome = x < 2.0;
        x = x.tanh();
    }
    let _open = tape.scope("open");
    let _open_inside = tape.scope("open, and empty");
    let mut report = tape.report(x).title(HOSTILE[2]);
    report.nodes[0].location = Some("src\\main.rs:12 </script>".into());
    report.facts = HOSTILE.map(|text| (text.to_string(), text.to_string())).into();
    report
}

/// NaN and infinities as values, adjoints, partials, constants and sides of guards; zeros of both signs; the
/// largest and the smallest numbers.
pub fn extremes() -> Report {
    let tape = Tape::new();
    let numbers = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        0.1 + 0.2,
        1e15,
        1e16,
        9007199254740993.0,
        -1e-7,
    ];
    let x = tape.vars(&numbers);
    let mut ends = vec![dot(&x, numbers)];
    for (&a, b) in x.iter().zip(numbers) {
        let _outcomes = [a < b, a <= b, b > a, b >= a, a == b, 1.0 < a];
        let _unordered = a.partial_cmp(&Var::from(f64::NAN));
        ends.extend([a.sqrt(), a.recip(), a * b]);
    }
    tape.report(sum(&ends))
}

/// Gradient checks: one that confirms, one of a wrong claim, one where nothing is finite.
pub fn checks() -> [Report; 3] {
    let smooth = |x: &[Var]| (x[0] * x[1]).sin();
    let abs = |x: &[Var]| x[0].abs() + x[1].sqrt();
    let report = |f: fn(&[Var]) -> Var, x: &[f64]| {
        let tape = Tape::new();
        tape.report(f(&tape.vars(x)))
    };
    let point = [0.5, 2.0];
    let wrong = GradientReport::of(smooth, &point, Some(&[1.0, 0.0]), 1e-6);
    [
        report(smooth, &point).with_check(check_gradient(smooth, &point).unwrap()),
        report(smooth, &point).with_check(wrong.unwrap()),
        report(abs, &[0.0, 0.0]).with_check(check_gradient(abs, &[0.0, 0.0]).unwrap()),
    ]
}

/// A training history of one parameter with curves and a slice, a long one of seven, a thinned one, an empty one, one
/// that diverges.
pub fn runs() -> Report {
    let (one, seven) = (Dosage::main_ideas(), Dosage::details_2());
    let only_b3 = run(&one, 20).slice("b3", [-0.5, 4.5], |p| one.ssr(p)).unwrap();
    let all = run(&seven, 120);
    let sliced = all.clone().slice("w1", [-1.0, 1.0], |p| seven.ssr(p)).unwrap();
    dosage()
        .with_run(only_b3.parts(["blue", "orange"]).loss_name("SSR"))
        .with_run(sliced.thinned(60))
        .with_run(all)
        .with_run(History::default())
        .with_run(diverging())
}

/// A history about which there are findings.
fn diverging() -> History {
    fit(|p| p[0].square(), &[4.0], &mut Sgd::new(1.1), 12).unwrap().history
}

/// A history of few steps, and no tape.
pub fn short_run() -> Report {
    let mut report = small()[0].clone();
    let one = Dosage::main_ideas();
    let run = run(&one, 2).slice("b3", [0.0, 1.0], |p| one.ssr(p)).unwrap();
    report.runs.push(run);
    report.compared_with(&small()[1])
}

fn run(dosage: &Dosage, steps: usize) -> History {
    let fitter = Fitter::new(|p| dosage.ssr(p), &dosage.trained_start());
    let fitter = fitter.names(dosage.trained_names());
    let fit = fitter.fit(&mut Sgd::new(dosage.learning_rate), steps).unwrap();
    let data = Dosage::DATA.map(<(f64, f64)>::from);
    let run =
        fit.history.named("descent").curves("dosage", "efficacy", &data, [0.0, 1.0], |p, x| {
            let [blue, orange, green] = dosage.curves(p, x);
            (vec![blue, orange], green)
        });
    run.unwrap()
}

/// A network over the nodes of the dosage tape.
pub fn network() -> Report {
    let report = dosage();
    let node = |name: &str| report.find(name).expect("a label of the dosage tape");
    let unit = |name: &str, activation: &str, bias: Option<usize>, gives: [Source; 2]| {
        let mut unit = Unit::default();
        (unit.name, unit.activation) = (name.into(), activation.into());
        (unit.bias, unit.gives) = (bias, gives.into());
        unit
    };
    let link = |layer, from, to, weight: &str| {
        let mut link = Link::default();
        (link.layer, link.from, link.to, link.weight) = (layer, from, to, Some(node(weight)));
        link
    };
    let seen = |name: &str| ["0", "0.5"].map(|x| Source::Node(node(&format!("{name} {x}"))));
    let mut network = Network::default();
    network.samples = vec!["dosage 0".into(), "dosage 0.5".into()];
    network.layers = vec![
        vec![unit("dosage", "", None, [Source::Data(-0.0), Source::Data(f64::INFINITY)])],
        vec![
            unit("blue", "softplus", Some(node("b1")), seen("blue")),
            unit("orange", "softplus", Some(node("b2")), seen("orange")),
        ],
        vec![unit("predicted", "", Some(node("b3")), seen("predicted"))],
    ];
    network.layers[1][1].part = Some(1);
    network.links =
        vec![link(0, 0, 0, "w1"), link(0, 0, 1, "w2"), link(1, 0, 0, "w3"), link(1, 1, 0, "w4")];
    report.clone().with_network(network)
}

/// A program at a point where it takes another branch: findings and facts.
pub fn program() -> Report {
    let program = Program::record(|x| if x[0] < x[1] { x[0] * x[1] } else { x[0] }, &[3.0, 4.0]);
    let mut report = program.report(&[5.0, 4.0]).unwrap();
    assert!(!report.facts.is_empty());
    report.findings[0].node = report.output;
    report
}

/// Nothing at all; a constant output; an output that is a leaf, before other nodes.
pub fn small() -> [Report; 3] {
    let (empty, constant, leaf) = (Tape::new(), Tape::new(), Tape::new());
    let (x, y) = (leaf.var(-0.0), leaf.var(1.0));
    let _unused = y.exp();
    let _other = constant.var(2.0);
    [empty.report(Var::from(1.0)), constant.report(Var::from(f64::NAN)), leaf.report(x)]
}

/// The pattern of an arrow, whose rows and columns have colours, with names.
pub fn pattern() -> Report {
    let arrow = |x: &[Var]| -> Vec<Var> {
        let rows = (1..x.len()).map(|i| (x[0] * x[i].label("column")).label("row"));
        [sum(x).label("</script>")].into_iter().chain(rows).collect()
    };
    let plan = Program::record(arrow, &[1.0; 30]).jacobian_plan();
    let tape = Tape::new();
    tape.report(tape.var(1.0)).with_pattern(&plan)
}

/// All of them, by name.
pub fn all() -> Vec<(&'static str, Report)> {
    let [confirmed, refuted, not_finite] = checks();
    let [empty, constant, leaf] = small();
    vec![
        ("dosage", dosage()),
        ("every operation", every_op()),
        ("custom operations", customs()),
        ("hostile texts", hostile()),
        ("extreme numbers", extremes()),
        ("a check that confirms", confirmed),
        ("a check that refutes", refuted),
        ("a check of what is not finite", not_finite),
        ("runs", runs()),
        ("short run", short_run()),
        ("network", network()),
        ("program", program()),
        ("pattern", pattern()),
        ("empty tape", empty),
        ("constant output", constant),
        ("leaf as output", leaf),
    ]
}
