//! Rows in print: the form of an operation and of its local partials with names in place, and the page
//! `docs/ops.md`.

use super::rows::{Arity, Info, Shape, Zero};
use super::table::Op;
use crate::text::{is_word, number};
use std::fmt::Write;

impl Op {
    /// Write the operation with these operands and constants: `%3 * %1`, `w1 * 0.5 + w2 * 2 + b`. Every listing,
    /// message and drawing writes a node by this.
    ///
    /// Operands and constants are all those of the node, in the order in which a listing has them; of a dot
    /// product the pairs x₀ y₀ x₁ y₁ ..., and the bias last. `name` is that of the operation: a custom one has
    /// its own. Of many terms the first are written, and how many more there are.
    pub(crate) fn express(self, name: &str, operands: &[String], constants: &[f64]) -> String {
        match (self, self.info().arity, constants) {
            (Op::Const, _, [c, ..]) => number(*c),
            (_, Arity::Leaf, _) => name.to_string(),
            (_, Arity::Nary | Arity::Custom, _) => self.express_terms(name, operands, constants),
            (_, _, [c, ..]) if *c < 0.0 && self.negated_form().is_some() => {
                filled(self.negated_form().unwrap_or_default(), operands, &[-c])
            }
            _ => filled(self.info().form, operands, constants),
        }
    }

    /// The printed form with a constant whose sign is turned, if it is this one that people write: `x - 2` is kept
    /// as `x + (-2)`.
    pub(crate) fn negated_form(self) -> Option<&'static str> {
        (self == Op::AddConst).then_some("{x} - {c}")
    }

    /// The printed form of one term of an n-ary operation, in the places of [`Info::form`](super::Info::form).
    pub(crate) fn term_form(self) -> &'static str {
        match self.terms() {
            _ if self == Op::SumSquares => "{x}²",
            Shape { operands: 2, .. } => "{x} * {y}",
            Shape { data: true, .. } => "{x} * {c}",
            _ => "{x}",
        }
    }

    /// An operation with many operands, term by term.
    fn express_terms(self, name: &str, operands: &[String], constants: &[f64]) -> String {
        /// How many terms are written.
        const SHOWN: usize = 6;
        let shape = self.terms();
        let (in_terms, bias) = match operands {
            [terms @ .., bias] if shape.bias => (terms, Some(bias)),
            terms => (terms, None),
        };
        let between = if shape.sum { " + " } else { ", " };
        let all = in_terms.chunks(shape.operands).enumerate();
        let term = |(i, of): (usize, &[String])| {
            filled(self.term_form(), of, constants.get(i..).unwrap_or_default())
        };
        let mut parts: Vec<String> = all.take(SHOWN).map(term).collect();
        let more = in_terms.len().div_ceil(shape.operands).saturating_sub(SHOWN);
        if more > 0 {
            parts.push(format!("... {more} more"));
        }
        parts.extend(bias.cloned());
        match shape.sum {
            true if parts.is_empty() => "0".into(),
            true => parts.join(between),
            false => format!("{name}({})", parts.join(between)),
        }
    }

    /// Write the local partial with respect to operand `which` with these names: `2 * %3`, `1 - %7²`.
    ///
    /// Names may be numbers, which gives the chain rule in numbers. One that is more than a word is put
    /// into parentheses where it would else be misread: `2 * (-0.5)`, `(layer 1[0])²`.
    ///
    /// Name, operands and constants are as for [`express`](Op::express). Empty for an operand that the operation
    /// does not have.
    pub(crate) fn express_partial(
        self,
        which: usize,
        name: &str,
        operands: &[String],
        result: &str,
        constants: &[f64],
    ) -> String {
        let forms = self.info().partial_forms;
        let has_bias = self.terms().bias;
        // A scalar operation is one term; an n-ary one has as many as its operands make.
        let a_term = (forms.len() - usize::from(has_bias)).max(1);
        let of_bias = has_bias && which + 1 == operands.len();
        let form = if of_bias { a_term } else { which % a_term };
        let (Some(form), true) = (forms.get(form), which < operands.len()) else {
            return String::new();
        };
        let term = which / a_term;
        let (operands, constants) = (&operands[term * a_term..], constants.get(term..));
        fill(form, |place, before, after| match place {
            "name" => name.to_string(),
            "r" => guarded(result, before, after),
            _ => named(place, operands, constants.unwrap_or_default())
                .map_or_else(|| place.to_string(), |text| guarded(&text, before, after)),
        })
    }
}

/// A form with operands and constants in its places.
fn filled(form: &str, operands: &[String], constants: &[f64]) -> String {
    fill(form, |place, _, _| named(place, operands, constants).unwrap_or_else(|| place.to_string()))
}

