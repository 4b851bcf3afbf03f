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
use super::straight::{Callee, FRESH, Inst, Kind, NONE, Straight, Term};
use super::x86::{
    ADD, AND, Assembler, Base, DIV, Form, INTEGER_SUB, Index, MUL, OR, Opcode, Operand, Reg, SUB,
    XOR,
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

/// Compile for `blocks` blocks at a time. None if the code is too long, or the system does not let memory be run.
///
/// Input `j` of block `b` is block `blocks · j + b` of the inputs, and outputs are in the same order.
pub(super) fn emit(code: &Straight, form: Form, blocks: usize) -> Option<Code> {
    let count = code.insts.len() * blocks;
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

/// Where results are used.
struct Uses {
    /// Of each result, the first instruction that uses it.
    first: Vec<u32>,
    /// Of each argument, the next instruction that uses the same.
    next: Vec<[u32; 4]>,
    /// The same of the `x` of each term: for the sum, and for the sweep.
    next_of_term: Vec<[u32; 2]>,
}

impl Uses {
    fn of(code: &Straight) -> Uses {
        let count = code.insts.len();
        let (mut first, mut next) = (vec![NEVER; count], vec![[NEVER; 4]; count]);
        let mut next_of_term = vec![[NEVER; 2]; code.terms.len()];
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
            let which = usize::from(inst.kind == Kind::Spread);
            for t in inst.terms().rev() {
                let x = code.terms[t].x as usize;
                next_of_term[t][which] = std::mem::replace(&mut first[x], i as u32);
            }
        }
        Uses { first, next, next_of_term }
    }
}

/// Results and times are counted for all blocks: result `i` in block `b` is `blocks · i + b`, and so is the time at which it is
/// computed. A uniform number is one result for all blocks, used by one after the other.
struct Emitter<'a> {
    code: &'a Straight,
    blocks: u32,
    /// The addresses of the functions that are called.
    functions: &'a [u64],
    asm: Assembler,
    next: &'a [[u32; 4]],
    next_of_term: &'a [[u32; 2]],
    /// The tables of loops, which follow the constants.
    tables: Vec<i32>,
    /// What each register holds.
    held: [u32; 32],
    /// Where what it holds is used next; 0 if it holds nothing.
    used: [u32; 32],
    /// A bit for each register that holds nothing.
    free: u32,
    /// The register of each result.
    register: Vec<u8>,
    /// The first slot of each instruction, with one for each block.
    slot: Vec<u32>,
    /// A bit for each block whose result is in its slot.
    stored: Vec<u8>,
    free_slots: Vec<u32>,
    /// Slots that are free behind this instruction, which reads them.
    leaving: Vec<u32>,
    needs: Needs,
}

/// An argument: the result, and when it is used next.
#[derive(Clone, Copy)]
struct Argument {
    v: u32,
    next: u32,
}

fn block(index: u32) -> i32 {
    index as i32 * BLOCK
}

