//! `gradtape fit`: the certified fits of NIST through the program, every option, and what is refused.

use crate::models::{SETS, digits};
use crate::run::{Folder, Run, printed, refused, run};
use serde_json::Value;

/// Each model of NIST as it is typed, with the names of its parameters in `SETS`, and its target.
const MODELS: [(&str, &str, &str); 13] = [
    ("Misra1a", "saturation*(1 - exp(-rate*x))", "y"),
    ("Chwirut1", "exp(-decay*x)/(offset + slope*x)", "y"),
    ("Lanczos3", "a1*exp(-rate1*x) + a2*exp(-rate2*x) + a3*exp(-rate3*x)", "y"),
    ("DanWood", "factor*x^power", "y"),
    (
        "Gauss1",
        "decaying*exp(-rate*x) + a1*exp(-((x - center1)/width1)^2) + a2*exp(-((x - center2)/width2)^2)",
        "y",
    ),
    ("Kirby2", "(n0 + n1*x + n2*x^2)/(1 + d1*x + d2*x^2)", "y"),
    ("Nelson", "log_strength - factor*x*exp(-heat*x2)", "ln(y)"),
    ("Roszman1", "level - drift*x - atan(scale/(x - pole))/pi", "y"),
    (
        "ENSO",
        "let year = 2*pi*x/12; u = 2*pi*x/period1; v = 2*pi*x/period2;
         mean + year_cos*cos(year) + year_sin*sin(year) + cos1*cos(u) + sin1*sin(u) + cos2*cos(v) + sin2*sin(v)",
        "y",
    ),
    ("MGH09", "scale*(x^2 + x*n1)/(x^2 + x*d1 + d0)", "y"),
    ("Thurber", "(n0 + n1*x + n2*x^2 + n3*x^3)/(1 + d1*x + d2*x^2 + d3*x^3)", "y"),
    ("Rat42", "capacity/(1 + exp(delay - rate*x))", "y"),
    ("Bennett5", "scale*(shift + x)^(-1/power)", "y"),
];

