//! What the page is given: the report in columns, so that a node takes few bytes, and its layout.

use super::{drawings, live, numbers, pattern, training};
use crate::Reach;
use crate::inspect::Report;
use crate::inspect::json::{Field, GENERATOR, Value};
use crate::inspect::name::Names;
use crate::op::{Arity, Op, Zero};
use crate::tape::{Guard, GuardOperand};
use crate::text::{on_one_line, steers};
use indexmap::{IndexMap, IndexSet};

/// The data of the page.
pub(super) fn of(report: &Report) -> Value {
    let model = live::Model::of(report);
    let mut fields = vec![
        ("generator", GENERATOR.into()),
        ("title", report.heading().into()),
        ("output", report.output.into()),
    ];
    let mut others = vec![
        ("scopes", Value::list(report.scopes.iter().map(scope))),
        ("guards", Value::list(report.guards.iter().map(guard))),
        ("layout", drawings::of(report)),
        ("findings", report.findings.to_json()),
        ("check", without(report.check.to_json(), &["estimates", "rounding"])),
        ("network", report.network.to_json()),
        ("compared", Value::list(report.compared.iter().map(|(name, text)| in_lines(name, text)))),
        ("statistics", statistics(report)),
        ("facts", Value::list(report.facts.iter().map(|(name, value)| pair(name, value)))),
        ("points", model.as_ref().map_or(Value::Null, live::Model::to_json)),
        ("runs", Value::list(report.runs.iter().map(|run| training::of(run, model.as_ref())))),
    ];
    others.extend(report.pattern.iter().map(|shown| ("pattern", pattern::of(shown))));
    // Labels are found by address, so they are whole; the page writes out of names what this does elsewhere.
    for (_, value) in &mut others {
        tidy(value);
    }
    fields.extend(columns(report));
    fields.extend(others);
    Value::Object(fields)
}

/// Write out of all texts what would turn, join or break what stands around them.
fn tidy(value: &mut Value) {
    match value {
        Value::Text(text) if text.contains(steers) => *text = on_one_line(text),
        Value::List(items) => items.iter_mut().for_each(tidy),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| tidy(value)),
        Value::Map(fields) => fields.iter_mut().for_each(|(_, value)| tidy(value)),
        _ => {}
    }
}

/// The nodes, one list a property. What few nodes have is an object by node.
fn columns(report: &Report) -> Vec<(&'static str, Value)> {
    let nodes = &report.nodes;
    let names = Names::of(report);
    let kinds: IndexSet<(Op, &str)> = nodes.iter().map(|n| (n.op, &*n.name)).collect();
    let kind = |(op, name): (Op, &str)| kinds.get_index_of(&(op, name)).unwrap_or(0);
    let reach: String = nodes.iter().map(|node| letter(node.reach)).collect();
    let mut columns = vec![
        ("ops", Value::list(kinds.iter().map(|&(op, name)| operation(op, &on_one_line(name))))),
        ("op", Value::list(nodes.iter().map(|node| kind((node.op, &node.name))))),
        ("operands", Value::list(nodes.iter().map(|node| node.operands.to_json()))),
        ("partials", numbers::partials(report)),
        ("value", numbers::values(report)),
        ("adjoint", numbers::adjoints(report)),
        ("reach", reach.into()),
        (
            "constants",
            shared(report, |i| {
                let constants = &nodes[i].constants;
                (!constants.is_empty()).then(|| constants.to_json())
            }),
        ),
        ("label", shared(report, |i| nodes[i].label.as_ref().map(String::to_json))),
    ];
    // The page knows that of a label which several nodes have the index follows.
    let mut counts = IndexMap::<&str, usize>::new();
    let labels = nodes.iter().filter_map(|node| node.label.as_deref());
    labels.for_each(|label| *counts.entry(label).or_default() += 1);
    let unknown_name = |i: usize| {
        let label = nodes[i].label.as_deref()?;
        let is_alone = counts.get(label) == Some(&1);
        let known = if is_alone { label.into() } else { format!("{label} (%{i})") };
        let name = names.node(i);
        (name != known).then(|| name.into())
    };
    columns.push(("name", shared(report, unknown_name)));
    if nodes.iter().any(|node| node.location.is_some()) {
        let location = |i: usize| nodes[i].location.as_ref().map(String::to_json);
        columns.push(("locations", shared(report, location)));
    }
    columns
}

