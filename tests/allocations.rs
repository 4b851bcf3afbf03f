//! Once warm, recording and sweeping again allocate nothing; a node takes 17 bytes.

mod common {
    pub mod counting;
}

use common::counting::allocations;
use gradtape::nn::Dosage;
use gradtape::optim::{Objective, Optimizer, OverRows, Sgd};
use gradtape::{
    Gradient, Tape, Var, affine, dot, gradient, log_sum_exp, release_memory, sum, sum_squares,
};

/// Record and sweep on a cleared tape: warm up, then count.
#[track_caller]
fn nothing_is_allocated(f: impl Fn(&[Var; 4]) -> Var) {
    let tape = Tape::new();
    let mut gradient = Gradient::new();
    let mut slopes = [0.0; 4];
    let mut round = || {
        tape.clear();
        let x = [0.5, 1.5, 2.5, 3.5].map(|value| tape.var(value));
        let y = f(&x);
        tape.backward_into(&[(y, 1.0)], &mut gradient);
        slopes = x.map(|x| gradient.wrt(x));
    };
    round();
    round();
    assert_eq!(allocations(|| (0..10).for_each(|_| round())), 0);
    assert!(slopes.iter().any(|&s| s != 0.0), "the sweep did sweep");
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
    let mut grows = Vec::with_capacity(1);
    assert_eq!(allocations(|| grows.extend(std::hint::black_box([1, 2, 3]))), 1);
}

#[test]
fn plain_operations_on_a_cleared_tape_allocate_nothing() {
    nothing_is_allocated(|x| {
        let mut y = x[0];
        for i in 0..5000 {
            y = (y * x[i % 4] + x[(i + 1) % 4].sin()).tanh() - x[i % 3] / x[3];
        }
        y
    });
}

#[test]
fn operations_with_numbers_allocate_nothing() {
    nothing_is_allocated(|x| {
        let mut y = x[0];
        for i in 0..1000 {
            y = 2.0 / ((y + 1.0).powi(2) * 0.5 + 3.0) - x[i % 4].clamp(0.0, 2.0);
            y += Var::from(2.0) * y.max(0.25).leaky_relu(0.1).powf(1.5);
        }
        y
    });
}

#[test]
fn operations_with_three_operands_allocate_nothing() {
    nothing_is_allocated(|x| {
        let mut y = x[0];
        for _ in 0..1000 {
            y = y.mul_add(0.5, x[1]).min(4.0);
            y = Var::select(y, y, x[2]).mul_add(x[3], 1.0).sin();
        }
        y
    });
}

#[test]
fn short_sums_and_dot_products_allocate_nothing() {
    nothing_is_allocated(|x| {
        let mut y = x[0];
        for _ in 0..500 {
            y = (sum(x) + sum_squares(x) + dot(x, x) + log_sum_exp(x) + y).sin();
            y += affine(x, x, y) * 0.01 + dot(x, &[1.0, 2.0, 3.0, 4.0]);
            y += affine(x, &[1.0, 2.0, 3.0, 4.0], y) * 0.01;
        }
        y
    });
}

#[test]
fn long_sums_and_dot_products_allocate_nothing() {
    let data: Vec<f64> = (0..1000).map(f64::from).collect();
    nothing_is_allocated(|x| {
        let many = (0..1000).map(|i| x[i % 4]);
        let y = sum(many.clone()) + sum_squares(many.clone());
        let z = dot(many.clone(), many.clone().rev()) + dot(many.clone(), &data);
        // The terms are recorded while the sum is gathered.
        let w = log_sum_exp(many.clone()) + log_sum_exp(many.clone().take(40));
        y + z + w + sum(many.map(|x| x.sin() * 2.0)) + affine(&x[..], &data[..4], x[0])
    });
}

#[test]
fn comparisons_allocate_nothing() {
    nothing_is_allocated(|x| {
        let mut y = x[0];
        for i in 0..1000 {
            y = if y > x[i % 4] { y - 1.0 } else { y + x[3] };
        }
        y
    });
}

#[test]
fn rewinding_to_a_mark_allocates_nothing() {
    let tape = Tape::new();
    let w = tape.vars(&[0.5, 1.5, 2.5]);
    let mark = tape.mark();
    let mut gradient = Gradient::new();
    let mut total = 0.0;
    let mut round = |data: f64| {
        tape.rewind(mark);
        let mut y = w[0] * data;
        for _ in 0..200 {
            y = (y * w[1] + w[2] * 0.5 - data / w[0]).tanh();
        }
        let loss = (y - data).square();
        tape.backward_into(&[(loss, 1.0)], &mut gradient);
        total += gradient.wrt(w[1]);
    };
    round(0.5);
    round(1.0);
    assert_eq!(allocations(|| (0..100).for_each(|i| round(f64::from(i) * 0.01))), 0);
    assert!(total != 0.0);
}

