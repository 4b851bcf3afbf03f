//! Star and acyclic colourings of a symmetric pattern, seen as a graph: vertices are columns, entries are edges.
//!
//! Both are greedy: a vertex takes the first colour that is not forbidden. What forbids a colour is known from the
//! vertices around it. For each vertex `w` and each colour `c` among its coloured neighbours there is an [`Arm`], which
//! stands for all of them, so that a vertex with 100,000 neighbours of two colours has two arms.
//!
//! ```text
//! star      v may not take c if a neighbour has it, or if it would end or join a path of four in two colours:
//!           - v - w - x - y, where x has colour c and y that of w: x is the hub of a star around w
//!           - y - v - w - x, where y and w have the same colour, and x has c
//! acyclic   v may not take c if a neighbour has it, or if two neighbours w of one colour k are joined by a path of
//!           vertices of the colours c and k already: a tree with v would become a cycle
//! ```
//!
//! (Gebremedhin, Tarafdar, Manne, Pothen 2007, §§4 and 5, whose stars and trees are kept for pairs of edges; here for
//! arms.) The trees are a forest of arms, joined by union and find: the arms (w, c) and (v, k) of an edge v w of the
//! colours c and k belong to the same tree.

use super::greedy::{Greedy, NONE};
use super::order::{largest_first, smallest_last};
use super::pattern::Pattern;

/// Colour a symmetric pattern by stars.
pub(super) fn star(pattern: &Pattern) -> Greedy {
    best_order(pattern, Rule::Star)
}

/// Colour a symmetric pattern without cycles of two colours.
pub(super) fn acyclic(pattern: &Pattern) -> Greedy {
    best_order(pattern, Rule::Acyclic)
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Star,
    Acyclic,
}

fn best_order(pattern: &Pattern, rule: Rule) -> Greedy {
    let natural: Vec<u32> = (0..pattern.rows() as u32).collect();
    let mut best = Graph::new(pattern).colour(&natural, rule);
    let size: Vec<u32> = (0..pattern.rows()).map(|row| pattern.row(row).len() as u32).collect();
    for smallest in [false, true] {
        // Two colours are the fewest if there is an edge.
        if best.count <= 2 {
            break;
        }
        let order = match smallest {
            true => smallest_last(pattern, pattern, &size),
            false => Some(largest_first(pattern, &size)),
        };
        let Some(order) = order else { continue };
        let other = Graph::new(pattern).colour(&order, rule);
        if other.count < best.count {
            best = other;
        }
    }
    best
}

/// The neighbours of a vertex that have one colour.
struct Arm {
    colour: u32,
    /// One of them.
    first: u32,
    /// Whether there are several: the vertex is the hub of a star then.
    many: bool,
    /// Whether one of them is the hub of a star to which the vertex belongs.
    leads_to_hub: bool,
    /// The tree that its edges belong to.
    tree: u32,
}

struct Graph<'a> {
    pattern: &'a Pattern,
    colours: Vec<u32>,
    arms: Vec<Vec<Arm>>,
    /// The parent of each tree, itself if it is a root.
    parents: Vec<u32>,
    /// For which vertex a colour is forbidden.
    forbidden: Vec<u32>,
    /// For which vertex a tree was seen.
    seen: Vec<u32>,
}

impl<'a> Graph<'a> {
    fn new(pattern: &'a Pattern) -> Graph<'a> {
        let count = pattern.rows();
        Graph {
            pattern,
            colours: vec![NONE; count],
            arms: (0..count).map(|_| Vec::new()).collect(),
            parents: Vec::new(),
            forbidden: Vec::new(),
            seen: Vec::new(),
        }
    }

    fn colour(mut self, order: &[u32], rule: Rule) -> Greedy {
        for &v in order {
            // A vertex without entries needs no seed.
            if self.pattern.row(v as usize).is_empty() {
                continue;
            }
            self.forbid(v, rule);
            let free = self.forbidden.iter().position(|&for_whom| for_whom != v);
            let colour = free.unwrap_or(self.forbidden.len());
            if free.is_none() {
                self.forbidden.push(NONE);
            }
            self.colours[v as usize] = colour as u32;
            self.join(v, colour as u32);
        }
        Greedy { count: self.forbidden.len(), colours: self.colours }
    }

    /// Mark the colours that a vertex may not take.
    fn forbid(&mut self, v: u32, rule: Rule) {
        for w in neighbours(self.pattern, v) {
            let k = self.colours[w];
            if k == NONE {
                continue;
            }
            self.forbidden[k as usize] = v;
            let many = self.arm(v as usize, k).is_some_and(|at| self.arms[v as usize][at].many);
            for at in 0..self.arms[w].len() {
                let arm = &self.arms[w][at];
                let colour = arm.colour as usize;
                let is_forbidden = match rule {
                    Rule::Star => many || arm.leads_to_hub,
                    Rule::Acyclic => {
                        many && {
                            let tree = self.root(self.arms[w][at].tree);
                            std::mem::replace(&mut self.seen[tree as usize], v) == v
                        }
                    }
                };
                if is_forbidden {
                    self.forbidden[colour] = v;
                }
            }
        }
    }

    /// Take note of the colour of a vertex around it.
    fn join(&mut self, v: u32, colour: u32) {
        for w in neighbours(self.pattern, v) {
            let there = self.add(w, colour, v);
            let k = self.colours[w];
            if k == NONE {
                continue;
            }
            // The arm from v back: v collected its coloured neighbours as they were coloured.
            let Some(back) = self.arm(v as usize, k) else { continue };
            let [a, b] = [self.arms[w][there].tree, self.arms[v as usize][back].tree];
            let [a, b] = [self.root(a), self.root(b)];
            self.parents[a as usize] = b;
            if self.arms[v as usize][back].many {
                self.arms[w][there].leads_to_hub = true;
            }
            if self.arms[w][there].many {
                self.arms[v as usize][back].leads_to_hub = true;
                let first = self.arms[w][there].first as usize;
                if let Some(at) = self.arm(first, k) {
                    self.arms[first][at].leads_to_hub = true;
                }
            }
        }
    }

    /// Add neighbour `v` of a colour to the arms of `w`; return the place of its arm.
    fn add(&mut self, w: usize, colour: u32, v: u32) -> usize {
        if let Some(at) = self.arm(w, colour) {
            self.arms[w][at].many = true;
            return at;
        }
        let tree = self.parents.len() as u32;
        self.parents.push(tree);
        self.seen.push(NONE);
        self.arms[w].push(Arm { colour, first: v, many: false, leads_to_hub: false, tree });
        self.arms[w].len() - 1
    }

    fn arm(&self, w: usize, colour: u32) -> Option<usize> {
        self.arms[w].iter().position(|arm| arm.colour == colour)
    }

    /// The root of a tree; paths to it are halved on the way.
    fn root(&mut self, mut tree: u32) -> u32 {
        while self.parents[tree as usize] != tree {
            let grand = self.parents[self.parents[tree as usize] as usize];
            self.parents[tree as usize] = grand;
            tree = grand;
        }
        tree
    }
}

/// The neighbours of a vertex.
fn neighbours(pattern: &Pattern, v: u32) -> impl Iterator<Item = usize> {
    pattern.row(v as usize).iter().copied().filter(move |&w| w != v as usize)
}
