//! [`Code`]: machine code in pages of its own, and the call into it.
//!
//! Here numbers become code. Two facts make that sound, and each has its place:
//!
//! **The pages** ([`Executable`]). They are fresh ones of the system. They are written while they cannot be run, then
//! made executable and no longer writable, and so they stay until they are given back. They have one owner and never
//! change, so any thread may run them. Where the system refuses to make them executable, there is no code.
//!
//! **The code**. Only the emitter in this folder writes it: [`Code::new`] is private to the folder. What it writes
//!
//! - reads and writes only what [`Frame`] points to, as far as [`Needs`] says, its own pages and its own stack, and
//!   calls only the functions of `kernels`;
//! - reads inputs, uniform numbers and constants, and writes scratch, adjoints and outputs, which it may read too;
//! - keeps to the calling convention `sysv64`: `rbx`, `rbp` and `r12` to `r15` as they were, the stack aligned to 16
//!   bytes at calls, less than 4096 bytes of it, so that no page is leapt over that guards its end;
//! - leaves the control word of floating-point numbers as it is: rounded to the nearest, subnormal numbers as they are;
//! - ends with `vzeroupper` and `ret`, or so before a call, and unwinds nowhere: no function that it calls can;
//! - uses the instructions of one set, which its maker has found on this machine.
//!
//! [`Code::run`] is safe for that: it compares the lengths of what is borrowed with `Needs`, and points to nothing else.

#![allow(unsafe_code)]

use crate::lanes::{Lanes, WIDTH};
use std::fmt;
use std::ptr::{NonNull, null_mut};

/// One number of each row of a block: eight lanes, 64 bytes, aligned to as many.
pub(crate) type Block = Lanes;

/// Where a block of eight rows is computed from and to. Emitted code finds each field by its offset
/// (`std::mem::offset_of!`), and the address of all in `rdi`.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Frame {
    /// The inputs of the rows, and behind them their weights.
    pub inputs: *const Block,
    /// Numbers that are the same in all rows.
    pub uniform: *const f64,
    /// The constants of the code.
    pub constants: *const f64,
    /// Room for what registers do not hold.
    pub scratch: *mut Block,
    /// Sums over all blocks so far.
    pub adjoints: *mut Block,
    /// Results.
    pub outputs: *mut Block,
}

impl Frame {
    /// Point to the other four lanes of all blocks, but those of scratch memory: there functions find their operands, in
    /// whole blocks.
    fn move_to_other_half(&mut self) {
        self.inputs = self.inputs.wrapping_byte_add(HALF);
        self.adjoints = self.adjoints.wrapping_byte_add(HALF);
        self.outputs = self.outputs.wrapping_byte_add(HALF);
    }
}

/// The bytes of four lanes.
const HALF: usize = size_of::<Block>() / 2;

/// What emitted code is called as: 0 says that all is computed, anything else that a guard does not hold.
type Entry = unsafe extern "sysv64" fn(*const Frame) -> u32;

/// How much of each part of a [`Frame`] emitted code reads or writes, in blocks, and numbers of `uniform`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub inputs: usize,
    pub uniform: usize,
    pub scratch: usize,
    pub adjoints: usize,
    pub outputs: usize,
}

/// Emitted code, ready to run.
pub(crate) struct Code {
    executable: Executable,
    constants: Vec<f64>,
    needs: Needs,
    /// How many lanes it computes: all eight of a block, or four, and is called twice.
    lanes: usize,
    /// How many blocks it computes at a time.
    blocks: usize,
}

impl Code {
    /// Make code from what was emitted: its bytes, its constants, and how much it needs. None where the system does not
    /// let memory be run.
    ///
    /// For the emitter only: the bytes must be code that does what the head of this file says.
    pub(super) fn new(
        bytes: &[u8],
        constants: Vec<f64>,
        needs: Needs,
        lanes: usize,
        blocks: usize,
    ) -> Option<Code> {
        Some(Code { executable: Executable::new(bytes)?, constants, needs, lanes, blocks })
    }

