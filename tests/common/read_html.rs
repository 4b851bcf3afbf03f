//! A reader of the data in the page of a report, by `serde_json` alone.

#![allow(dead_code, reason = "each test uses its part")]

use super::read_json::{index, number};
use super::shown::Shown;
use gradtape::Reach;
use serde_json::Value;

/// The data of a page: it is one line.
#[track_caller]
pub fn data(page: &str) -> Value {
    let line = page.lines().find(|line| line.contains("\"partials\":")).expect("a line of data");
    let (start, end) = (line.find('{').expect("an object"), line.rfind('}').expect("its end"));
    serde_json::from_str(&line[start..=end]).expect("it is JSON")
}

/// The nodes of a page, which has them in columns; an empty text stands for a number that follows from others.
#[track_caller]
pub fn read(page: &str) -> Vec<Shown> {
    let data = data(page);
    let column = |name: &str| data[name].as_array().expect("a column");
    let reach = data["reach"].as_str().expect("letters");
    let count = column("value").len();
    for length in [column("adjoint").len(), column("operands").len(), column("partials").len()] {
        assert_eq!(length, count, "columns are equally long");
    }
    assert_eq!(reach.len(), count);
    let mut nodes: Vec<Shown> = Vec::with_capacity(count);
    for (i, letter) in reach.chars().enumerate() {
        let list = |value: &Value| value.as_array().expect("a list").iter().map(number).collect();
        let operands: Vec<usize> =
            column("operands")[i].as_array().expect("a list").iter().map(index).collect();
        let known = |name: &str| Some(&column(name)[i]).filter(|&value| value != "");
        // The index of an earlier node stands for what that one has.
        let shared = |name: &str| {
            let own = data[name].get(i.to_string())?;
            Some(own.as_u64().map_or(own, |before| &data[name][before.to_string()]))
        };
        let constants: Vec<f64> = shared("constants").map(list).unwrap_or_default();
        let op = &data["ops"][index(&column("op")[i])];
        let x: Vec<f64> = operands.iter().map(|&o| nodes[o].value).collect();
        let value = known("value").map_or_else(|| value_of(op, &x, &constants), number);
        let partials =
            known("partials").map_or_else(|| partials_of(op, &x, &constants, value), list);
        assert_eq!(operands.len(), partials.len(), "one partial an operand");
        nodes.push(Shown {
            index: i,
            label: shared("label").map(|label| label.as_str().expect("a label").to_string()),
            value,
            adjoint: if Some(i as u64) == data["output"].as_u64() { 1.0 } else { 0.0 },
            reach: match letter {
                'c' => Reach::Connected,
                'b' => Reach::Blocked,
                'k' => Reach::AtKink,
                'n' => Reach::NotConnected,
                other => panic!("{other} is no reach"),
            },
            operands: operands.into_iter().zip(partials).collect(),
        });
    }
    for i in (0..count).rev() {
        if column("adjoint")[i] != "" {
            nodes[i].adjoint = number(&column("adjoint")[i]);
        }
        let w = nodes[i].adjoint;
        for (operand, partial) in nodes[i].operands.clone() {
            nodes[operand].adjoint += if w == 0.0 { 0.0 } else { w * partial };
        }
    }
    nodes
}

/// The value of an arithmetic operation.
fn value_of(op: &Value, x: &[f64], c: &[f64]) -> f64 {
    let sum = |terms: Vec<f64>| terms.into_iter().reduce(|sum, term| sum + term).unwrap_or(0.0);
    match (op["name"].as_str().expect("a name"), x, c) {
        ("neg", [x], _) => -x,
        ("recip", [x], _) => 1.0 / x,
        ("square", [x], _) => x * x,
        ("add", [x, y], _) => x + y,
        ("sub", [x, y], _) => x - y,
        ("mul", [x, y], _) => x * y,
        ("div", [x, y], _) => x / y,
        ("add_const", [x], [c]) => x + c,
        ("const_sub", [x], [c]) => c - x,
        ("mul_const", [x], [c]) => x * c,
        ("div_const", [x], [c]) => x / c,
        ("const_div", [x], [c]) => c / x,
        ("sum", x, _) => sum(x.to_vec()),
        ("sum_squares", x, _) => sum(x.iter().map(|x| x * x).collect()),
        ("dot" | "linear" | "affine" | "affine_data", x, c) => {
            let (terms, bias) = x.split_at(x.len() - usize::from(op["bias"] == true));
            let total = match op["pairs"] == true {
                true => sum(terms.chunks(2).map(|pair| pair[0] * pair[1]).collect()),
                false => sum(terms.iter().zip(c).map(|(x, c)| x * c).collect()),
            };
            bias.iter().fold(total, |total, bias| total + bias)
        }
        (name, ..) => panic!("the value of {name} does not follow"),
    }
}

/// The local partials of an operation, where they take nothing but arithmetic.
fn partials_of(op: &Value, x: &[f64], c: &[f64], r: f64) -> Vec<f64> {
    let other = |k: usize| x[if k.is_multiple_of(2) { k + 1 } else { k - 1 }];
    let terms = x.len() - usize::from(op["bias"] == true);
    let found: Vec<f64> = match op["name"].as_str().expect("a name") {
        _ if x.is_empty() => Vec::new(),
        "copy_of" | "add" | "add_const" | "sum" => vec![1.0; x.len()],
        "neg" | "const_sub" => vec![-1.0],
        "sub" => vec![1.0, -1.0],
        "recip" => vec![-(r * r)],
        "square" | "sum_squares" => x.iter().map(|x| 2.0 * x).collect(),
        "mul" => vec![x[1], x[0]],
        "mul_add" => vec![x[1], x[0], 1.0],
        "mul_const" => vec![c[0]],
        "div" => vec![1.0 / x[1], -(1.0 / x[1] * r)],
        "div_const" => vec![1.0 / c[0]],
        "const_div" => vec![-(1.0 / x[0] * r)],
        "sqrt" => vec![1.0 / (2.0 * r)],
        "exp" => vec![r],
        "ln" => vec![1.0 / x[0]],
        "tanh" => vec![(1.0 - r) * (1.0 + r)],
        "sigmoid" => vec![r * (1.0 - r)],
        "dot" | "linear" | "affine" | "affine_data" => {
            let factor = |k: usize| if op["pairs"] == true { other(k) } else { c[k] };
            (0..x.len()).map(|k| if k < terms { factor(k) } else { 1.0 }).collect()
        }
        name => panic!("the partials of {name} do not follow"),
    };
    // Of the two zeros a partial is the positive one.
    found.into_iter().map(|partial| partial + 0.0).collect()
}
