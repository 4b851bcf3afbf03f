//! The language of expressions: every function of the table, mathematics' precedence, branches, sums, bindings.

use crate::expression::{Expression, parse};
use gradtape::op::{Arity, Info, Op};
use gradtape::program::Workspace;
use gradtape::{Program, Tape, Var, gradient};

fn parsed(text: &str) -> Expression {
    parse(text).unwrap_or_else(|problem| panic!("{}", problem.show(text)))
}

/// The value where the variables are these, in the order in which they stand in the text.
fn value(text: &str, x: &[f64]) -> f64 {
    let tape = Tape::new();
    let recorded = parsed(text).record(&tape.vars(x));
    recorded.unwrap_or_else(|problem| panic!("{}", problem.show(text))).value()
}

fn slopes(text: &str, x: &[f64]) -> Vec<f64> {
    let expression = parsed(text);
    gradient(|x| expression.record(x).expect("it was recorded before"), &x.to_vec())
}

/// Which operations are recorded.
fn operations(text: &str, x: &[f64]) -> Vec<Op> {
    let tape = Tape::new();
    parsed(text).record(&tape.vars(x)).unwrap_or_else(|problem| panic!("{}", problem.show(text)));
    (x.len()..tape.len()).map(|i| tape.node(i).op).collect()
}

/// A call by name, with its arguments in the order of the printed form: `x`, `y`, `z`, and constants as numbers.
fn call(info: &Info, constants: &[f64]) -> String {
    let mut places: Vec<(usize, String)> = Vec::new();
    for (place, name) in [("{x}", "x"), ("{y}", "y"), ("{z}", "z")] {
        places.extend(info.form.find(place).map(|at| (at, name.to_string())));
    }
    for (place, number) in ["{c}", "{d}"].into_iter().zip(constants) {
        places.extend(info.form.find(place).map(|at| (at, format!("{number:?}"))));
    }
    places.sort();
    let arguments: Vec<String> = places.into_iter().map(|(_, argument)| argument).collect();
    format!("{}({})", info.name, arguments.join(", "))
}

#[test]
fn every_function_of_the_table_is_called_by_its_name() {
    let mut count = 0;
    for &op in Op::ALL.iter().filter(|op| op.info().is_function) {
        let info = op.info();
        let Some(operands) = op.arity().operands() else { continue };
        for sample in info.samples {
            let (x, c) = sample.split_at(operands);
            let text = call(info, c);
            // Where the printed form is a call, that is what is written.
            if info.form.starts_with(&format!("{}({{", info.name)) && op != Op::Select {
                let form = info.form.replace(['{', '}'], "");
                let numbers = ["c", "d"].into_iter().zip(c);
                let form = numbers.fold(form, |form, (place, number)| {
                    let arguments: Vec<String> = form[info.name.len() + 1..form.len() - 1]
                        .split(", ")
                        .map(|argument| {
                            if argument == place { format!("{number:?}") } else { argument.into() }
                        })
                        .collect();
                    format!("{}({})", info.name, arguments.join(", "))
                });
                assert_eq!(form, text);
            }
            let expected = op.apply(x, c).expect("a sample suits its row");
            // In the order in which the names stand in the text.
            let names = parsed(&text).inputs;
            let at =
                |name: &str| ["x", "y", "z"].iter().position(|known| *known == name).expect(name);
            let point: Vec<f64> = names.iter().map(|(name, _)| x[at(name)]).collect();
            assert_eq!(value(&text, &point).to_bits(), expected.to_bits(), "{text} at {x:?}");
            let slopes_by_table = gradient(|x| op.apply(x, c).expect("likewise"), &x.to_vec());
            let expected: Vec<f64> =
                names.iter().map(|(name, _)| slopes_by_table[at(name)]).collect();
            assert_eq!(slopes(&text, &point), expected, "{text} at {x:?}");
            count += 1;
        }
    }
    assert!(count > 100, "{count} samples");
}

