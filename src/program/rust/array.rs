//! A large program: a function that calls others, with an array for the results that go from one to the next.

use super::homes::{Part, Turns, settle};
use super::options::RustOptions;
use super::signature::{Function, Kind, has_guards, loop_over_rows, returned, signature};
use super::step::Item;
use super::write::{Writer, grows};
use std::fmt::Write as _;

/// An array of more numbers than this is not put on the stack.
const ON_STACK: usize = 8192;

/// Write a function, and those that it calls, from what is done once and what is done for each row.
pub(super) fn written(
    function: &Function<'_>,
    options: &RustOptions,
    names: &[String],
    items: [Vec<Item>; 2],
) -> String {
    let (body, code) = (function.body, &function.body.code);
    let [once, each] = items.map(|items| parts(items, options.statements));
    let in_rows = once.len();
    let mut parts: Vec<Part> = once.into_iter().chain(each).collect();
    let is_sum = function.kind == Kind::Sum;
    let returns = matches!(function.kind, Kind::Value | Kind::Gradient);
    let results = if returns { &body.outputs[..1] } else { &[][..] };
    settle(&mut parts, &code.insts, &code.pool, results);
    let float = options.float;
    let (name, size) = (function.name(), code.insts.len());
    let (count, array) = function.array();
    let width = if is_sum { 1 + count } else { count };
    let is_checked = !body.checks.is_empty();
    let prefix = name.to_uppercase();
    let output = |place: &str| match (is_sum, place) {
        (true, place) => Some(format!("y[{place}] += ")),
        (false, "") => None,
        (false, place) => Some(format!("y[{place}] = ")),
    };
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut functions = String::new();
    let is_large = |size: usize| size > ON_STACK && !options.no_std;
    let memory = if is_large(size) { "v" } else { "&mut v" };
    let sums = if is_large(width) { ", sums" } else { ", &mut sums" };
    for (k, part) in parts.iter().enumerate() {
        let mut writer = Writer::new(code, float, names, &prefix, &output);
        writer.outputs_before = if is_sum { 0 } else { function.outputs_before() };
        writer.loops.extend(part.turns.map(|turns| turns.level));
        writer.items(&part.items);
        let guards = has_guards(&part.items);
        let of = float.name();
        let lines = std::mem::take(&mut writer.lines);
        if lines.is_empty() {
            // Nothing reads what it computes.
            calls.push(Vec::new());
            continue;
        }
        let v = if lines.iter().any(|line| line.contains("v[")) { "v" } else { "_v" };
        let mut parameters = vec![format!("{v}: &mut [{of}; {size}]")];
        let mut call = format!("{name}_{}({memory}", k + 1);
        if lines.iter().any(|line| line.contains(" y[")) {
            parameters.push(format!("y: &mut [{of}; {width}]"));
            call += if is_sum { sums } else { ", " };
            call += if is_sum { "" } else { array };
        }
        if part.turns.is_some_and(|turns| grows(&part.items, turns.level)) {
            parameters.push("i: usize".to_owned());
            call += ", i";
        }
        call.push(')');
        let result = if guards { " -> Result<(), BranchChanged>" } else { "" };
        let head = signature(&format!("fn {name}_{}", k + 1), &parameters, result);
        let _ = write!(functions, "\n{head}\n{}\n", lines.join("\n"));
        functions += if guards { "    Ok(())\n}\n" } else { "}\n" };
        calls.push(match (guards, is_sum && k >= in_rows) {
            (false, _) => vec![format!("{call};")],
            (true, false) => vec![format!("{call}?;")],
            (true, true) => vec![
                format!("if let Err(error) = {call} {{"),
                "    return Err(error.in_row(at));".to_owned(),
                "}".to_owned(),
            ],
        });
    }
    let mut writer = Writer::new(code, float, names, &prefix, &output);
    write_memory(&mut writer, "v", "memory", size, is_large(size));
    let mut used = Vec::new();
    let copies = function.arguments();
    let (of_rows, of_all): (Vec<_>, Vec<_>) =
        copies.into_iter().partition(|&(argument, ..)| is_sum && argument == "row");
    let copy = |(argument, first, count): (&'static str, usize, usize)| {
        format!("v[{first}..{}].copy_from_slice({argument});", first + count)
    };
    for argument in of_all.into_iter().filter(|&(_, _, count)| count > 0) {
        used.push(argument.0);
        writer.line(&copy(argument));
    }
    write_calls(&mut writer, &parts[..in_rows], &calls[..in_rows]);
    if is_sum {
        write_memory(&mut writer, "sums", "totals", width, is_large(width));
        let guards = parts[in_rows..].iter().any(|part| has_guards(&part.items));
        let reads = of_rows.iter().any(|&(_, _, count)| count > 0);
        writer.line(&loop_over_rows(reads, guards));
        writer.indent += 1;
        for argument in of_rows.into_iter().filter(|&(_, _, count)| count > 0) {
            writer.line(&copy(argument));
        }
    }
    write_calls(&mut writer, &parts[in_rows..], &calls[in_rows..]);
    let result = match function.kind {
        Kind::Sum => {
            writer.indent -= 1;
            writer.line("}");
            if count > 0 {
                writer.line("gradient.copy_from_slice(&sums[1..]);");
            }
            "sums[0]".to_owned()
        }
        Kind::Value | Kind::Gradient => format!("v[{}]", body.outputs[0]),
        Kind::Values => String::new(),
    };
    let result = returned(&result, is_checked);
    if !result.is_empty() {
        writer.line(&result);
    }
    let lines = std::mem::take(&mut writer.lines);
    [function.public(float, &used, &lines), functions].concat()
}

