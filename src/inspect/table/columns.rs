//! What stands in each column of a table, and how wide it is.

use super::Table;
use crate::Reach;
use crate::inspect::name::Names;
use crate::text::{cut, cut_list, cut_middle, marked, on_one_line, width};
use std::collections::BTreeSet;

/// The places between two columns.
pub(super) const GAP: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Node,
    Label,
    Op,
    Operands,
    Value,
    Adjoint,
    Partials,
    Location,
}

use Column::{Adjoint, Label, Location, Node, Op, Operands, Partials, Value};

/// The columns from left to right.
const ALL: [Column; 8] = [Node, Label, Op, Operands, Value, Adjoint, Partials, Location];

/// Which columns are given up where the table is too narrow, the first one first.
const GIVEN_UP: [Column; 6] = [Location, Operands, Partials, Op, Label, Adjoint];

impl Column {
    pub(super) fn title(self) -> &'static str {
        match self {
            Node => "node",
            Label => "label",
            Op => "op",
            Operands => "operands",
            Value => "value",
            Adjoint => "adjoint",
            Partials => "partials",
            Location => "recorded at",
        }
    }

    pub(super) fn is_right_aligned(self) -> bool {
        matches!(self, Node | Value | Adjoint)
    }

    /// The places below which it is not narrowed; none if it is never narrowed.
    fn least(self, digits: usize) -> Option<usize> {
        match self {
            Node | Value | Adjoint => None,
            Label | Op | Operands => Some(8),
            // One number and a sign that there are more.
            Partials => Some(digits + 10),
            Location => Some(12),
        }
    }

    /// A text as it fits into so many places.
    pub(super) fn fitted(self, text: String, places: usize) -> String {
        match self {
            Label => cut_middle(text, places),
            Operands | Partials => cut_list(text, places),
            _ => cut(text, places),
        }
    }
}

/// The columns of a table with their widths, and those that were given up.
pub(super) struct Columns {
    pub shown: Vec<(Column, usize)>,
    pub given_up: Vec<Column>,
}

impl Columns {
    /// Make the columns as wide as the rows need, and no wider in total than the table may be.
    pub(super) fn of(table: &Table<'_>, names: &Names<'_>, rows: &[usize]) -> Columns {
        let natural = |column: Column| {
            let widest = rows.iter().map(|&node| width(&table.cell(names, column, node))).max();
            (column, widest.unwrap_or(0))
        };
        let is_kept = |&(column, widest): &(Column, usize)| {
            widest > 0 || matches!(column, Node | Value | Adjoint)
        };
        let titled = |(column, widest): (Column, usize)| (column, widest.max(column.title().len()));
        let shown = ALL.map(natural).into_iter().filter(is_kept).map(titled).collect();
        let mut columns = Columns { shown, given_up: Vec::new() };
        if columns.total() > table.width {
            columns.fit(table, apart(table, rows));
        }
        columns
    }

    fn total(&self) -> usize {
        let widths: usize = self.shown.iter().map(|(_, width)| width).sum();
        widths + GAP * self.shown.len().saturating_sub(1)
    }

    /// Take from the columns until all fit; labels keep the places that tell them `apart`.
    fn fit(&mut self, table: &Table<'_>, apart: usize) {
        let least = |&(column, width): &(Column, usize)| {
            let least = column.least(table.digits).unwrap_or(width);
            let least = if column == Label { least.max(apart) } else { least };
            width.min(least.max(column.title().len()))
        };
        let mut give_up = GIVEN_UP.into_iter();
        loop {
            let narrowest: usize = self.shown.iter().map(|c| least(c) + GAP).sum();
            if narrowest <= table.width.saturating_add(GAP) {
                break;
            }
            let Some(column) = give_up.next() else { break };
            if let Some(at) = self.shown.iter().position(|&(shown, _)| shown == column) {
                self.shown.remove(at);
                self.given_up.push(column);
            }
        }
        // Take from the widest column until all fit: what is narrow anyway stays whole.
        while self.total() > table.width {
            let can_shrink = |c: &&mut (Column, usize)| c.1 > least(c);
            let widest = self.shown.iter_mut().filter(can_shrink).max_by_key(|c| c.1);
            let Some((_, width)) = widest else { break };
            *width -= 1;
        }
    }
}

/// The places at which labels that are cut still differ: `layer 1…w[0,3]`. 0 if none does.
fn apart(table: &Table<'_>, rows: &[usize]) -> usize {
    /// Of more rows those at the beginning decide, and no label takes more places for it.
    const ROWS: usize = 200;
    const MOST: usize = 24;
    let labels = rows.iter().filter_map(|&i| table.report.nodes[i].label.as_deref());
    let labels: BTreeSet<String> = labels.take(ROWS).map(on_one_line).collect();
    let differ = |places: &usize| {
        let cut: BTreeSet<String> =
            labels.iter().map(|label| cut_middle(label.clone(), *places)).collect();
        cut.len() == labels.len()
    };
    (1..=MOST).find(differ).unwrap_or(0)
}

impl Table<'_> {
    /// What stands in a column of a node's row, before it is cut.
    pub(super) fn cell(&self, names: &Names<'_>, column: Column, i: usize) -> String {
        let node = &self.report.nodes[i];
        let joined = |parts: Vec<String>| parts.join(" ");
        match column {
            Node => format!("%{i}"),
            Label => node.label.as_deref().map(on_one_line).unwrap_or_default(),
            Op => on_one_line(&names.expression(i)),
            Operands => joined(node.operands.iter().map(|o| format!("%{o}")).collect()),
            Value => marked(node.value, self.digits),
            Adjoint => match node.why_zero() {
                Some(Reach::NotConnected) => "-".into(),
                Some(Reach::Blocked) => "blocked".into(),
                Some(Reach::AtKink) => "kink".into(),
                _ => marked(node.adjoint, self.digits),
            },
            Partials => joined(node.partials.iter().map(|&p| marked(p, self.digits)).collect()),
            Location => node.location.as_deref().map(on_one_line).unwrap_or_default(),
        }
    }
}
