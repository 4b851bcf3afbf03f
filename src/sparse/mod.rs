//! Sparsity: where a matrix of derivatives has entries, and colours that find them all in a few sweeps.
//!
//! | file | idea |
//! |---|---|
//! | `pattern` | [`Pattern`]: the places of the entries, row by row, and what a wrong one is told |
//! | `matrix` | [`Matrix`]: a pattern with values |
//! | `outside` | the same as the matrices of other crates |
//! | `draw` | a pattern in print |
//! | `order` | the orders in which a greedy colouring goes through a matrix |
//! | `greedy` | columns that share no row get the same colour |
//! | `colouring` | [`Colouring`]: of columns, of rows, of both, of symmetric matrices |
//! | `cut` | which rows or columns are dense enough for colours of their own |
//! | `around` | the colours around each vertex of a graph: star and acyclic colourings |
//!
//! A sweep forwards gives the product of the Jacobian with a seed, a sweep backwards that of its transpose. If columns
//! that share no row have a 1 in the same seed, each number of the product is one entry (Curtis, Powell, Reid 1974). So
//! the Jacobian of a banded system takes as many seeds as the band is wide, whatever its size. [`Colouring`] says which
//! columns go together, and a plan ([`JacobianPlan`](crate::program::JacobianPlan),
//! [`HessianPlan`](crate::program::HessianPlan)) runs them.
//!
//! Nothing here knows of programs: a pattern from elsewhere can be coloured too.
//!
//! ```
//! use gradtape::sparse::{Colouring, Pattern};
//!
//! // Three neighbours a row: three colours, for ten columns or for a million.
//! let neighbours = |i: usize| (i.saturating_sub(1)..=(i + 1).min(9)).map(move |j| (i, j));
//! let band = Pattern::from_entries(10, 10, (0..10).flat_map(neighbours))?;
//! assert_eq!(Colouring::of_columns(&band).count(), 3);
//! # Ok::<(), gradtape::sparse::PatternError>(())
//! ```

mod around;
mod colouring;
mod cut;
mod draw;
mod greedy;
mod matrix;
mod order;
mod outside;
mod pattern;

pub use colouring::{Colouring, ColouringKind, Seed};
pub use matrix::Matrix;
pub use pattern::{Pattern, PatternError};
