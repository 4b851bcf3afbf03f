//! [`Function`]: an expression with a value for each of its variables.

use crate::expression::{COUNTS, Expression, Problem, parse, suggestion};
use crate::failure::{Failure, seen};
use crate::files;
use crate::output::read_number;
use clap::Args;
use gradtape::inspect::Report;
use gradtape::{Tape, Var};
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

/// The arguments that make a function.
#[derive(Args)]
pub struct Given {
    /// Such as 'softplus(w*x + b)^2'; @FILE reads it from a file
    #[arg(allow_hyphen_values = true)]
    pub expression: String,
    /// The value of each variable: w=1.5 x=pi/4
    #[arg(value_name = "NAME=VALUE")]
    pub values: Vec<String>,
    /// Differentiate by these only; others are numbers
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub wrt: Vec<String>,
}

/// The arguments that make a function, or name the file of a report.
#[derive(Args)]
pub struct Source {
    /// An expression, @FILE with one, or a report's FILE.json (- for
    /// standard input)
    #[arg(allow_hyphen_values = true)]
    source: String,
    /// The value of each variable of an expression
    #[arg(value_name = "NAME=VALUE")]
    values: Vec<String>,
    /// Differentiate by these only; others are numbers
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    wrt: Vec<String>,
}

/// An expression, and what its names stand for.
pub struct Function {
    pub text: String,
    expression: Expression,
    /// What each input of the expression is.
    slots: Vec<Slot>,
    /// The variables, in the order in which they were given.
    pub names: Vec<String>,
    pub point: Vec<f64>,
}

#[derive(Clone, Copy)]
enum Slot {
    Variable(usize),
    Number(f64),
}

/// The text of an expression: the argument, or what is in the file that it names, as `@FILE`.
pub fn text_of(argument: &str) -> Result<String, Failure> {
    if let Some(path) = argument.strip_prefix('@') {
        return Ok(files::read(Path::new(path))?.trim_start_matches('\u{feff}').into());
    }
    if !argument.contains(char::is_whitespace) && named_value(argument).is_ok() {
        let what = "is a value: the expression comes first, and then the values";
        return Failure::misuse(format!("`{}` {what}", seen(argument)));
    }
    // The first argument may begin with a sign, so clap takes an option that it does not know for it.
    match argument.strip_prefix("--").is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
        true => Failure::misuse(format!(
            "there is no option `{}`: see --help; an expression that begins so is written '- -x'",
            seen(argument)
        )),
        false => Ok(argument.into()),
    }
}

/// Read `name=value`, where the value may be computed: `x=pi/4`.
pub fn named_value(text: &str) -> Result<(String, f64), Failure> {
    let Some((name, value)) = text.split_once('=') else {
        let hint = "write a name, `=` and its value, and put an expression with spaces in quotes";
        return Failure::misuse(format!("`{}` is no value of a variable: {hint}", seen(text)));
    };
    let (name, value) = (name.trim().trim_matches('`'), value.trim());
    if name.is_empty() {
        return Failure::misuse(format!("`{}` has no name before the `=`", seen(text)));
    }
    if let Some(number) = read_number(value) {
        return Ok((name.into(), number));
    }
    let computed = parse(value).and_then(|expression| match expression.inputs.first() {
        None => Ok(expression.record(&[])?.value()),
        Some((_, at)) => Problem::new(at.clone(), format!("the value of `{name}` is no number")),
    });
    let number = computed.map_err(|problem| Failure::in_text(&problem, value))?;
    Ok((name.into(), number))
}

impl Function {
    /// Read the arguments of a command.
    pub fn read(given: &Given) -> Result<Function, Failure> {
        let values: Result<Vec<_>, _> = given.values.iter().map(|text| named_value(text)).collect();
        Function::new(&text_of(&given.expression)?, values?, &given.wrt)
    }

    /// Give an expression its values; the variables are those in `wrt`, or all, if none is.
    pub fn new(
        text: &str,
        values: Vec<(String, f64)>,
        wrt: &[String],
    ) -> Result<Function, Failure> {
        let expression = parse(text).map_err(|problem| Failure::in_text(&problem, text))?;
        let mut given = HashMap::new();
        for (name, value) in &values {
            if given.insert(name.as_str(), *value).is_some() {
                return Failure::misuse(format!("`{}` has two values: give one", seen(name)));
            }
        }
        unused(&expression, text, &values)?;
        for (name, at) in &expression.inputs {
            if !given.contains_key(name.as_str()) {
                let bound = expression.bindings.iter().map(|known| known.name.as_str());
                let advice =
                    suggestion(name, values.iter().map(|(known, _)| known.as_str()).chain(bound));
                let message = format!("`{name}` has no value: give it one, as {name}=1{advice}");
                return Err(Failure::in_text(&Problem { at: at.clone(), message }, text));
            }
        }
        if let Some(unknown) = wrt.iter().find(|name| !given.contains_key(name.as_str())) {
            let advice = suggestion(unknown, values.iter().map(|(name, _)| name.as_str()));
            let what = format!("--wrt: the expression has no variable `{}`{advice}", seen(unknown));
            return Failure::misuse(what);
        }
        let all = values.iter().map(|(name, _)| name);
        let chosen: Vec<&String> =
            if wrt.is_empty() { all.collect() } else { wrt.iter().collect() };
        let (mut names, mut variables) = (Vec::new(), HashMap::new());
        for name in chosen {
            variables.entry(name.as_str()).or_insert_with(|| {
                names.push(name.clone());
                names.len() - 1
            });
        }
        let slot = |name: &str| match variables.get(name) {
            Some(variable) => Slot::Variable(*variable),
            None => Slot::Number(given[name]),
        };
        let slots = expression.inputs.iter().map(|(name, _)| slot(name)).collect();
        let point = names.iter().map(|name| given[name.as_str()]).collect();
        Ok(Function { text: text.into(), expression, slots, names, point })
    }

