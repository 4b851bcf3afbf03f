//! [`Groups`]: a tape that is too large to draw at once, as a tree of drawings.

use crate::inspect::Report;
use crate::text::counted;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// The most nodes that are drawn one by one.
pub(super) const LARGEST: usize = 1000;
/// The most groups in a group, unless bundling them leaves more.
const CHILDREN: usize = 100;

/// A report as a tree of groups. Each is a run of nodes, so that all edges between groups go forward.
///
/// A group of more than 1000 nodes is divided by scope; what lies between scopes is divided into runs.
/// Of many small scopes neighbours are bundled. Every node is in exactly one innermost group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// The groups, outer before inner; the first is the whole report.
    pub all: Vec<Group>,
    /// How often the nodes before each node are used.
    used_before: Vec<usize>,
}

/// A run of nodes that is one box of a drawing, and a drawing of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The name of its scope, of several that are all of it `outer / inner`; of a bundle `row 43 … row 87`; or
    /// `nodes 0–499`.
    pub title: String,
    /// How many scopes beside it do the same, `one of 228 rows like this`; empty if it is the only one.
    pub alike: String,
    /// The group around it, as an index into [`Groups::all`].
    pub parent: Option<usize>,
    /// The groups in it, in tape order; none if it is drawn node by node.
    pub children: Vec<usize>,
    /// The innermost scope that holds all of it, as an index into [`Report::scopes`].
    pub scope: Option<usize>,
    /// Its first node.
    pub start: usize,
    /// How many nodes it has.
    pub nodes: usize,
}

/// A run of nodes that may become a group.
struct Piece {
    range: Range<usize>,
    /// The scopes that it is: the first, the last, and how many; none for what lies between scopes.
    scopes: Option<(usize, usize, usize)>,
    /// How many scopes beside it do the same as each of these, with them.
    alike: usize,
    /// What each of them does, as a hash.
    shape: u64,
    /// The innermost scope that holds all of it.
    within: Option<usize>,
}

impl Group {
    /// Its nodes, as indices into [`Report::nodes`].
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.nodes
    }
}

impl Groups {
    /// Divide a report.
    pub fn of(report: &Report) -> Groups {
        let len = report.nodes.len();
        let inner = inner_scopes(report);
        let whole = Group { nodes: len, ..Group::default() };
        let mut groups = Groups { all: vec![whole], used_before: used_before(report) };
        let mut next = 0;
        while next < groups.all.len() {
            for piece in groups.divided(report, &inner, next) {
                groups.add(report, next, piece);
            }
            next += 1;
        }
        groups
    }

    /// What a group is to be divided into; nothing, if it is small. A scope that is all of it is the group.
    ///
    /// One that is nearly all of it is divided with it: else scopes that are very deep would be as many groups, and to
    /// draw each takes a walk over all that is in it.
    fn divided(&mut self, report: &Report, inner: &[Vec<usize>], group: usize) -> Vec<Piece> {
        let this = &mut self.all[group];
        if this.nodes <= LARGEST {
            return Vec::new();
        }
        let mut pieces = loop {
            let mut pieces = pieces(report, inner, this.scope, &this.range());
            while let Some(at) = pieces.iter().position(|piece| {
                piece.scopes.is_some()
                    && piece.range.len() * 10 > this.nodes * 9
                    && pieces.len() > 1
            }) {
                let inside = self::pieces(report, inner, pieces[at].within, &pieces[at].range);
                if pieces[at].range.len() <= LARGEST || pieces.len() + inside.len() > CHILDREN {
                    break;
                }
                pieces.splice(at..=at, inside);
            }
            let [Piece { scopes: Some((scope, ..)), .. }] = &pieces[..] else { break pieces };
            this.scope = Some(*scope);
            this.title += if this.title.is_empty() { "" } else { " / " };
            this.title += &report.scope_title(*scope);
        };
        compare(report, &mut pieces);
        match pieces.len() > CHILDREN {
            true => bundles(pieces, this.scope, (this.nodes / CHILDREN * 2).max(LARGEST)),
            false => pieces,
        }
    }

    /// Find the innermost group of a node; the whole, if there is no such node.
    pub fn innermost(&self, node: usize) -> usize {
        let mut at = 0;
        while let Some(group) = self.all.get(at) {
            let child = group.children.partition_point(|&c| self.all[c].range().end <= node);
            match group.children.get(child) {
                Some(&child) => at = child,
                None => break,
            }
        }
        at
    }

    /// List the groups around a group and it itself, the whole first.
    pub fn path(&self, group: usize) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = Some(group);
        while let Some(here) = at.filter(|&here| here < self.all.len()) {
            path.push(here);
            at = self.all[here].parent;
        }
        path.reverse();
        path
    }

    /// How often the nodes of a range are used, by nodes in it or after it.
    pub(super) fn uses(&self, range: &Range<usize>) -> usize {
        self.used_before[range.end] - self.used_before[range.start]
    }

    fn add(&mut self, report: &Report, parent: usize, piece: Piece) {
        let Range { start, end } = piece.range;
        let title = match piece.scopes {
            Some((first, _, 1)) => report.scope_title(first),
            Some((first, last, _)) => {
                format!("{} … {}", report.scope_title(first), report.scope_title(last))
            }
            None if end - start == 1 => format!("node {start}"),
            None => format!("nodes {start}–{}", end - 1),
        };
        let child = self.all.len();
        self.all[parent].children.push(child);
        self.all.push(Group {
            title,
            alike: alike(report, &piece),
            parent: Some(parent),
            children: Vec::new(),
            scope: piece.within,
            start,
            nodes: end - start,
        });
    }
}