#[test]
fn every_row_that_users_can_record_is_recorded_by_some_text() {
    let unreachable = |op: &Op| {
        let is_derivative = op.info().name.ends_with("_slope") || op.info().name.ends_with("_bend");
        is_derivative || matches!(op, Op::Input | Op::Const | Op::Copy | Op::Custom)
    };
    let forms = [
        "-x",
        "x + y",
        "x - y",
        "x * y",
        "x / y",
        "x % y",
        "x + 2",
        "2 - x",
        "2 * x",
        "x / 3",
        "2 / x",
        "x^3",
        "x^2.5",
        "x^y",
        "2^x",
        "min(x, 1)",
        "max(x, 1)",
        "dot(x, 2, y, 3, x, 4)",
        "affine(x, 2, y, 3, x)",
    ];
    let mut recorded: Vec<Op> = Vec::new();
    for form in forms {
        recorded.extend(operations(form, &[1.5, 2.5][..parsed(form).inputs.len()]));
    }
    for &op in Op::ALL.iter().filter(|op| op.info().is_function) {
        let text = match op.arity() {
            Arity::Nary if op == Op::Affine => "affine(x, y, y, x, x)".to_string(),
            Arity::Nary => format!("{}(x, y, x, y, x, y)", op.info().name),
            _ => call(
                op.info(),
                &op.info().samples[0][op.arity().operands().expect("it is fixed")..],
            ),
        };
        recorded.extend(operations(&text, &[0.5, 0.25, 0.125][..parsed(&text).inputs.len()]));
    }
    let missing: Vec<&Op> =
        Op::ALL.iter().filter(|op| !unreachable(op) && !recorded.contains(op)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn operators_bind_as_in_mathematics() {
    let cases: [(&str, f64); 31] = [
        ("1 + 2*3", 7.0),
        ("(1 + 2)*3", 9.0),
        ("-3^2", -9.0),
        ("(-3)^2", 9.0),
        ("2^3^2", 512.0),
        ("(2^3)^2", 64.0),
        ("2^-1", 0.5),
        ("2^-1^2", 0.5),
        ("-2^-2", -0.25),
        ("2*-3", -6.0),
        ("2 - -3", 5.0),
        ("- -3", 3.0),
        ("+3", 3.0),
        ("8/4/2", 1.0),
        ("8/4*2", 4.0),
        ("8/(4*2)", 1.0),
        ("7 - 4 - 2", 1.0),
        ("7 - (4 - 2)", 5.0),
        ("7 % 4 * 2", 6.0),
        ("-7 % 4", -3.0),
        ("1e-3", 0.001),
        ("1E3 + .5 + 2.", 1002.5),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("2*pi", std::f64::consts::TAU),
        ("ln(e)", 1.0),
        ("1/inf", 0.0),
        ("if(1 < 2, 3, 4)", 3.0),
        ("if(1 > 2 or 2 > 1 and 1 > 3, 3, 4)", 4.0),
        ("if((1 > 2 or 2 > 1) and 3 > 1, 3, 4)", 3.0),
        ("if(not 1 > 2 and 1 != 2, 3, 4)", 3.0),
        ("if(not (1 > 2 or 1 == 1), 3, 4)", 4.0),
    ];
    for (text, expected) in cases {
        assert_eq!(value(text, &[]).to_bits(), expected.to_bits(), "{text}");
    }
}

#[test]
fn an_integer_power_multiplies_and_takes_negative_numbers() {
    assert_eq!(operations("x^2", &[3.0]), [Op::Square]);
    assert_eq!(operations("x^3", &[3.0]), [Op::Powi]);
    assert_eq!(operations("x^-1", &[3.0]), [Op::Powi]);
    assert_eq!(operations("x^(1 + 2)", &[3.0]), [Op::Powi]);
    assert_eq!(operations("x^0.5", &[3.0]), [Op::Powf]);
    assert_eq!(operations("x^3e9", &[1.0]), [Op::Powf]);
    assert_eq!(operations("2^x", &[3.0]), [Op::ConstPow]);
    assert_eq!(operations("x^y", &[3.0, 2.0]), [Op::Pow]);
    assert_eq!((value("x^3", &[-2.0]), slopes("x^3", &[-2.0])), (-8.0, vec![12.0]));
    assert_eq!((value("x^2", &[0.1]), slopes("x^0", &[0.0])), (0.1 * 0.1, vec![0.0]));
}

#[test]
fn a_branch_is_followed_and_a_program_refuses_the_other_one() {
    let text = "if(x < 1 and y > 0, x*y, if(x == 2, 5, x - y))";
    assert_eq!(slopes(text, &[0.5, 3.0]), [3.0, 0.5]);
    assert_eq!(slopes(text, &[3.0, 3.0]), [1.0, -1.0]);
    assert_eq!(slopes(text, &[2.0, 3.0]), [0.0, 0.0]);
    let expression = parsed(text);
    let program =
        Program::record(|x: &[Var]| expression.record(x).expect("it can be"), &[0.5, 3.0]);
    let mut workspace = Workspace::new();
    assert_eq!(program.value(&[0.25, 4.0], &mut workspace).expect("the same branch"), 1.0);
    let error = program.value(&[0.25, -4.0], &mut workspace).expect_err("the other branch");
    assert!(error.to_string().contains('>'), "{error}");
    // `and` stops at the first that does not hold, so the second is no guard.
    let program =
        Program::record(|x: &[Var]| expression.record(x).expect("it can be"), &[3.0, 3.0]);
    assert_eq!(program.value(&[4.0, -3.0], &mut workspace).expect("y was not asked for"), 7.0);
    // The branch that is not taken is not evaluated.
    assert_eq!(operations("if(x > 0, x + 1, sqrt(x))", &[2.0]), [Op::AddConst]);
    // A NaN compares with nothing.
    assert_eq!(value("if(x < 1 or x >= 1 or x == x, 1, if(x != x, 2, 3))", &[f64::NAN]), 2.0);
}

#[test]
fn sums_over_ranges_are_one_node_from_left_to_right() {
    let harmonic: f64 = (1..=100).map(|i| 1.0 / f64::from(i)).sum();
    assert_eq!(value("sum(i, 1, 100, 1/i)", &[]).to_bits(), harmonic.to_bits());
    assert_eq!(value("sum(i, -2, 2, i^2)", &[]), 10.0);
    assert_eq!(value("sum(i, 3, 2, i)", &[]), 0.0);
    assert_eq!(value("sum(i, 1, 3, sum(j, i, 3, i*j))", &[]), 25.0);
    // Σ i x^(i - 1) of a geometric sum.
    assert_eq!(slopes("sum(i, 0, 10, x^i)", &[1.0]), [55.0]);
    assert_eq!(operations("sum(i, 1, 3, x)", &[2.0]), [Op::Sum]);
    assert_eq!(value("let n = 2*2; sum(i, 1, n, i)", &[]), 10.0);
    // A name counts inside its sum only.
    assert_eq!(value("sum(i, 1, 3, i) + i", &[0.5]), 6.5);
    // Four values, and no range.
    assert_eq!(value("sum(1*a, a, a, a)", &[2.0]), 8.0);
    assert_eq!(value("sum(a, b, c)", &[1.0, 2.0, 3.0]), 6.0);
}

#[test]
fn bindings_are_computed_once_and_label_their_nodes() {
    let text = "let a = x*y; b = a + x;\n a*b";
    assert_eq!((value(text, &[2.0, 3.0]), slopes(text, &[2.0, 3.0])), (48.0, vec![48.0, 28.0]));
    let tape = Tape::new();
    let x = tape.vars(&[2.0, 3.0]);
    parsed(text).record(&x).expect("it can be recorded");
    let label = |i: usize| tape.node(i).label;
    assert_eq!([2, 3, 4].map(label), [Some("a".into()), Some("b".into()), None]);
    // What has a name keeps it.
    tape.clear();
    let x = tape.var(2.0).label("x");
    parsed("let a = x; let b = a^2; let c = b; c").record(&[x]).expect("it can be recorded");
    assert_eq!([0, 1].map(label), [Some("x".into()), Some("b".into())]);
}

#[test]
fn a_name_in_backquotes_is_a_variable_whatever_it_says() {
    let expression = parsed("`sepal length (cm)` * `e` + e*`sin`");
    let names: Vec<&str> = expression.inputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["sepal length (cm)", "e", "sin"]);
    assert_eq!(value("重み*α₁ + _b2", &[2.0, 3.0, 4.0]), 10.0);
}

#[test]
fn a_hundred_thousand_terms_are_no_depth() {
    let text = vec!["x"; 100_001].join(" + ");
    assert_eq!((value(&text, &[1.0]), slopes(&text, &[1.0])), (100_001.0, vec![100_001.0]));
    let text = format!("if({}, x, 0)", vec!["x > 0"; 20_000].join(" and "));
    assert_eq!(value(&text, &[1.0]), 1.0);
    let bindings: Vec<String> = (1..=50_000).map(|i| format!("a{i} = a{} + x", i - 1)).collect();
    assert_eq!(value(&format!("a0 = x; {}; a50000", bindings.join("; ")), &[1.0]), 50_001.0);
}

#[test]
fn two_hundred_levels_are_deep_enough_and_one_more_is_refused() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}x{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("(", ")"), ("-", ""), ("1^", ""), ("sin(", ")"), ("if(x > 0, ", ", 1)")]
    {
        assert!(value(&nested(open, close, 200), &[0.5]).is_finite());
        for depth in [201, 100_000] {
            let text = nested(open, close, depth);
            let message = parse(&text).expect_err("it is too deep").show(&text);
            assert!(message.starts_with("this is nested more than 200 levels deep"), "{message}");
        }
    }
}