#[test]
fn labelled_parameters_before_the_mark_cost_no_allocation_either() {
    let tape = Tape::new();
    let w = tape.var(0.5).label("w");
    let mark = tape.mark();
    let mut gradient = Gradient::new();
    let mut round = || {
        tape.rewind(mark);
        let loss = (w * 3.0).sin() * w;
        tape.backward_into(&[(loss, 1.0)], &mut gradient);
    };
    round();
    round();
    assert_eq!(allocations(|| (0..10).for_each(|_| round())), 0);
}

/// Steps of training on rows: all of them, and batch by batch over several epochs.
#[test]
fn a_step_over_rows_allocates_nothing() {
    let dosage = Dosage::details_2();
    let (program, start) = (dosage.over_rows(), dosage.start);
    let whole = OverRows::new(&program, dosage.rows()).unwrap().mean();
    let batched = OverRows::new(&program, dosage.rows()).unwrap().batches(2, 1);
    for (mut loss, mut optimizer) in [(whole, Sgd::new(0.03)), (batched, Sgd::new(0.01))] {
        let (mut parameters, mut gradient) = (start, [0.0; 7]);
        let mut step = || {
            let loss = loss.value_and_gradient(&parameters, &mut gradient).unwrap();
            optimizer.step(&mut parameters, &gradient);
            loss
        };
        let before = step();
        // Long enough for native code to be made, where there is any.
        (0..100).for_each(|_| _ = step());
        assert_eq!(allocations(|| (0..100).for_each(|_| _ = step())), 0);
        assert!(step() < before);
    }
}

#[test]
fn a_node_takes_seventeen_bytes() {
    assert_eq!(Tape::BYTES_PER_NODE, 17);
    assert_eq!(size_of::<Var>(), 16);
    let tape = Tape::new();
    let mut y = tape.var(1.0);
    assert!(tape.bytes_reserved() < 64 * 1024, "a small tape is small");
    let mut reserved = tape.bytes_reserved();
    for _ in 0..1_000_000 {
        y = y.sin();
        let now = tape.bytes_reserved();
        if now != reserved {
            // Just grown: all of it is columns, and at least half is in use or about to be.
            assert_eq!(now % 17, 0);
            assert!(now / 17 <= 2 * tape.len() + 2048, "{now} bytes for {} nodes", tape.len());
            reserved = now;
        }
    }
    assert!(tape.bytes_reserved() >= 17 * tape.len());
}

#[test]
fn clearing_keeps_the_memory() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let _ = (0..10_000).fold(x, |y, _| y * 1.5 + x);
    let reserved = tape.bytes_reserved();
    tape.clear();
    assert_eq!(tape.bytes_reserved(), reserved);
    assert_eq!(tape.len(), 0);
}

#[test]
fn a_gradient_that_is_dropped_leaves_its_memory_to_the_next_sweep() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    let y = (0..10_000).fold(x, |y, _| y * 1.5 + x);
    let sweep = || y.backward().wrt(x);
    let anew = sweep();
    let (mut kept, mut two) = (0.0, [0.0; 2]);
    assert_eq!(allocations(|| kept = sweep()), 0);
    // Of two that live at once the second needs memory of its own.
    let both = || [y.backward(), y.backward()].map(|gradient| gradient.wrt(x));
    assert_eq!(allocations(|| two = both()), 1);
    assert_eq!((kept, two), (anew, [anew; 2]));
    release_memory();
    assert_eq!(allocations(|| kept = sweep()), 1);
}

#[test]
fn tangents_that_are_dropped_leave_their_memory_too() {
    let tape = Tape::new();
    let x = tape.var(0.5);
    let y = (0..10_000).fold(x, |y, _| y * 0.5 + x);
    let sweep = || tape.forward(&[(x, 1.0)]).wrt(y);
    let anew = sweep();
    let mut kept = 0.0;
    assert_eq!(allocations(|| kept = sweep()), 0);
    assert_eq!(kept, anew);
}

#[test]
fn a_front_door_keeps_its_memory_until_it_is_told_to_give_it_back() {
    // Nested, at constants, and with operands gathered in vectors: everything that keeps memory.
    let f = |x: &[Var]| {
        let slope = gradient(|z| log_sum_exp(x.iter().map(|&x| x * z[0])), &[Var::from(2.0)])[0];
        sum(x.iter().map(|x| x.sin())) * slope
    };
    let point = vec![0.5; 5000];
    let mut slopes = [Vec::new(), Vec::new(), Vec::new()];
    let mut round = |i: usize| allocations(|| slopes[i] = gradient(f, &point));
    let (first, warm) = (round(0), round(1));
    assert!(warm < first, "{warm} allocations, {first} at first");
    release_memory();
    release_memory();
    let anew = round(2);
    assert!(anew > warm, "{anew} allocations after the memory was given back, {warm} before");
    assert_eq!(slopes[0], slopes[2]);
    // Inside of one it takes what is not in use.
    let g = gradient(
        |x| {
            let y = x[0].square();
            release_memory();
            y * x[0]
        },
        &[3.0],
    );
    assert_eq!(g, [27.0]);
}
