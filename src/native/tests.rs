//! Random straight-line code, computed by a reference that reads it instruction by instruction, and by machine code.

use super::straight::{Callee, FRESH, Inst, Kind, NONE, Predicate, Rounding, Straight, Term};
use super::x86::Form;
use super::{Code, compile};
use crate::Real;
use crate::lanes::{Lanes, WIDTH};
use crate::op::Op;
use fastrand::Rng;
use std::cmp::Ordering;

type Block = Lanes;

const INPUTS: usize = 5;
const UNIFORM: usize = 6;
const OUTPUTS: usize = 4;
const SUMS: usize = 8;

/// What the code of some blocks has written.
#[derive(Debug, PartialEq)]
struct Written {
    outputs: Vec<[u64; WIDTH]>,
    sums: Vec<[u64; WIDTH]>,
}

fn bits(blocks: &[Block]) -> Vec<[u64; WIDTH]> {
    let of_number = |x: f64| if x.is_nan() { u64::MAX } else { x.to_bits() };
    blocks.iter().map(|block| block.0.map(of_number)).collect()
}

/// The outcomes of the predicates for less, equal, greater and unordered.
const PREDICATES: [(Predicate, [bool; 4]); 12] = [
    (Predicate::Equal, [false, true, false, false]),
    (Predicate::Unordered, [false, false, false, true]),
    (Predicate::NotEqual, [true, false, true, true]),
    (Predicate::Ordered, [true, true, true, false]),
    (Predicate::Less, [true, false, false, false]),
    (Predicate::LessEqual, [true, true, false, false]),
    (Predicate::NotLess, [false, true, true, true]),
    (Predicate::NotLessEqual, [false, false, true, true]),
    (Predicate::NotGreaterEqual, [true, false, false, true]),
    (Predicate::NotGreater, [true, true, false, true]),
    (Predicate::GreaterEqual, [false, true, true, false]),
    (Predicate::Greater, [false, false, true, false]),
];

fn holds(predicate: u8, a: f64, b: f64) -> bool {
    let known = PREDICATES.iter().find(|(known, _)| *known as u8 == predicate);
    let (_, outcomes) = known.expect("a predicate");
    outcomes[match a.partial_cmp(&b) {
        Some(Ordering::Less) => 0,
        Some(Ordering::Equal) => 1,
        Some(Ordering::Greater) => 2,
        None => 3,
    }]
}

/// Compute one block by the meaning of each instruction. None if a guard does not hold.
fn by_reference(
    code: &Straight,
    inputs: &[Block],
    uniform: &[f64],
    sums: &mut [Block],
) -> Option<Vec<Block>> {
    let mut values = vec![Block::splat(0.0); code.insts.len()];
    let mut cells = vec![Block::splat(f64::NAN); code.cells as usize];
    let mut outputs = vec![Block::splat(0.0); OUTPUTS];
    for (i, inst) in code.insts.iter().enumerate() {
        let [a, b, c, d] = inst.args;
        let at = |v: u32| values[v as usize];
        let integers = |f: fn(u64, u64) -> u64, y: Block| {
            at(a).zip(y, |x, y| f64::from_bits(f(x.to_bits(), y.to_bits())))
        };
        let shifted = |f: fn(u64, u64) -> u64| {
            at(a).map(|x| f64::from_bits(f(x.to_bits(), u64::from(inst.detail))))
        };
        values[i] = match inst.kind {
            Kind::Input => inputs[a as usize],
            Kind::Uniform => Block::splat(uniform[a as usize]),
            Kind::Number => Block::splat(code.constants[a as usize]),
            Kind::Cell => cells[a as usize],
            Kind::Add => at(a) + at(b),
            Kind::Sub => at(a) - at(b),
            Kind::Mul => at(a) * at(b),
            Kind::Div => at(a) / at(b),
            Kind::Sqrt => at(a).map(f64::sqrt),
            Kind::MulAdd => at(a).zip3(at(b), at(c), f64::mul_add),
            Kind::Round => at(a).map(|x| match inst.detail {
                0x09 => x.floor(),
                0x0a => x.ceil(),
                _ => x.trunc(),
            }),
            Kind::And => integers(|x, y| x & y, at(b)),
            Kind::Or => integers(|x, y| x | y, at(b)),
            Kind::Xor => integers(|x, y| x ^ y, at(b)),
            Kind::IntegerSub => integers(u64::wrapping_sub, at(b)),
            Kind::ShiftLeft => shifted(|x, count| x << count),
            Kind::ShiftRight => shifted(|x, count| x >> count),
            Kind::Choose => {
                let mut chosen = at(d);
                for lane in 0..WIDTH {
                    if holds(inst.detail, at(a).0[lane], at(b).0[lane]) {
                        chosen.0[lane] = at(c).0[lane];
                    }
                }
                chosen
            }
            Kind::Call => match code.callees[d as usize] {
                Callee::Row(Op::Sin) => at(a).sin(),
                Callee::Row(_) => at(a).pow(at(b)),
                Callee::HypotSlopeAt => at(a).hypot_slope_at(at(b), at(c)),
            },
            Kind::Dot => code.terms[inst.terms()]
                .iter()
                .fold(Block::splat(-0.0), |sum, term| sum + at(term.x) * at(term.y)),
            Kind::Output => {
                outputs[b as usize] = at(a);
                continue;
            }
            Kind::Accumulate => {
                sums[b as usize] += at(a);
                continue;
            }
            Kind::AddToCell => {
                let cell = &mut cells[b as usize];
                *cell = if inst.detail == FRESH { at(a) } else { *cell + at(a) };
                continue;
            }
            Kind::Spread => {
                for term in &code.terms[inst.terms()] {
                    if term.cell != NONE {
                        let (cell, given) = (&mut cells[term.cell as usize], at(a) * at(term.y));
                        *cell = if inst.detail == FRESH { given } else { *cell + given };
                    }
                    if term.sum != NONE {
                        sums[term.sum as usize] += at(a) * at(term.x);
                    }
                }
                continue;
            }
            Kind::Guard => {
                if (0..WIDTH).any(|lane| holds(inst.detail, at(a).0[lane], at(b).0[lane])) {
                    return None;
                }
                continue;
            }
        };
    }
    Some(outputs)
}

