//! A report for pages that draw Mermaid.
//!
//! | file | idea |
//! |---|---|
//! | `doors` | [`Mermaid`], and how large a drawing may be |
//! | `write` | the flowchart |
//! | `error` | [`MermaidError`]: what Mermaid would not draw, and what it would |

mod doors;
mod error;
mod write;

pub use doors::Mermaid;
pub use error::MermaidError;
