//! Labels as names of variables, and what is refused.

use super::assert_same;
use gradtape::program::{Program, RustError, RustOptions};
use gradtape::{Real, Tape};

/// A label each of another kind: keywords, names of the text itself, empty ones, digits, twice the same, letters that are
/// no names, very long ones.
#[test]
fn any_label_becomes_a_name_of_its_own() {
    let labels = [
        "type",
        "x",
        "v",
        "v3",
        "gradient",
        "min",
        "exp",
        "f64",
        "value",
        "Self",
        "",
        " ",
        "3rd",
        "w[1]",
        "w 1",
        "w-1",
        "W_1",
        "größe",
        "ω",
        "a\nb",
        "*/ // \"",
        "_",
        "__",
        "i",
        "t",
        "total",
        "a",
        "b",
        "c",
        "sum",
        "a very long name of a parameter that would not fit into a line",
        "a very long name of a parameter that is another",
        "\u{202e}evil",
        "changed",
        "core",
        "union",
        "gen",
    ];
    let tape = Tape::new();
    let inputs: Vec<_> = labels.iter().map(|label| tape.var(0.5).label(label)).collect();
    let mut y = inputs[0];
    for (k, &x) in inputs.iter().enumerate() {
        let label = labels[(k + 5) % labels.len()];
        y = (y.max(x) * x).select_by(x).label(label);
    }
    let program = tape.freeze(&inputs, &[y]).expect("the inputs are all there is");
    let at = (0, (0..labels.len()).map(|k| 0.3 + 0.01 * k as f64).collect());
    for statements in [20, 1000] {
        let options = RustOptions::new().statements(statements);
        assert_same("labels", &options, std::slice::from_ref(&program), std::slice::from_ref(&at));
    }
}

/// `select` in a form that suits a chain.
trait SelectBy: Real {
    fn select_by(self, condition: Self) -> Self {
        Self::select(condition - 0.4, self, condition.cos())
    }
}
impl<T: Real> SelectBy for T {}

#[test]
fn a_label_is_the_name_of_its_variable() {
    let program = Program::record(
        |x| {
            let (width, height) = (x[0].label("Width"), x[1].label("height (m)"));
            (width * height).label("area").sin()
        },
        &[1.0, 2.0],
    );
    let text = program.to_rust(&RustOptions::new()).expect("no custom operation");
    assert!(text.contains("    let area = width * height_m;\n"), "{text}");
    assert!(text.contains("// Inputs: Width, height (m)\n"), "{text}");
}

#[test]
fn a_custom_operation_is_refused_by_name() {
    let program = Program::record(
        |x| gradtape::linear::solve(&x[..1], &x[1..]).expect("a solution"),
        &[2.0, 3.0],
    );
    let error = program.to_rust(&RustOptions::new()).expect_err("it has no code");
    let RustError::Custom { name } = &error else { panic!("{error:?}") };
    assert!(error.to_string().contains(&format!("the custom operation `{name}`")), "{error}");
}
