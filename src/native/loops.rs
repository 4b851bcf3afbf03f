//! Long sums of products as loops: forwards one sum, backwards the contributions of all its terms.
//!
//! A loop goes over a table that has, for each term, how far from the bases the first block of `x` is, and `y`, and of a
//! sweep the cell and the running sum. So operands may be anywhere in memory, and are stored before the loop if they are in
//! registers alone. With several blocks at a time one look at the table serves all of them, and so does one load of a
//! running sum.

use super::emit::{
    ARGUMENTS, Argument, BIAS_OF_BLOCKS, BIAS_OF_NUMBERS, Emitter, SCRATCH, SUMS, UNIFORM, block,
};
use super::straight::{FRESH, Inst, NONE, Term};
use super::uses::NEVER;
use super::x86::{ADD, Base, Index, MUL, Operand, Reg};

impl Emitter<'_> {
    /// The offset of a cell from the base of scratch memory.
    pub(super) fn cell(&self, cell: u32) -> i32 {
        // What is written elsewhere would be another's memory.
        assert!(cell < self.code.cells, "cell {cell} of {}", self.code.cells);
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
        match self.in_memory(x * self.blocks) {
            Operand::Memory(base, offset) => (base, offset),
            other => unreachable!("a result that differs from row to row is a vector: {other:?}"),
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

    pub(super) fn dot(&mut self, i: usize, inst: &Inst, first: u32) {
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
        let nothing = self.in_memory(0);
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

    pub(super) fn spread(&mut self, i: usize, inst: &Inst) {
        let terms = &self.code.terms[inst.terms()];
        let (to_cells, to_sums) = (terms[0].cell != NONE, terms[0].sum != NONE);
        let (mut base, mut entries) = (SCRATCH, Vec::new());
        for t in inst.terms() {
            let Term { x, y, cell, sum } = self.code.terms[t];
            let offset;
            (base, offset) = self.place_of_x(x);
            entries.extend([offset, self.offset_of_uniform(y)]);
            entries.push(if to_cells { self.cell(cell) } else { 0 });
            assert!(!to_sums || sum != NONE, "a loop adds to the sums of all its terms or of none");
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