impl Emitter<'_> {
    /// Argument `k` of an instruction in a block.
    fn argument(&self, i: usize, k: usize, b: u32) -> Argument {
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
    fn home(&self, v: u32) -> Option<Operand> {
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

    /// A register that nothing is lost from, but those of `pinned`.
    fn take(&mut self, pinned: &[Reg]) -> Reg {
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
    fn save(&mut self, reg: Reg) {
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

    fn hold(&mut self, reg: Reg, v: u32, next: u32) {
        self.held[reg.0 as usize] = v;
        self.free &= !(1 << reg.0);
        self.used[reg.0 as usize] = next;
        self.register[v as usize] = reg.0;
    }

    fn in_register(&self, v: u32) -> Option<Reg> {
        Some(Reg(self.register[v as usize])).filter(|reg| reg.0 != NO_REGISTER)
    }

    /// Bring a result into a register.
    fn bring(&mut self, x: Argument, pinned: &[Reg]) -> Reg {
        if let Some(reg) = self.in_register(x.v) {
            return reg;
        }
        let reg = self.take(pinned);
        let home = self.home(x.v).expect("a result is in a register or in memory");
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
        let home = self.home(x.v).expect("a result is in a register or in memory");
        let latest = || self.used.iter().copied().max().unwrap_or(0);
        let worth = x.next != NEVER && (self.free != 0 || latest() > x.next);
        if worth { Operand::Reg(self.bring(x, pinned)) } else { home }
    }

    /// An argument has been read.
    fn read(&mut self, x: Argument) {
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
                None => self.home(x.v).expect("a result is in a register or in memory"),
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

/// Loops. Their tables have, for each term, how far from the bases the first block of `x` is, and `y`, and of a sweep the cell
/// and the running sum.
impl Emitter<'_> {
    /// The offset of a cell from the base of scratch memory.
    fn cell(&self, cell: u32) -> i32 {
        block(ARGUMENTS as u32 + cell * self.blocks) - BIAS_OF_BLOCKS
    }

    /// Store the `x` of a term, if it is in registers alone, and tell where it is.
    fn place_of_x(&mut self, x: u32) -> (Base, i32) {
        for b in 0..self.blocks {
            let v = x * self.blocks + b;
            if let Some(reg) = self.in_register(v) {
                self.save(reg);
            }
        }
        match self.home(x * self.blocks) {
            Some(Operand::Memory(base, offset)) => (base, offset),
            home => unreachable!("{home:?} of a result that was stored"),
        }
    }

    fn offset_of_uniform(&mut self, y: u32) -> i32 {
        let at = self.code.insts[y as usize].args[0];
        self.needs.uniform = self.needs.uniform.max(at as usize + 1);
        at as i32 * 8 - BIAS_OF_NUMBERS
    }

    /// The terms have been read.
    fn read_terms(&mut self, inst: &Inst, which: usize) {
        for t in inst.terms() {
            let (x, next) = (self.code.terms[t].x, self.next_of_term[t][which]);
            for b in 0..self.blocks {
                let next = if next == NEVER { NEVER } else { next * self.blocks + b };
                self.read(Argument { v: x * self.blocks + b, next });
            }
        }
    }

    /// Take some registers, which hold nothing before and after.
    fn take_some(&mut self, count: usize, pinned: &[Reg]) -> Vec<Reg> {
        let mut taken = pinned.to_vec();
        for _ in 0..count {
            let reg = self.take(&taken);
            taken.push(reg);
        }
        taken.split_off(pinned.len())
    }

    /// The offset of the next table from the base of the constants.
    fn table(&mut self, entries: &[i32]) -> i32 {
        if !self.tables.len().is_multiple_of(2) {
            self.tables.push(0);
        }
        let at = self.code.constants.len() * 8 + self.tables.len() * 4;
        self.tables.extend(entries);
        at as i32 - BIAS_OF_NUMBERS
    }

    fn dot(&mut self, i: usize, inst: &Inst, first: u32) {
        let (mut base, mut entries) = (SCRATCH, Vec::new());
        for t in inst.terms() {
            let Term { x, y, .. } = self.code.terms[t];
            let offset;
            (base, offset) = self.place_of_x(x);
            entries.extend([offset, self.offset_of_uniform(y)]);
        }
        let table = self.table(&entries);
        self.read_terms(inst, 0);
        let blocks = self.blocks as usize;
        let taken = self.take_some(blocks + 2, &[]);
        let (sums, [y, product]) = (&taken[..blocks], [taken[blocks], taken[blocks + 1]]);
        // The first instruction of a trace is -0, which every number is added to as it is.
        let nothing = self.home(0).expect("a constant is in memory");
        for &sum in sums {
            self.asm.load(sum, nothing);
        }
        let the = self.asm.begin_loop(table, &[Index::Rax, Index::Rcx], inst.terms().len());
        self.asm.load(y, Operand::BroadcastIndexed(UNIFORM, Index::Rcx));
        for (b, &sum) in sums.iter().enumerate() {
            self.asm.binary(MUL, product, y, Operand::Indexed(base, Index::Rax, block(b as u32)));
            self.asm.binary(ADD, sum, sum, Operand::Reg(product));
        }
        self.asm.end_loop(the);
        for (b, &sum) in sums.iter().enumerate() {
            let b = b as u32;
            self.hold(sum, i as u32 * self.blocks + b, first * self.blocks + b);
        }
        self.free_slots.append(&mut self.leaving);
    }

    fn spread(&mut self, i: usize, inst: &Inst) {
        let terms = &self.code.terms[inst.terms()];
        let (to_cells, to_sums) = (terms[0].cell != NONE, terms[0].sum != NONE);
        let (mut base, mut entries) = (SCRATCH, Vec::new());
        for t in inst.terms() {
            let Term { x, y, cell, sum } = self.code.terms[t];
            let offset;
            (base, offset) = self.place_of_x(x);
            entries.extend([offset, self.offset_of_uniform(y)]);
            entries.push(if to_cells { self.cell(cell) } else { 0 });
            entries.push(if to_sums { block(sum) - BIAS_OF_BLOCKS } else { 0 });
            if to_sums {
                self.needs.adjoints = self.needs.adjoints.max(sum as usize + 1);
            }
        }
        let table = self.table(&entries);
        let mut weights = Vec::new();
        for b in 0..self.blocks {
            let w = self.argument(i, 0, b);
            weights.push(self.bring(w, &weights));
        }
        let taken = self.take_some(3, &weights);
        let [y, product, sum] = [taken[0], taken[1], taken[2]];
        let indices = [Index::Rax, Index::Rcx, Index::Rdx, Index::Rsi];
        let the = self.asm.begin_loop(table, &indices, inst.terms().len());
        if to_cells {
            self.asm.load(y, Operand::BroadcastIndexed(UNIFORM, Index::Rcx));
            for (b, &w) in weights.iter().enumerate() {
                let place = Operand::Indexed(SCRATCH, Index::Rdx, block(b as u32));
                self.asm.binary(MUL, product, w, Operand::Reg(y));
                if inst.detail != FRESH {
                    self.asm.binary(ADD, product, product, place);
                }
                self.asm.store_to(place, product);
            }
        }
        if to_sums {
            let place = Operand::Indexed(SUMS, Index::Rsi, 0);
            for (b, &w) in weights.iter().enumerate() {
                let x = Operand::Indexed(base, Index::Rax, block(b as u32));
                self.asm.binary(MUL, product, w, x);
                let (from, other) =
                    if b == 0 { (product, place) } else { (sum, Operand::Reg(product)) };
                self.asm.binary(ADD, sum, from, other);
            }
            self.asm.store_to(place, sum);
        }
        self.asm.end_loop(the);
        for b in 0..self.blocks {
            self.read(self.argument(i, 0, b));
        }
        self.read_terms(inst, 1);
        self.free_slots.append(&mut self.leaving);
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
