//! Instructions of x86-64 as bytes: the few that [`emit`](super::emit) needs, in two encodings.
//!
//! | encoding | vectors | registers | a number for all lanes from memory |
//! |---|---|---|---|
//! | VEX, for AVX2 | 4 lanes | 16 | by an instruction of its own |
//! | EVEX, for AVX-512 | 8 or 4 lanes | 32 | as an operand |
//!
//! Source: *Intel 64 and IA-32 Architectures Software Developer's Manual*, volume 2, chapter 2 (2.3 VEX, 2.7 EVEX) and the
//! pages of the instructions. The tests hold each form to what a disassembler reads.

use crate::lanes::Isa;

/// A vector register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reg(pub u8);

/// A general register, of those that a call leaves as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Base {
    Rbx = 3,
    Rbp = 5,
    R12 = 12,
    R13 = 13,
    R14 = 14,
    R15 = 15,
}

/// Where a vector is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Reg(Reg),
    /// All lanes, from `base + offset` on.
    Memory(Base, i32),
    /// One number, for all lanes.
    Broadcast(Base, i32),
    /// All lanes, from `base + index + offset` on.
    Indexed(Base, Index, i32),
    /// One number at `base + index`, for all lanes.
    BroadcastIndexed(Base, Index),
}

/// A general register that a loop reads a table into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Index {
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rsi = 6,
}

impl Operand {
    fn base(self) -> u8 {
        match self {
            Operand::Reg(Reg(b)) => b,
            Operand::Memory(base, _) | Operand::Broadcast(base, _) => base as u8,
            Operand::Indexed(base, ..) | Operand::BroadcastIndexed(base, _) => base as u8,
        }
    }

    fn is_broadcast(self) -> bool {
        matches!(self, Operand::Broadcast(..) | Operand::BroadcastIndexed(..))
    }
}

/// The encoding, and how many lanes an instruction has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// AVX2: four lanes.
    Vex4,
    /// AVX-512 on half a block: four lanes.
    Evex4,
    /// AVX-512: eight lanes.
    Evex8,
}

impl Form {
    /// The instruction set that it takes.
    #[cfg(test)]
    pub fn isa(self) -> Isa {
        if self.is_evex() { Isa::Avx512 } else { Isa::Avx2 }
    }

    /// The instruction set of the kernels that it calls: half a block is stored by AVX2, and is best read so.
    pub fn isa_of_kernels(self) -> Isa {
        if self == Form::Evex8 { Isa::Avx512 } else { Isa::Avx2 }
    }

    pub fn lanes(self) -> usize {
        if self == Form::Evex8 { 8 } else { 4 }
    }

    fn is_evex(self) -> bool {
        self != Form::Vex4
    }
    /// How many registers there are to keep results in. With VEX the last two are for what EVEX does without a register.
    pub fn registers(self) -> usize {
        if self.is_evex() { 32 } else { 14 }
    }
}

/// For a number from memory in all lanes, and for the outcome of a comparison.
const SPREAD: Reg = Reg(14);
const MASK: Reg = Reg(15);

/// An instruction on vectors: opcode map and opcode. All have the mandatory prefix 66.
#[derive(Clone, Copy)]
pub(super) struct Opcode {
    map: u8,
    code: u8,
    /// The W bit under VEX; under EVEX it is set, as for all 64-bit elements.
    w: bool,
}

/// The mandatory prefix 66, as the prefixes VEX and EVEX have it.
const PREFIX_66: u8 = 1;

const fn op(map: u8, code: u8) -> Opcode {
    Opcode { map, code, w: false }
}

