//! How the entries of a symmetric matrix are found from the seeds of its colours.
//!
//! The lane of colour `k` in row `i` is the sum of the entries of row `i` whose columns have that colour: a *group*. Each
//! entry is in two groups, and so is its mirror image: as `(i, j)` in that of row `i`, as `(j, i)` in that of row `j`.
//!
//! ```text
//! while an entry is unknown:
//!     take a group with one unknown entry: it is the sum less the known ones
//!     it is known in its other group too
//! ```
//!
//! (Gebremedhin et al. 2009, §3.) In a star colouring each entry is alone in one of its groups, and nothing is
//! subtracted. In an acyclic one the entries of two colours are the edges of a tree, which is taken apart from its leaves.

use crate::sparse::{Colouring, ColouringKind, Pattern};

/// Where each entry is read, and what is subtracted from what was read.
#[derive(Clone, Debug)]
pub(super) struct Recovery {
    /// The place of the entry or of its mirror image: the one that is read.
    source: Vec<usize>,
    /// Entries from which others are subtracted, in order, and where these end in `others`.
    steps: Vec<(usize, usize)>,
    others: Vec<usize>,
}

impl Recovery {
    /// Plan it for a symmetric pattern.
    pub fn new(pattern: &Pattern, colouring: &Colouring) -> Recovery {
        let mirror = mirror(pattern);
        if colouring.kind() == ColouringKind::Dense {
            let source = (0..mirror.len()).map(|at| at.min(mirror[at])).collect();
            return Recovery { source, steps: Vec::new(), others: Vec::new() };
        }
        let Groups { of, members, starts } = Groups::new(pattern, colouring);
        let group = |at: usize| &members[starts[of[at]]..starts[of[at] + 1]];
        // How many entries are unknown in each group, and the xor of their places: of one alone, its place.
        let mut unknown: Vec<(usize, usize)> = starts
            .windows(2)
            .map(|range| {
                let members = &members[range[0]..range[1]];
                (members.len(), members.iter().fold(0, |xor, at| xor ^ at))
            })
            .collect();
        let mut source = vec![usize::MAX; mirror.len()];
        let (mut steps, mut others) = (Vec::new(), Vec::new());
        let mut ready: Vec<usize> = (0..mirror.len()).filter(|&at| group(at).len() == 1).collect();
        let mut next = 0;
        while let Some(&at) = ready.get(next) {
            next += 1;
            if source[at] != usize::MAX {
                continue;
            }
            if group(at).len() > 1 {
                let known = group(at).iter().filter(|&&other| other != at);
                others.extend(known.map(|&other| source[other]));
                steps.push((at, others.len()));
            }
            for place in [at, mirror[at]] {
                if source[place] != usize::MAX {
                    continue;
                }
                source[place] = at;
                let (count, xor) = &mut unknown[of[place]];
                *count -= 1;
                *xor ^= place;
                if *count == 1 {
                    ready.push(*xor);
                }
            }
        }
        debug_assert!(!source.contains(&usize::MAX), "the colouring leaves entries unknown");
        Recovery { source, steps, others }
    }

    /// Tell whether an entry is read, and not its mirror image.
    #[inline]
    pub fn reads(&self, at: usize) -> bool {
        self.source[at] == at
    }

    /// Count the entries from which others are subtracted.
    pub fn subtractions(&self) -> usize {
        self.steps.len()
    }

    /// Find all entries from those that were read.
    pub fn complete(&self, values: &mut [f64]) {
        let mut start = 0;
        for &(at, end) in &self.steps {
            let known: f64 = self.others[start..end].iter().map(|&other| values[other]).sum();
            values[at] -= known;
            start = end;
        }
        for at in 0..values.len() {
            values[at] = values[self.source[at]];
        }
    }
}

/// The place of each entry's mirror image.
fn mirror(pattern: &Pattern) -> Vec<usize> {
    // Row by row, the entries of a column are its row from left to right.
    let mut next = pattern.starts().to_vec();
    let mirror = |&column: &usize| {
        next[column] += 1;
        next[column] - 1
    };
    pattern.indices().iter().map(mirror).collect()
}

/// The entries of each row by the colours of their columns.
struct Groups {
    /// The group of each entry.
    of: Vec<usize>,
    /// The entries, group by group, and where each group starts.
    members: Vec<usize>,
    starts: Vec<usize>,
}

impl Groups {
    fn new(pattern: &Pattern, colouring: &Colouring) -> Groups {
        let colour = |column: usize| colouring.column(column).unwrap_or(usize::MAX);
        let (mut of, mut starts) = (vec![0; pattern.nonzeros()], Vec::new());
        let mut members: Vec<usize> = (0..pattern.nonzeros()).collect();
        for range in pattern.starts().windows(2) {
            let row = &mut members[range[0]..range[1]];
            row.sort_by_key(|&at| colour(pattern.indices()[at]));
            let mut last = None;
            for (k, &at) in row.iter().enumerate() {
                let this = colour(pattern.indices()[at]);
                if last != Some(this) {
                    starts.push(range[0] + k);
                    last = Some(this);
                }
                of[at] = starts.len() - 1;
            }
        }
        starts.push(members.len());
        Groups { of, members, starts }
    }
}