    /// Compute the first `rows` rows of one or more blocks, and perhaps the others. Tell whether all guards hold: if not,
    /// scratch, adjoints and outputs are in an unknown state.
    ///
    /// # Panics
    /// If something is shorter than the code needs.
    #[inline]
    pub fn run(
        &self,
        rows: usize,
        inputs: &[Block],
        uniform: &[f64],
        scratch: &mut [Block],
        adjoints: &mut [Block],
        outputs: &mut [Block],
    ) -> bool {
        let Needs { inputs: i, uniform: u, scratch: s, adjoints: a, outputs: o } = self.needs;
        let enough = inputs.len() >= i
            && uniform.len() >= u
            && scratch.len() >= s
            && adjoints.len() >= a
            && outputs.len() >= o;
        assert!(enough, "room for {:?}", self.needs);
        let mut frame = Frame {
            inputs: inputs.as_ptr(),
            uniform: uniform.as_ptr(),
            constants: self.constants.as_ptr(),
            scratch: scratch.as_mut_ptr(),
            adjoints: adjoints.as_mut_ptr(),
            outputs: outputs.as_mut_ptr(),
        };
        // SAFETY: the pages are executable and begin with a function of this type; every pointer of the frame leads to
        // as much as it needs, borrowed for as long as it runs.
        let done = unsafe { (self.executable.entry())(&raw const frame) == 0 };
        if !done || self.lanes == WIDTH || rows <= self.lanes {
            return done;
        }
        frame.move_to_other_half();
        // SAFETY: as above. Code for four lanes touches the first half of each block behind these addresses, which is the
        // second half of what is borrowed.
        unsafe { (self.executable.entry())(&raw const frame) == 0 }
    }

    /// Count the blocks that are computed at a time.
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// How much the code reads and writes.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Count the bytes of machine code.
    pub fn bytes(&self) -> usize {
        self.executable.used
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constants = self.constants.len();
        write!(f, "Code({} bytes, {constants} constants, {:?})", self.bytes(), self.needs)
    }
}

/// Pages that hold machine code, and are run and read but not written.
///
/// Invariant: `start` is the address of a mapping of `mapped` bytes that was made here, is owned by this value alone, and
/// may be read and run. The first `used` bytes are code, and those behind them 0.
struct Executable {
    start: NonNull<u8>,
    mapped: usize,
    used: usize,
}

// SAFETY: the pages do not change, and nothing about them depends on the thread that made them.
unsafe impl Send for Executable {}
// SAFETY: as above.
unsafe impl Sync for Executable {}

impl Executable {
    /// Map pages, copy code to them, and make them executable. None where the system refuses.
    fn new(code: &[u8]) -> Option<Executable> {
        // No mapping is empty. The system rounds up to whole pages by itself.
        let (mapped, used) = (code.len().max(1), code.len());
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping of no file, at an address that the system chooses, touches nothing that is there.
        let start = unsafe {
            libc::mmap(null_mut(), mapped, access, libc::MAP_PRIVATE | libc::MAP_ANON, -1, 0)
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        let start = NonNull::new(start.cast::<u8>())?;
        // From here on it is unmapped when dropped, also where it does not become executable.
        let executable = Executable { start, mapped, used };
        // SAFETY: the mapping has room for the code, is writable, and nothing else points to it.
        unsafe { start.copy_from_nonoverlapping(NonNull::from(code).cast(), used) };
        // SAFETY: this is the whole mapping. Nothing points to it that might write.
        let refused = unsafe {
            libc::mprotect(start.as_ptr().cast(), mapped, libc::PROT_READ | libc::PROT_EXEC)
        };
        (refused == 0).then_some(executable)
    }

    /// The code as a function.
    #[inline(always)]
    fn entry(&self) -> Entry {
        // SAFETY: an address that is not null, of code of this type; who calls it answers for the rest.
        unsafe { std::mem::transmute::<*mut u8, Entry>(self.start.as_ptr()) }
    }
}

impl Drop for Executable {
    fn drop(&mut self) {
        // SAFETY: the mapping was made here, and nothing else points to it. That the system refuses to take it back cannot
        // be helped, and does no harm.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.mapped) };
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Code, Needs};

    fn code(bytes: &[u8], needs: Needs) -> Code {
        Code::new(bytes, vec![], needs, 8, 1).expect("memory can be run here")
    }

    /// Return a number.
    fn returning(number: u8) -> Code {
        code(&[0xB8, number, 0, 0, 0, 0xC3], Needs::default())
    }

    #[test]
    fn code_runs_and_says_whether_all_guards_hold() {
        let fine = code(&[0x31, 0xC0, 0xC3], Needs::default());
        assert!(fine.run(8, &[], &[], &mut [], &mut [], &mut []));
        assert!(!returning(1).run(8, &[], &[], &mut [], &mut [], &mut []));
        assert_eq!(fine.bytes(), 3);
    }

