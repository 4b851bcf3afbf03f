//! The page `docs/ops.md`, written from the rows.

use super::{Arity, Info, Op, Zero};
use std::fmt::Write;

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
a true zero of the derivative, `flat` a piece where the function is constant, so that the gradient is
blocked.

An adjoint of 0 is not propagated, so 0 · ∞ makes no NaN by itself. A NaN operand makes the partials of
`min`, `max` and `clamp` NaN, even where the value is a number.

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
