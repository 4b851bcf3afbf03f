//! The network that made a tape: units and links, each of which is a node.
//!
//! | file | idea |
//! |---|---|
//! | `model` | [`Network`], [`Unit`], [`Link`], [`Seen`]: what there is to draw |
//! | `dosage` | the dosage network, found by the names of its parameters |
//! | `layers` | a network of dense layers, found by the scopes or labels of its layers |
//! | `evaluations` | the evaluations of one network, put together |

mod dosage;
mod evaluations;
mod layers;
mod model;

pub use model::{Link, Network, Seen, Unit};
