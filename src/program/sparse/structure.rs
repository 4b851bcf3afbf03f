//! Which outputs depend on which inputs, from the instructions alone.
//!
//! ```text
//! inputs of instruction i = union over its operands o, if the rule can give o something, of  inputs of o
//! ```
//!
//! An operand gets nothing if its partial is 0 everywhere, as the table prints it: the condition of a `select`, both sides
//! of a `compare`, the operand of `floor`. Both branches of a `select` count, so the pattern holds at every point.
//!
//! Sets are kept while they are small. One that grows too large is dropped, and outputs that depend on it are found
//! backwards: 64 of them in one walk, a bit each (as in *Evaluating Derivatives*, 2nd ed., §7.1). So a sum that is built
//! up in a loop over 100,000 inputs costs one walk, where sets would take 10¹⁰ steps.

use crate::op::{Arity, Op};
use crate::program::code::InstVec;
use crate::sparse::Pattern;
use crate::tape::Instructions;

/// The largest set that is kept, while there is room, and after.
const LARGE: [usize; 2] = [256, 16];
/// How many numbers all sets may have before room is short, for each instruction.
const ROOM: usize = 32;
/// How many outputs a walk backwards serves.
const BITS: usize = u64::BITS as usize;

/// The entries that the Jacobian of a program may have.
pub(super) fn jacobian(code: &InstVec, inputs: usize, outputs: &[u32]) -> Pattern {
    let carries = Carries::new();
    let sets = Sets::new(code, inputs, &carries);
    let mut large: Vec<usize> =
        (0..outputs.len()).filter(|&j| sets.of[outputs[j] as usize].is_none()).collect();
    large.sort_by_key(|&j| outputs[j]);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); outputs.len()];
    let mut bits = vec![0_u64; code.insts.len()];
    for group in large.chunks(BITS) {
        let nodes = group.iter().map(|&j| outputs[j]);
        sets.walk_back(code, inputs, &carries, nodes, &mut bits);
        for (input, bits) in bits[..inputs].iter_mut().enumerate() {
            while *bits != 0 {
                rows[group[bits.trailing_zeros() as usize]].push(input);
                *bits &= *bits - 1;
            }
        }
    }
    let (mut starts, mut indices) = (vec![0], Vec::new());
    for (&o, large) in outputs.iter().zip(rows) {
        match sets.get(o) {
            None => indices.extend(large),
            Some(set) => {
                let start = indices.len();
                indices.extend(set.iter().map(|&input| input as usize));
                indices[start..].sort_unstable();
            }
        }
        starts.push(indices.len());
    }
    Pattern::of(inputs, starts, indices)
}

/// For each operation, whether its operands can get something.
struct Carries(Vec<[bool; 3]>);

impl Carries {
    fn new() -> Carries {
        let of = |op: &Op| {
            let forms = op.info().partial_forms;
            std::array::from_fn(|which| forms.get(which).is_none_or(|&form| form != "0"))
        };
        Carries(Op::ALL.iter().map(of).collect())
    }

    /// The operands of instruction `i` that can get something.
    fn operands<'a>(&'a self, code: &'a InstVec, i: usize) -> impl Iterator<Item = u32> + 'a {
        let inst = &code.insts[i];
        let carries = self.0[inst.op as usize];
        let constants = code.constants(inst);
        // A constant factor 0 lets nothing through.
        let is_flat = inst.op.arity() == Arity::Data && inst.op.is_flat(constants[0]);
        let has_data = inst.op.terms().data;
        let is_open = move |&(which, _): &(usize, u32)| match inst.op.arity() {
            Arity::Nary => !(has_data && constants.get(which) == Some(&0.0)),
            Arity::Custom => true,
            _ => carries[which] && !is_flat,
        };
        let operands = code.operands(inst).iter().copied().enumerate();
        operands.filter(is_open).map(|(_, operand)| operand)
    }
}

/// The inputs that each instruction depends on.
struct Sets {
    /// All sets, one after the other. Instructions share them.
    elements: Vec<u32>,
    /// Where that of an instruction starts, and its length; `None` if it grew too large.
    of: Vec<Option<(usize, u32)>>,
}

