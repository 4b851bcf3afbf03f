//! `gradtape grad`: numbers against closed forms, and every option of one point.

use crate::run::{Folder, found, numbers_after, printed, refused};
use gradtape::hessian;
use serde_json::Value;

#[test]
fn value_and_gradient_are_printed_with_all_their_digits() {
    let text = printed(&["grad", "softplus(w*x + b)^2", "w=1.5", "x=2", "b=-1"]);
    let expected = "\
value  4.523822764159216

variable   at          derivative
w         1.5   7.493567908783837
x           2   5.620175931587878
b          -1  3.7467839543919186
";
    assert_eq!(text, expected);
    // The closed form, in its own order of operations.
    let z: f64 = 1.5 * 2.0 - 1.0;
    let (softplus, sigmoid) = (z.exp().ln_1p(), 1.0 / (1.0 + (-z).exp()));
    let slope = 2.0 * softplus * sigmoid;
    for (name, expected) in [("w", slope * 2.0), ("x", slope * 1.5), ("b", slope)] {
        let derivative = numbers_after(&text, name)[1];
        assert!(
            (derivative / expected - 1.0).abs() < 1e-15,
            "{name}: {derivative}, not {expected}"
        );
    }
}

#[test]
fn gradients_are_those_of_closed_forms() {
    let (x, y): (f64, f64) = (0.7, 1.3);
    let values = ["x=0.7", "y=1.3"];
    let r = x.hypot(y);
    let cases: [(&str, f64, [f64; 2]); 8] = [
        ("x^3*y", x.powi(3) * y, [3.0 * x * x * y, x.powi(3)]),
        ("sin(x)*exp(-y)", x.sin() * (-y).exp(), [x.cos() * (-y).exp(), -x.sin() * (-y).exp()]),
        ("hypot(x, y)", r, [x / r, y / r]),
        ("x^y", x.powf(y), [y * x.powf(y - 1.0), x.powf(y) * x.ln()]),
        ("ln(x/y)", (x / y).ln(), [1.0 / x, -1.0 / y]),
        ("let z = x*y; tanh(z)", (x * y).tanh(), {
            let s = 1.0 / (x * y).cosh().powi(2);
            [y * s, x * s]
        }),
        ("sum(k, 1, 4, x^k/k)*y", (1..=4).map(|k| x.powi(k) / f64::from(k)).sum::<f64>() * y, {
            let s: f64 = (0..4).map(|k| x.powi(k)).sum();
            [s * y, (1..=4).map(|k| x.powi(k) / f64::from(k)).sum()]
        }),
        ("log_sum_exp(x, y)", (x.exp() + y.exp()).ln(), {
            let total = x.exp() + y.exp();
            [x.exp() / total, y.exp() / total]
        }),
    ];
    for (text, value, slopes) in cases {
        let out = printed(&["grad", text, values[0], values[1]]);
        let near =
            |found: f64, expected: f64| (found - expected).abs() <= 1e-15 * expected.abs().max(1.0);
        assert!(near(numbers_after(&out, "value")[0], value), "{text}:\n{out}");
        for (name, slope) in ["x", "y"].into_iter().zip(slopes) {
            assert!(near(numbers_after(&out, name)[1], slope), "{text}: {slope}\n{out}");
        }
    }
}

#[test]
fn numbers_read_back_to_the_same_bits() {
    let odd = ["-0.0", "5e-324", "1.7976931348623157e308", "0.1", "1e21", "123456789012345680"];
    for x in odd {
        let out = printed(&["grad", "x", &format!("x={x}")]);
        let expected: f64 = x.parse().expect("a number");
        assert_eq!(numbers_after(&out, "value")[0].to_bits(), expected.to_bits(), "{out}");
        let out = printed(&["grad", "x", &format!("x={x}"), "--json"]);
        let json: Value = serde_json::from_str(&out).expect("it is JSON");
        assert_eq!(json["value"].as_f64().map(f64::to_bits), Some(expected.to_bits()), "{out}");
    }
}