pub(super) const ADD: Opcode = op(1, 0x58);
pub(super) const SUB: Opcode = op(1, 0x5c);
pub(super) const MUL: Opcode = op(1, 0x59);
pub(super) const DIV: Opcode = op(1, 0x5e);
pub(super) const AND: Opcode = op(1, 0x54);
pub(super) const OR: Opcode = op(1, 0x56);
pub(super) const XOR: Opcode = op(1, 0x57);
pub(super) const INTEGER_SUB: Opcode = op(1, 0xfb);
const SQRT: Opcode = op(1, 0x51);
const LOAD: Opcode = op(1, 0x28);
const STORE: Opcode = op(1, 0x29);
const SHIFT: Opcode = op(1, 0x73);
const COMPARE: Opcode = op(1, 0xc2);
const BROADCAST: Opcode = op(2, 0x19);
const FMA213: Opcode = Opcode { map: 2, code: 0xa8, w: true };
const BLEND_MASKED: Opcode = op(2, 0x65);
const BLEND_VARIABLE: Opcode = op(3, 0x4b);
const ROUND: Opcode = op(3, 0x09);

/// A loop that has been begun.
pub(super) struct Loop {
    begin: usize,
    /// The bytes of an entry.
    size: u8,
}

/// The bytes of one instruction.
struct Bytes([u8; 16], usize);

impl Bytes {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) {
        self.0[self.1..self.1 + bytes.len()].copy_from_slice(bytes);
        self.1 += bytes.len();
    }
}

/// Bytes of code.
pub(super) struct Assembler {
    pub code: Vec<u8>,
    pub form: Form,
    /// Where jumps to the end for broken guards have their distance.
    exits: Vec<usize>,
}

impl Assembler {
    pub fn new(form: Form, capacity: usize) -> Assembler {
        Assembler { code: Vec::with_capacity(capacity), form, exits: Vec::new() }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.code.extend_from_slice(bytes);
    }

    /// Prefix, opcode and operands: `reg` is the result (or what is stored), `first` the first source.
    fn instruction(&mut self, op: Opcode, reg: u8, first: u8, last: Operand, mask: u8) {
        let mut bytes = Bytes([0; 16], 0);
        let unit = if self.form.is_evex() {
            self.evex(&mut bytes, op, reg, first, last, mask)
        } else {
            vex(&mut bytes, op, reg, first, last)
        };
        operand(&mut bytes, reg, last, unit);
        // Of a length that the compiler knows, and cut: a copy of any length is a call.
        let end = self.code.len() + bytes.1;
        self.code.extend_from_slice(&bytes.0);
        self.code.truncate(end);
    }

    /// Write prefix and opcode; tell the unit of short offsets.
    fn evex(
        &self,
        bytes: &mut Bytes,
        op: Opcode,
        reg: u8,
        first: u8,
        last: Operand,
        mask: u8,
    ) -> i32 {
        let not = |bit: u8| (bit ^ 1) & 1;
        let b = last.base();
        // Of a register the fourth bit; no index needs it.
        let (x, b) = (not(b >> 4), not(b >> 3));
        // `vbroadcastsd` itself reads one number without the bit.
        let is_load = op.code == BROADCAST.code && op.map == BROADCAST.map;
        let broadcast = u8::from(last.is_broadcast() && !is_load);
        let length = if self.form == Form::Evex8 { 2 } else { 1 };
        bytes.put(&[
            0x62,
            not(reg >> 3) << 7 | x << 6 | b << 5 | not(reg >> 4) << 4 | op.map,
            1 << 7 | (!first & 15) << 3 | 1 << 2 | PREFIX_66,
            length << 5 | broadcast << 4 | not(first >> 4) << 3 | mask,
            op.code,
        ]);
        if last.is_broadcast() { 8 } else { 8 * self.form.lanes() as i32 }
    }

    /// An operand that the encoding can take: VEX has no broadcast.
    fn operand_of(&mut self, operand: Operand) -> Operand {
        if !self.form.is_evex() && operand.is_broadcast() {
            self.load(SPREAD, operand);
            return Operand::Reg(SPREAD);
        }
        operand
    }

    /// `result = a ∘ b`.
    pub fn binary(&mut self, op: Opcode, result: Reg, a: Reg, b: Operand) {
        let b = self.operand_of(b);
        self.instruction(op, result.0, a.0, b, 0);
    }

    pub fn sqrt(&mut self, result: Reg, a: Operand) {
        let a = self.operand_of(a);
        self.instruction(SQRT, result.0, 0, a, 0);
    }

