//! Small neural networks over one flat vector of parameters.
//!
//! Every forward pass is generic over [`Real`](crate::Real): it computes on `f64`, carries tangents
//! on [`Dual`](crate::Dual) and records on [`Var`](crate::Var), with the same primal bits.
//!
//! | file | idea |
//! |---|---|
//! | `parameters` | [`Parameters`]: names and shapes over the flat vector that optimizers see |
//! | `error` | [`ParameterError`]: a name or a length that does not fit |
//! | `initialize` | [`Init`]: seeded random weights (Xavier, He, uniform) |
//! | `activation` | [`Activation`]: one table of functions |
//! | `dense` | [`Dense`]: a layer, one affine node a neuron |
//! | `mlp` | [`Mlp`]: layers in a row |
//! | `loss` | [`ssr`], [`mse`], [`mae`], [`huber`], and the cross entropies from logits |
//! | `dosage` | [`dosage`]: the network of the explanation, its data and recipes |

mod activation;
mod dense;
pub mod dosage;
mod error;
mod initialize;
mod loss;
mod mlp;
mod parameters;

pub use activation::{Activation, LEAKY_SLOPE, UnknownActivation};
pub use dense::Dense;
pub use error::ParameterError;
pub use initialize::Init;
pub use loss::{binary_cross_entropy, cross_entropy, huber, mae, mse, soft_cross_entropy, ssr};
pub use mlp::Mlp;
pub use parameters::Parameters;
