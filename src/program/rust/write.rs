//! Steps as lines of text, formatted as rustfmt does it by default.
//!
//! A statement is short enough for one line, or a sum with a line for each term. Operands that would make it longer, as
//! entries of the array may, become variables first.

use super::homes::is_literal;
use super::literal::Float;
use super::rules::{counts, scalar};
use super::step::{Constant, Item, LEVELS, Place, Step, Terms, What};
use crate::op::{Arity, Op};
use crate::program::code::InstVec;
use crate::tape::Relation;

/// The places of a line, and those of the arguments of a call.
const WIDTH: usize = 100;
const ARGUMENTS: usize = 60;

/// The variables of loops, from the outermost.
const TURNS: [&str; LEVELS] = ["i", "j", "k"];

/// Whether the turn of a loop is read by what stands in it.
pub(super) fn grows(items: &[Item], level: usize) -> bool {
    let mut grows = false;
    items.iter().for_each(|item| item.steps(&mut |step| grows |= step.grows(level)));
    grows
}

/// How the steps of a function are written.
pub(super) struct Writer<'a> {
    pub code: &'a InstVec,
    pub float: Float,
    /// The name of each result as a variable.
    pub names: &'a [String],
    /// The first letters of the names of tables.
    pub prefix: &'a str,
    /// Where an output goes: the text before and behind its number less an offset; `None` for one that is not handed out.
    pub output: &'a dyn Fn(&str) -> Option<String>,
    /// How many outputs before the first are no entries of that.
    pub outputs_before: usize,
    /// What is appended to the error of a guard.
    pub error: &'a str,
    pub lines: Vec<String>,
    pub indent: usize,
    /// The loops around, each by its level.
    pub loops: Vec<usize>,
}

