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
//! | `json` | the model in JSON, and read back
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
mod escape;
mod finding;
mod html;
mod json;
mod layout;
mod network;
mod notebook;
mod report;
mod run;
mod run_error;
mod svg;
mod words;

pub use checked::{Checked, CheckedDifference, CheckedInput, Sample};
pub use dosage::dosage_report;
pub use finding::{Code, Finding, Severity};
pub use html::Html;
pub use layout::{Edge, Group, Groups, Item, Layout, Place, ScopeFrame};
pub use network::{Link, Network, Seen, Unit};
pub use report::{Reach, Report, ReportNode, Statistics};
pub use run::{Curves, Frame, Run, Slice};
pub use run_error::RunError;
pub use svg::Svg;