/// Code with some instructions of every kind. `pressure` is how far back arguments may be: far, and results are spilled.
fn random_code(random: &mut Rng, count: usize, pressure: usize) -> Straight {
    let mut code = Straight {
        constants: vec![-0.0, 0.5, -3.0, f64::from_bits(u64::MAX >> 1), 1e300],
        callees: vec![Callee::Row(Op::Sin), Callee::Row(Op::Pow), Callee::HypotSlopeAt],
        cells: 3,
        ..Straight::default()
    };
    let leaf = |kind, count: usize| {
        (0..count).map(move |at| Inst { kind, detail: 0, args: [at as u32, NONE, NONE, NONE] })
    };
    code.insts.extend(leaf(Kind::Number, 5));
    code.insts.extend(leaf(Kind::Input, INPUTS));
    code.insts.extend(leaf(Kind::Uniform, UNIFORM));
    let uniform = |random: &mut Rng| 5 + INPUTS as u32 + random.u32(0..UNIFORM as u32);
    let (mut written_cells, mut free_sums) = ([false; 3], (0..SUMS as u32).collect::<Vec<_>>());
    let plain = [
        Kind::Add,
        Kind::Sub,
        Kind::Mul,
        Kind::Div,
        Kind::Sqrt,
        Kind::MulAdd,
        Kind::Round,
        Kind::And,
        Kind::Or,
        Kind::Xor,
        Kind::IntegerSub,
        Kind::ShiftLeft,
        Kind::ShiftRight,
        Kind::Choose,
    ];
    // A result that has a number for each row and is no leaf of memory alone.
    let mut results: Vec<u32> = vec![];
    while code.insts.len() < count {
        let i = code.insts.len() as u32;
        let earlier = |random: &mut Rng| {
            let back = random.u32(1..=(pressure as u32).min(i));
            let v = i - back;
            if code.insts[v as usize].kind.is_effect() { random.u32(0..16) } else { v }
        };
        let args: [u32; 4] = std::array::from_fn(|_| earlier(random));
        let [a, b, ..] = args;
        let mut inst = Inst { kind: *random.choice(&plain).expect("some"), detail: 0, args };
        match random.u8(0..40) {
            0 => inst = Inst { kind: Kind::Call, args: [a, b, args[2], random.u32(0..3)], ..inst },
            1 => {
                let at = random.u32(0..OUTPUTS as u32);
                inst = Inst { kind: Kind::Output, args: [a, at, NONE, NONE], ..inst };
            }
            2 if !free_sums.is_empty() => {
                let at = free_sums.swap_remove(random.usize(0..free_sums.len()));
                inst = Inst { kind: Kind::Accumulate, args: [a, at, NONE, NONE], ..inst };
            }
            3 => {
                let at = random.usize(0..3);
                let fresh = !written_cells[at] || random.bool();
                written_cells[at] = true;
                let detail = if fresh { FRESH } else { 0 };
                inst = Inst { kind: Kind::AddToCell, detail, args: [a, at as u32, NONE, NONE] };
            }
            4 if results.len() > 3 => {
                let at = code.terms.len() as u32;
                let length = random.u32(1..12);
                for _ in 0..length {
                    let x = *random.choice(&results).expect("some");
                    code.terms.push(Term { x, y: uniform(random), cell: NONE, sum: NONE });
                }
                inst = Inst { kind: Kind::Dot, args: [at, length, NONE, NONE], ..inst };
            }
            5 if results.len() > 3 && written_cells.iter().all(|&written| written) => {
                let (at, to_cells) = (code.terms.len() as u32, random.bool());
                let to_sums = free_sums.len() >= 3 && (random.bool() || !to_cells);
                if to_cells || to_sums {
                    for k in 0..3 {
                        let x = *random.choice(&results).expect("some");
                        let cell = if to_cells { k } else { NONE };
                        let sum = if to_sums { free_sums.pop().expect("three") } else { NONE };
                        code.terms.push(Term { x, y: uniform(random), cell, sum });
                    }
                    inst = Inst { kind: Kind::Spread, args: [a, at, 3, NONE], ..inst };
                }
            }
            6 if random.u8(0..30) == 0 => inst.kind = Kind::Guard,
            _ => {}
        }
        // A NaN stays one, whatever else is in its bits: which of two is kept is for the processor to say.
        let given = 5 + random.u32(0..INPUTS as u32);
        match inst.kind {
            Kind::And => inst.args[1] = 3,
            Kind::Or | Kind::Xor => inst.args[1] = 0,
            Kind::IntegerSub => inst.args = [given, 5, NONE, NONE],
            Kind::ShiftLeft | Kind::ShiftRight => inst.args[0] = given,
            _ => {}
        }
        inst.detail = match inst.kind {
            Kind::Round => {
                [Rounding::Down, Rounding::Up, Rounding::TowardsZero][random.usize(0..3)] as u8
            }
            Kind::ShiftLeft | Kind::ShiftRight => random.u8(1..64),
            Kind::Choose | Kind::Guard => PREDICATES[random.usize(0..12)].0 as u8,
            _ => inst.detail,
        };
        if !inst.kind.is_effect() {
            results.push(i);
        }
        code.insts.push(inst);
    }
    // The cells are read when nothing more is added to them.
    for cell in (0..3).filter(|&cell| written_cells[cell as usize]) {
        let i = code.insts.len() as u32;
        let args = [cell, NONE, NONE, NONE];
        code.insts.push(Inst { kind: Kind::Cell, detail: 0, args });
        code.insts.push(Inst { kind: Kind::Output, detail: 0, args: [i, cell, NONE, NONE] });
    }
    code
}

