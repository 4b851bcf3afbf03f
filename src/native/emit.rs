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
use super::straight::{Callee, FRESH, Inst, Kind, NONE, Straight};
use super::uses::{NEVER, Uses};
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
pub(super) const UNIFORM: Base = Base::R12;
const CONSTANTS: Base = Base::R13;
pub(super) const SCRATCH: Base = Base::Rbx;
pub(super) const SUMS: Base = Base::R14;
const OUTPUTS: Base = Base::R15;
pub(super) const BIAS_OF_NUMBERS: i32 = 8 * 128;
pub(super) const BIAS_OF_BLOCKS: i32 = BLOCK * 128;

/// The bytes of a block.
const BLOCK: i32 = 64;

/// The first blocks of scratch memory are the arguments of calls, and their results.
pub(super) const ARGUMENTS: usize = 3;

/// A register that holds nothing.
const FREE: u32 = u32::MAX;

/// Nowhere: of a result in no register, or in no slot.
const NOWHERE: u32 = u32::MAX;

/// The most that becomes an offset or a place: with more, offsets and jumps could be too far.
const MOST: usize = 1 << 24;

/// Whether all offsets of some code fit: of instructions and cells in each block, of the tables of loops, of the rows' columns.
fn fits(code: &Straight, blocks: usize) -> bool {
    let columns = code.insts.iter().filter(|inst| inst.kind == Kind::Input);
    let widest = columns.map(|inst| inst.args[0] as usize).max().unwrap_or(0);
    let each = code.insts.len() + code.cells as usize + widest;
    each * blocks + 4 * code.terms.len() <= MOST
}

/// Compile for `blocks` blocks at a time. None if the code is too long, or the system does not let memory be run.
///
/// Input `j` of block `b` is block `blocks · j + b` of the inputs, and outputs are in the same order.
pub(crate) fn emit(code: &Straight, form: Form, blocks: usize) -> Option<Code> {
    if !fits(code, blocks) {
        return None;
    }
    let count = code.insts.len() * blocks;
    let isa = form.isa_of_kernels().available();
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
        blocks: blocks as u32,
        functions: &functions,
        asm: Assembler::new(form, 8 * count),
        next: &uses.next,
        next_of_term: &uses.next_of_term,
        tables: Vec::new(),
        held: [FREE; 32],
        used: [0; 32],
        free: u32::MAX >> (32 - form.registers()),
        register: vec![NO_REGISTER; count],
        slot: vec![NOWHERE; code.insts.len()],
        stored: vec![0; code.insts.len()],
        free_slots: Vec::new(),
        leaving: Vec::new(),
        needs: Needs { scratch: ARGUMENTS + code.cells as usize * blocks, ..Needs::default() },
    };
    emitter.asm.begin(&POINTERS);
    for (i, inst) in code.insts.iter().enumerate() {
        if inst.kind.is_effect() || uses.first[i] != NEVER {
            emitter.instruction(i, inst, uses.first[i]);
        }
    }
    let needs = emitter.needs;
    let tables = emitter.tables.chunks(2).map(|pair| {
        let [low, high] =
            [pair[0], pair.get(1).copied().unwrap_or(0)].map(|half| u64::from(half as u32));
        f64::from_bits(low | high << 32)
    });
    let constants = code.constants.iter().copied().chain(tables).collect();
    Code::new(&emitter.asm.finish(), constants, needs, form.lanes(), blocks)
}

/// A result that is in no register.
const NO_REGISTER: u8 = u8::MAX;

/// Results and times are counted for all blocks: result `i` in block `b` is `blocks · i + b`, and so is the time at which it is
/// computed. A uniform number is one result for all blocks, used by one after the other.
pub(super) struct Emitter<'a> {
    pub code: &'a Straight,
    pub blocks: u32,
    /// The addresses of the functions that are called.
    pub functions: &'a [u64],
    pub asm: Assembler,
    pub next: &'a [[u32; 4]],
    pub next_of_term: &'a [[u32; 2]],
    /// The tables of loops, which follow the constants.
    pub tables: Vec<i32>,
    /// What each register holds.
    pub held: [u32; 32],
    /// Where what it holds is used next; 0 if it holds nothing.
    pub used: [u32; 32],
    /// A bit for each register that holds nothing.
    pub free: u32,
    /// The register of each result.
    pub register: Vec<u8>,
    /// The first slot of each instruction, with one for each block.
    pub slot: Vec<u32>,
    /// A bit for each block whose result is in its slot.
    pub stored: Vec<u8>,
    pub free_slots: Vec<u32>,
    /// Slots that are free behind this instruction, which reads them.
    pub leaving: Vec<u32>,
    pub needs: Needs,
}

