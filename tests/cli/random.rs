//! Whatever the text, the parser answers; and random expressions have the bits of plain arithmetic.

use crate::expression::parse;
use crate::property::config;
use crate::run::{Folder, Run, run};
use gradtape::Tape;
use gradtape::op::Op;
use proptest::prelude::*;

/// An expression of the test's own, with what it is worth and how it is written.
#[derive(Clone, Debug)]
enum Made {
    Number(f64),
    Variable(usize),
    Negative(Box<Made>),
    Operator(&'static str, Box<[Made; 2]>),
    Function(Op, Vec<Made>),
    If(&'static str, Box<[Made; 4]>),
    Sum(i32, Box<Made>),
}

const NAMES: [&str; 3] = ["x", "y₁", "重み"];

impl Made {
    fn value(&self, x: &[f64]) -> f64 {
        match self {
            Made::Number(number) => *number,
            Made::Variable(i) => x[*i],
            Made::Negative(a) => -a.value(x),
            Made::Operator(sign, both) => {
                let [a, b] = [both[0].value(x), both[1].value(x)];
                match *sign {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    "%" => a % b,
                    // Only with a number as the exponent: what of powers is exact.
                    _ => Op::Powi.apply(&[a], &[b]).expect("one operand and a constant"),
                }
            }
            Made::Function(op, x_of) => {
                let operands: Vec<f64> = x_of.iter().map(|operand| operand.value(x)).collect();
                op.apply(&operands, &[]).expect("they are as many")
            }
            Made::If(sign, parts) => {
                let [a, b] = [parts[0].value(x), parts[1].value(x)];
                let holds = match *sign {
                    "<" => a < b,
                    "<=" => a <= b,
                    ">" => a > b,
                    ">=" => a >= b,
                    "==" => a == b,
                    _ => a != b,
                };
                parts[if holds { 2 } else { 3 }].value(x)
            }
            Made::Sum(count, term) => {
                let terms = (1..=*count).map(|i| term.value(x) * f64::from(i));
                terms.reduce(|total, term| total + term).unwrap_or(0.0)
            }
        }
    }

    /// How strongly what stands outermost binds.
    fn level(&self) -> u8 {
        match self {
            Made::Operator("+" | "-", _) => 1,
            Made::Operator("*" | "/" | "%", _) => 2,
            Made::Negative(_) => 3,
            Made::Operator(..) => 4,
            _ => 5,
        }
    }

    /// Written with no brackets but those that are needed.
    fn text(&self, depth: usize) -> String {
        let at_least = |made: &Made, level: u8| match made.level() < level {
            true => format!("({})", made.text(depth)),
            false => made.text(depth),
        };
        match self {
            Made::Number(number) => format!("{number:?}"),
            Made::Variable(i) => NAMES[*i].into(),
            Made::Negative(a) => format!("-{}", at_least(a, 3)),
            Made::Operator(sign, both) => {
                // The left side of a power binds more than a sign; the right side may have one.
                let (left, right) = match self.level() {
                    4 => (5, 3),
                    level => (level, level + 1),
                };
                format!("{} {sign} {}", at_least(&both[0], left), at_least(&both[1], right))
            }
            Made::Function(op, operands) => {
                let operands: Vec<String> = operands.iter().map(|x| x.text(depth)).collect();
                format!("{}({})", op.info().name, operands.join(", "))
            }
            Made::If(sign, parts) => {
                let [a, b, yes, no] = parts.each_ref().map(|part| part.text(depth));
                format!("if({a} {sign} {b}, {yes}, {no})")
            }
            Made::Sum(count, term) => {
                let inside = Made::Operator("*", Box::new([(**term).clone(), Made::Number(1.0)]));
                let Made::Operator(_, both) = &inside else { unreachable!() };
                let term = match both[0].level() < 2 {
                    true => format!("({})", both[0].text(depth + 1)),
                    false => both[0].text(depth + 1),
                };
                format!("sum(i{depth}, 1, {count}, {term} * i{depth})")
            }
        }
    }
}

/// Functions that are the same code on any scalar, and of one or two operands.
fn functions() -> Vec<Op> {
    let is_plain = |op: &&Op| {
        op.info().is_function && matches!(op.arity().operands(), Some(1 | 2)) && op.constants() == 0
    };
    Op::ALL.iter().filter(is_plain).copied().collect()
}

fn made() -> impl Strategy<Value = Made> {
    let number = prop_oneof![
        (0u32..20).prop_map(|n| Made::Number(f64::from(n))),
        (0.0..3.0).prop_map(Made::Number),
        Just(Made::Number(1e-300)),
    ];
    let leaf = prop_oneof![number, (0..3usize).prop_map(Made::Variable)];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| Box::new([a, b]));
        let sign = prop::sample::select(vec!["+", "-", "*", "/", "%"]);
        let power = (inner.clone(), -6i32..7).prop_map(|(a, n)| {
            let n = match n < 0 {
                true => Made::Negative(Box::new(Made::Number(f64::from(-n)))),
                false => Made::Number(f64::from(n)),
            };
            Made::Operator("^", Box::new([a, n]))
        });
        let function = (prop::sample::select(functions()), inner.clone(), inner.clone());
        let compare = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
        let four = [inner.clone(), inner.clone(), inner.clone(), inner.clone()];
        prop_oneof![
            inner.clone().prop_map(|a| Made::Negative(Box::new(a))),
            (sign, pair).prop_map(|(sign, both)| Made::Operator(sign, both)),
            power,
            function.prop_map(|(op, a, b)| {
                let operands = [a, b].into_iter().take(op.arity().operands().expect("one or two"));
                Made::Function(op, operands.collect())
            }),
            (compare, four).prop_map(|(sign, parts)| Made::If(sign, Box::new(parts))),
            (0..4, inner).prop_map(|(count, term)| Made::Sum(count, Box::new(term))),
        ]
    })
}

