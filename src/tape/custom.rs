//! User-defined operations: anything with a value and a vector-Jacobian product.

use super::var::Var;
use crate::text::{OneLine, on_one_line};
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Define an operation of your own: `n` inputs, `m` outputs, its value and its vjp.
///
/// Use it for what is cheaper or stabler as a whole than step by step: a linear solve, a root find, a
/// table look-up, a call into another library. Listings show it by its name.
///
/// ```
/// use gradtape::{CustomOp, Tape, Var, custom};
///
/// /// The root of r = e^(-r x), by Newton's method; implicitly, dr/dx = -r² / (1 + r x).
/// struct Root;
///
/// impl CustomOp for Root {
///     fn name(&self) -> &str {
///         "root"
///     }
///     fn value(&self, x: &[f64], r: &mut [f64]) {
///         r[0] = 0.5;
///         for _ in 0..20 {
///             let e = (-r[0] * x[0]).exp();
///             r[0] -= (r[0] - e) / (1.0 + x[0] * e);
///         }
///     }
///     fn vjp(&self, x: &[f64], r: &[f64], w: &[f64], dx: &mut [f64]) {
///         dx[0] = -w[0] * r[0] * r[0] / (1.0 + r[0] * x[0]);
///     }
///     // Only for second derivatives: the same vjp on variables.
///     fn vjp_recorded(&self, x: &[Var], r: &[Var], w: &[Var]) -> Option<Vec<Var>> {
///         Some(vec![-w[0] * r[0] * r[0] / (1.0 + r[0] * x[0])])
///     }
/// }
///
/// let tape = Tape::new();
/// let x = tape.var(1.0);
/// let r = custom(Root, &[x])[0];
/// assert!((r.value() - 0.5671432904097838).abs() < 1e-15);
/// assert!((r.backward().wrt(x) + 0.20524) .abs() < 1e-5);
/// ```
#[doc(alias("custom_vjp", "autograd.Function"))]
pub trait CustomOp: Send + Sync + 'static {
    /// Name the operation, for listings and messages.
    fn name(&self) -> &str;

    /// Say how many outputs there are; one, unless overridden.
    fn outputs(&self) -> usize {
        1
    }

    /// Compute the outputs `y`, which arrive as zeros, from the inputs `x`.
    fn value(&self, x: &[f64], y: &mut [f64]);

    /// Compute `dxᵢ = Σⱼ wⱼ ∂yⱼ/∂xᵢ` from inputs, outputs and the outputs' adjoints `w`; `dx` arrives
    /// as zeros.
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]);

    /// Compute the same vjp on variables, one result an input, so that it can be differentiated again.
    ///
    /// Without it, second derivatives through the operation are an error.
    fn vjp_recorded(&self, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        let _ = (x, y, w);
        None
    }

    // How a file names it.
    #[doc(hidden)]
    fn stored(&self) -> Stored<'_> {
        Stored { by: StoredBy::Name, constants: None }
    }
}

/// How an operation is written to a file.
#[doc(hidden)]
pub struct Stored<'a> {
    pub by: StoredBy,
    /// If some inputs are constants: all inputs, and where the variables stand.
    pub constants: Option<(&'a [f64], &'a [u32])>,
}

/// What tells which operation it is.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq)]
pub enum StoredBy {
    /// Its name, among the user's operations.
    Name,
    /// Its name, among those of this library.
    OwnName,
    /// Nothing.
    Nothing,
}

/// An operation behind an `Arc` is used more than once, or chosen at run time as `Arc<dyn CustomOp>`.
impl<C: CustomOp + ?Sized> CustomOp for Arc<C> {
    fn name(&self) -> &str {
        (**self).name()
    }
    fn outputs(&self) -> usize {
        (**self).outputs()
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (**self).value(x, y);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        (**self).vjp(x, y, w, dx);
    }
    fn vjp_recorded(&self, x: &[Var], y: &[Var], w: &[Var]) -> Option<Vec<Var>> {
        (**self).vjp_recorded(x, y, w)
    }
    fn stored(&self) -> Stored<'_> {
        (**self).stored()
    }
}

/// A name, a value and a vjp are an operation with one output.
impl<V, P> CustomOp for (&'static str, V, P)
where
    V: Fn(&[f64], &mut [f64]) + Send + Sync + 'static,
    P: Fn(&[f64], &[f64], &[f64], &mut [f64]) + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        self.0
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (self.1)(x, y);
    }
    fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
        (self.2)(x, y, w, dx);
    }
}

/// One application of a custom operation.
#[derive(Clone)]
pub(crate) struct CustomCall {
    pub op: Arc<dyn CustomOp>,
    pub inputs_at: u32,
    pub inputs: u32,
    pub outputs: u32,
}

impl fmt::Debug for CustomCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = on_one_line(CustomOp::name(&self.op));
        write!(f, "{name}({} -> {})", self.inputs, self.outputs)
    }
}

/// The name of a loop in one node.
pub(crate) const CHECKPOINTED: &str = "checkpointed loop";

/// The name of what stands for a preaccumulated region.
pub(crate) const PREACCUMULATED: &str = "preaccumulated";

/// Say why a second derivative through a custom operation is not available.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotTwiceDifferentiable {
    /// The name of the operation.
    pub op: String,
    /// Its first output's node.
    pub node: usize,
}

impl fmt::Display for NotTwiceDifferentiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut OneLine(f);
        let cure = match &*self.op {
            PREACCUMULATED => "record its region without `preaccumulate`",
            CHECKPOINTED => "record its steps on the tape, without `checkpoint::run`",
            _ => "implement `CustomOp::vjp_recorded` for it",
        };
        let NotTwiceDifferentiable { op, node } = self;
        write!(f, "custom operation `{op}` (node {node}) cannot be differentiated twice: {cure}")
    }
}

impl std::error::Error for NotTwiceDifferentiable {}
