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
//! | `network` | [`Network`]: units and links, each of which is a node |
//! | `checked` | [`Checked`]: what the referees of a gradient check said |
//! | `finding` | [`Finding`]: what was noticed |
//! | `json` | the model in JSON, and read back
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
mod dot;
mod drawing;
mod figures;
mod finding;
mod json;
mod mermaid;
mod network;
mod report;
mod run;
mod select;
mod table;
mod text;
mod words;

pub use checked::{Checked, CheckedDifference, CheckedInput, Sample};
pub use dot::Dot;
pub use finding::{Code, Finding, Severity};
pub use mermaid::{Mermaid, MermaidError};
pub use network::{Link, Network, Seen, Unit};
pub use report::{Reach, Report, ReportNode, Statistics};
pub use run::{Curves, Frame, Run, Slice};
pub use table::{Color, Sort, Table};