/// An argument: the result, and when it is used next.
#[derive(Clone, Copy)]
pub(super) struct Argument {
    pub v: u32,
    pub next: u32,
}

/// The offset of a block.
pub(super) fn block(index: u32) -> i32 {
    index as i32 * BLOCK
}

impl Emitter<'_> {
    /// Argument `k` of an instruction in a block.
    pub fn argument(&self, i: usize, k: usize, b: u32) -> Argument {
        let v = self.code.insts[i].args[k];
        let next = self.next[i][k];
        let is_shared = matches!(self.code.insts[v as usize].kind, Kind::Uniform | Kind::Number);
        match (is_shared, next) {
            (true, _) if b + 1 < self.blocks => {
                Argument { v: v * self.blocks, next: i as u32 * self.blocks + b + 1 }
            }
            (true, NEVER) => Argument { v: v * self.blocks, next },
            (true, _) => Argument { v: v * self.blocks, next: next * self.blocks },
            (false, NEVER) => Argument { v: v * self.blocks + b, next },
            (false, _) => Argument { v: v * self.blocks + b, next: next * self.blocks + b },
        }
    }

    /// Where a result is read from, if it is in no register.
    pub fn home(&self, v: u32) -> Option<Operand> {
        let Inst { kind, args: [at, ..], .. } = self.code.insts[(v / self.blocks) as usize];
        let number = |base| Operand::Broadcast(base, at as i32 * 8 - BIAS_OF_NUMBERS);
        match kind {
            Kind::Input => Some(Operand::Memory(INPUTS, block(at * self.blocks + v % self.blocks))),
            Kind::Uniform => Some(number(UNIFORM)),
            Kind::Number => Some(number(CONSTANTS)),
            Kind::Cell => Some(Operand::Memory(SCRATCH, self.cell(at) + block(v % self.blocks))),
            _ => {
                let (i, b) = ((v / self.blocks) as usize, v % self.blocks);
                let place = || block(self.slot[i] + b) - BIAS_OF_BLOCKS;
                (self.stored[i] >> b & 1 == 1).then(|| Operand::Memory(SCRATCH, place()))
            }
        }
    }

    /// Where a result is read from that is in no register: what leaves one is stored, so it is there.
    pub fn in_memory(&self, v: u32) -> Operand {
        self.home(v).expect("a result is in a register or in memory")
    }

    /// A register that nothing is lost from, but those of `pinned`.
    pub fn take(&mut self, pinned: &[Reg]) -> Reg {
        let pinned = pinned.iter().fold(0, |all, reg| all | 1_u32 << reg.0);
        let free = self.free & !pinned;
        if free != 0 {
            return Reg(free.trailing_zeros() as u8);
        }
        // The latest use and its register in one number, so that there is no branch.
        let key =
            |r: usize| u64::from(pinned >> r & 1 ^ 1) * (u64::from(self.used[r]) << 5 | r as u64);
        let latest = (0..32).map(key).max().unwrap_or(0);
        let reg = Reg((latest & 31) as u8);
        self.save(reg);
        self.release(reg);
        reg
    }

    /// Store what a register holds, if it is nowhere else.
    pub fn save(&mut self, reg: Reg) {
        let v = self.held[reg.0 as usize];
        if self.home(v).is_none() {
            let (i, b) = ((v / self.blocks) as usize, v % self.blocks);
            if self.slot[i] == NOWHERE {
                self.slot[i] = self.free_slots.pop().unwrap_or_else(|| {
                    self.needs.scratch += self.blocks as usize;
                    self.needs.scratch as u32 - self.blocks
                });
            }
            self.stored[i] |= 1 << b;
            self.asm.store(SCRATCH, block(self.slot[i] + b) - BIAS_OF_BLOCKS, reg);
        }
    }

    fn release(&mut self, reg: Reg) {
        let v = self.held[reg.0 as usize];
        self.register[v as usize] = NO_REGISTER;
        self.held[reg.0 as usize] = FREE;
        self.used[reg.0 as usize] = 0;
        self.free |= 1 << reg.0;
    }

    pub fn hold(&mut self, reg: Reg, v: u32, next: u32) {
        self.held[reg.0 as usize] = v;
        self.free &= !(1 << reg.0);
        self.used[reg.0 as usize] = next;
        self.register[v as usize] = reg.0;
    }

    pub fn in_register(&self, v: u32) -> Option<Reg> {
        Some(Reg(self.register[v as usize])).filter(|reg| reg.0 != NO_REGISTER)
    }

    /// Bring a result into a register.
    pub fn bring(&mut self, x: Argument, pinned: &[Reg]) -> Reg {
        if let Some(reg) = self.in_register(x.v) {
            return reg;
        }
        let reg = self.take(pinned);
        let home = self.in_memory(x.v);
        self.asm.load(reg, home);
        self.hold(reg, x.v, x.next);
        reg
    }

    /// A result as the operand of an instruction that can read memory: loaded if it is used again before what would
    /// have to make room for it.
    fn operand(&mut self, x: Argument, pinned: &[Reg]) -> Operand {
        if let Some(reg) = self.in_register(x.v) {
            return Operand::Reg(reg);
        }
        let home = self.in_memory(x.v);
        let latest = || self.used.iter().copied().max().unwrap_or(0);
        let worth = x.next != NEVER && (self.free != 0 || latest() > x.next);
        if worth { Operand::Reg(self.bring(x, pinned)) } else { home }
    }

    /// An argument has been read.
    pub fn read(&mut self, x: Argument) {
        if let Some(reg) = self.in_register(x.v) {
            if x.next == NEVER {
                self.release(reg);
            } else {
                self.used[reg.0 as usize] = x.next;
            }
        }
        let (i, b) = ((x.v / self.blocks) as usize, x.v % self.blocks);
        // The blocks are read one after the other; the last gives the slots back.
        if x.next == NEVER && self.slot[i] != NOWHERE {
            self.stored[i] &= !(1 << b);
            if b + 1 == self.blocks {
                self.leaving.push(self.slot[i]);
                self.slot[i] = NOWHERE;
            }
        }
    }

    /// Write an instruction for all blocks.
    fn instruction(&mut self, i: usize, inst: &Inst, first: u32) {
        let [at, place, ..] = inst.args;
        match inst.kind {
            // They are read where they are used.
            Kind::Input => {
                let end = (at + 1) * self.blocks;
                self.needs.inputs = self.needs.inputs.max(end as usize);
            }
            Kind::Uniform => self.needs.uniform = self.needs.uniform.max(at as usize + 1),
            Kind::Number | Kind::Cell => {}
            Kind::Dot => self.dot(i, inst, first),
            Kind::Spread => self.spread(i, inst),
            Kind::Accumulate => self.accumulate(i, place),
            _ => {
                for b in 0..self.blocks {
                    let result = Argument {
                        v: i as u32 * self.blocks + b,
                        next: if first == NEVER { NEVER } else { first * self.blocks + b },
                    };
                    self.in_block(i, inst, b, result);
                    self.free_slots.append(&mut self.leaving);
                }
            }
        }
    }

    /// Add to a running sum, from the first block to the last.
    fn accumulate(&mut self, i: usize, place: u32) {
        let at = block(place) - BIAS_OF_BLOCKS;
        let first = self.argument(i, 0, 0);
        let from = self.bring(first, &[]);
        self.read(first);
        let sum = self.take(&[from]);
        self.asm.binary(ADD, sum, from, Operand::Memory(SUMS, at));
        for b in 1..self.blocks {
            let x = self.argument(i, 0, b);
            // Not brought in: that could take the register of the sum.
            let from = match self.in_register(x.v) {
                Some(reg) => Operand::Reg(reg),
                None => self.in_memory(x.v),
            };
            self.asm.binary(ADD, sum, sum, from);
            self.read(x);
        }
        self.asm.store(SUMS, at, sum);
        self.free_slots.append(&mut self.leaving);
        self.needs.adjoints = self.needs.adjoints.max(place as usize + 1);
    }

    fn in_block(&mut self, i: usize, inst: &Inst, b: u32, result: Argument) {
        let kind = inst.kind;
        let argument = |emitter: &Self, k: usize| emitter.argument(i, k, b);
        match kind {
            Kind::Sqrt | Kind::Round => {
                let a = argument(self, 0);
                let from = self.operand(a, &[]);
                self.read(a);
                let result = self.result(result);
                match kind {
                    Kind::Sqrt => self.asm.sqrt(result, from),
                    _ => self.asm.round(result, from, inst.detail),
                }
            }
            Kind::ShiftLeft | Kind::ShiftRight => {
                let a = argument(self, 0);
                let from = self.bring(a, &[]);
                self.read(a);
                let result = self.result(result);
                self.asm.shift(kind == Kind::ShiftLeft, result, from, inst.detail);
            }
            Kind::MulAdd => {
                let [a, b, c] = [0, 1, 2].map(|k| argument(self, k));
                let x = self.bring(a, &[]);
                let y = self.bring(b, &[x]);
                let z = self.operand(c, &[x, y]);
                // The result takes the place of the first factor, or of its copy if that is still used.
                let dies = a.next == NEVER && a.v != b.v && a.v != c.v;
                let place = if dies {
                    self.read(a);
                    x
                } else {
                    let also = if let Operand::Reg(z) = z { z } else { x };
                    let copy = self.take(&[x, y, also]);
                    self.asm.load(copy, Operand::Reg(x));
                    self.read(a);
                    copy
                };
                self.read(b);
                self.read(c);
                self.hold(place, result.v, result.next);
                self.asm.mul_add(place, y, z);
            }
            Kind::Choose => {
                let [a, b, c, d] = [0, 1, 2, 3].map(|k| argument(self, k));
                let x = self.bring(a, &[]);
                let y = self.operand(b, &[x]);
                self.asm.compare(x, y, inst.detail);
                let no = self.bring(d, &[]);
                let yes = self.operand(c, &[no]);
                [a, b, c, d].into_iter().for_each(|x| self.read(x));
                let result = self.result(result);
                self.asm.blend(result, no, yes);
            }
            Kind::Guard => {
                let [a, b] = [0, 1].map(|k| argument(self, k));
                let x = self.bring(a, &[]);
                let y = self.operand(b, &[x]);
                self.asm.compare(x, y, inst.detail);
                self.asm.leave_if_any();
                self.read(a);
                self.read(b);
            }
            Kind::Output => {
                let a = argument(self, 0);
                let from = self.bring(a, &[]);
                self.read(a);
                let at = inst.args[1] * self.blocks + b;
                self.asm.store(OUTPUTS, block(at), from);
                self.needs.outputs = self.needs.outputs.max(at as usize + 1);
            }
            Kind::AddToCell => {
                let a = argument(self, 0);
                let from = self.bring(a, &[]);
                self.read(a);
                let place = self.cell(inst.args[1]) + block(b);
                let mut sum = from;
                if inst.detail != FRESH {
                    sum = self.take(&[from]);
                    self.asm.binary(ADD, sum, from, Operand::Memory(SCRATCH, place));
                }
                self.asm.store(SCRATCH, place, sum);
            }
            Kind::Call => self.call(i, inst, b, result),
            _ => {
                let [a, b] = [0, 1].map(|k| argument(self, k));
                let swap = kind.commutes()
                    && self.in_register(a.v).is_none()
                    && self.in_register(b.v).is_some();
                let (x, y) = if swap { (b, a) } else { (a, b) };
                let left = self.bring(x, &[]);
                let right = self.operand(y, &[left]);
                self.read(x);
                self.read(y);
                let result = self.result(result);
                self.asm.binary(opcode(kind), result, left, right);
            }
        }
    }

    /// A register for a result.
    fn result(&mut self, x: Argument) -> Reg {
        let reg = self.take(&[]);
        self.hold(reg, x.v, x.next);
        reg
    }

    /// A call leaves no register as it is: what is used later goes to memory.
    fn call(&mut self, i: usize, inst: &Inst, b: u32, result: Argument) {
        let count = inst.args[..3].iter().filter(|&&arg| arg != NONE).count();
        for k in 0..count {
            let reg = self.bring(self.argument(i, k, b), &[]);
            self.asm.store(SCRATCH, block(k as u32) - BIAS_OF_BLOCKS, reg);
        }
        for k in 0..count {
            self.read(self.argument(i, k, b));
        }
        for r in 0..self.held.len() {
            if self.held[r] != FREE {
                self.save(Reg(r as u8));
                self.release(Reg(r as u8));
            }
        }
        let function = self.functions[inst.args[3] as usize];
        self.asm.call(function, SCRATCH, -BIAS_OF_BLOCKS);
        let result = self.result(result);
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
