//! The op table as functions: every scalar row, applied to any scalar.

use gradtape::Real;
use gradtape::op::{Arity, Op};

/// How many operands a scalar row takes; `None` for leaves, n-ary and custom operations.
pub fn operands(op: Op) -> Option<usize> {
    match op.info().arity {
        Arity::Unary | Arity::Data => Some(1),
        Arity::Binary => Some(2),
        Arity::Ternary => Some(3),
        Arity::Leaf | Arity::Nary | Arity::Custom => None,
    }
}

/// The scalar rows that can be called. `Copy` cannot: it is what a nested gradient makes of its
/// inputs.
pub fn scalar_rows() -> impl Iterator<Item = Op> {
    Op::ALL.iter().copied().filter(|&op| op != Op::Copy && operands(op).is_some())
}

/// Apply a scalar row to its operands `x` and its constants `c` the way a user writes it.
///
/// `None` for a row that is missing here.
pub fn apply<S: Real>(op: Op, x: &[S], c: &[f64]) -> Option<S> {
    Some(match *x {
        [x] => match *c {
            [] => unary(op, x)?,
            _ => with_constants(op, x, c)?,
        },
        [x, y] => binary(op, x, y)?,
        [x, y, z] => match op {
            Op::MulAdd => x.mul_add(y, z),
            Op::Select => S::select(x, y, z),
            _ => return None,
        },
        _ => return None,
    })
}

/// Split a sample point of the table into operands and constants.
pub fn split(op: Op, point: &[f64]) -> (&[f64], &[f64]) {
    point.split_at(operands(op).expect("a scalar row"))
}

macro_rules! rows {
    (unary $($Op:ident $method:ident)*) => {
        fn unary<S: Real>(op: Op, x: S) -> Option<S> {
            Some(match op {
                $(Op::$Op => x.$method(),)*
                _ => return None,
            })
        }
    };
    (binary $($Op:ident $method:ident)*) => {
        fn binary<S: Real>(op: Op, x: S, y: S) -> Option<S> {
            Some(match op {
                $(Op::$Op => x.$method(y),)*
                _ => return None,
            })
        }
    };
}

rows! { unary
    Neg neg Recip recip Square square Sqrt sqrt Cbrt cbrt
    Exp exp Exp2 exp2 ExpM1 exp_m1 Ln ln Ln1p ln_1p Log2 log2 Log10 log10
    Sin sin Cos cos Tan tan Asin asin Acos acos Atan atan
    Sinh sinh Cosh cosh Tanh tanh Asinh asinh Acosh acosh Atanh atanh
    Abs abs Signum signum Floor floor Ceil ceil Round round Trunc trunc Fract fract
    Relu relu Softplus softplus Sigmoid sigmoid Silu silu Gelu gelu
    Erf erf Erfc erfc Lgamma lgamma
}

rows! { binary
    Add add Sub sub Mul mul Div div Rem rem
    Pow pow Hypot hypot Atan2 atan2 Min min Max max Compare compare
}

fn with_constants<S: Real>(op: Op, x: S, c: &[f64]) -> Option<S> {
    Some(match (op, c) {
        (Op::AddConst, &[c]) => x + c,
        (Op::ConstSub, &[c]) => S::from(c) - x,
        (Op::MulConst, &[c]) => x * c,
        (Op::DivConst, &[c]) => x / c,
        (Op::ConstDiv, &[c]) => S::from(c) / x,
        (Op::Powi, &[c]) => x.powi(c as i32),
        (Op::Powf, &[c]) => x.powf(c),
        (Op::ConstPow, &[c]) => S::from(c).pow(x),
        (Op::MinConst, &[c]) => x.min(S::from(c)),
        (Op::MaxConst, &[c]) => x.max(S::from(c)),
        (Op::Clamp, &[lo, hi]) => x.clamp(lo, hi),
        (Op::LeakyRelu, &[slope]) => x.leaky_relu(slope),
        (Op::Polygamma, &[n]) => x.polygamma(n as u32),
        _ => return None,
    })
}