/// How often the nodes before each node are used; one entry more than there are nodes.
fn used_before(report: &Report) -> Vec<usize> {
    let mut uses = vec![0; report.nodes.len() + 1];
    for &operand in report.nodes.iter().flat_map(|node| &node.operands) {
        uses[operand + 1] += 1;
    }
    for i in 1..uses.len() {
        uses[i] += uses[i - 1];
    }
    uses
}

/// The scopes directly inside each scope, at one more than its index; at 0 the outermost.
fn inner_scopes(report: &Report) -> Vec<Vec<usize>> {
    let mut inner = vec![Vec::new(); report.scopes.len() + 1];
    for (i, scope) in report.scopes.iter().enumerate() {
        let around = scope.parent.filter(|&parent| parent < i).map_or(0, |parent| parent + 1);
        inner[around].push(i);
    }
    inner
}

/// What there is to say of the scopes beside a piece: `one of 228 rows like this`, `45 of 228 rows alike`.
fn alike(report: &Report, piece: &Piece) -> String {
    let Some((first, last, count)) = piece.scopes.filter(|_| piece.alike > 1) else {
        return String::new();
    };
    // What is left of `row 43` without its number.
    let kind = |scope: usize| {
        let title = report.scope_title(scope);
        title.trim_end_matches(|c: char| !c.is_alphabetic()).to_string()
    };
    let kind = Some(kind(first)).filter(|name| !name.is_empty() && *name == kind(last));
    let all = counted(piece.alike, kind.as_deref().unwrap_or("scope"));
    match count {
        1 => format!("one of {all} like this"),
        _ if count == piece.alike => format!("all {all} alike"),
        _ => format!("{count} of {all} alike"),
    }
}

/// Find, for the scopes among pieces, which of the others do the same: the same operations, which take each other's
/// results in the same way. Which nodes they take from outside and which numbers they have may differ.
fn compare(report: &Report, pieces: &mut [Piece]) {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for piece in pieces.iter_mut().filter(|piece| piece.scopes.is_some()) {
        let mut hasher = DefaultHasher::new();
        for i in piece.range.clone() {
            let node = &report.nodes[i];
            (node.op, &node.name, node.operands.len()).hash(&mut hasher);
            let inside =
                node.operands.iter().map(|&o| if o < piece.range.start { 0 } else { i - o });
            inside.for_each(|back| back.hash(&mut hasher));
        }
        piece.shape = hasher.finish();
        *counts.entry(piece.shape).or_default() += 1;
    }
    for piece in pieces.iter_mut().filter(|piece| piece.scopes.is_some()) {
        piece.alike = counts[&piece.shape];
    }
}

/// Divide a run of nodes: into the scopes in it and what lies between.
fn pieces(
    report: &Report,
    inner: &[Vec<usize>],
    within: Option<usize>,
    range: &Range<usize>,
) -> Vec<Piece> {
    let inner = &inner[within.map_or(0, |scope| scope + 1)];
    let mut pieces = Vec::new();
    let runs = |range: Range<usize>, pieces: &mut Vec<Piece>| {
        for start in range.clone().step_by(LARGEST) {
            let range = start..(start + LARGEST).min(range.end);
            pieces.push(Piece { range, scopes: None, alike: 0, shape: 0, within });
        }
    };
    let mut at = range.start;
    let first = inner.partition_point(|&s| end_of(report, s) <= range.start);
    for &scope in &inner[first..] {
        let start = report.scopes[scope].start.max(at);
        let end = end_of(report, scope).min(range.end);
        if start >= range.end {
            break;
        }
        if start < end {
            runs(at..start, &mut pieces);
            let (range, scopes) = (start..end, Some((scope, scope, 1)));
            pieces.push(Piece { range, scopes, alike: 0, shape: 0, within: Some(scope) });
            at = end;
        }
    }
    runs(at..range.end, &mut pieces);
    pieces
}

fn end_of(report: &Report, scope: usize) -> usize {
    report.scopes[scope].end.unwrap_or(report.nodes.len())
}

/// Join neighbours while they stay below a length.
fn bundles(pieces: Vec<Piece>, within: Option<usize>, most: usize) -> Vec<Piece> {
    let mut bundles: Vec<Piece> = Vec::new();
    for piece in pieces {
        match bundles.last_mut() {
            Some(last) if piece.range.end - last.range.start <= most => {
                let range = last.range.start..piece.range.end;
                let (alike, shape) = match (last.scopes, piece.scopes) {
                    (Some(_), Some(_)) if last.shape != piece.shape => (0, 0),
                    (Some(_), _) => (last.alike, last.shape),
                    (None, _) => (piece.alike, piece.shape),
                };
                let scopes = match (last.scopes, piece.scopes) {
                    (Some((first, _, n)), Some((_, last, m))) => Some((first, last, n + m)),
                    (scopes, None) | (None, scopes) => scopes,
                };
                *last = Piece { range, scopes, alike, shape, within };
            }
            _ => bundles.push(piece),
        }
    }
    bundles
}