/// What stands for an operand's or a constant's place.
fn named(place: &str, operands: &[String], constants: &[f64]) -> Option<String> {
    let operand = ["x", "y", "z"].iter().position(|&p| p == place);
    let constant = ["c", "d"].iter().position(|&p| p == place);
    match (operand, constant) {
        (Some(i), _) => operands.get(i).cloned(),
        (_, Some(i)) => constants.get(i).map(|&c| number(c)),
        (None, None) => None,
    }
}

/// Put what `put` makes of a place, the text before and that after it into each place of a form. In
/// one pass, for a label may itself look like a place.
fn fill(form: &str, put: impl Fn(&str, &str, &str) -> String) -> String {
    let mut parts = form.split('{');
    let mut text = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or((part, ""));
        let filled = put(place, &text, rest);
        text.push_str(&filled);
        text.push_str(rest);
    }
    text
}

/// Put parentheses around a name that would be read apart between what stands before and after it.
fn guarded(name: &str, before: &str, after: &str) -> String {
    let alone = before.is_empty() && after.is_empty();
    let enclosed = before.ends_with('(') && after.starts_with(')');
    // A sign is clear where a formula begins, unless a power comes: -2² is not (-2)².
    let leads = ["(", "if ", "else ", "< ", "> ", "= "];
    let begins = before.is_empty() || leads.iter().any(|lead| before.ends_with(lead));
    let clear_number = begins && !after.starts_with(['²', '^']) && name.parse::<f64>().is_ok();
    if alone || enclosed || clear_number || is_word(name) {
        name.to_string()
    } else {
        format!("({name})")
    }
}

/// Write the page `docs/ops.md`: one line an operation, straight from the table.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    for op in Op::ALL {
        let info = op.info();
        if info.arity == Arity::Leaf {
            continue;
        }
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |",
            info.name,
            code(&letters(info.form)),
            code(info.value),
            lines(info.partial_forms.iter().map(|form| code(&partial_letters(info, form)))),
            lines(info.partials.iter().map(|rule| code(rule))),
            if info.domain == "true" { "all".into() } else { code(info.domain) },
            info.kink.map_or(String::new(), |(at, says)| format!("{}: {says}", code(at))),
            match info.zero {
                Zero::Never => "",
                Zero::Stationary => "stationary",
                Zero::Underflow => "underflow",
                Zero::Flat => "flat",
            },
        );
    }
    page
}

const HEAD: &str = "\
# The operations

*Generated from the op table (`src/op/table.rs`); a test compares. Rewrite it with
`GRADTAPE_BLESS=1 cargo test --test ops_page`.*

`x`, `y`, `z` are operands, `c`, `d` constants, `r` is the result. A *partial* is the local partial
as the textbook has it, and as it is printed. Its *rule* is what is run: `w`, the adjoint that
arrives, times the local partial, in a way that loses no digits. A *kink* is where the derivative
jumps, with the convention used there. *Zero* says what a partial of exactly 0 means: `stationary` is
a true zero of the derivative, `underflow` one that is too small for a number and counts as a true zero,
`flat` a piece where the function is constant, so that the gradient is blocked.

`min` and `max` order the zeros, -0 < +0, and return the number where one operand is a NaN (`minimumNumber`
and `maximumNumber` of IEEE 754-2019); `clamp` is `min(max(x, c), d)` with the same zeros, and keeps a NaN `x`.
`relu` makes +0 of either zero, `leaky_relu`, `abs` and `signum` are those of `f64`: ±0 → ±0, +0, ±1.

**Zero and infinity.** Nothing flows through a flat piece, and that beats infinity. A zero by value that meets infinity is
NaN. [The design](design.md#zero-and-infinity) has all cases.

**NaN.** A NaN operand makes every partial NaN that depends on it, also where the value is a number, as of `min`, `max`,
`hypot` and `pow`. The partials of what is linear in it, and of steps, are what they are for any number.
**Outside the domain**, and at its poles, no partial is a finite number: NaN where the value is NaN, infinite where that is
the limit from inside. **At an infinite operand** a limit that is known is the answer, for value, partials and their
derivatives: `silu'(-inf)` is 0. Alike infinite operands of `log_sum_exp` share as a tie does.

Rows named `..._slope` and `..._bend` are derivatives: what recorded rules are made of.

| method | form | value | partials | rules | domain | kink | zero |
|---|---|---|---|---|---|---|---|
";

fn code(text: &str) -> String {
    // A bar would end the table cell, also inside a code span.
    format!("`{}`", text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|"))
}

/// The printed form with its place holders as plain letters.
fn letters(form: &str) -> String {
    form.replace(['{', '}'], "")
}

/// A printed partial likewise; that of an n-ary operation belongs to one of its terms.
fn partial_letters(info: &Info, form: &str) -> String {
    match info.arity {
        Arity::Nary => letters(&form.replace("{r}", "r").replace('}', "ᵢ")),
        _ => letters(form),
    }
}

fn lines(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join("<br>")
}