    /// Change a value.
    pub fn set(&mut self, name: &str, value: f64) {
        if let Some(variable) = self.names.iter().position(|known| known == name) {
            self.point[variable] = value;
        }
        for ((known, _), slot) in self.expression.inputs.iter().zip(&mut self.slots) {
            if known == name && matches!(slot, Slot::Number(_)) {
                *slot = Slot::Number(value);
            }
        }
    }

    /// Evaluate at variables, one for each of the names.
    pub fn record(&self, x: &[Var]) -> Result<Var, Problem> {
        let input = |slot: &Slot| match *slot {
            Slot::Variable(i) => x[i],
            Slot::Number(number) => Var::constant(number),
        };
        self.expression.record(&self.slots.iter().map(input).collect::<Vec<Var>>())
    }

    /// The same with labels on the variables, and NaN where it cannot be evaluated: for a function that could be
    /// evaluated before, at points around that.
    #[must_use]
    pub fn labelled(&self, x: &[Var]) -> Var {
        for (x, name) in x.iter().zip(&self.names) {
            x.label(name);
        }
        self.record(x).unwrap_or(Var::constant(f64::NAN))
    }

    /// What is wrong with the expression.
    pub fn failure(&self, problem: &Problem) -> Failure {
        Failure::in_text(problem, &self.text)
    }
}

/// Refuse a value that the expression has no use for.
fn unused(expression: &Expression, text: &str, values: &[(String, f64)]) -> Result<(), Failure> {
    let names = |list: &[(String, Range<usize>)]| -> HashMap<String, Range<usize>> {
        list.iter().cloned().collect()
    };
    let inputs = names(&expression.inputs);
    let bindings: Vec<_> =
        expression.bindings.iter().map(|known| (known.name.clone(), known.at.clone())).collect();
    // What else a name may be there, and why it takes no value then.
    let others = [
        (
            names(&expression.constants),
            "is a constant here: write it in backquotes for the variable",
        ),
        (names(&expression.counters), &format!("counts here, and so it takes no value{COUNTS}")),
        (names(&bindings), "is bound here, and so it takes no value: leave the value out"),
    ];
    let Some((name, _)) = values.iter().find(|(name, _)| !inputs.contains_key(name)) else {
        return Ok(());
    };
    if let Some((at, why)) = others.iter().find_map(|(names, why)| Some((names.get(name)?, why))) {
        let problem = Problem { at: at.clone(), message: format!("`{name}` {why}") };
        return Err(Failure::in_text(&problem, text));
    }
    let used = expression.inputs.iter().map(|(used, _)| used.as_str());
    let advice = match suggestion(name, used) {
        none if none.is_empty() => ": leave it out".into(),
        near => near,
    };
    Failure::misuse(format!("`{}` is not in the expression{advice}", seen(name)))
}

impl Source {
    /// Report on the expression, or read the report.
    pub fn report(&self) -> Result<Report, Failure> {
        let path = Path::new(&self.source);
        let is_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        if is_json || self.source == "-" {
            if let Some(value) = self.values.first().or(self.wrt.first()) {
                let what = "a report has its values: leave it out";
                return Failure::misuse(format!("`{}`: {what}", seen(value)));
            }
            let text = files::read(path)?;
            let text = text.trim_start_matches('\u{feff}');
            return Report::from_json(text).map_err(|error| Failure::in_file(path, error));
        }
        let values: Result<Vec<_>, _> = self.values.iter().map(|text| named_value(text)).collect();
        Function::new(&text_of(&self.source)?, values?, &self.wrt)?.report()
    }
}

impl Function {
    /// Record the expression and report on it. Its result is called `f`, if it has no name and no other has that.
    fn report(&self) -> Result<Report, Failure> {
        let tape = Tape::new();
        let x = tape.vars(&self.point);
        for (x, name) in x.iter().zip(&self.names) {
            x.label(name);
        }
        let result = self.record(&x).map_err(|problem| self.failure(&problem))?;
        let has_name = result.index().is_none_or(|index| tape.node(index).label.is_some());
        let bound = self.expression.bindings.iter().map(|binding| &binding.name);
        if !has_name && !self.names.iter().chain(bound).any(|name| name == "f") {
            result.label("f");
        }
        Ok(tape.report(result).title(&self.text))
    }
}