/// What texts are made of: all that the language knows, and some that it does not.
fn soup() -> impl Strategy<Value = String> {
    let words: Vec<&str> = vec![
        "x",
        "y",
        "1",
        "2.5",
        ".",
        "1e",
        "1e-3",
        "3",
        "pi",
        "e",
        "inf",
        "(",
        ")",
        "(",
        ")",
        ",",
        ",",
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "<",
        "<=",
        "==",
        "!=",
        "=",
        ";",
        "let ",
        "if(",
        "and ",
        "or ",
        "not ",
        "sum(",
        "sum(i,1,3,",
        "i",
        "min(",
        "sin(",
        "clamp(",
        "powi(",
        "dot(",
        "polygamma(",
        "`",
        "`a b`",
        "|",
        "!",
        "&&",
        "重",
        "²",
        "\u{301}",
        "\u{202e}",
        "\0",
        "\n",
        "\t",
        " ",
        "#",
        "é",
        "🦀",
    ];
    prop::collection::vec(prop::sample::select(words), 0..24).prop_map(|words| words.concat())
}

/// Parse, and evaluate or show what is wrong; neither may panic.
fn try_text(text: &str) {
    let answer = parse(text).and_then(|expression| {
        let tape = Tape::new();
        let x = vec![0.5; expression.inputs.len()];
        expression.record(&tape.vars(&x)).map(|_| ())
    });
    if let Err(problem) = answer {
        let shown = problem.show(text);
        let last: Vec<&str> = shown.lines().rev().take(2).collect();
        assert!(last[0].contains('^') && last[1].chars().count() <= 2 + 72, "{shown}");
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn a_random_expression_has_the_bits_of_plain_arithmetic(
        made in made(),
        x in prop::array::uniform3(-3.0f64..3.0),
    ) {
        let text = made.text(0);
        let expression = parse(&text).unwrap_or_else(|problem| panic!("{}", problem.show(&text)));
        let tape = Tape::new();
        let at = |(name, _): &(String, _)| NAMES.iter().position(|known| known == name).expect("a name");
        let inputs: Vec<f64> = expression.inputs.iter().map(|input| x[at(input)]).collect();
        let value = expression.record(&tape.vars(&inputs)).expect("it can be recorded").value();
        let expected = made.value(&x);
        prop_assert!(
            value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan(),
            "{} is {:?}, not {:?}", text, value, expected
        );
    }

    #[test]
    fn no_soup_of_tokens_makes_the_parser_panic(text in soup()) {
        try_text(&text);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        try_text(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        try_text(&text);
    }
}

/// Tables, nearly: what stands in files of values, in any order.
fn table_soup() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"x",
        b"y",
        b"1",
        b"2.5",
        b"-3",
        b"1e999",
        b"NaN",
        b"inf",
        b",",
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\n",
        b"\r\n",
        b"\"",
        b"\"\"",
        b" ",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"word",
        "é".as_bytes(),
        b"1,5",
        b"#",
    ];
    let head = prop::sample::select(vec![&b""[..], b"x,y\n", b"x,y\n1,2\n2,3\n", b"x;y\n"]);
    let body = prop::collection::vec(prop::sample::select(pieces), 0..30);
    (head, body).prop_map(|(head, body)| [head, &body.concat()].concat())
}

/// A run must end by itself, with an exit code that says how.
fn ends_well(arguments: &[&str]) {
    let Run { code, err, .. } = run(arguments);
    assert!((0..=2).contains(&code) && !err.contains("panicked"), "{arguments:?}: {code} {err}");
    assert_eq!(code == 2, err.starts_with("error: ") && code != 1, "{arguments:?}: {code} {err}");
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn no_table_makes_the_program_panic(bytes in table_soup()) {
        let folder = Folder::new();
        let file = folder.file("table.csv", &bytes);
        ends_well(&["grad", "x*y", "--at", &file]);
        ends_well(&["grad", "x*y", "y=2", "--at", &file, "--json"]);
        ends_well(&["fit", "--data", &file, "--model", "a*x", "--target", "y", "--start", "a=1"]);
    }

    #[test]
    fn no_report_makes_the_program_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let tape = Tape::new();
        let x = tape.var(0.5).label("x");
        let mut bytes = tape.report((x.sin() * x).label("y")).json().to_string().into_bytes();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        // Sometimes cut off.
        let length = end.index(2 * bytes.len());
        bytes.truncate(length.max(1));
        let folder = Folder::new();
        let file = folder.file("report.json", &bytes);
        for command in ["table", "explain", "svg", "dot", "mermaid", "report", "check"] {
            ends_well(&[command, &file]);
        }
    }
}