    /// Round in the direction `mode`.
    pub fn round(&mut self, result: Reg, a: Operand, mode: u8) {
        let a = self.operand_of(a);
        self.instruction(ROUND, result.0, 0, a, 0);
        self.bytes(&[mode]);
    }

    /// Shift the bits.
    pub fn shift(&mut self, left: bool, result: Reg, a: Reg, count: u8) {
        let extension = if left { 6 } else { 2 };
        self.instruction(SHIFT, extension, result.0, Operand::Reg(a), 0);
        self.bytes(&[count]);
    }

    /// `result = result · b + c`.
    pub fn mul_add(&mut self, result: Reg, b: Reg, c: Operand) {
        let c = self.operand_of(c);
        self.instruction(FMA213, result.0, b.0, c, 0);
    }

    /// Compare; [`blend`](Assembler::blend) and [`leave_if_any`](Assembler::leave_if_any) read the outcome.
    pub fn compare(&mut self, a: Reg, b: Operand, predicate: u8) {
        let b = self.operand_of(b);
        let result = if self.form.is_evex() { 1 } else { MASK.0 };
        self.instruction(COMPARE, result, a.0, b, 0);
        self.bytes(&[predicate]);
    }

    /// `yes` in the lanes where the comparison holds, else `no`.
    pub fn blend(&mut self, result: Reg, no: Reg, yes: Operand) {
        let yes = self.operand_of(yes);
        if self.form.is_evex() {
            self.instruction(BLEND_MASKED, result.0, no.0, yes, 1);
        } else {
            self.instruction(BLEND_VARIABLE, result.0, no.0, yes, 0);
            self.bytes(&[MASK.0 << 4]);
        }
    }

    pub fn load(&mut self, result: Reg, from: Operand) {
        let op = if from.is_broadcast() { BROADCAST } else { LOAD };
        self.instruction(op, result.0, 0, from, 0);
    }

    pub fn store(&mut self, base: Base, offset: i32, from: Reg) {
        self.store_to(Operand::Memory(base, offset), from);
    }

    pub fn store_to(&mut self, place: Operand, from: Reg) {
        self.instruction(STORE, from.0, 0, place, 0);
    }

    /// Begin a loop over a table of `count` entries at `base + offset`, an entry being an offset for each index.
    pub fn begin_loop(&mut self, offset: i32, indices: &[Index], count: usize) -> Loop {
        let size = 4 * indices.len() as i32;
        // lea r8, [r13 + offset]; lea r9, [r8 + size · count]
        self.bytes(&[0x4d, 0x8d, 0x85]);
        self.bytes(&offset.to_le_bytes());
        self.bytes(&[0x4d, 0x8d, 0x88]);
        self.bytes(&(size * count as i32).to_le_bytes());
        let begin = self.code.len();
        for (k, &index) in indices.iter().enumerate() {
            // movsxd index, dword [r8 + 4 k]
            self.bytes(&[0x49, 0x63, 0b0100_0000 | (index as u8) << 3, 4 * k as u8]);
        }
        Loop { begin, size: size as u8 }
    }

    pub fn end_loop(&mut self, the: Loop) {
        // add r8, size; cmp r8, r9; jne begin
        self.bytes(&[0x49, 0x83, 0xc0, the.size, 0x4d, 0x39, 0xc8, 0x0f, 0x85]);
        let distance = the.begin as i64 - (self.code.len() + 4) as i64;
        self.bytes(&(distance as i32).to_le_bytes());
    }

    /// Leave with 1 if the comparison holds in any lane.
    pub fn leave_if_any(&mut self) {
        if self.form.is_evex() {
            // kortestb k1, k1
            self.bytes(&[0xc5, 0xf9, 0x98, 0xc9]);
        } else {
            // vtestpd ymm15, ymm15: whether any sign is set.
            self.bytes(&[0xc4, 0x42, 0x7d, 0x0f, 0xff]);
        }
        // jnz
        self.bytes(&[0x0f, 0x85]);
        self.exits.push(self.code.len());
        self.bytes(&[0; 4]);
    }

