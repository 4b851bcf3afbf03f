//! Names in messages: whatever somebody calls a variable, a scope, an operation or a parameter, no error, panic or
//! listing steers the terminal that shows it.
//!
//! The formats of reports are walked in `tests/inspect_formats/hostile.rs`.

#[path = "common/hostile.rs"]
mod hostile;
#[path = "common/panics.rs"]
mod panics;

use gradtape::check::GradientReport;
use gradtape::nn::{Activation, Parameters};
use gradtape::optim::{Fitter, Objective, Sgd, fit};
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use gradtape::{
    CustomOp, Dual, Real, Tape, Var, assert_gradient, check_gradient, custom, gradient, hessian,
};
use hostile::{names, steers};
use panics::message_of;
use std::error::Error;
use std::fmt::{Debug, Display};

/// A square root of any name; its derivative is off by a factor, and its recorded one has too many numbers or is not
/// there.
#[derive(Clone)]
struct Named {
    name: String,
    records: bool,
}

impl CustomOp for Named {
    fn name(&self) -> &str {
        &self.name
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0].sqrt();
    }
    fn vjp(&self, _: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        dx[0] = w[0] / y[0];
    }
    fn vjp_recorded(&self, x: &[Var], _: &[Var], _: &[Var]) -> Option<Vec<Var>> {
        self.records.then(|| vec![x[0], x[0]])
    }
}

