//! A small program: one function, all results variables.

use super::homes::{Part, settle};
use super::literal::Float;
use super::signature::{Function, Kind, has_guards, loop_over_rows, returned};
use super::step::{Item, Step, What};
use super::write::Writer;
use crate::op::Op;
use crate::program::body::Body;
use crate::tape::Instructions;

/// What may stand in `Ok(...)` on one line.
const SHORT: usize = 60;

/// Write a function from what is done once and what is done for each row.
pub(super) fn written(
    function: &Function<'_>,
    float: Float,
    names: &[String],
    steps: [Vec<Step>; 2],
) -> String {
    let (body, code) = (function.body, &function.body.code);
    let has_rows = function.kind == Kind::Sum;
    let items = steps.map(|mut steps| {
        // What is handed out comes last.
        steps.sort_by_key(|step| match step.what {
            What::Output => 1 + step.own.base,
            _ => 0,
        });
        steps.into_iter().map(Item::Step).collect::<Vec<Item>>()
    });
    let inputs = body.inputs as usize;
    let shared = function.shared.unwrap_or(inputs);
    let [once, each] = items;
    let mut parts = match has_rows {
        true => vec![
            Part { items: once, within: None, inputs: 0..shared, turns: None },
            Part { items: each, within: Some(0), inputs: shared..inputs, turns: None },
        ],
        false => {
            let items = once.into_iter().chain(each).collect();
            vec![Part { items, within: None, inputs: 0..inputs, turns: None }]
        }
    };
    let named = settle(&mut parts, &code.insts, &code.pool, &[]);
    let (count, array) = function.array();
    let is_sum = function.kind == Kind::Sum;
    let output = |place: &str| match (is_sum, place) {
        (true, "") => Some("sum += ".to_owned()),
        (true, place) => Some(format!("sums[{place}] += ")),
        (false, "") => None,
        (false, place) => Some(format!("{array}[{place}] = ")),
    };
    let mut writer = Writer::new(code, float, names, "", &output);
    writer.outputs_before = function.outputs_before();
    let is_checked = !body.checks.is_empty();
    let mut used = Vec::new();
    for (argument, first, count) in function.arguments() {
        let reads = |i: &usize| named[*i];
        let read: Vec<usize> = (first..first + count).filter(reads).collect();
        if !read.is_empty() {
            used.push(argument);
        }
        if has_rows && argument == "row" {
            continue;
        }
        for i in read {
            writer.line(&format!("let {} = {argument}[{}];", names[i], i - first));
        }
    }
    writer.items(&parts[0].items);
    if has_rows {
        writer.line(&format!("let mut sum: {} = 0.0;", float.name()));
        if count > 0 {
            writer.line(&format!("let mut sums = [0.0; {count}];"));
        }
        writer.line(&loop_over_rows(used.contains(&"row"), has_guards(&parts[1].items)));
        writer.indent += 1;
        writer.error = ".in_row(at)";
        for i in (shared..inputs).filter(|&i| named[i]) {
            writer.line(&format!("let {} = row[{}];", names[i], i - shared));
        }
        writer.items(&parts[1].items);
        writer.indent -= 1;
        writer.line("}");
        if count > 0 {
            writer.line("*gradient = sums;");
        }
    }
    let result = match (function.kind, body.outputs.first()) {
        (Kind::Sum, _) => "sum".to_owned(),
        (Kind::Value | Kind::Gradient, Some(&o)) => result(body, names, float, o),
        _ => String::new(),
    };
    // What is computed last need not be named to be returned.
    let named = format!("    let {result} = ");
    let last = writer.lines.last().and_then(|line| line.strip_prefix(&named)?.strip_suffix(';'));
    let last = last.filter(|text| text.len() <= SHORT).map(str::to_owned);
    if last.is_some() {
        writer.lines.pop();
    }
    let result = returned(&last.unwrap_or(result), is_checked);
    if !result.is_empty() {
        writer.line(&result);
    }
    let lines = std::mem::take(&mut writer.lines);
    function.public(float, &used, &lines)
}

/// What a function returns: a variable, or a constant.
fn result(body: &Body, names: &[String], float: Float, o: u32) -> String {
    let inst = &body.code.insts[o as usize];
    match inst.op {
        Op::Const => float.literal(body.code.constants(inst)[0]),
        _ => names[o as usize].clone(),
    }
}
