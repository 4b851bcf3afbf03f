//! Straight-line code as machine code: one walk forwards, in which registers are given out.
//!
//! ```text
//! backwards, once:   for each argument, where its result is used next; what is never used is dropped
//! forwards:          for each instruction:
//!                        bring its arguments into registers, or read them from memory
//!                        give back the registers of arguments that are used no more
//!                        take a register for the result, and write the instruction
//! take a register:   a free one; else that whose result is used last, which is stored if it is nowhere else
//! ```
//!
//! (L. A. Belady, *A study of replacement algorithms for a virtual-storage computer*, IBM Systems Journal 5 (1966).) Both walks
//! are linear, and nothing is looked at twice. Leaves are in memory already: they are read where they are used, and never
//! stored. Sums over rows are added to as soon as there is something to add: kept to the end, each would take a register or
//! a slot for all that time.
//!
//! Code for four lanes runs twice a block, on the first half and on the second: all but the uniform numbers is 32 bytes
//! further on.

use super::kernels;
use super::memory::{Code, Needs};
use super::straight::{Callee, Inst, Kind, NONE, Straight};
use super::x86::{
    ADD, AND, Assembler, Base, DIV, Form, INTEGER_SUB, MUL, OR, Opcode, Operand, Reg, SUB, XOR,
};

/// Where things are: the registers of the frame's pointers in the order that it has them, with what is added to each so
/// that more of them are a short offset away.
const POINTERS: [(Base, i32); 6] = [
    (INPUTS, 0),
    (UNIFORM, BIAS_OF_NUMBERS),
    (CONSTANTS, BIAS_OF_NUMBERS),
    (SCRATCH, BIAS_OF_BLOCKS),
    (SUMS, BIAS_OF_BLOCKS),
    (OUTPUTS, 0),
];
const INPUTS: Base = Base::Rbp;
const UNIFORM: Base = Base::R12;
const CONSTANTS: Base = Base::R13;
const SCRATCH: Base = Base::Rbx;
const SUMS: Base = Base::R14;
const OUTPUTS: Base = Base::R15;
const BIAS_OF_NUMBERS: i32 = 8 * 128;
const BIAS_OF_BLOCKS: i32 = BLOCK * 128;

/// The bytes of a block.
const BLOCK: i32 = 64;

/// The first blocks of scratch memory are the arguments of calls, and their results.
const ARGUMENTS: usize = 3;

/// Never: after all instructions.
const NEVER: u32 = u32::MAX;

/// A register that holds nothing.
const FREE: u32 = u32::MAX;

/// Nowhere: of a result in no register, or in no slot.
const NOWHERE: u32 = u32::MAX;

/// The most instructions that are compiled: with more, offsets and jumps could be too far.
const MOST: usize = 1 << 24;

/// Compile. None if the code is too long, or the system does not let memory be run.
pub(super) fn emit(code: &Straight, form: Form) -> Option<Code> {
    let count = code.insts.len();
    if count > MOST {
        return None;
    }
    let isa = form.isa().available();
    let functions: Vec<u64> = code
        .callees
        .iter()
        .map(|&callee| match callee {
            Callee::Row(op) => kernels::thunk(op, isa) as usize as u64,
            Callee::HypotSlopeAt => kernels::hypot_slope_at(isa) as usize as u64,
        })
        .collect();
    let uses = Uses::of(code);
    let mut emitter = Emitter {
        code,
        functions: &functions,
        asm: Assembler::new(form, 8 * count),
        next: &uses.next,
        held: vec![FREE; form.registers()],
        used: vec![NEVER; form.registers()],
        register: vec![NO_REGISTER; count],
        slot: vec![NOWHERE; count],
        free_slots: Vec::new(),
        leaving: Vec::new(),
        needs: Needs { scratch: ARGUMENTS, ..Needs::default() },
    };
    emitter.asm.begin(&POINTERS);
    for (i, inst) in code.insts.iter().enumerate() {
        if inst.kind.is_effect() || uses.first[i] != NEVER {
            emitter.instruction(i, inst, uses.first[i]);
            emitter.free_slots.append(&mut emitter.leaving);
        }
    }
    let needs = emitter.needs;
    Code::new(&emitter.asm.finish(), code.constants.clone(), needs, form.lanes())
}