/// Write memory for so many zeros: an array, or of many a `Vec`.
fn write_memory(writer: &mut Writer<'_>, name: &str, owner: &str, size: usize, is_large: bool) {
    if !is_large {
        return writer.line(&format!("let mut {name} = [0.0; {size}];"));
    }
    writer.line(&format!("let mut {owner} = vec![0.0; {size}];"));
    writer.line(&format!("let Some({name}) = {owner}.first_chunk_mut::<{size}>() else {{"));
    writer.line("    unreachable!();");
    writer.line("};");
}

/// Call the parts, those of one loop in it.
fn write_calls(writer: &mut Writer<'_>, parts: &[Part], calls: &[Vec<String>]) {
    let mut open: Option<Turns> = None;
    let all = parts.iter().zip(calls).filter(|(_, calls)| !calls.is_empty());
    for (turns, lines) in all.map(|(part, calls)| (part.turns, &calls[..])).chain([(None, &[][..])])
    {
        if open != turns && open.is_some() {
            writer.indent -= 1;
            writer.line("}");
        }
        if let Some(Turns { count, .. }) = turns.filter(|_| open != turns) {
            let of_loop = parts.iter().zip(calls).filter(|(part, _)| part.turns == turns);
            let reads = of_loop.flat_map(|(_, calls)| calls).any(|call| call.contains(", i)"));
            let turn = if reads { "i" } else { "_" };
            writer.line(&format!("for {turn} in 0..{count} {{"));
            writer.indent += 1;
        }
        lines.iter().for_each(|line| writer.line(line));
        open = turns;
    }
}

/// Divide items among functions; a loop that is too long for one is a loop of calls.
fn parts(items: Vec<Item>, most: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut gathered: Vec<Item> = Vec::new();
    for item in items {
        match item {
            Item::Loop { count, level, body } if statements(&body) > most => {
                parts.extend(chunks(std::mem::take(&mut gathered), most, None));
                let turns = Turns { count, level, group: parts.len() };
                parts.extend(chunks(body, most, Some(turns)));
            }
            item => gathered.push(item),
        }
    }
    parts.extend(chunks(gathered, most, None));
    parts
}

fn statements(items: &[Item]) -> usize {
    items.iter().map(Item::statements).sum()
}

/// Divide items into runs of so many statements.
fn chunks(items: Vec<Item>, most: usize, turns: Option<Turns>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut statements = usize::MAX;
    for item in items {
        let count = item.statements();
        if statements.saturating_add(count) > most {
            parts.push(Part { items: Vec::new(), within: None, inputs: 0..0, turns });
            statements = 0;
        }
        statements += count;
        if let Some(part) = parts.last_mut() {
            part.items.push(item);
        }
    }
    parts
}