#[test]
fn values_may_be_computed() {
    let out = printed(&["grad", "cos(x)", "x=2*pi/3", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(json["variables"][0]["value"], 2.0 * std::f64::consts::PI / 3.0);
    assert_eq!(printed(&["grad", "x", "x=inf"]).lines().next(), Some("value  inf"));
    assert_eq!(printed(&["grad", "x", "x=NaN"]).lines().next(), Some("value  NaN"));
}

#[test]
fn wrt_chooses_variables_and_their_order_and_makes_the_others_numbers() {
    let out = printed(&["grad", "powi(x, n)*y", "x=2", "n=3", "y=5", "--wrt", "y,x"]);
    let expected = "value  40\n\nvariable  at  derivative\ny          5           8\nx          2          60\n";
    assert_eq!(out, expected);
    let out = printed(&["grad", "sum(i, 1, n, x^i)", "x=2", "n=3", "--wrt", "x"]);
    assert_eq!(numbers_after(&out, "x"), [2.0, 17.0]);
}

#[test]
fn second_derivatives_are_those_of_the_library() {
    let f = "x^3*y + sin(y)";
    let out = printed(&["grad", f, "x=2", "y=5", "--hessian"]);
    let expected = "
hessian   x                   y
x        60                  12
y        12  0.9589242746631385
";
    assert!(out.ends_with(expected), "{out}");
    let out = printed(&["grad", f, "x=2", "y=5", "--hessian", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("it is JSON");
    let h = hessian(|x| x[0].powi(3) * x[1] + x[1].sin(), &[2.0, 5.0]);
    for i in 0..2 {
        for j in 0..2 {
            assert_eq!(json["hessian"][i][j], h[(i, j)]);
        }
    }
}

#[test]
fn json_has_texts_for_what_is_not_finite() {
    let out = printed(&["grad", "ln(x) + y", "x=0", "y=nan", "--json"]);
    let expected = r#"{"value":"NaN","variables":[{"derivative":"inf","name":"x","value":0.0},{"derivative":1.0,"name":"y","value":"NaN"}]}"#;
    assert_eq!(out.trim_end(), expected);
}

#[test]
fn an_expression_without_variables_has_a_value() {
    assert_eq!(printed(&["grad", "2*(3 + 4)"]), "value  14\n");
    assert_eq!(
        printed(&["grad", "1/3", "--json"]).trim_end(),
        r#"{"value":0.3333333333333333,"variables":[]}"#
    );
}

#[test]
fn a_check_that_fails_is_an_exit_code() {
    let out = printed(&["grad", "sin(x)*y", "x=0.5", "y=2", "--check"]);
    assert!(out.contains("all three agree") || out.contains("agree"), "{out}");
    let out = found(&["grad", "abs(x)", "x=0", "--check"]);
    assert!(out.contains("kink at x = 0"), "{out}");
    let out = found(&["grad", "sqrt(x)", "x=-1", "--check"]);
    assert_eq!(
        out,
        "f is NaN at this point, so it has no gradient here: it came from node 1: sqrt(x) = NaN, where x = -1\n"
    );
    let out = printed(&["grad", "sin(x)*y", "x=0.5", "y=2", "--check", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((&json["confirmed"], &json["variables"][1]["name"]), (&true.into(), &"y".into()));
    assert_eq!(json["variables"][0]["reverse"], 2.0 * 0.5f64.cos());
    let json: Value = serde_json::from_str(&found(&["grad", "abs(x)", "x=0", "--check", "--json"]))
        .expect("it is JSON");
    assert_eq!(json["confirmed"], false);
    let json: Value =
        serde_json::from_str(&found(&["grad", "sqrt(x)", "x=-1", "--check", "--json"]))
            .expect("it is JSON");
    assert_eq!(json["confirmed"], false);
    assert_eq!(
        refused(&["grad", "x", "x=inf", "--check"]),
        "`x` is inf: check the gradient at a finite point"
    );
    let message = refused(&["grad", "2 + 2", "--check"]);
    assert_eq!(message, "the expression has no variable: there is no gradient to check");
}

#[test]
fn a_program_shows_its_guards() {
    let out = printed(&["grad", "let a = x^2; if(a > 2, sin(a) + 1, 0)", "x=2", "--program"]);
    let expected = "\
program: 1 input, 3 instructions, 1 guard, 1 output
%0 = input            ; x
%1 = %0²              ; a
guard %1 > 2 is true
%2 = sin(%1)
%3 = %2 + 1
return %3

recorded       3 instructions
";
    assert!(out.starts_with(expected), "{out}");
    let out = printed(&["grad", "if(x > 2, x, x^2)", "x=1", "--program", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((&json["guards"], &json["instructions"]), (&1.into(), &1.into()));
    assert_eq!(json["inputs"][0], "x");
    assert!(json["text"].as_str().is_some_and(|text| text.contains("guard %0 > 2 is false")));
}

#[test]
fn value_and_gradient_are_written_as_rust() {
    let expression =
        ["grad", "let area = width*height; if(area > 2, area^2, 0)", "width=3", "height=1"];
    let text = printed(&[&expression[..], &["--rust"]].concat());
    assert!(text.contains("// Inputs: width, height\n"), "{text}");
    assert!(text.contains("    \"area > 2 was true\",\n"), "{text}");
    let signature = "pub fn value_and_gradient(x: &[f64; 2], gradient: &mut [f64; 2]) -> Result<f64, BranchChanged> {";
    assert!(text.contains(signature), "{text}");
    assert!(text.contains("    let area = width * height;\n    if !(area > 2.0) {\n"), "{text}");
    let folder = Folder::new();
    let path = folder.path("area.rs");
    let by_width = printed(&[&expression[..], &["--rust", "--wrt=width"]].concat());
    assert!(by_width.contains("(x: &[f64; 1], gradient: &mut [f64; 1])"), "{by_width}");
    assert_eq!(printed(&[&expression[..], &[&format!("--rust={path}")]].concat()), "");
    assert_eq!(std::fs::read_to_string(path).expect("it is written"), text);
    let nowhere = folder.path("none/area.rs");
    let message = refused(&[&expression[..], &[&format!("--rust={nowhere}")]].concat());
    assert!(message.contains("there is no such folder: make it first"), "{message}");
}

#[test]
fn an_expression_may_begin_with_a_sign_or_stand_in_a_file() {
    assert_eq!(numbers_after(&printed(&["grad", "-x^2", "x=3"]), "x"), [3.0, -6.0]);
    assert_eq!(numbers_after(&printed(&["grad", "--hessian", "-x^2", "x=3"]), "value"), [-9.0]);
    let message = refused(&["grad", "--hesian", "x=3"]);
    assert!(message.starts_with("there is no option `--hesian`: see --help"), "{message}");
    let folder = Folder::new();
    let long = folder.file("long.txt", format!("\u{feff}{}\n", vec!["x"; 100_001].join("+")));
    let out = printed(&["grad", &format!("@{long}"), "x=1"]);
    assert_eq!(numbers_after(&out, "x"), [1.0, 100_001.0]);
    let wrong = folder.file("wrong.txt", "let a = x;\n  a + q +\n");
    let message = refused(&["grad", &format!("@{wrong}"), "x=1"]);
    assert_eq!(message, "the expression ends where a value should follow (line 3)\n  \n  ^");
}

#[test]
fn options_that_exclude_each_other_say_so() {
    for pair in [
        ["--check", "--program"],
        ["--hessian", "--check"],
        ["--hessian", "--program"],
        ["--rust", "--program"],
        ["--rust", "--json"],
    ] {
        let message = refused(&["grad", "x", "x=1", pair[0], pair[1]]);
        assert!(message.contains("cannot be used with"), "{message}");
    }
}
