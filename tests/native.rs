//! Native code does what the interpreter does, to the bit: random programs of every operation, at numbers of every kind.
//!
//! `examples/fuzz_native.rs` is the same for as long as one likes. Instruction sets that this machine lacks are not
//! tried, and it is said which those are.

mod common {
    pub mod row_cases;
    pub mod row_engines;
    pub mod row_shrink;
    pub mod seed;
}

use common::row_cases::{Case, Step, operations};
use common::row_engines::{Difference, Engines};
use common::row_shrink::{print, shrink};
use common::seed::{random, seeds};
use gradtape::lanes::Isa;
use gradtape::op::Op;

/// What to say of a difference: the smallest case that has one.
fn tell(case: Case, what: &str, difference: &Difference) -> ! {
    let small = shrink(case, |case| Engines::new().check(case).is_err());
    panic!("{what}: {difference}made small:\n{}", print(&small));
}

#[test]
fn random_programs_have_the_same_bits_on_every_engine_and_instruction_set() {
    for isa in Isa::ALL.into_iter().filter(|isa| !isa.is_available()) {
        println!("not tried: {isa}, which this machine lacks");
    }
    let mut engines = Engines::new();
    for seed in seeds(500) {
        let case = Case::random(seed, 400);
        if let Err(difference) = engines.check(&case) {
            tell(case, &format!("seed {seed}"), &difference);
        }
    }
    let there_is = cfg!(all(feature = "native", target_arch = "x86_64", unix));
    if there_is && Isa::Avx2.is_available() {
        assert!(engines.compared.native > 1000, "{:?}", engines.compared);
    } else {
        println!("there is no native code here: the interpreter was compared with itself");
    }
}

#[test]
fn a_program_that_needs_more_than_all_registers_has_the_same_bits_too() {
    let mut engines = Engines::new();
    for number in 0..3 {
        let case = Case::of_length(&mut random(number), 2000);
        if let Err(difference) = engines.check(&case) {
            tell(case, &format!("number {number}"), &difference);
        }
    }
}

#[test]
fn the_random_programs_have_every_operation_and_are_mostly_numbers() {
    let mut missing: Vec<Op> = operations().collect();
    let (mut slopes, mut guards) = (0, 0);
    let mut engines = Engines::new();
    for seed in seeds(300) {
        let case = Case::random(seed, 400);
        for step in &case.steps {
            match step {
                Step::Apply(op, ..) => missing.retain(|missing| missing != op),
                Step::Slope(..) => slopes += 1,
                Step::Guard(..) => guards += 1,
                _ => {}
            }
        }
        if seed % 3 == 0 {
            assert!(engines.check(&case).is_ok(), "seed {seed}");
        }
    }
    assert_eq!(missing, []);
    assert!(slopes > 100 && guards > 100, "{slopes} slopes, {guards} guards");
    // What is NaN everywhere, or refused, would compare equal to anything.
    let compared = engines.compared;
    assert!(compared.numbers > 4000 && compared.nan * 5 < compared.numbers, "{compared:?}");
    assert!(compared.refused * 2 < 4 * 100, "{compared:?}");
}

/// The tests above rely on it to say what is wrong.
#[test]
fn shrinking_leaves_what_makes_a_case_fail_and_little_else() {
    // As if `tanh` were wrong where a row is negative.
    let fails = |case: &Case| {
        case.steps.iter().any(|step| matches!(step, Step::Apply(Op::Tanh, ..)))
            && case.numbers.iter().any(|&x| x < 0.0)
    };
    let case = (0..)
        .map(|seed| Case::random(seed, 400))
        .find(|case| case.steps.len() > 100 && fails(case));
    let small = shrink(case.expect("one of them"), fails);
    assert!(fails(&small));
    let kept = small.steps.iter().filter(|step| !matches!(step, Step::Same(_) | Step::Constant(_)));
    assert_eq!(kept.count(), 1, "{}", print(&small));
    assert_eq!((small.count(), small.weights, small.chosen), (1, None, None));
}
