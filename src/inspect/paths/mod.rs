//! The chain rule over a report: the paths from the output back to a node, and the uses of a node.
//!
//! The derivative of the output with respect to a node is the sum over all paths between them of the
//! product of the local partials along each (Bauer 1974; Griewank & Walther, *Evaluating Derivatives*, 2nd
//! ed., §3.2). There may be 1e23 of them; the sweep gets the same sum by adding up at every node what its
//! users send.
//!
//! | file | idea |
//! |---|---|
//! | `search` | [`Path`]; the largest products first, without walking all paths |
//! | `list` | [`Paths`]: some or all paths, their sum, and what it says of the adjoint; how many there are; the uses of a node |

mod list;
mod search;

pub use list::Paths;
pub use search::{Path, PathEdge};