fn forms() -> Vec<Form> {
    let all = [Form::Vex4, Form::Evex4, Form::Evex8];
    let (there, missing): (Vec<Form>, Vec<Form>) =
        all.into_iter().partition(|form| form.isa().is_available());
    if !missing.is_empty() {
        println!("not tested here: {missing:?}");
    }
    there
}

/// Run code on some blocks, and the reference on one after the other.
fn compare(code: &Straight, form: Form, blocks: usize, random: &mut Rng, what: &str) -> bool {
    let special = [0.0, -0.0, 1.0, -1.0, f64::INFINITY, 5e-324, 1e308];
    let number = |random: &mut Rng| match random.u8(0..6) {
        0 => special[random.usize(0..special.len())],
        _ => (random.f64() - 0.5) * 8.0,
    };
    let block = |random: &mut Rng| Block::new(std::array::from_fn(|_| number(random)));
    let inputs: Vec<Block> = (0..INPUTS * blocks).map(|_| block(random)).collect();
    let start: Vec<Block> = (0..SUMS).map(|_| block(random)).collect();
    let uniform: Vec<f64> = (0..UNIFORM).map(|_| random.f64() * 4.0 - 2.0).collect();
    let machine: Code = compile(code, form, blocks).expect("memory can be run here");

    let (mut sums, mut expected) = (start.clone(), vec![Block::splat(0.0); OUTPUTS * blocks]);
    let mut all_hold = true;
    for b in 0..blocks {
        let own: Vec<Block> = (0..INPUTS).map(|j| inputs[j * blocks + b]).collect();
        match by_reference(code, &own, &uniform, &mut sums) {
            Some(outputs) => (0..OUTPUTS).for_each(|j| expected[j * blocks + b] = outputs[j]),
            None => all_hold = false,
        }
    }
    let expected = Written { outputs: bits(&expected), sums: bits(&sums) };
    let (mut sums, mut outputs) = (start, vec![Block::splat(0.0); OUTPUTS * blocks]);
    let mut scratch = vec![Block::splat(f64::NAN); machine.needs().scratch];
    let done = machine.run(8 * blocks, &inputs, &uniform, &mut scratch, &mut sums, &mut outputs);
    assert_eq!(done, all_hold, "{what}");
    if done {
        assert_eq!(Written { outputs: bits(&outputs), sums: bits(&sums) }, expected, "{what}");
    }
    done
}

#[test]
fn machine_code_computes_what_each_instruction_means() {
    let (mut ran, mut left) = (0, 0);
    for seed in 0..120 {
        for form in forms() {
            for blocks in [1, 2, 4] {
                let mut random = Rng::with_seed(seed);
                let count = [30, 60, 150, 500][seed as usize % 4];
                let pressure = [4, 12, 40, 120][seed as usize / 4 % 4];
                let code = random_code(&mut random, count, pressure);
                let what = format!("seed {seed}, {form:?}, {blocks} blocks");
                match compare(&code, form, blocks, &mut random, &what) {
                    true => ran += 1,
                    false => left += 1,
                }
            }
        }
    }
    println!("{ran} ran to the end, {left} left at a guard");
    assert!(ran > left || forms().is_empty());
}
