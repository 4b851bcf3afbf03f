//! Gradients of loops by checkpoints, beside echidna's, and beside one long tape.
//!
//! `taskset -c 0 cargo bench --bench checkpoint`; `-- million` adds a loop of a million steps.

#[path = "../tests/common/counting.rs"]
#[allow(dead_code, reason = "each user takes its part")]
mod counting;
#[path = "common/markdown.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod markdown;
#[path = "common/side_by_side.rs"]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod side_by_side;

use counting::most_bytes;
use echidna::BReverse;
use echidna::checkpoint::grad_checkpointed;
use gradtape::checkpoint::{self, Binomial, Online};
use gradtape::{Gradient, Program, Tape, Var, release_memory};
use markdown::{print_setting, print_table, ratios, thousands, times};
use side_by_side::{Contender, assert_close, side_by_side};
use std::ops::{Add, Mul, Sub};
use std::time::Instant;

/// The last entry of the state is the Courant number: echidna's loops have no parameters.
const CELLS: usize = 32;
const STEPS: usize = 20_000;
/// Echidna keeps these and the states between two of them: about 283 at a time.
const ECHIDNA: usize = 141;

/// A way to compute the gradient.
type Way<'a> = Box<dyn Fn() -> Vec<f64> + 'a>;

/// Lax and Wendroff's step, the same code for all.
fn step<T>(u: &[T]) -> [T; CELLS + 1]
where
    T: Copy + Add<Output = T> + Sub<Output = T> + Mul<Output = T> + Mul<f64, Output = T>,
{
    let c = u[CELLS];
    let (first, second) = (c * 0.5, c * c * 0.5);
    std::array::from_fn(|i| {
        if i == CELLS {
            return c;
        }
        let (left, right) = (u[(i + CELLS - 1) % CELLS], u[(i + 1) % CELLS]);
        u[i] - first * (right - left) + second * (right - u[i] * 2.0 + left)
    })
}

fn loss<T>(u: &[T]) -> T
where
    T: Copy + Add<Output = T> + Mul<Output = T>,
{
    u[1..CELLS].iter().fold(u[0] * u[0], |sum, &u| sum + u * u)
}

fn start() -> Vec<f64> {
    (0..=CELLS).map(|i| if i == CELLS { 0.4 } else { f64::from(u8::from(i < 8)) }).collect()
}

fn by_closure(x: &[f64], slots: usize) -> Vec<f64> {
    let schedule = Binomial::new(STEPS, slots).expect("slots");
    let step = |s: &[Var], _: &[Var], _: usize| step(s);
    checkpoint::gradient(STEPS, schedule, x, &[], step, loss).expect("a loop").state
}

fn online(x: &[f64], slots: usize) -> Vec<f64> {
    let schedule = Online::new(slots).expect("slots");
    let step = |s: &[Var], _: &[Var], _: usize| step(s);
    checkpoint::gradient_while(|_, i| i < STEPS, schedule, x, &[], step, loss)
        .expect("a loop")
        .state
}

fn by_program(program: &Program, x: &[f64], slots: usize) -> Vec<f64> {
    let schedule = Binomial::new(STEPS, slots).expect("slots");
    checkpoint::gradient_of_program(STEPS, schedule, x, &[], program, loss).expect("a loop").state
}

fn by_echidna(x: &[f64]) -> Vec<f64> {
    let step = |s: &[BReverse<f64>]| step(s).to_vec();
    grad_checkpointed(step, loss::<BReverse<f64>>, x, STEPS, ECHIDNA)
}

fn on_one_tape(tape: &Tape, gradient: &mut Gradient, x: &[f64]) -> Vec<f64> {
    tape.clear();
    let inputs = tape.vars(x);
    let first = std::array::from_fn(|i| inputs[i]);
    let last: [Var; CELLS + 1] = (0..STEPS).fold(first, |s, _| step(&s));
    tape.backward_into(&[(loss(&last), 1.0)], gradient);
    gradient.wrt_all(&inputs)
}

fn main() {
    let x = start();
    let program = Program::record(step::<Var>, &x);
    let (tape, mut gradient) = (Tape::new(), Gradient::new());
    let many = 2 * ECHIDNA;
    let expected = by_echidna(&x);
    let same: [(&str, Way<'_>); 7] = [
        ("echidna, 141 checkpoints", Box::new(|| by_echidna(&x))),
        ("gradtape, 282 slots", Box::new(|| by_closure(&x, many))),
        ("gradtape, 282 slots, a program", Box::new(|| by_program(&program, &x, many))),
        ("gradtape, 282 slots, online", Box::new(|| online(&x, many))),
        ("gradtape, 20 slots", Box::new(|| by_closure(&x, 20))),
        ("gradtape, 20 slots, a program", Box::new(|| by_program(&program, &x, 20))),
        ("gradtape, one tape", Box::new(|| on_one_tape(&Tape::new(), &mut Gradient::new(), &x))),
    ];
    let mut memory = Vec::new();
    for (_, run) in &same {
        release_memory();
        let mut found = Vec::new();
        memory.push(most_bytes(|| found = run()));
        assert_close(&expected, &found);
    }
    print_setting(&["echidna"]);
    println!("\n{} steps of {CELLS} cells and one parameter:\n", thousands(STEPS));
    let mut contenders: Vec<Contender> = same[..6]
        .iter()
        .map(|(name, run)| Contender::new(name, &(), move |_: &()| run()))
        .collect();
    contenders.push(Contender::new(same[6].0, &x[..], |x| on_one_tape(&tape, &mut gradient, x)));
    let rows = side_by_side(same[0].0, 7, contenders);
    print_table(
        &["way", "time", "ratio to echidna", "memory"],
        rows.iter().zip(memory).map(|(row, bytes)| {
            let memory = format!("{} kB", thousands(bytes / 1000));
            vec![row.name.clone(), times(row.time), ratios(row.ratio), memory]
        }),
    );
    if std::env::args().any(|argument| argument == "million") {
        million();
    }
}

/// A pendulum, a million steps, with twenty slots.
fn million() {
    let (steps, slots) = (1_000_000, 20);
    let swing = |s: &[Var], p: &[Var], _: usize| {
        let speed = s[1] - (p[0] * s[0].sin() + p[1] * s[1]) * 1e-5;
        [s[0] + speed * 1e-5, speed]
    };
    release_memory();
    let schedule = Binomial::new(steps, slots).expect("slots");
    let (mut found, begin) = (None, Instant::now());
    let bytes = most_bytes(|| {
        let run = checkpoint::gradient(steps, schedule, &[1.0, 0.0], &[9.81, 0.1], swing, |s| s[0]);
        found = Some(run.expect("a pendulum"));
    });
    let (found, took) = (found.expect("it ran"), begin.elapsed());
    println!(
        "A pendulum of {} steps with {slots} slots: {:.2} s, {} kB at most, {} plain steps.",
        thousands(steps),
        took.as_secs_f64(),
        thousands(bytes / 1000),
        thousands(found.forward_steps as usize)
    );
}
