//! Recordings of different threads do not see each other.

#[path = "common/seed.rs"]
mod seed;

use gradtape::{CustomOp, Gradient, Tape, Var, custom, dot, gradient, hessian, sum};
use std::sync::{Arc, Barrier};
use std::thread;

/// A recording with every kind of node, by steps, so that threads can take turns.
struct Recorder {
    tape: Tape,
    leaves: Vec<Var>,
    y: Var,
}

impl Recorder {
    fn new(seed: u64) -> Recorder {
        let tape = Tape::new();
        let mut random = seed::random(seed);
        let leaves = tape.vars(&[0; 5].map(|_| random.f64() + 0.5));
        Recorder { y: leaves[0], tape, leaves }
    }

    fn step(&mut self, i: usize) {
        let x = &self.leaves;
        let term = match i % 6 {
            0 => self.y.sin() * x[i % 5],
            1 => 2.0 - self.y / x[i % 5],
            2 => dot(&x[..3], &x[2..]) + self.y,
            3 => sum(x).softplus() * 0.1,
            4 => custom(Swap, &[self.y, x[i % 5]])[1],
            _ => self.y.max(x[i % 5]).clamp(-3.0, 3.0),
        };
        self.y = (self.y + term).tanh();
        assert!(self.y < 2.0);
    }

    fn gradient(&self) -> Vec<f64> {
        self.tape.backward(&[(self.y, 1.0)]).wrt_all(&self.leaves)
    }
}

struct Swap;

impl CustomOp for Swap {
    fn name(&self) -> &str {
        "swap"
    }
    fn outputs(&self) -> usize {
        2
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        (y[0], y[1]) = (x[1], x[0]);
    }
    fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        (dx[0], dx[1]) = (w[1], w[0]);
    }
}

fn alone(seed: u64, steps: usize) -> Vec<f64> {
    let mut recorder = Recorder::new(seed);
    (0..steps).for_each(|i| recorder.step(i));
    recorder.gradient()
}

#[test]
fn two_tapes_recorded_at_once_on_two_threads_give_what_each_gives_alone() {
    const STEPS: usize = 2000;
    let barrier = Arc::new(Barrier::new(2));
    let record = |seed: u64| {
        let barrier = Arc::clone(&barrier);
        move || {
            let mut recorder = Recorder::new(seed);
            for i in 0..STEPS {
                if i % 100 == 0 {
                    // In step, so that the two really overlap.
                    barrier.wait();
                }
                recorder.step(i);
            }
            barrier.wait();
            (recorder.gradient(), recorder.tape.guards().len())
        }
    };
    let [a, b] = [1, 2].map(|seed| thread::spawn(record(seed)));
    assert_eq!(a.join().expect("no panic"), (alone(1, STEPS), STEPS));
    assert_eq!(b.join().expect("no panic"), (alone(2, STEPS), STEPS));
}

#[test]
fn many_threads_with_many_short_tapes_give_what_one_thread_gives() {
    let want: Vec<Vec<f64>> = (0..20).map(|seed| alone(seed, 30)).collect();
    thread::scope(|scope| {
        for t in 0..16 {
            let want = &want;
            scope.spawn(move || {
                for round in 0..40 {
                    let seed = (t + round) % 20;
                    assert_eq!(alone(seed, 30), want[seed as usize]);
                }
            });
        }
    });
}

#[test]
fn front_doors_on_many_threads_give_what_one_thread_gives() {
    let f = |x: &[Var]| (x[0] * x[1]).sin() + x[0].powi(3) / x[1];
    let want = (gradient(f, &[1.2, 0.7]), hessian(f, &[1.2, 0.7]));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!((gradient(f, &[1.2, 0.7]), hessian(f, &[1.2, 0.7])), want);
                }
            });
        }
    });
}

#[test]
fn tapes_alive_at_once_on_all_threads_have_different_numbers() {
    let barrier = Barrier::new(8);
    let numbers: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let tapes: Vec<Tape> = (0..10).map(|_| Tape::new()).collect();
                    barrier.wait();
                    let numbers: Vec<u64> = tapes.iter().map(Tape::number).collect();
                    barrier.wait();
                    numbers
                })
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().expect("no panic")).collect()
    });
    let mut unique = numbers.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), 80);
}

#[test]
fn gradients_and_variables_may_travel_although_tapes_stay() {
    fn travels<T: Send + Sync>() {}
    travels::<Gradient>();
    travels::<Var>();
    let tape = Tape::new();
    let x = tape.var(3.0).label("x");
    let gradient = (x * x).backward();
    let read = thread::spawn(move || (gradient.wrt(x), gradient.by_label()["x"], x.value()));
    assert_eq!(read.join().expect("no panic"), (6.0, 6.0, 3.0));
}