/// A result that is in no register.
const NO_REGISTER: u8 = u8::MAX;

/// Where results are used.
struct Uses {
    /// Of each result, the first instruction that uses it.
    first: Vec<u32>,
    /// Of each argument, the next instruction that uses the same.
    next: Vec<[u32; 4]>,
}

impl Uses {
    fn of(code: &Straight) -> Uses {
        let count = code.insts.len();
        let (mut first, mut next) = (vec![NEVER; count], vec![[NEVER; 4]; count]);
        for (i, inst) in code.insts.iter().enumerate().rev() {
            if !inst.kind.is_effect() && first[i] == NEVER {
                continue;
            }
            for (next, &o) in next[i].iter_mut().zip(inst.operands()) {
                if o != NONE {
                    *next = first[o as usize];
                }
            }
            for &o in inst.operands() {
                if o != NONE {
                    first[o as usize] = i as u32;
                }
            }
        }
        Uses { first, next }
    }
}

struct Emitter<'a> {
    code: &'a Straight,
    /// The addresses of the functions that are called.
    functions: &'a [u64],
    asm: Assembler,
    next: &'a [[u32; 4]],
    /// What each register holds.
    held: Vec<u32>,
    /// Where what it holds is used next.
    used: Vec<u32>,
    /// The register of each result.
    register: Vec<u8>,
    /// The slot of each result.
    slot: Vec<u32>,
    free_slots: Vec<u32>,
    /// Slots that are free behind this instruction, which reads them.
    leaving: Vec<u32>,
    needs: Needs,
}

fn block(index: u32) -> i32 {
    index as i32 * BLOCK
}

