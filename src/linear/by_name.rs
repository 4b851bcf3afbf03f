//! The operations by their names, for programs that are read from files.

use super::cholesky::Cholesky;
use super::det::Det;
use super::solve::Solve;
use crate::CustomOp;
use std::sync::Arc;

/// Find the operation of this name with as many inputs and outputs.
pub(crate) fn by_name(name: &str, inputs: usize, outputs: usize) -> Option<Arc<dyn CustomOp>> {
    // Of a system the inputs are n² + n k, the outputs n k + 1.
    let entries = if name == "solve" { (inputs + 1).checked_sub(outputs)? } else { inputs };
    let n = entries.isqrt();
    if n == 0 || n * n != entries {
        return None;
    }
    let op: Arc<dyn CustomOp> = match name {
        "solve" if (outputs - 1).is_multiple_of(n) && outputs > 1 => {
            Arc::new(Solve::new(n, (outputs - 1) / n))
        }
        "det" => Arc::new(Det::new(n)),
        "cholesky" => Arc::new(Cholesky { n }),
        _ => return None,
    };
    (CustomOp::outputs(&*op) == outputs).then_some(op)
}
