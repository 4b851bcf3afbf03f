//! Which row stands for a binary operation when one of its operands is a constant.

use super::Op;

/// The rows that keep a constant operand, if there are any.
#[derive(Clone, Copy)]
pub(crate) struct Forms {
    /// `x ∘ c`.
    pub right: Option<Op>,
    /// `c ∘ x`.
    pub left: Option<Op>,
    /// Whether `x ∘ c` keeps `-c`: `x - c` is kept as `x + (-c)`, which IEEE arithmetic rounds to the same
    /// bits.
    pub negates: bool,
}

impl Op {
    /// Find the rows for a constant operand.
    #[inline(always)]
    pub(crate) const fn forms(self) -> Forms {
        let (right, left) = match self {
            Op::Add => (Op::AddConst, Op::AddConst),
            Op::Sub => (Op::AddConst, Op::ConstSub),
            Op::Mul => (Op::MulConst, Op::MulConst),
            Op::Div => (Op::DivConst, Op::ConstDiv),
            Op::Pow => (Op::Powf, Op::ConstPow),
            Op::Min => (Op::MinConst, Op::MinConst),
            Op::Max => (Op::MaxConst, Op::MaxConst),
            _ => return Forms { right: None, left: None, negates: false },
        };
        Forms { right: Some(right), left: Some(left), negates: matches!(self, Op::Sub) }
    }
}
