//! The machine code of this very executable, as `objdump -d` shows it.
//!
//! A kernel is found by the symbol of its function `gradtape::lanes::kernels::slices::NAME`: the loop for
//! the baseline is in it or in the `Isa::run` that it calls, the others in the `isa::avx2` and
//! `isa::avx512` that are called from there.
//!
//! The compiler makes several loops of one: the main loop on whole vectors, and a scalar one for what is
//! left over at the end. A loop is what lies between a backward jump and its target; the main loop is the
//! one with the most packed arithmetic, or the most arithmetic if there is no packed.

use gradtape::lanes::Isa;
use std::collections::HashMap;
use std::env;
use std::fmt;
use std::process::Command;

struct Instruction {
    address: u64,
    mnemonic: String,
    operands: String,
}

struct Function {
    name: String,
    body: Vec<Instruction>,
}

pub struct MachineCode {
    functions: Vec<Function>,
    by_address: HashMap<u64, usize>,
}

/// What the main loop computes with.
#[derive(Default)]
pub struct MainLoop {
    packed: usize,
    scalar: usize,
    calls: usize,
    widest: Option<char>,
}

impl MachineCode {
    pub fn of_this_executable() -> Option<MachineCode> {
        let output = Command::new("objdump")
            .args(["-d", "-C", "--no-show-raw-insn"])
            .arg(env::current_exe().ok()?)
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut code = MachineCode { functions: Vec::new(), by_address: HashMap::new() };
        for line in text.lines() {
            if let Some((address, name)) = line.strip_suffix(">:").and_then(|l| l.split_once(" <"))
            {
                let address = u64::from_str_radix(address, 16).ok()?;
                code.by_address.insert(address, code.functions.len());
                code.functions.push(Function { name: name.to_owned(), body: Vec::new() });
            } else if let (Some(function), Some(instruction)) =
                (code.functions.last_mut(), Instruction::parse(line))
            {
                function.body.push(instruction);
            }
        }
        Some(code)
    }

    /// The main loop of a kernel.
    pub fn main_loop(&self, kernel: &str, isa: Isa) -> Option<MainLoop> {
        let name = format!("gradtape::lanes::kernels::{kernel}");
        let wrapper = self.functions.iter().find(|f| f.name == name)?;
        let mut reachable = vec![wrapper];
        for at in 0.. {
            let Some(function) = reachable.get(at) else { break };
            let called = function
                .body
                .iter()
                .filter_map(|i| self.functions.get(*self.by_address.get(&i.target()?)?));
            let called: Vec<_> =
                called.filter(|f| f.name.starts_with("gradtape::lanes::isa::")).collect();
            for function in called {
                if !reachable.iter().any(|seen| std::ptr::eq(*seen, function)) {
                    reachable.push(function);
                }
            }
        }
        let suits = |f: &Function| match isa {
            Isa::Avx2 => f.name.ends_with("isa::avx2"),
            Isa::Avx512 => f.name.ends_with("isa::avx512"),
            _ => !f.name.ends_with("isa::avx2") && !f.name.ends_with("isa::avx512"),
        };
        let loops = reachable.iter().filter(|f| suits(f)).flat_map(|f| f.loops());
        loops.max_by_key(|found| (found.packed, found.scalar, found.calls))
    }
}

impl Function {
    fn loops(&self) -> impl Iterator<Item = MainLoop> {
        let bounds = |(end, jump): (usize, &Instruction)| {
            let target = jump.target().filter(|&target| target <= jump.address)?;
            Some((self.body[..=end].iter().position(|i| i.address == target)?, end))
        };
        let all: Vec<(usize, usize)> = self.body.iter().enumerate().filter_map(bounds).collect();
        // Only the innermost: a larger one may hold the loop for what is left over, too.
        let holds = |a: (usize, usize), b: (usize, usize)| a != b && a.0 <= b.0 && b.1 <= a.1;
        let innermost: Vec<_> =
            all.iter().copied().filter(|&a| !all.iter().any(|&b| holds(a, b))).collect();
        innermost.into_iter().map(|(start, end)| {
            self.body[start..=end].iter().fold(MainLoop::default(), MainLoop::with)
        })
    }
}

impl Instruction {
    /// An address, a colon, a mnemonic, operands.
    fn parse(line: &str) -> Option<Instruction> {
        let (address, rest) = line.split_once(':')?;
        let address = u64::from_str_radix(address.trim(), 16).ok()?;
        let (mnemonic, operands) = rest.trim().split_once(' ')?;
        Some(Instruction { address, mnemonic: mnemonic.into(), operands: operands.trim().into() })
    }

    /// Where a jump or a call goes.
    fn target(&self) -> Option<u64> {
        let leads_on = self.mnemonic.starts_with('j') || self.mnemonic.starts_with("call");
        let address = self.operands.split(' ').next().filter(|_| leads_on)?;
        u64::from_str_radix(address, 16).ok()
    }

    /// Whether this is arithmetic on doubles with the ending `pd` (packed) or `sd` (scalar).
    fn is_arithmetic(&self, ending: &str) -> bool {
        let name = self.mnemonic.strip_prefix('v').unwrap_or(&self.mnemonic);
        let operation = name.strip_suffix(ending).unwrap_or_default();
        ["add", "sub", "mul", "div", "sqrt", "min", "max"].contains(&operation)
            || operation.starts_with("fm")
            || operation.starts_with("fnm")
    }
}

impl MainLoop {
    fn with(mut self, instruction: &Instruction) -> MainLoop {
        self.packed += usize::from(instruction.is_arithmetic("pd"));
        self.scalar += usize::from(instruction.is_arithmetic("sd"));
        self.calls += usize::from(instruction.mnemonic.starts_with("call"));
        if instruction.is_arithmetic("pd") {
            let width = ['x', 'y', 'z']
                .into_iter()
                .rfind(|w| instruction.operands.contains(&format!("%{w}mm")));
            self.widest = self.widest.max(width);
        }
        self
    }
}

impl fmt::Display for MainLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = if self.calls > 0 { ", calls" } else { "" };
        let width = self.widest.map_or(String::new(), |w| format!(" {w}mm"));
        f.pad(&format!("{} + {}{width}{calls}", self.packed, self.scalar))
    }
}