/// What the doors said, each with the door's name.
#[derive(Default)]
struct Said(Vec<(&'static str, String)>);

impl Said {
    fn text(&mut self, door: &'static str, text: String) {
        self.0.push((door, text));
    }
    fn shown(&mut self, door: &'static str, x: impl Display + Debug) {
        self.text(door, x.to_string());
        self.text(door, format!("{x:?}"));
    }
    fn error<T>(&mut self, door: &'static str, result: Result<T, impl Error>) {
        match result {
            Ok(_) => panic!("{door} is no error"),
            Err(error) => self.shown(door, error),
        }
    }
    fn panics<R>(&mut self, door: &'static str, body: impl FnOnce() -> R) {
        self.text(door, message_of(body));
    }
}

fn variables(said: &mut Said, name: &str) {
    let tape = Tape::new();
    let x = tape.var(2.0).label(name);
    said.text("Debug of a variable", format!("{x:?} {:?}", [x]));
    said.text("a node", format!("{:?} {:?}", tape.node(0), tape));
    let _scope = tape.scope(name);
    said.text("scopes", format!("{:?}", tape.scopes()));
    let gradient = x.sqrt().backward();
    said.text("a gradient", format!("{gradient:?} {:?}", gradient.by_label()));
    let later = x.exp().label(name);
    said.error("a later variable", gradient.try_wrt(later));
    said.panics("a later variable", || gradient.wrt(later));
    let other = Tape::new();
    let y = other.var(1.0).label(name);
    said.panics("two tapes", || x + y);
    said.panics("another tape", || tape.backward(&[(y, 1.0)]));
    said.error("another tape's gradient", gradient.try_wrt(y));
    other.clear();
    said.panics("a stale variable", || y.sin());
    said.panics("a stale variable and a good one", || x.max(y));
    said.panics("the index of a stale variable", || y.index());
    said.panics("the label of a stale variable", || y.label(name));
    drop(other);
    said.panics("a variable of a dropped tape", || y + 1.0);
    said.text("Debug of a stale variable", format!("{y:?}"));
    let sent = std::thread::spawn(move || message_of(|| x + 1.0)).join().expect("it is caught");
    said.text("a variable of another thread", sent);
}

fn numbers(said: &mut Said, name: &str) {
    let tape = Tape::new();
    let scope = tape.scope(name);
    let x = tape.var(-2.0).label(name);
    let made = custom(Named { name: name.into(), records: false }, &[x])[0].label(name);
    let first = tape.first_non_finite().expect("a root of -2");
    drop(scope);
    said.shown("what is not finite", first);
    said.text("a call", format!("{:?}", tape.node(made.index().expect("a node"))));
    let bad = |v: &[Var]| <Var as Real>::scope(name, || (v[0].label(name) - 3.0).ln());
    said.error("a check of what is not finite", check_gradient(bad, &[1.0]));
}

fn operations(said: &mut Said, name: &str) {
    let root = |records| Named { name: name.into(), records };
    let f = |v: &[Var]| custom(root(false), &[v[0].label(name)])[0].label(name);
    let report: GradientReport = check_gradient(f, &[2.0]).expect("it is finite");
    assert!(!report.confirmed);
    said.shown("a check", report);
    said.panics("an assertion", || assert_gradient!(f, &[2.0]));
    let kink = |v: &[Var]| v[0].label(name).abs() + v[0].label(name) * 0.0;
    said.shown("a check at a kink", check_gradient(kink, &[0.0]).expect("it is finite"));
    said.panics("no second derivative", || hessian(f, &[2.0]));
    said.panics("two derivatives for one input", || {
        hessian(|v| custom(root(true), &[v[0]])[0], &[2.0])
    });
    let x = Dual::new(Dual::new(2.0, 1.0), Dual::new(1.0, 0.0));
    said.panics("no second derivative of duals", || custom(root(false), &[x])[0]);
    let tape = Tape::new();
    let x = tape.var(2.0);
    said.error("no recorded sweep", tape.backward_recorded(f(&[x]), &[x]));
}

fn programs(said: &mut Said, name: &str) {
    let tape = Tape::new();
    let x = tape.vars(&[2.0, 3.0]);
    let (a, b) = (x[0].label(name), x[1].label(name));
    let y = (a * b).label(name);
    said.error("an input that is not listed", tape.freeze(&[a], &[y]));
    said.error("an input twice", tape.freeze(&[a, a], &[y]));
    said.error("an input that is none", tape.freeze(&[y], &[y]));
    let f = |v: &[Var]| {
        let (a, b) = (v[0].label(name), v[1].label(name));
        let _scope = <Var as Real>::scope(name, || if a < b { a } else { b });
        let root = custom(Named { name: name.into(), records: false }, &[a])[0];
        [(root * b).label(name)]
    };
    let program = Program::record(f, &[2.0, 3.0]);
    said.shown("a program", program.clone());
    said.error("a branch", program.value(&[5.0, 3.0], &mut Workspace::new()));
    said.error("no derivative of a program", program.gradient_program());
    let rows = Rows::row_major(&[3.0, 1.0], 1).expect("two rows");
    let program: RowProgram = program.over_rows(1).expect("two inputs");
    said.error("a branch of a row", program.sum(&[2.0], rows, &mut Workspace::new()));
}

struct Refuses(String);

impl Objective for Refuses {
    fn value_and_gradient(
        &mut self,
        _: &[f64],
        _: &mut [f64],
    ) -> Result<f64, Box<dyn Error + Send + Sync>> {
        Err(self.0.clone().into())
    }
}

fn fits(said: &mut Said, name: &str) {
    let mut fit_of = |door, loss: &dyn Fn(Var) -> Var, rate| {
        let loss = |p: &[Var]| {
            let p = p[0].label(name);
            let tame = <Var as Real>::scope(name, || (p - 1.0).label(name));
            loss(tame)
        };
        said.error(door, Fitter::new(loss, &[2.0]).names([name]).fit(&mut Sgd::new(rate), 3));
    };
    fit_of("a loss that is not finite", &|x| (x - 5.0).ln().label(name), 0.1);
    fit_of("a slope that is not finite", &|x| ((x - 1.0).sqrt() + x).label(name), 0.1);
    fit_of("a parameter that is not finite", &|x| x * 1e300, 1e300);
    let refused = Fitter::with_objective(Refuses(name.into()), &[1.0]).fit(&mut Sgd::new(0.1), 1);
    said.error("an objective", refused);
    let fitter = Fitter::new(|p| p[0].square(), &[1.0]).names([name]);
    said.text("a fitter", format!("{fitter:?}"));
    let history = fitter.fit(&mut Sgd::new(0.1), 2).expect("it is finite").history;
    said.text("a history", format!("{:?}", history.clone().named(name).loss_name(name)));
    said.error("a parameter of a slice", history.slice(&format!("{name}?"), [0.0, 1.0], |p| p[0]));
    let program = Program::record(|p| [(p[0].label(name) - p[1]).ln().label(name)], &[2.0, 1.0]);
    let rows = Rows::row_major(&[1.0, 3.0], 1).expect("two rows");
    let program = program.over_rows(1).expect("two inputs");
    let loss = gradtape::optim::OverRows::new(&program, rows).expect("one output");
    let fitted = Fitter::with_objective(loss, &[2.0]).names([name]).fit(&mut Sgd::new(0.1), 3);
    said.error("a row that is not finite", fitted);
    assert!(fit(|p| p[0].square(), &[1.0], &mut Sgd::new(0.1), 1).is_ok());
}

fn networks(said: &mut Said, name: &str) {
    let mut parameters = Parameters::new();
    parameters.insert(name, &[2], &[1.0, 2.0]).expect("a new name");
    said.error("a name twice", parameters.insert(name, &[1], &[1.0]));
    said.error("a length", parameters.set(name, &[1.0]));
    said.error("a shape", parameters.insert(&format!("{name}?"), &[3], &[1.0]));
    said.error("a name that nothing has", parameters.get(&format!("{name}?")));
    said.error("a view", parameters.view(name, &[1.0]));
    said.shown("parameters", parameters);
    said.error("an activation", format!("{name}?").parse::<Activation>());
}

fn reports(said: &mut Said, name: &str) {
    let tape = Tape::new();
    let x = tape.var(2.0).label(name);
    let mut report = tape.report(<Var as Real>::scope(name, || x.square()).label(name)).title(name);
    report.facts.push((name.into(), name.into()));
    said.shown("a report", report.clone());
    said.error("a node that nothing has", report.explain(&format!("{name}?")).map(drop));
    report.nodes[1].scope = Some(7);
    said.error("a report that does not fit", report.verify());
    #[cfg(feature = "json")]
    {
        use gradtape::inspect::Report;
        report.nodes[1].scope = Some(0);
        let text = report.json().to_string();
        said.error("no JSON", Report::from_json(name));
        let quoted = serde_json::to_string(name).expect("a text");
        for (part, other) in [
            ("\"tape-report/1\"", &*quoted),
            ("\"op\":\"square\"", &format!("\"op\":{quoted}")),
            ("\"op\":\"square\"", &format!("{quoted}:0,{quoted}:0,\"op\":\"square\"")),
            ("\"nodes\":", &format!("{quoted}:{{\"nodes\":")),
        ] {
            assert!(text.contains(part), "{part}");
            if let Err(error) = Report::from_json(&text.replacen(part, other, 1)) {
                said.shown("JSON of something else", error);
            }
        }
    }
}

#[test]
fn no_message_steers_a_terminal_whatever_the_names() {
    let doors = [variables, numbers, operations, programs, fits, networks, reports];
    for name in names() {
        let mut said = Said::default();
        doors.iter().for_each(|door| door(&mut said, &name));
        for (door, text) in said.0 {
            let found: Vec<char> = text.chars().filter(|&c| steers(c)).collect();
            assert!(found.is_empty(), "{door} of {name:?} has {found:?}:\n{text}");
        }
    }
}

/// A name with a newline in it adds no line, which would stand there as a message of its own.
#[test]
fn a_message_has_as_many_lines_with_any_name_as_with_a_tame_one() {
    let lines = |name: &str| {
        let mut said = Said::default();
        [variables, numbers, operations, programs, fits, networks]
            .iter()
            .for_each(|door| door(&mut said, name));
        said.0.into_iter().map(|(door, text)| (door, text.lines().count())).collect::<Vec<_>>()
    };
    assert_eq!(lines("two\nlines\r\nand\u{2028}more\u{85}"), lines("tame"));
    assert!(gradient(|x| x[0].label("a\nb").square(), &[1.0])[0] > 1.9);
}