impl<'a> Writer<'a> {
    pub fn new(
        code: &'a InstVec,
        float: Float,
        names: &'a [String],
        prefix: &'a str,
        output: &'a dyn Fn(&str) -> Option<String>,
    ) -> Writer<'a> {
        Writer {
            code,
            float,
            names,
            prefix,
            output,
            outputs_before: 0,
            error: "",
            lines: Vec::new(),
            indent: 1,
            loops: Vec::new(),
        }
    }

    pub fn line(&mut self, text: &str) {
        self.lines.push(match text {
            "" => String::new(),
            _ => format!("{}{text}", "    ".repeat(self.indent)),
        });
    }

    pub fn items(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Step(step) => self.step(step),
                Item::Loop { count, level, body } => {
                    let turn = TURNS[self.loops.len()];
                    let shown = if grows(body, *level) { turn } else { "_" };
                    self.line(&format!("for {shown} in 0..{count} {{"));
                    self.loops.push(*level);
                    self.indent += 1;
                    self.items(body);
                    self.indent -= 1;
                    self.loops.pop();
                    self.line("}");
                }
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match step.what {
            What::Output => self.hand_out(step),
            What::Guard(relation, outcome, constant) => {
                self.guard(step, relation, outcome, constant);
            }
            What::Compute(op) if op.arity() != Arity::Nary => {
                let mut constants: Vec<String> = step
                    .constants
                    .iter()
                    .map(|c| match counts(op) {
                        true => format!("{}", c.value),
                        false => self.constant(c, 0),
                    })
                    .collect();
                if op == Op::Const {
                    return self.assign(step, &constants[0]);
                }
                let (mut operands, receivers) = (self.operands(step), self.receivers(step));
                let mut text = scalar(op, &operands, &receivers, &constants, self.float);
                if self.is_wide(step, &text) {
                    self.hoist(&mut operands, &mut constants);
                    text = scalar(op, &operands, &operands, &constants, self.float);
                }
                self.assign(step, &text);
            }
            What::Compute(op) => match step.terms {
                Terms::Listed => self.listed(step, op),
                Terms::Even { count, .. } | Terms::Table { count, .. } => {
                    self.long(step, op, count)
                }
            },
        }
    }

    /// Whether a statement with this on its right side is more than rustfmt leaves on one line.
    fn is_wide(&self, step: &Step, text: &str) -> bool {
        let left = match step.named {
            true => "let  = ;".len() + self.names[step.own.base as usize].len(),
            false => "v[] = ;".len() + self.place(&step.own, 0).len(),
        };
        4 * self.indent + left + text.len() > WIDTH || text.contains('(') && text.len() > ARGUMENTS
    }

    /// Make variables of operands and constants that are entries of an array.
    fn hoist(&mut self, operands: &mut [String], constants: &mut [String]) {
        let operands = operands.iter_mut().zip(["a", "b", "c"]);
        for (entry, name) in operands.chain(constants.iter_mut().zip(["d", "e"])) {
            if entry.ends_with(']') {
                self.line(&format!("let {name} = {entry};"));
                *entry = name.into();
            }
        }
    }

    /// Give the result of a step its name, and a place in the array, as it is wanted.
    fn assign(&mut self, step: &Step, text: &str) {
        let name = &self.names[step.own.base as usize];
        if step.named {
            let of = self.of_type(text);
            self.line(&format!("let {name}{of} = {text};"));
        }
        if step.stored {
            let place = self.place(&step.own, 0);
            let text = if step.named { name } else { text };
            self.line(&format!("v[{place}] = {text};"));
        }
    }

    /// The type of a variable, where its value is of numbers alone, of which a method cannot be called.
    fn of_type(&self, text: &str) -> String {
        let names_nothing = !text.contains(|c: char| c.is_ascii_alphabetic() && c != 'e');
        if names_nothing { format!(": {}", self.float.name()) } else { String::new() }
    }

    fn hand_out(&mut self, step: &Step) {
        let place = self.place(&step.own, -(self.outputs_before as i64));
        if step.own.base < self.outputs_before as i64 {
            // Its value is returned, or goes to a sum of its own.
            if let Some(text) = (self.output)("") {
                let value = self.operands(step).swap_remove(0);
                self.line(&format!("{text}{value};"));
            }
            return;
        }
        if let Some(text) = (self.output)(&place) {
            let value = self.operands(step).swap_remove(0);
            self.line(&format!("{text}{value};"));
        }
    }

    fn guard(&mut self, step: &Step, relation: Relation, outcome: bool, constant: [bool; 2]) {
        let mut operands = self.operands(step);
        let mut constants: Vec<String> =
            step.constants.iter().map(|c| self.constant(c, 0)).collect();
        if operands.iter().chain(&constants).map(String::len).sum::<usize>() > 40 {
            self.hoist(&mut operands, &mut constants);
        }
        let (mut operands, mut constants) = (operands.into_iter(), constants.into_iter());
        let [mut left, mut right] = constant.map(|constant| {
            let side = if constant { constants.next() } else { operands.next() };
            side.unwrap_or_default()
        });
        let is_nan = |c: &Constant| c.value.is_nan() && !c.varies;
        if relation != Relation::Unordered && step.constants.iter().any(is_nan) {
            // A lint of the compiler's looks at what stands in the comparison.
            let nan = format!("{}::NAN", self.float.name());
            self.line(&format!("let nan = {nan};"));
            for side in [&mut left, &mut right] {
                if *side == nan {
                    *side = "nan".to_owned();
                }
            }
        }
        let holds = match relation {
            Relation::Unordered => {
                let of_constant = |c: &Constant| match c.value.is_nan() {
                    true => "true".to_owned(),
                    false => "false".to_owned(),
                };
                let side = |text: &str, constant: bool| match constant {
                    true => of_constant(&step.constants[0]),
                    false => format!("{text}.is_nan()"),
                };
                format!("{} || {}", side(&left, constant[0]), side(&right, constant[1]))
            }
            _ => format!("{left} {} {right}", relation.symbol()),
        };
        let condition = if outcome { format!("!({holds})") } else { holds };
        let k = self.place(&step.own, 0);
        self.line(&format!("if {condition} {{"));
        self.indent += 1;
        self.refuse(&k, &left, &right);
        self.indent -= 1;
        self.line("}");
    }

    /// Return the error of guard `k`.
    fn refuse(&mut self, k: &str, left: &str, right: &str) {
        let in_row = self.error;
        let error = format!("changed({k}, {left}, {right})");
        if error.len() + in_row.len() <= ARGUMENTS {
            return self.line(&format!("return Err({error}{in_row});"));
        }
        self.line(&format!("let which = {k};"));
        self.line(&format!("let error = changed(which, {left}, {right});"));
        self.line(&format!("return Err(error{in_row});"));
    }

    /// An instruction with a few terms.
    fn listed(&mut self, step: &Step, op: Op) {
        let operands = self.operands(step);
        let shape = op.terms();
        let (in_terms, bias) = match &operands[..] {
            [terms @ .., bias] if shape.bias => (terms, Some(bias)),
            terms => (terms, None),
        };
        let term = |(k, of): (usize, &[String])| match (op, of) {
            (Op::SumSquares, [x]) => format!("{x} * {x}"),
            (_, [x, y]) => format!("{x} * {y}"),
            (_, [x]) if shape.data => format!("{x} * {}", self.constant(&step.constants[k], 0)),
            (_, of) => of.concat(),
        };
        let mut terms: Vec<String> =
            in_terms.chunks(shape.operands).enumerate().map(term).collect();
        if !shape.sum {
            return self.listed_call(step, op, &terms);
        }
        if terms.is_empty() {
            terms.push("0.0".into());
        }
        terms.extend(bias.cloned());
        let text = terms.join(" + ");
        let place = self.place(&step.own, 0);
        let left = match step.named {
            true => {
                format!("let {}{} = ", self.names[step.own.base as usize], self.of_type(&text))
            }
            false => format!("v[{place}] = "),
        };
        if 4 * self.indent + left.len() + text.len() < WIDTH || terms.len() == 1 {
            return self.assign(step, &text);
        }
        if 4 * (self.indent + 1) + text.len() < WIDTH {
            self.line(left.trim_end());
            self.line(&format!("    {text};"));
            return self.keep(step);
        }
        let last = terms.len() - 1;
        self.line(&format!("{left}{}", terms[0]));
        for (k, term) in terms.iter().enumerate().skip(1) {
            self.line(&format!("    + {term}{}", if k == last { ";" } else { "" }));
        }
        self.keep(step);
    }

    /// Put the result of a step into the array too, if it has been given its name.
    fn keep(&mut self, step: &Step) {
        if step.named && step.stored {
            let place = self.place(&step.own, 0);
            self.line(&format!("v[{place}] = {};", self.names[step.own.base as usize]));
        }
    }

    /// A function of a list.
    fn listed_call(&mut self, step: &Step, op: Op, terms: &[String]) {
        let name = op.info().name;
        let list = terms.join(", ");
        if list.len() <= ARGUMENTS {
            return self.assign(step, &format!("{name}([{list}])"));
        }
        let place = self.place(&step.own, 0);
        let variable = &self.names[step.own.base as usize];
        let left = if step.named { format!("let {variable}") } else { format!("v[{place}]") };
        self.line(&format!("{left} = {name}(["));
        match terms.iter().all(|term| term.len() <= 10) {
            true => self.line(&format!("    {list},")),
            false => terms.iter().for_each(|term| self.line(&format!("    {term},"))),
        }
        self.line("]);");
        self.keep(step);
    }

    /// An instruction with many terms.
    fn long(&mut self, step: &Step, op: Op, count: usize) {
        let shape = op.terms();
        let column = |which: usize| match step.terms {
            Terms::Even { strides, .. } => {
                format!("v[{}]", self.place_by(&step.operands[which], 0, Some(strides[which])))
            }
            Terms::Table { at, .. } => {
                let stride = shape.operands as i64;
                let at = self.place_by(&at, which as i64, Some(stride));
                format!("v[{}_TERMS[{at}]]", self.prefix)
            }
            Terms::Listed => String::new(),
        };
        let mut factors = vec![column(0)];
        match op {
            _ if shape.operands == 2 => factors.push(column(1)),
            Op::SumSquares => factors.push(column(0)),
            _ if shape.data => {
                let at = self.place_by(&step.constants[0].at, 0, Some(1));
                factors.push(format!("{}_DATA[{at}]", self.prefix));
            }
            _ => {}
        }
        let term = factors.join(" * ");
        // The same term again and again.
        let is_one = !shape.data && matches!(step.terms, Terms::Even { strides: [0, 0], .. });
        let t = if is_one { "_" } else { "t" };
        if !shape.sum {
            let terms = format!("(0..{count}).map(|{t}| {term})");
            if terms.len() <= ARGUMENTS {
                return self.assign(step, &format!("{}({terms})", op.info().name));
            }
            self.line(&format!("let mut terms = [0.0; {count}];"));
            self.line(&format!("for ({t}, place) in terms.iter_mut().enumerate() {{"));
            self.line(&format!("    *place = {term};"));
            self.line("}");
            return self.assign(step, &format!("{}(terms)", op.info().name));
        }
        let name = if step.named { &self.names[step.own.base as usize] } else { "total" };
        self.line(&format!("let mut {name}: {} = -0.0;", self.float.name()));
        self.line(&format!("for {t} in 0..{count} {{"));
        let sum = format!("    {name} += {term};");
        if 4 * self.indent + sum.len() <= WIDTH {
            self.line(&sum);
        } else {
            for (factor, name) in factors.iter().zip(["a", "b"]) {
                self.line(&format!("    let {name} = {factor};"));
            }
            self.line(&format!("    {name} += {};", ["a", "a * b"][factors.len() - 1]));
        }
        self.line("}");
        if shape.bias {
            let bias = self.operand(step, step.operands.len() - 1);
            self.line(&format!("{name} += {bias};"));
        }
        if step.stored {
            let place = self.place(&step.own, 0);
            self.line(&format!("v[{place}] = {name};"));
        }
    }

    fn operands(&self, step: &Step) -> Vec<String> {
        (0..step.operands.len()).map(|which| self.operand(step, which)).collect()
    }

    fn operand(&self, step: &Step, which: usize) -> String {
        let o = &step.operands[which];
        match self.literal(o) {
            Some(c) => self.float.literal(c),
            None if step.local[which] => self.names[o.base as usize].clone(),
            None => format!("v[{}]", self.place(o, 0)),
        }
    }

    /// The operands as methods can be called on them.
    fn receivers(&self, step: &Step) -> Vec<String> {
        let receiver = |(which, o): (usize, &Place)| match self.literal(o) {
            Some(c) => self.float.receiver(c),
            None => self.operand(step, which),
        };
        step.operands.iter().enumerate().map(receiver).collect()
    }

    fn literal(&self, o: &Place) -> Option<f64> {
        use crate::tape::Instructions as _;
        let inst = &self.code.insts[o.base as usize];
        is_literal(o, &self.code.insts).then(|| self.code.constants(inst)[0])
    }

    fn constant(&self, constant: &Constant, ahead: i64) -> String {
        match constant.varies {
            false => self.float.literal(constant.value),
            true => format!("{}_DATA[{}]", self.prefix, self.place(&constant.at, ahead)),
        }
    }

    fn place(&self, place: &Place, ahead: i64) -> String {
        self.place_by(place, ahead, None)
    }

    /// A place in the turns of the loops around, and in turn `t` of one of its own; what is subtracted comes last, for
    /// indices have no sign.
    fn place_by(&self, place: &Place, ahead: i64, own: Option<i64>) -> String {
        let turns = self.loops.iter().zip(TURNS).map(|(&level, turn)| (place.strides[level], turn));
        let strides: Vec<(i64, &str)> = turns.chain(own.map(|stride| (stride, "t"))).collect();
        let base = place.base + ahead;
        let mut text = match strides.iter().any(|(stride, _)| *stride > 0) {
            true if base == 0 => String::new(),
            _ => base.to_string(),
        };
        for sign in [1, -1] {
            for (stride, turn) in strides.iter().filter(|(stride, _)| stride * sign > 0) {
                let plus = match (text.is_empty(), sign) {
                    (true, _) => "",
                    (_, 1) => " + ",
                    _ => " - ",
                };
                text += plus;
                text += &match stride.abs() {
                    1 => (*turn).to_owned(),
                    stride => format!("{stride} * {turn}"),
                };
            }
        }
        text
    }
}