    /// For each pointer: `mov rax, [rdi + offset]`, a load or a store of its first number, as it is used.
    #[test]
    fn the_fields_of_a_frame_are_where_code_looks_for_them() {
        #[rustfmt::skip]
        let bytes = [
            0x48, 0x8B, 0x07,                   // mov rax, [rdi]               inputs
            0xF2, 0x0F, 0x10, 0x40, 0x40,       // movsd xmm0, [rax + 64]       the first lane of the second
            0x48, 0x8B, 0x47, 0x08,             // mov rax, [rdi + 8]           uniform
            0xF2, 0x0F, 0x58, 0x40, 0x08,       // addsd xmm0, [rax + 8]
            0x48, 0x8B, 0x47, 0x10,             // mov rax, [rdi + 16]          constants
            0xF2, 0x0F, 0x58, 0x00,             // addsd xmm0, [rax]
            0x48, 0x8B, 0x47, 0x18,             // mov rax, [rdi + 24]          scratch
            0xF2, 0x0F, 0x11, 0x00,             // movsd [rax], xmm0
            0x48, 0x8B, 0x47, 0x20,             // mov rax, [rdi + 32]          adjoints
            0xF2, 0x0F, 0x58, 0x00,             // addsd xmm0, [rax]
            0xF2, 0x0F, 0x11, 0x00,             // movsd [rax], xmm0
            0x48, 0x8B, 0x47, 0x28,             // mov rax, [rdi + 40]          outputs
            0xF2, 0x0F, 0x11, 0x40, 0x78,       // movsd [rax + 120], xmm0      the last lane of the second
            0x31, 0xC0, 0xC3,                   // xor eax, eax; ret
        ];
        let needs = Needs { inputs: 2, uniform: 2, scratch: 1, adjoints: 1, outputs: 2 };
        let code = Code::new(&bytes, vec![100.0], needs, 8, 1).expect("memory can be run here");
        let inputs = [Block::splat(0.0), Block::splat(1.0)];
        let mut scratch = [Block::splat(0.0)];
        let mut adjoints = [Block::splat(1000.0)];
        let mut outputs = [Block::splat(0.0); 2];
        for before in [1000.0, 1111.0] {
            assert_eq!(adjoints[0].0[0], before);
            assert!(code.run(8, &inputs, &[0.0, 10.0], &mut scratch, &mut adjoints, &mut outputs));
        }
        assert_eq!((scratch[0].0[0], adjoints[0].0[0]), (111.0, 1222.0));
        assert_eq!((outputs[1].0[7], outputs[1].0[6]), (1222.0, 0.0));
    }

    #[test]
    fn too_little_room_is_refused_before_the_code_runs() {
        let one = Needs { inputs: 1, uniform: 1, scratch: 1, adjoints: 1, outputs: 1 };
        // `ud2`, which ends the process: it is never reached.
        let code = code(&[0x0F, 0x0B], one);
        for missing in 0..5 {
            let blocks = |part: usize| vec![Block::splat(0.0); usize::from(part != missing)];
            let (inputs, mut scratch) = (blocks(0), blocks(2));
            let (mut adjoints, mut outputs) = (blocks(3), blocks(4));
            let uniform = vec![0.0; usize::from(missing != 1)];
            let run = || code.run(8, &inputs, &uniform, &mut scratch, &mut adjoints, &mut outputs);
            let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
            assert!(refused.is_err(), "part {missing}");
        }
    }

    #[test]
    fn code_is_shared_by_threads_and_longer_than_a_page() {
        // Some pages of `nop`.
        let code = code(&[vec![0x90; 20_000], vec![0x31, 0xC0, 0xC3]].concat(), Needs::default());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(code.run(8, &[], &[], &mut [], &mut [], &mut [])));
            }
        });
    }

    /// What the system says about the pages of this process.
    #[cfg(target_os = "linux")]
    #[test]
    fn pages_are_never_writable_and_executable_and_are_given_back() {
        let code = returning(0);
        let start = code.executable.start.as_ptr() as usize;
        let access = |address: usize| {
            let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux lists them");
            let number = |text: &str| usize::from_str_radix(text, 16).expect("an address");
            maps.lines().find_map(|line| {
                let (range, rest) = line.split_once(' ')?;
                let (from, to) = range.split_once('-')?;
                (number(from)..number(to)).contains(&address).then(|| rest[..3].to_string())
            })
        };
        assert_eq!(access(start).as_deref(), Some("r-x"));
        drop(code);
        assert_ne!(access(start).as_deref(), Some("r-x"));
    }

    #[test]
    fn code_of_nothing_is_made_and_not_run() {
        assert_eq!(code(&[], Needs::default()).bytes(), 0);
    }
}
