//! Reverse-mode automatic differentiation (autodiff, backpropagation) of ordinary Rust code.
//!
//! A *tape* records scalar operations as they run; a reverse *sweep* walks them backwards and gives
//! every node its *adjoint*, the rate at which the result moves with it.
//!
//! ```
//! use gradtape::Tape;
//!
//! let tape = Tape::new();
//! let dose = tape.var(0.5).label("dose");
//! let w1 = tape.var(3.34).label("w1");
//! let b1 = tape.var(-1.43).label("b1");
//! let y = (w1 * dose + b1).softplus();
//!
//! let gradient = y.backward();
//! assert_eq!(y.value(), 0.8203299666264259);
//! assert_eq!(gradient.wrt(w1), 0.27985682463359646); // dy/dw1
//! assert_eq!(gradient.by_label()["b1"], 0.5597136492671929);
//! ```
//!
//! # Derivatives in one call
//!
//! Each takes a closure or a generic function by name, and a point: an array, a slice or a vector. The function is
//! ordinary code, generic over [`Real`] or written on [`Var`]; the tape is out of sight. Its memory stays with the
//! thread for the next call; [`release_memory`] gives it back.
//!
//! | call | computes |
//! |---|---|
//! | [`gradient()`] | the derivatives of one output with respect to every input |
//! | [`value_and_gradient`] | both in one go |
//! | [`jvp`] | how all outputs move in one direction of the inputs, `J v` |
//! | [`vjp`] | what one weighting of the outputs asks of all inputs, `wᵀ J` |
//! | [`jacobian`] | all derivatives of all outputs |
//! | [`hessian`] | all second derivatives of one output |
//! | [`hessian_vector`] | the Hessian times a vector, without the matrix |
//! | [`derivative`], [`nth_derivative`] | any order, in one variable |
//! | [`try_gradient`], [`try_value_and_gradient`] | the same of a function that returns a `Result` |
//!
//! ```
//! use gradtape::{Real, gradient};
//!
//! fn rosenbrock<S: Real>(x: &[S]) -> S {
//!     (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
//! }
//! assert_eq!(gradient(rosenbrock, &[-1.2, 1.0]), [-215.59999999999997, -87.99999999999999]);
//! ```
//!
//! In generic code plain numbers stand on the right: `x * 2.0`, or `S::from(2.0) * x`. The other order, `2.0 * x`,
//! does not compile (``cannot multiply `{float}` by `S` ``), for no trait can give every `f64` an operator with
//! every `S`. On [`Var`] itself both orders work.
//!
//! Where the same function is wanted again and again, freeze it: a [`Program`] runs without recording, many
//! rows at a time, and refuses an input that would have taken another branch. See [`program`].
//!
//! And where a number is not what you expected, look: [`Tape::report`] makes a [`Report`](inspect::Report), which says
//! what looks wrong and prints as a table of every node, the chain rule of one of them with the numbers in it, a
//! picture, a page to step through, or JSON. See [`inspect`].
//!
//! ```
//! use gradtape::Tape;
//!
//! let tape = Tape::new();
//! let x = tape.var(1.0).label("x");
//! let y = (x - 2.0).sqrt().sqrt(); // NaN: which root was it?
//! println!("{}", tape.report(y).table());
//! let finding = &tape.report(y).findings[0];
//! assert_eq!(finding.message, "%2 = sqrt(%1) is NaN although every operand is finite");
//! ```
//!
//! They nest: [`gradient()`] inside [`gradient()`] differentiates through the inner gradient.
//!
//! # Zero and infinity
//!
//! What is blocked beats infinity: no derivative flows through a flat piece, through the branch of a `select` that is not
//! taken, or through a constant factor 0. A zero *by value* that meets an infinite slope has no answer that can be
//! computed: NaN, never a finite number, and the report names the edge. All of these agree, whichever way they sweep:
//! the calls above, [`Dual`], programs, rows, programs derived from programs.
//!
//! ```
//! use gradtape::{Var, gradient, hessian};
//! // The root is guarded against: no second `select` is needed inside.
//! let guarded = |x: &[Var]| Var::select(x[0], x[0].sqrt(), 0.0);
//! assert_eq!(gradient(guarded, &[-1.0]), [0.0]);
//! assert_eq!(hessian(guarded, &[-1.0]).as_slice(), [0.0]);
//! // The slope of √x is infinite at 0, and that of the square is 0 there.
//! assert!(gradient(|x| x[0].sqrt().square(), &[0.0])[0].is_nan());
//! ```
//!
//! # Words
//!
//! | word | in code |
//! |---|---|
//! | tape, node, leaf | [`Tape`], [`Node`], [`Tape::var`] |
//! | operand, local partial | what an operation takes in, and how its value moves with it: see [`op`] |
//! | primal | the ordinary value: [`Var::value`] |
//! | adjoint, gradient | [`Gradient`], made by [`Var::backward`] |
//! | tangent | [`Tangents`], made by [`Tape::forward`]; carried along by [`Dual`] |
//! | seed | what a sweep starts with: [`Tape::backward`], [`Tape::forward`] |
//! | Jacobian, Hessian | [`Jacobian`], [`Hessian`] |
//! | guard | a comparison made while recording: [`Guard`](tape::Guard), [`Tape::guards`] |
//! | program, replay | [`Program`], made by [`Tape::freeze`] or [`Program::record`] |
//! | lane | one of several numbers in step: [`lanes`] |
//! | report, finding | [`Report`](inspect::Report), made by [`Tape::report`]; [`Finding`](inspect::Finding) |
//! | path | one way from the output back to a node: [`Path`](inspect::Path) |
//! | scope, location | [`Tape::scope`]; [`Tape::record_locations`] |
//!
//! # Where to go on
//!
//! - Many terms as one node, for speed: [`sum`], [`sum_squares`], [`dot`], [`affine`], [`log_sum_exp`].
//! - An operation of your own: [`CustomOp`].
//! - Why a derivative is zero: [`Reach`]. Where a NaN came from: [`Tape::first_non_finite`].
//! - See where a gradient comes from: [`Tape::report`], and all of [`inspect`].
//! - Is my gradient right: [`check_gradient`], and [`assert_gradient!`] in tests.
//! - The gradient of a long loop in little memory: [`checkpoint`](mod@checkpoint).
//! - Minimize a loss: [`optim`], by the solvers of other crates too: `docs/solvers.md`. A small network with parameters by name: [`nn`].
//! - Every operation with its rule, domain and convention at kinks: [`op`].
//! - Known from elsewhere as `grad`, `vmap`, `jit`, `detach`, ...: `docs/coming-from-pytorch-or-jax.md`.
//! - Without a line of Rust: the program `gradtape`, with the feature `cli`: `docs/command-line.md`.
//! - In the repository: the numbered `examples/`; `docs/the-chain-rule.md` for learners and
//!   `docs/inspecting.md`, a tour of the inspector; `docs/design.md` for maintainers; `docs/glossary.md`.
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod check;
pub mod checkpoint;
pub mod data;
mod derive;
mod dual;
pub mod implicit;
pub mod inspect;
pub mod lanes;
pub mod linear;
pub mod model;
#[cfg(native_code)]
mod native;
pub mod nn;
pub mod op;
pub mod optim;
pub mod program;
pub mod ranks;
mod real;
pub mod sparse;
mod sweep;
pub mod tape;
mod text;

