//! The inspector: see where a gradient comes from.
//!
//! One model of plain data, [`Report`], is made from a tape and an output. Whatever shows it only reads it,
//! so no two formats can disagree.
//!
//! | file | idea |
//! |---|---|
//! | `report` | [`Report`]: the model |
//! | `build` | [`Tape::report`](crate::Tape::report), [`Program::report`](crate::Program::report): from a tape to the model |
//! | `error` | [`ReportError`]: why something is no report that can be shown; [`UnknownName`]: names that nothing has |
//! | **more of the model** | |
//! | `finding` | [`Finding`]: what was noticed |
//! | `network` | [`Network`]: units and links, each of which is a node |
//! | `sparsity` | [`Sparsity`]: the pattern of a sparse derivative, and its colours |
//! | `dosage` | [`Dosage::report`](crate::nn::Dosage::report): the dosage network and its descent |
//! | `training` | [`Plan::report`](crate::model::Plan::report): the network of a training |
//! | **what follows from it** | |
//! | `flow` | what leads where: users, depths, how far a derivative gets |
//! | `paths` | [`Paths`]: the products along paths that add up to an adjoint |
//! | `layout` | where everything goes, for formats that draw |
//! | `diff` | [`Diff`]: two reports side by side |
//! | `compare` | a report with what changed, also by each pass of a program |
//! | **formats** | |
//! | `overview` | a report in a few lines: its `Display`; [`Statistics`]: how much there is |
//! | `table` | [`Table`]: on a terminal |
//! | `explain` | [`Explanation`]: the chain rule of one node, on a terminal |
//! | `dot`, `mermaid` | [`Dot`] for Graphviz; a flowchart for pages that draw Mermaid |
//! | `svg` | [`Svg`]: a drawing of its own |
//! | `json` | [`Json`]: the model in JSON, and read back |
//! | `html` | the page, also in a notebook |
//! | **shared by formats** | |
//! | `drawing` | what DOT and Mermaid draw: nodes, edges, scopes |
//! | `name` | what nodes and scopes are called, and what a name stands for |
//!
//! Every format is a method of the report, `tape.report(y).table()`. What it returns borrows the report, takes
//! options, and prints with `Display`. A name that nothing has is an error.
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
mod compare;
mod diff;
mod dosage;
mod dot;
mod drawing;
mod error;
mod explain;
mod finding;
mod flow;
mod html;
mod json;
mod layout;
mod mermaid;
mod name;
mod network;
mod overview;
mod paths;
mod report;
mod sparsity;
mod svg;
mod table;
mod training;

pub use diff::Diff;
pub use dot::Dot;
pub use error::{ReportError, UnknownName};
pub use explain::Explanation;
pub use finding::{Code, Finding, Severity};
pub use html::Framed;
pub use json::Json;
pub use mermaid::MermaidError;
pub use network::{Link, Network, Source, Unit};
pub use overview::Statistics;
pub use paths::{Path, PathEdge, Paths};
pub use report::Report;
pub use sparsity::{Sparsity, SparsityLine};
pub use svg::Svg;
pub use table::Table;