/// An object with one entry for each node that has something, under its index. For what an earlier node has too stands
/// the index of that one, if it is shorter.
fn shared(report: &Report, of: impl Fn(usize) -> Option<Value>) -> Value {
    let mut first = IndexMap::new();
    let entry = |i: usize| {
        let own = of(i)?;
        let text = own.to_string();
        let before = *first.entry(text.clone()).or_insert(i);
        let is_shorter = before < i && before.to_string().len() < text.len();
        Some((i.to_string(), if is_shorter { before.into() } else { own }))
    };
    Value::Map((0..report.nodes.len()).filter_map(entry).collect())
}

fn letter(reach: Reach) -> char {
    match reach {
        Reach::Connected => 'c',
        Reach::AtKink => 'k',
        Reach::Blocked => 'b',
        Reach::NotConnected => 'n',
    }
}

/// How the page writes an operation down.
fn operation(op: Op, name: &str) -> Value {
    let kind = match op.arity() {
        Arity::Leaf => "leaf",
        Arity::Nary | Arity::Custom => "many",
        Arity::Unary | Arity::Data | Arity::Binary | Arity::Ternary => "few",
    };
    let info = op.info();
    let mut fields = vec![("name", name.into()), ("kind", kind.into())];
    match kind {
        "few" => fields.push(("form", info.form.into())),
        "many" => fields.push(("form", op.term_form().into())),
        _ => {}
    }
    if let Some(form) = op.negated_form() {
        fields.push(("negated", form.into()));
    }
    if kind != "leaf" {
        fields.push(("partials", Value::list(info.partial_forms.iter().copied())));
    }
    let term = op.terms();
    let traits = [
        ("pairs", term.operands == 2),
        ("bias", term.bias),
        ("flat", info.zero == Zero::Flat),
        ("sum", term.sum),
        ("custom", op == Op::Custom),
    ];
    fields.extend(
        traits.into_iter().filter(|&(_, holds)| holds).map(|(name, _)| (name, true.into())),
    );
    // The constant that makes it constant, as 0 does `0 * x`.
    let flat_at = [0.0, 1.0, f64::INFINITY].into_iter().find(|&c| op.is_flat(c));
    fields.extend(flat_at.map(|c| ("flatAt", c.into())));
    Value::Object(fields)
}

/// A comparison: its sides, of which a constant is in a list, the relation, and how it fell.
fn guard(guard: &Guard) -> Value {
    let side = |operand| match operand {
        GuardOperand::Node(i) => Value::from(i),
        GuardOperand::Constant(c) => Value::list([c]),
    };
    let Guard { left, relation, right, outcome, .. } = *guard;
    Value::List(vec![side(left), relation.symbol().into(), side(right), outcome.into()])
}

fn scope(scope: &crate::tape::Scope) -> Value {
    let end = scope.end.unwrap_or(scope.start);
    let name = scope.name.to_json();
    Value::List(vec![name, scope.parent.into(), scope.start.into(), end.into()])
}

fn pair(name: &str, value: &str) -> Value {
    Value::list([name, value])
}

/// The same with a text of several lines as a list of them.
fn in_lines(name: &str, text: &str) -> Value {
    match text.contains('\n') {
        true => Value::List(vec![name.into(), Value::list(text.split('\n'))]),
        false => pair(name, text),
    }
}

/// A value without the fields of these names, at any depth: what the page does not show.
fn without(value: Value, names: &[&str]) -> Value {
    match value {
        Value::List(items) => Value::list(items.into_iter().map(|item| without(item, names))),
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| !names.contains(name));
            Value::Object(kept.map(|(name, value)| (name, without(value, names))).collect())
        }
        other => other,
    }
}

fn statistics(report: &Report) -> Value {
    let counts = report.statistics();
    let rows = [
        ("nodes", counts.nodes),
        ("leading to the output", counts.used),
        ("independent variables", counts.leaves),
        ("operands", counts.edges),
        ("depth, in operations", counts.depth),
        ("values not finite", counts.non_finite_values),
        ("adjoints not finite", counts.non_finite_adjoints),
    ];
    let rows = rows.into_iter().map(|(name, count)| pair(name, &count.to_string()));
    let operations = counts.operations.iter().map(|(name, n)| pair(name, &n.to_string()));
    Value::list(rows.chain(operations))
}
