//! A drawing that stands by itself: no Graphviz, no script, no network, light and dark.
//!
//! | file | idea |
//! |---|---|
//! | `show` | [`Svg`]: the picture as a whole |
//! | `head` | what it is of, and what its signs mean |
//! | `boxes` | nodes and groups |
//! | `lines` | frames, edges, and the partials on them |
//! | `text` | text that fits where it stands |
//! | `style.css` | its colours, light and dark |

mod boxes;
mod head;
mod lines;
mod show;
mod text;

pub use show::Svg;