impl Emitter<'_> {
    /// Where a result is read from, if it is in no register.
    fn home(&self, v: u32) -> Option<Operand> {
        let Inst { kind, args: [at, ..], .. } = self.code.insts[v as usize];
        let number = |base| Operand::Broadcast(base, at as i32 * 8 - BIAS_OF_NUMBERS);
        match kind {
            Kind::Input => Some(Operand::Memory(INPUTS, block(at))),
            Kind::Uniform => Some(number(UNIFORM)),
            Kind::Number => Some(number(CONSTANTS)),
            _ => match self.slot[v as usize] {
                NOWHERE => None,
                slot => Some(Operand::Memory(SCRATCH, block(slot) - BIAS_OF_BLOCKS)),
            },
        }
    }

    /// A register that nothing is lost from, but those of `pinned`.
    fn take(&mut self, pinned: &[Reg]) -> Reg {
        let (mut best, mut latest) = (usize::MAX, 0);
        for (r, (&held, &used)) in self.held.iter().zip(&self.used).enumerate() {
            if held == FREE {
                return Reg(r as u8);
            }
            if (best == usize::MAX || used > latest) && !pinned.contains(&Reg(r as u8)) {
                (best, latest) = (r, used);
            }
        }
        let reg = Reg(best as u8);
        self.save(reg);
        self.release(reg);
        reg
    }

    /// Store what a register holds, if it is nowhere else.
    fn save(&mut self, reg: Reg) {
        let v = self.held[reg.0 as usize];
        if self.home(v).is_none() {
            let slot = self.free_slots.pop().unwrap_or_else(|| {
                self.needs.scratch += 1;
                self.needs.scratch as u32 - 1
            });
            self.slot[v as usize] = slot;
            self.asm.store(SCRATCH, block(slot) - BIAS_OF_BLOCKS, reg);
        }
    }

    fn release(&mut self, reg: Reg) {
        let v = self.held[reg.0 as usize];
        self.register[v as usize] = NO_REGISTER;
        self.held[reg.0 as usize] = FREE;
    }

    fn hold(&mut self, reg: Reg, v: u32, next: u32) {
        self.held[reg.0 as usize] = v;
        self.used[reg.0 as usize] = next;
        self.register[v as usize] = reg.0;
    }

    fn in_register(&self, v: u32) -> Option<Reg> {
        Some(Reg(self.register[v as usize])).filter(|reg| reg.0 != NO_REGISTER)
    }

    /// Bring a result into a register.
    fn bring(&mut self, v: u32, next: u32, pinned: &[Reg]) -> Reg {
        if let Some(reg) = self.in_register(v) {
            return reg;
        }
        let reg = self.take(pinned);
        let home = self.home(v).expect("a result is in a register or in memory");
        self.asm.load(reg, home);
        self.hold(reg, v, next);
        reg
    }

    /// A result as the operand of an instruction that can read memory: loaded if it is used again before what would
    /// have to make room for it.
    fn operand(&mut self, v: u32, next: u32, pinned: &[Reg]) -> Operand {
        if let Some(reg) = self.in_register(v) {
            return Operand::Reg(reg);
        }
        let home = self.home(v).expect("a result is in a register or in memory");
        let worth = next != NEVER
            && self.held.iter().zip(&self.used).any(|(&held, &used)| held == FREE || used > next);
        if worth { Operand::Reg(self.bring(v, next, pinned)) } else { home }
    }

    /// An argument has been read: it is used next at `next`.
    fn read(&mut self, v: u32, next: u32) {
        if let Some(reg) = self.in_register(v) {
            if next == NEVER {
                self.release(reg);
            } else {
                self.used[reg.0 as usize] = next;
            }
        }
        if next == NEVER && self.slot[v as usize] != NOWHERE {
            self.leaving.push(self.slot[v as usize]);
            self.slot[v as usize] = NOWHERE;
        }
    }

    fn instruction(&mut self, i: usize, inst: &Inst, first: u32) {
        let (kind, [a, b, c, d]) = (inst.kind, inst.args);
        let [next_a, next_b, next_c, next_d] = self.next[i];
        match kind {
            // They are read where they are used.
            Kind::Input => self.needs.inputs = self.needs.inputs.max(a as usize + 1),
            Kind::Uniform => self.needs.uniform = self.needs.uniform.max(a as usize + 1),
            Kind::Number => {}
            Kind::Add
            | Kind::Sub
            | Kind::Mul
            | Kind::Div
            | Kind::And
            | Kind::Or
            | Kind::Xor
            | Kind::IntegerSub => {
                let swap = kind.commutes()
                    && self.in_register(a).is_none()
                    && self.in_register(b).is_some();
                let [(x, next_x), (y, next_y)] =
                    if swap { [(b, next_b), (a, next_a)] } else { [(a, next_a), (b, next_b)] };
                let left = self.bring(x, next_x, &[]);
                let right = self.operand(y, next_y, &[left]);
                self.read(x, next_x);
                self.read(y, next_y);
                let result = self.result(i, first);
                self.asm.binary(opcode(kind), result, left, right);
            }
            Kind::Sqrt | Kind::Round => {
                let from = self.operand(a, next_a, &[]);
                self.read(a, next_a);
                let result = self.result(i, first);
                match kind {
                    Kind::Sqrt => self.asm.sqrt(result, from),
                    _ => self.asm.round(result, from, inst.detail),
                }
            }
            Kind::ShiftLeft | Kind::ShiftRight => {
                let from = self.bring(a, next_a, &[]);
                self.read(a, next_a);
                let result = self.result(i, first);
                self.asm.shift(kind == Kind::ShiftLeft, result, from, inst.detail);
            }
            Kind::MulAdd => {
                let x = self.bring(a, next_a, &[]);
                let y = self.bring(b, next_b, &[x]);
                let z = self.operand(c, next_c, &[x, y]);
                // The result takes the place of the first factor. Unless that is used no more, it gets a copy.
                let dies = next_a == NEVER && a != b && a != c;
                let result = if dies {
                    self.read(a, next_a);
                    x
                } else {
                    let pinned = [x, y, if let Operand::Reg(z) = z { z } else { x }];
                    let copy = self.take(&pinned);
                    self.asm.load(copy, Operand::Reg(x));
                    self.read(a, next_a);
                    copy
                };
                self.read(b, next_b);
                self.read(c, next_c);
                self.hold(result, i as u32, first);
                self.asm.mul_add(result, y, z);
            }
            Kind::Choose => {
                let x = self.bring(a, next_a, &[]);
                let y = self.operand(b, next_b, &[x]);
                self.asm.compare(x, y, inst.detail);
                let no = self.bring(d, next_d, &[]);
                let yes = self.operand(c, next_c, &[no]);
                for (v, next) in inst.args.into_iter().zip(self.next[i]) {
                    self.read(v, next);
                }
                let result = self.result(i, first);
                self.asm.blend(result, no, yes);
            }
            Kind::Call => self.call(i, inst, first),
            Kind::Output => {
                let from = self.bring(a, next_a, &[]);
                self.read(a, next_a);
                self.asm.store(OUTPUTS, block(b), from);
                self.needs.outputs = self.needs.outputs.max(b as usize + 1);
            }
            Kind::Accumulate => {
                let from = self.bring(a, next_a, &[]);
                self.read(a, next_a);
                let sum = self.take(&[from]);
                let place = block(b) - BIAS_OF_BLOCKS;
                self.asm.binary(ADD, sum, from, Operand::Memory(SUMS, place));
                self.asm.store(SUMS, place, sum);
                self.needs.adjoints = self.needs.adjoints.max(b as usize + 1);
            }
            Kind::Guard => {
                let x = self.bring(a, next_a, &[]);
                let y = self.operand(b, next_b, &[x]);
                self.asm.compare(x, y, inst.detail);
                self.asm.leave_if_any();
                self.read(a, next_a);
                self.read(b, next_b);
            }
        }
    }

    /// A register for a result.
    fn result(&mut self, i: usize, first: u32) -> Reg {
        let reg = self.take(&[]);
        self.hold(reg, i as u32, first);
        reg
    }

    /// A call leaves no register as it is: what is used later goes to memory.
    fn call(&mut self, i: usize, inst: &Inst, first: u32) {
        for (k, &arg) in inst.args[..3].iter().enumerate() {
            if arg != NONE {
                let reg = self.bring(arg, self.next[i][k], &[]);
                self.asm.store(SCRATCH, block(k as u32) - BIAS_OF_BLOCKS, reg);
            }
        }
        for (k, &arg) in inst.args[..3].iter().enumerate() {
            if arg != NONE {
                self.read(arg, self.next[i][k]);
            }
        }
        for r in 0..self.held.len() {
            if self.held[r] != FREE {
                self.save(Reg(r as u8));
                self.release(Reg(r as u8));
            }
        }
        let function = self.functions[inst.args[3] as usize];
        self.asm.call(function, SCRATCH, -BIAS_OF_BLOCKS);
        let result = self.result(i, first);
        self.asm.load(result, Operand::Memory(SCRATCH, -BIAS_OF_BLOCKS));
    }
}

fn opcode(kind: Kind) -> Opcode {
    match kind {
        Kind::Add => ADD,
        Kind::Sub => SUB,
        Kind::Mul => MUL,
        Kind::Div => DIV,
        Kind::And => AND,
        Kind::Or => OR,
        Kind::Xor => XOR,
        Kind::IntegerSub => INTEGER_SUB,
        _ => unreachable!("{kind:?} is no operation of two"),
    }
}