    /// Keep what the caller wants kept, and read where things are from the frame: each register takes the pointer of its
    /// place there, plus its bias.
    pub fn begin(&mut self, pointers: &[(Base, i32)]) {
        self.bytes(&[0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57]);
        // sub rsp, 8: a call finds the stack aligned to 16 bytes.
        self.bytes(&[0x48, 0x83, 0xec, 0x08]);
        for (i, &(base, bias)) in pointers.iter().enumerate() {
            let (high, low) = (base as u8 >> 3, base as u8 & 7);
            // mov base, [rdi + 8 i]
            self.bytes(&[0x48 | high << 2, 0x8b, 0b0100_0111 | low << 3, 8 * i as u8]);
            if bias != 0 {
                // add base, bias
                self.bytes(&[0x48 | high, 0x81, 0b1100_0000 | low]);
                self.bytes(&bias.to_le_bytes());
            }
        }
    }

    /// Call a function with the address `base + offset`.
    pub fn call(&mut self, function: u64, base: Base, offset: i32) {
        let (high, low) = (base as u8 >> 3, base as u8 & 7);
        // lea rdi, [base + offset]
        self.bytes(&[0x48 | high, 0x8d, 0b1011_1000 | low]);
        if low == 4 {
            self.bytes(&[0x24]);
        }
        self.bytes(&offset.to_le_bytes());
        // vzeroupper; mov rax, function; call rax
        self.bytes(&[0xc5, 0xf8, 0x77]);
        self.bytes(&[0x48, 0xb8]);
        self.bytes(&function.to_le_bytes());
        self.bytes(&[0xff, 0xd0]);
    }

    /// Return 0, and behind it 1 for those that leave.
    pub fn finish(mut self) -> Vec<u8> {
        // xor eax, eax
        self.bytes(&[0x31, 0xc0]);
        let end = self.code.len();
        // vzeroupper; add rsp, 8; pop r15, r14, r13, r12, rbp, rbx; ret
        let restore = [
            0xc5, 0xf8, 0x77, 0x48, 0x83, 0xc4, 0x08, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41,
            0x5c, 0x5d, 0x5b, 0xc3,
        ];
        self.bytes(&restore);
        if !self.exits.is_empty() {
            let exit = self.code.len();
            // mov eax, 1; jmp end
            self.bytes(&[0xb8, 1, 0, 0, 0, 0xe9]);
            let distance = end as i64 - (self.code.len() + 4) as i64;
            self.bytes(&(distance as i32).to_le_bytes());
            for at in std::mem::take(&mut self.exits) {
                let distance = exit as i64 - (at + 4) as i64;
                self.code[at..at + 4].copy_from_slice(&(distance as i32).to_le_bytes());
            }
        }
        self.code
    }
}

/// Write prefix and opcode; tell the unit of short offsets.
fn vex(bytes: &mut Bytes, op: Opcode, reg: u8, first: u8, last: Operand) -> i32 {
    let b = last.base();
    let not = |bit: u8| (bit ^ 1) & 1;
    let (r, b_high) = (not(reg >> 3), not(b >> 3));
    let last_byte = (!first & 15) << 3 | 1 << 2 | PREFIX_66;
    if op.map == 1 && b_high == 1 && !op.w {
        bytes.put(&[0xc5, r << 7 | last_byte, op.code]);
    } else {
        let w = u8::from(op.w) << 7;
        bytes.put(&[0xc4, r << 7 | 1 << 6 | b_high << 5 | op.map, w | last_byte, op.code]);
    }
    1
}