impl Sets {
    fn new(code: &InstVec, inputs: usize, carries: &Carries) -> Sets {
        let count = code.insts.len();
        let mut elements: Vec<u32> = (0..inputs as u32).collect();
        let mut of: Vec<Option<(usize, u32)>> = (0..inputs).map(|input| Some((input, 1))).collect();
        let mut seen = vec![u32::MAX; inputs];
        'instructions: for i in inputs..count {
            let begin = elements.len();
            let large = LARGE[usize::from(begin > ROOM * count)];
            // The largest of the operands' sets: often it is the union.
            let mut largest = (0, 0);
            for operand in carries.operands(code, i) {
                let Some((start, len)) = of[operand as usize] else {
                    elements.truncate(begin);
                    of.push(None);
                    continue 'instructions;
                };
                if len > largest.1 {
                    largest = (start, len);
                }
                for k in start..start + len as usize {
                    let input = elements[k];
                    if std::mem::replace(&mut seen[input as usize], i as u32) != i as u32 {
                        elements.push(input);
                    }
                }
                if elements.len() - begin > large {
                    elements.truncate(begin);
                    of.push(None);
                    continue 'instructions;
                }
            }
            let len = (elements.len() - begin) as u32;
            if len == largest.1 {
                elements.truncate(begin);
                of.push(Some(largest));
            } else {
                of.push(Some((begin, len)));
            }
        }
        Sets { elements, of }
    }

    fn get(&self, i: u32) -> Option<&[u32]> {
        self.of[i as usize].map(|(start, len)| &self.elements[start..][..len as usize])
    }

    /// Walk back from up to 64 instructions whose sets are large: bit `k` of an input is set if the `k`-th depends on
    /// it. All other bits are 0, before and after.
    fn walk_back(
        &self,
        code: &InstVec,
        inputs: usize,
        carries: &Carries,
        from: impl Iterator<Item = u32>,
        bits: &mut [u64],
    ) {
        let mut last = 0;
        for (k, i) in from.enumerate() {
            bits[i as usize] |= 1 << k;
            last = last.max(i as usize);
        }
        for i in (inputs..=last).rev() {
            let mask = std::mem::take(&mut bits[i]);
            if mask == 0 {
                continue;
            }
            match self.get(i as u32) {
                Some(set) => set.iter().for_each(|&input| bits[input as usize] |= mask),
                None => carries.operands(code, i).for_each(|o| bits[o as usize] |= mask),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Carries, ROOM, Sets};
    use crate::Var;
    use crate::program::Program;

    #[test]
    fn sets_have_a_few_elements_an_instruction_however_long_a_sum_is() {
        let n = 30_000;
        let sums = |x: &[Var]| -> Vec<Var> {
            let total = x.iter().fold(Var::from(0.0), |sum, &x| (sum + x).sin());
            let near = (0..n - 20).map(|i| x[i..i + 20].iter().fold(total, |y, &x| y * x));
            // Of 200 inputs each: kept while there is room, and then no more.
            let wide = (0..n - 200).step_by(10).map(|i| crate::sum(&x[i..i + 200]).tanh());
            near.chain(wide).collect()
        };
        let tape = crate::Tape::new();
        let x = tape.vars(&vec![0.5; n]);
        let program = tape.freeze_with(&x, &sums(&x), &[]).expect("the inputs are all there is");
        let sets = Sets::new(&program.body.code, n, &Carries::new());
        let (elements, count) = (sets.elements.len(), program.body.code.insts.len());
        assert!(elements <= (ROOM + 16) * count, "{elements} elements, {count} instructions");
        assert_is_planned(&program, n);
    }

    fn assert_is_planned(program: &Program, n: usize) {
        let outputs = &program.body.outputs;
        let last = outputs.len() - 1;
        let some = [outputs[0], outputs[last], outputs[last - 100]];
        let pattern = super::jacobian(&program.body.code, n, &some);
        let sizes = [0, 1, 2].map(|row| pattern.row(row).len());
        assert_eq!(sizes, [n, 200, 200]);
    }
}
