//! The dosage network: seven parameters, three observations, one squiggle.
//!
//! Does a drug work? A low and a high dosage did not, a middle one did. Two softplus curves, *blue*
//! and *orange*, are scaled and added up to the *green squiggle*, which goes through the
//! observations once the parameters are right. It is the network on which Josh Starmer explains
//! backpropagation (StatQuest, *Neural Networks Pt. 2: Backpropagation Main Ideas* and the two
//! *Backpropagation Details* that follow).
//!
//! | file | idea |
//! |---|---|
//! | `network` | the curves and the loss, over any [`Real`](crate::Real) |
//! | `rows` | the same as a program over rows |
//! | `recipe` | [`Recipe`]: where training starts, what it moves, how fast |
//!
//! ```
//! use gradtape::{gradient, nn::dosage};
//! let start = dosage::C.start;
//! assert!((dosage::ssr(&start) - 1.8958781559).abs() < 1e-10);
//! let slopes = gradient(dosage::ssr, &start);
//! assert!((slopes[6] - 3.4594544122).abs() < 1e-10); // with respect to b3
//! ```

mod network;
mod recipe;
mod rows;

pub use network::{
    DATA, NAMES, PUBLISHED, blue, orange, parameters, predict, squiggle, ssr, ssr_labelled,
};
pub use recipe::{A, ALL, B, C, Recipe};
pub use rows::{over_rows, rows};
