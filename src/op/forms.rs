//! Which row stands for a binary operation when one of its operands is a constant.

use super::Op;

impl Op {
    /// The operation `x ∘ c` and the constant it keeps, where it has a row of its own.
    ///
    /// `x - c` is kept as `x + (-c)`, which IEEE arithmetic rounds to the same bits.
    #[inline]
    pub(crate) fn with_constant_right(self, c: f64) -> Option<(Op, f64)> {
        Some(match self {
            Op::Add => (Op::AddConst, c),
            Op::Sub => (Op::AddConst, -c),
            Op::Mul => (Op::MulConst, c),
            Op::Div => (Op::DivConst, c),
            Op::Pow => (Op::Powf, c),
            Op::Min => (Op::MinConst, c),
            Op::Max => (Op::MaxConst, c),
            _ => return None,
        })
    }

    /// The operation `c ∘ x` and the constant it keeps, where it has a row of its own.
    #[inline]
    pub(crate) fn with_constant_left(self, c: f64) -> Option<(Op, f64)> {
        Some(match self {
            Op::Add => (Op::AddConst, c),
            Op::Sub => (Op::ConstSub, c),
            Op::Mul => (Op::MulConst, c),
            Op::Div => (Op::ConstDiv, c),
            Op::Pow => (Op::ConstPow, c),
            Op::Min => (Op::MinConst, c),
            Op::Max => (Op::MaxConst, c),
            _ => return None,
        })
    }
}