/// The byte that names register and operand, and the offset: one byte in units where it fits.
fn operand(bytes: &mut Bytes, reg: u8, last: Operand, unit: i32) {
    /// Instead of a base: there is a byte for base and index.
    const WITH_INDEX: u8 = 4;
    /// Instead of an index: there is none.
    const NO_INDEX: u8 = 4;
    let (reg, low) = ((reg & 7) << 3, last.base() & 7);
    let (index, offset) = match last {
        Operand::Reg(_) => return bytes.put(&[0b1100_0000 | reg | low]),
        Operand::Memory(_, offset) | Operand::Broadcast(_, offset) => (None, offset),
        Operand::Indexed(_, index, offset) => (Some(index as u8), offset),
        Operand::BroadcastIndexed(_, index) => (Some(index as u8), 0),
    };
    let short = i8::try_from(offset / unit).ok().filter(|_| offset % unit == 0);
    let size = if short.is_some() { 0b0100_0000 } else { 0b1000_0000 };
    match index {
        None if low != WITH_INDEX => bytes.put(&[size | reg | low]),
        _ => {
            let index = index.unwrap_or(NO_INDEX);
            bytes.put(&[size | reg | WITH_INDEX, index << 3 | low]);
        }
    }
    match short {
        Some(short) => bytes.put(&[short as u8]),
        None => bytes.put(&offset.to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One instruction of each form, with low and high registers, every kind of base, short and long offsets.
    fn sample(form: Form) -> Vec<u8> {
        let mut asm = Assembler::new(form, 0);
        let high = Reg(if form.is_evex() { 29 } else { 13 });
        let (low, other) = (Reg(3), Reg(9));
        for op in [ADD, SUB, MUL, DIV, AND, OR, XOR, INTEGER_SUB] {
            asm.binary(op, low, other, Operand::Reg(high));
        }
        for base in [Base::Rbx, Base::Rbp, Base::R12, Base::R13, Base::R14, Base::R15] {
            asm.binary(ADD, high, low, Operand::Memory(base, 64));
            asm.binary(ADD, low, high, Operand::Memory(base, -64 * 200));
            asm.binary(MUL, high, low, Operand::Broadcast(base, 8 * 100));
            asm.store(base, 64 * 5, high);
            asm.load(low, Operand::Broadcast(base, -1024));
        }
        asm.binary(MUL, low, high, Operand::Indexed(Base::Rbp, Index::Rax, 128));
        asm.binary(ADD, low, high, Operand::Indexed(Base::R14, Index::Rsi, 0));
        asm.load(high, Operand::BroadcastIndexed(Base::R12, Index::Rcx));
        asm.store_to(Operand::Indexed(Base::Rbx, Index::Rdx, 64), high);
        asm.sqrt(high, Operand::Memory(Base::Rbx, 0));
        asm.round(low, Operand::Reg(high), 9);
        asm.shift(true, high, low, 52);
        asm.shift(false, low, high, 1);
        asm.mul_add(high, low, Operand::Reg(other));
        asm.mul_add(low, high, Operand::Broadcast(Base::R13, 16));
        asm.compare(high, Operand::Reg(low), 0x11);
        asm.blend(low, high, Operand::Reg(other));
        asm.compare(low, Operand::Broadcast(Base::R13, -8), 0x1e);
        asm.leave_if_any();
        asm.load(high, Operand::Reg(low));
        let the = asm.begin_loop(-40, &[Index::Rax, Index::Rcx, Index::Rdx, Index::Rsi], 7);
        asm.end_loop(the);
        asm.call(0x1122_3344_5566_7788, Base::R12, -8192);
        asm.call(0x1122_3344_5566_7788, Base::Rbx, -8192);
        asm.begin(&[(Base::Rbp, 0), (Base::R12, 1024), (Base::Rbx, 8192)]);
        asm.finish()
    }

    /// The files are what GNU objdump 2.40 reads of the bytes, which was compared with what they are meant to be.
    #[test]
    fn every_form_has_the_bytes_that_a_disassembler_reads_as_it() {
        let read = [
            (Form::Vex4, include_str!("../../tests/data/x86/vex4.txt")),
            (Form::Evex4, include_str!("../../tests/data/x86/evex4.txt")),
            (Form::Evex8, include_str!("../../tests/data/x86/evex8.txt")),
        ];
        for (form, text) in read {
            let bytes = sample(form);
            let mut at = 0;
            for line in text.lines() {
                let (hex, meaning) = line.split_at(36);
                for byte in hex.split_whitespace() {
                    assert_eq!(
                        format!("{:02x}", bytes[at]),
                        byte,
                        "{form:?}, byte {at}: {meaning}"
                    );
                    at += 1;
                }
            }
            assert_eq!(at, bytes.len(), "{form:?}");
        }
    }
}
