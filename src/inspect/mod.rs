//! The inspector: see where a gradient comes from.
//!
//! One model of plain data, [`Report`], is made from a tape and an output. Whatever shows it only reads it,
//! so no two formats can disagree.
//!
//! | file | idea |
//! |---|---|
//! | `report` | [`Report`] and [`ReportNode`]: the model |
//! | `build` | from a tape to the model |
//! | `doors` | [`Tape::report`](crate::Tape::report) and its kin |
//! | `run` | [`Run`]: a training history, with the curves of its steps |
//! | `run_error` | [`RunError`]: why a run cannot be shown so |
//! | `dosage` | [`dosage_report`]: the dosage network and its descent |
//! | `network` | [`Network`]: units and links, each of which is a node |
//! | `checked` | [`Checked`]: what the referees of a gradient check said |
//! | `finding` | [`Finding`]: what was noticed |
//! | `layout` | [`Layout`]: where everything goes, for formats that draw |
//! | `html` | [`Html`]: the page |
//! | `notebook` | the page in a notebook |
//! | `escape` | text inside other languages |
//! | `svg` | [`Svg`]: a drawing of its own |
//! | `json` | [`Json`]: the model in JSON, and read back |
//! | `paths` | [`Paths`]: the products along paths that add up to an adjoint; [`Use`]: the local rule |
//! | `explain` | [`Explanation`]: the chain rule of one node, in the terminal |
//! | `table` | [`Table`]: the model on a terminal |
//! | `dot` | [`Dot`]: the model for Graphviz |
//! | `mermaid` | [`Mermaid`]: the model for pages that draw Mermaid |
//! | `drawing` | what is drawn of a report: nodes, edges, scopes |
//! | `select` | nodes and scopes by name |
//! | `figures` | numbers with a mark, zeros with a reason |
//! | `text` | text on one line: escapes, width, cuts |
//! | `words` | numbers and names as they are shown |
//!
//! ```
//! use gradtape::Tape;
//!
//! let tape = Tape::new();
//! let dose = tape.var(0.5).label("dose");
//! let w1 = tape.var(3.34).label("w1");
//! let y = (w1 * dose).softplus().label("y");
//! let report = tape.report(y);
//! assert_eq!(report.nodes[report.find("w1").unwrap()].adjoint, y.backward().wrt(w1));
//! ```

mod build;
mod checked;
mod doors;
mod dosage;
mod dot;
mod drawing;
mod escape;
mod explain;
mod figures;
mod finding;
mod flow;
mod html;
mod json;
mod layout;
mod mermaid;
mod network;
mod notebook;
mod options;
mod paths;
mod report;
mod run;
mod run_error;
mod scopes;
mod select;
mod statistics;
mod svg;
mod table;
mod text;
mod unknown;
mod words;

pub use checked::{Checked, CheckedDifference, CheckedInput, CheckedStep};
pub use dosage::dosage_report;
pub use dot::Dot;
pub use explain::Explanation;
pub use finding::{Code, Finding, Severity};
pub use html::Html;
pub use json::Json;
#[cfg(feature = "json")]
pub use json::JsonError;
pub use layout::{Edge, Group, Groups, Item, Layout, Place, ScopeFrame};
pub use mermaid::{Mermaid, MermaidError};
pub use network::{Link, Network, Seen, Unit};
pub use paths::{Path, PathEdge, Paths, Use};
pub use report::{Reach, Report, ReportNode};
pub use run::{Curves, Frame, Run, Slice};
pub use run_error::RunError;
pub use statistics::Statistics;
pub use svg::Svg;
pub use table::{Color, Sort, Table};
pub use unknown::UnknownNode;