pub use check::check_gradient;
pub use derive::{
    Hessian, Jacobian, Point, ShapeError, derivative, gradient, hessian, hessian_vector, jacobian,
    jvp, nth_derivative, release_memory, try_gradient, try_value_and_gradient, value_and_gradient,
    vjp,
};
pub use dual::Dual;
pub use program::Program;
pub use real::{Operand, Real, affine, dot, log_sum_exp, sum, sum_squares};
pub use sweep::{Gradient, Node, Reach, Tangents, UnknownVariable};
pub use tape::{CustomOp, Tape, Var, custom};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../docs/the-chain-rule.md")]
mod the_chain_rule {}

#[cfg(doctest)]
#[doc = include_str!("../docs/inspecting.md")]
mod inspecting {}

#[cfg(doctest)]
#[doc = include_str!("../docs/findings.md")]
mod findings {}

#[cfg(doctest)]
#[doc = include_str!("../docs/coming-from-pytorch-or-jax.md")]
mod coming_from_pytorch_or_jax {}

#[cfg(all(doctest, feature = "simba-0_9", feature = "nalgebra-0_34", feature = "ndarray-0_17"))]
#[doc = include_str!("../docs/other-crates.md")]
mod other_crates {}

#[cfg(doctest)]
#[doc = include_str!("../docs/design.md")]
mod design {}

#[cfg(all(doctest, feature = "argmin", feature = "levenberg-marquardt"))]
#[doc = include_str!("../docs/solvers.md")]
mod solvers {}
