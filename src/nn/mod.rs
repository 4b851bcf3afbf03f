//! Small neural networks over one flat vector of parameters.
//!
//! Every forward pass is generic over [`Real`](crate::Real): it computes on `f64`, carries tangents
//! on [`Dual`](crate::Dual) and records on [`Var`](crate::Var), with the same primal bits.
//!
//! | file | idea |
//! |---|---|
//! | `parameters` | [`Parameters`]: names and shapes over the flat vector that optimizers see; [`Init`]: seeded random weights (Xavier, He, uniform) |
//! | `activation` | [`Activation`]: one table of functions |
//! | `mlp` | [`Dense`]: a layer, one affine node a neuron; [`Mlp`]: layers in a row |
//! | `loss` | [`ssr`], [`mse`], [`mae`], [`huber`], and the cross entropies from logits; [`softmax`], [`accuracy`] |
//! | `dosage` | [`Dosage`]: the network of the explanation, with its data or yours |

mod activation;
mod dosage;
mod loss;
mod mlp;
mod parameters;

pub use activation::{Activation, NetworkError};
pub use dosage::Dosage;
pub use loss::{
    accuracy, binary_cross_entropy_with_logits, cross_entropy_with_logits, huber, mae, mse,
    soft_cross_entropy_with_logits, softmax, ssr,
};
pub use mlp::{Dense, Mlp};
pub use parameters::{Init, Parameters};
