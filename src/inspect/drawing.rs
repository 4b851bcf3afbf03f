//! What is drawn of a report: nodes, edges, scopes. DOT and Mermaid differ only in how they write it.

use super::name::Names;
use super::{Finding, Report, Severity};
use crate::Reach;
use crate::text::{cut, marked, on_one_line};
use std::collections::BTreeMap;

/// The places of a line in a box: a label can be any text.
const LONGEST: usize = 60;
/// The depth up to which lines are indented.
const INDENTED: usize = 24;

/// The whole of a report, or some scopes of it with the nodes around that their edges touch.
pub(super) struct Drawing<'a> {
    pub report: &'a Report,
    names: Names<'a>,
    digits: usize,
    /// Whether each node is in what was asked for; not kept where all are.
    inside: Option<Vec<bool>>,
    /// Whether each node is drawn.
    shown: Option<Vec<bool>>,
    findings: BTreeMap<usize, Vec<&'a Finding>>,
}

impl<'a> Drawing<'a> {
    pub(super) fn of(report: &'a Report, scopes: Option<&[usize]>, digits: usize) -> Drawing<'a> {
        let mut findings = BTreeMap::<usize, Vec<&Finding>>::new();
        for finding in &report.findings {
            if let Some(node) = finding.node {
                findings.entry(node).or_default().push(finding);
            }
        }
        let inside = scopes.map(|scopes| report.nodes_in(scopes));
        let mut drawing =
            Drawing { report, names: Names::of(report), digits, inside, shown: None, findings };
        if let Some(inside) = &drawing.inside {
            let mut shown = inside.clone();
            for (from, to, _) in drawing.edges() {
                (shown[from], shown[to]) = (true, true);
            }
            drawing.shown = Some(shown);
        }
        drawing
    }

    fn is_inside(&self, node: usize) -> bool {
        self.inside.as_ref().is_none_or(|inside| inside[node])
    }

    /// The edges from operand to user with the local partial, in tape order; `x * x` has two.
    pub(super) fn edges(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.report.nodes.iter().enumerate().flat_map(move |(to, node)| {
            let edges = node.operands.iter().zip(&node.partials);
            edges
                .map(move |(&from, &partial)| (from, to, partial))
                .filter(move |&(from, to, _)| self.is_inside(from) || self.is_inside(to))
        })
    }

    /// The nodes in tape order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = usize> {
        (0..self.report.nodes.len()).filter(|&i| self.shown.as_ref().is_none_or(|shown| shown[i]))
    }

    /// Write the nodes in tape order, each between the beginnings and ends of the scopes around it, and every line with
    /// more spaces in front the deeper it is, up to [`INDENTED`].
    ///
    /// Only scopes that begin or end are looked at, or the time would grow as the square of their depth.
    pub(super) fn nested(
        &self,
        begin: impl Fn(usize) -> String,
        end: &str,
        node: impl Fn(usize) -> String,
    ) -> String {
        let mut text = String::new();
        let mut open: Vec<usize> = Vec::new();
        let mut entered: Vec<usize> = Vec::new();
        let depths = self.report.scope_depths();
        let mut line = |depth: usize, line: &str| {
            text += &" ".repeat(2 + 2 * depth.min(INDENTED));
            text += line;
            text.push('\n');
        };
        for i in self.nodes() {
            // A scope that is open stands at its depth in the list, and so do those around it.
            let innermost = self.report.nodes[i].scope;
            let outwards = innermost.into_iter().flat_map(|scope| self.report.outwards(scope));
            entered.extend(outwards.take_while(|&scope| open.get(depths[scope]) != Some(&scope)));
            let around = innermost.map_or(0, |scope| depths[scope] + 1) - entered.len();
            while open.len() > around {
                open.pop();
                line(open.len(), end);
            }
            while let Some(scope) = entered.pop() {
                line(open.len(), &begin(scope));
                open.push(scope);
            }
            line(open.len(), &node(i));
        }
        (0..open.len()).rev().for_each(|depth| line(depth, end));
        text
    }

    /// The text of a node's box: what it is called, what it computes, its numbers, what was noticed.
    pub(super) fn lines(&self, i: usize) -> Vec<String> {
        let node = &self.report.nodes[i];
        let text = |text: String| cut(on_one_line(&text), LONGEST);
        let mut lines = vec![text(self.names.node(i))];
        if !node.is_leaf() {
            lines.push(text(self.names.expression(i)));
        }
        lines.push(format!("value {}", marked(node.value, self.digits)));
        lines.push(match node.why_zero() {
            Some(Reach::NotConnected) => "not connected".into(),
            Some(Reach::Blocked) => "adjoint blocked".into(),
            Some(Reach::AtKink) => "adjoint 0 at a kink".into(),
            _ => format!("adjoint {}", marked(node.adjoint, self.digits)),
        });
        lines.extend(self.findings_at(i).iter().map(|finding| format!("! {}", finding.code)));
        lines
    }

    /// What a scope is called.
    pub(super) fn scope(&self, scope: usize) -> String {
        cut(on_one_line(&self.report.scope_title(scope)), LONGEST)
    }

    /// The text of an edge: the local partial.
    pub(super) fn partial(&self, partial: f64) -> String {
        marked(partial, self.digits)
    }

    fn findings_at(&self, node: usize) -> &[&'a Finding] {
        self.findings.get(&node).map_or(&[], |findings| findings)
    }

    /// How grave the gravest finding about a node is.
    pub(super) fn severity(&self, node: usize) -> Option<Severity> {
        self.findings_at(node).iter().map(|finding| finding.severity).max()
    }

    /// Whether no derivative gets from the output to a node.
    pub(super) fn is_cut_off(&self, node: usize) -> bool {
        self.report.nodes[node].reach != Reach::Connected
    }
}