/// The data of a set as a table, with y as the file of NIST has it.
fn table(name: &str) -> String {
    let path = format!("{}/tests/data/nist/{name}.dat", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the data are part of the project");
    let rows =
        text.lines().skip(60).map(|row| row.split_whitespace().collect::<Vec<_>>().join(","));
    let rows: Vec<String> = rows.filter(|row| !row.is_empty()).collect();
    let names = if rows[0].matches(',').count() == 2 { "y,x,x2" } else { "y,x" };
    format!("{names}\n{}\n", rows.join("\n"))
}

fn fitted(arguments: &[&str]) -> Value {
    let out = printed(&[&["fit"], arguments, &["--json"]].concat());
    serde_json::from_str(&out).expect("it is JSON")
}

fn numbers(fit: &Value, field: &str) -> Vec<f64> {
    let parameters = fit["parameters"].as_array().expect("a list");
    parameters.iter().map(|p| p[field].as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn the_certified_values_of_nist_are_reached_from_both_starts() {
    let folder = Folder::new();
    let mut wrong = Vec::new();
    for (set, (name, model, target)) in SETS.iter().zip(MODELS) {
        assert_eq!(set.name, name);
        let file = folder.file(&format!("{name}.csv"), table(name));
        let data = set.read();
        for start in &data.starts {
            let named: Vec<String> =
                set.named(start).iter().map(|(name, x)| format!("{name}={x:?}")).collect();
            let start = named.join(",");
            let fit =
                fitted(&["--data", &file, "--model", model, "--target", target, "--start", &start]);
            let right = [
                digits(&numbers(&fit, "value"), &data.certified[0]),
                digits(&numbers(&fit, "standard_error"), &data.certified[1]),
                digits(&[fit["chi_square"].as_f64().expect("a number")], &[data.ssr]),
            ];
            if right[0] < 6.0 || right[1] < 6.0 || right[2] < 7.0 {
                wrong.push(format!("{name} from {start}: {right:.1?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const MISRA: [&str; 6] =
    ["--model", "a*(1-exp(-b*x))", "--target", "y", "--start", "a=500,b=0.0001"];

/// The arguments of the first set of NIST.
fn misra<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["--data", file], &MISRA[..], more].concat()
}

#[test]
fn the_report_is_that_of_the_library() {
    let folder = Folder::new();
    let file = folder.file("misra1a.csv", table("Misra1a"));
    let out = printed(&[&["fit"], &misra(&file, &[])[..]].concat());
    let expected = "\
[[Fit Statistics]]
    # fitting method   = Levenberg-Marquardt
";
    assert!(out.starts_with(expected), "{out}");
    let variables = "
[[Variables]]
    a:  238.942129 +/- 2.70700752 (1.13%) (init = 500)
    b:  5.5016e-04 +/- 7.2669e-06 (1.32%) (init = 0.0001)
[[Correlations]] (unreported correlations are < 0.100)
    C(a, b) = -0.9988
";
    assert!(out.ends_with(variables), "{out}");
}

#[test]
fn parameters_are_held_and_bounded() {
    let folder = Folder::new();
    let file = folder.file("misra1a.csv", table("Misra1a"));
    let free = fitted(&misra(&file, &[]));
    let wide = fitted(&misra(&file, &["--lower", "a=0,b=0", "--upper", "a=1e4"]));
    for (a, b) in numbers(&wide, "value").iter().zip(numbers(&free, "value")) {
        assert!((a / b - 1.0).abs() < 1e-8, "{a}, not {b}");
    }
    let held = fitted(&misra(&file, &["--fix", "a"]));
    assert_eq!(
        (held["parameters"][0]["value"].as_f64(), &held["parameters"][0]["fixed"]),
        (Some(500.0), &true.into())
    );
    assert_eq!(held["parameters"][0]["standard_error"], Value::Null);
    let tight = fitted(&misra(&file, &["--lower", "a=400"]));
    assert!((400.0..400.1).contains(&numbers(&tight, "value")[0]), "{tight}");
    assert!(
        tight["no_covariance_because"].as_str().is_some_and(|why| why.contains("`a`")),
        "{tight}"
    );
}

#[test]
fn weights_count_as_rows_do() {
    let folder = Folder::new();
    let text = "x,y,w\n1,2.1,1\n2,3.9,2\n3,6.2,1\n4,8.1,2\n";
    let twice = "x,y\n1,2.1\n2,3.9\n2,3.9\n3,6.2\n4,8.1\n4,8.1\n";
    let line = ["--model", "a + b*x", "--target", "y", "--start", "a=0,b=1"];
    let (one, other) = (folder.file("weights.csv", text), folder.file("twice.csv", twice));
    let weighted = fitted(&[&["--data", &one], &line[..], &["--weights", "w"]].concat());
    let doubled = fitted(&[&["--data", &other], &line[..]].concat());
    let computed = fitted(&[&["--data", &one], &line[..], &["--weights", "1/(1/w)"]].concat());
    for fit in [weighted, computed] {
        for (a, b) in numbers(&fit, "value").iter().zip(numbers(&doubled, "value")) {
            assert!((a - b).abs() < 1e-12, "{a}, not {b}");
        }
    }
    // The line of least squares, by the normal equations.
    let (slope, offset) = (numbers(&doubled, "value")[1], numbers(&doubled, "value")[0]);
    let (x, y) = ([1.0, 2.0, 2.0, 3.0, 4.0, 4.0], [2.1, 3.9, 3.9, 6.2, 8.1, 8.1]);
    let mean = |of: &[f64]| of.iter().sum::<f64>() / 6.0;
    let (mx, my) = (mean(&x), mean(&y));
    let b = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>()
        / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>();
    assert!(
        (slope - b).abs() < 1e-12 && (offset - (my - b * mx)).abs() < 1e-12,
        "{offset} {slope}"
    );
}

#[test]
fn a_model_may_branch_and_stand_in_a_file_and_a_table_have_another_notation() {
    let folder = Folder::new();
    let file = folder.file("kink.csv", "dose;effect\n0,5;1,5\n1;2\n2;3,5\n3;5\n4;6,5\n");
    let model = folder.file(
        "model.txt",
        "let knee = 1;\nif(dose < knee, low + dose, low + knee + k*(dose - knee))\n",
    );
    let fit = fitted(&[
        "--data",
        &file,
        "--decimal-comma",
        "--delimiter",
        ";",
        "--model",
        &format!("@{model}"),
        "--target",
        "effect",
        "--start",
        "low=0,k=1",
    ]);
    let [low, k] = [numbers(&fit, "value")[0], numbers(&fit, "value")[1]];
    assert!((low - 1.0).abs() < 1e-12 && (k - 1.5).abs() < 1e-12, "{fit}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let folder = Folder::new();
    let file = folder.file("data.csv", "x,y,word,gap\n1,2,a,1\n2,4,b,\n3,6,c,3\n4,8.5,d,4\n");
    let cases: [(&[&str], &str); 14] = [
        (
            &["a*z", "y", "a=1"],
            "--model: `z` is no column and has no start: give it one, as --start z=1",
        ),
        (
            &["a*gab", "y", "a=1"],
            "--model: `gab` is no column and has no start: give it one, as --start gab=1; did you mean `gap`?",
        ),
        (&["a*x", "y", "a=1,c=2"], "--start: `c` is not in the model: leave it out"),
        (
            &["a*x", "y", "x=1,a=2"],
            "--model: `x` is a column and has a start too: leave the start out",
        ),
        (&["a*y", "y", "a=2"], "--model: `y` is the target: the model is to predict it"),
        (&["a*x +", "y", "a=2"], "--model: the expression ends where a value should follow"),
        (
            &["a*word", "y", "a=2"],
            &format!(
                "{file}, line 2, column `word`: `a` is no number, so this is a column of words"
            ),
        ),
        (
            &["a*gap", "y", "a=2"],
            &format!(
                "{file}, line 3, column `gap`: the cell is missing: fill in a number, or leave the row out"
            ),
        ),
        (&["a*x", "z", "a=2"], "--target: no column is called `z`"),
        (
            &["a*x", "ln(y - 2)", "a=2"],
            &format!(
                "{file}, line 2: --target `ln(y - 2)` is -inf there: leave the row out, or choose another"
            ),
        ),
        (
            &["a", "y", "a=2"],
            "--model: no column of the data is in it: it is the same for every row",
        ),
        (&["powi(x, a)", "y", "a=2"], "`n` depends on a variable, and it must be a number"),
        (&["a*x", "y", "a=q"], "the value of `a` is no number"),
        (
            &["a*x + b*x^2 + c*x^3 + d*x^4 + e1*x^5", "y", "a=1,b=1,c=1,d=1,e1=1"],
            "4 rows for 5 parameters to fit: give at least as many, or fix some",
        ),
    ];
    for (arguments, message) in cases {
        let [model, target, start] = arguments else { panic!("three arguments") };
        let refusal = refused(&[
            "fit", "--data", &file, "--model", model, "--target", target, "--start", start,
        ]);
        assert!(refusal.starts_with(message), "{refusal}\nnot {message}");
    }
    let line = ["--model", "a*x", "--target", "y", "--start", "a=1"];
    let more: [(&[&str], &str); 6] = [
        (&["--fix", "b"], "no parameter is called `b`: there are `a`"),
        (&["--lower", "b=1"], "no parameter is called `b`: there are `a`"),
        (&["--lower", "a=2"], "the start of `a`"),
        (&["--lower", "a"], "`a` is no value of a variable"),
        (&["--weights", "v"], "--weights: no column is called `v`"),
        (
            &["--delimiter", "7"],
            "for '--delimiter <CHARACTER>': give a character that stands in no number or word",
        ),
    ];
    for (arguments, message) in more {
        let refusal = refused(&[&["fit", "--data", &file], &line[..], arguments].concat());
        assert!(refusal.contains(message), "{refusal}\nnot {message}");
    }
    let missing = folder.path("missing.csv");
    let refusal = refused(&[&["fit", "--data", &missing], &line[..]].concat());
    assert!(refusal.starts_with(&format!("{missing}: ")), "{refusal}");
}

#[test]
fn a_fit_that_finds_no_optimum_exits_with_1_and_says_where_it_ended() {
    let folder = Folder::new();
    let file = folder.file("data.csv", "x,y\n1,1\n2,2\n3,3\n4,4\n");
    // The larger a, the better: there is no best one.
    let Run { code, out, err } = run(&[
        "fit",
        "--data",
        &file,
        "--model",
        "x*a/(1 + a)",
        "--target",
        "y*2",
        "--start",
        "a=1",
    ]);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.starts_with("error: ") && err.contains('a'), "{err}");
}
