//! The lane kernels: at most 2 ulp off, the right special values, the same bits with every instruction set.
//!
//! `tests/data/kernels/` has a file of reference points for each kernel: `x y r` says that the true value
//! at `x` is `y + r ulp(y)`. `pow.txt` has two arguments.

#[path = "common/seed.rs"]
mod seed;

use gradtape::lanes::{Isa, Kernel, pow};
use std::fs;
use std::path::Path;

const MOST_ULPS: f64 = 2.0;

struct Point {
    arguments: Vec<f64>,
    value: f64,
    /// What the nearest double leaves, in its units in the last place.
    rest: f64,
}

fn table(name: &str) -> Vec<Point> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/kernels/{name}.txt"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let point = |line: &str| {
        let mut arguments: Vec<f64> =
            line.split(' ').map(|number| number.parse().expect("a number")).collect();
        let rest = arguments.pop().expect("the rest");
        let value = arguments.pop().expect("the value");
        Point { arguments, value, rest }
    };
    text.lines().map(point).collect()
}

/// The unit in the last place of a finite number.
fn ulp(y: f64) -> f64 {
    let exponent = (y.to_bits() >> 52 & 0x7ff).max(1);
    if exponent > 52 {
        f64::from_bits((exponent - 52) << 52)
    } else {
        f64::from_bits(1 << (exponent - 1))
    }
}

impl Point {
    /// Is the true value known exactly, as a NaN, an infinity, or the value at a zero or an infinity?
    fn is_special(&self) -> bool {
        let at = self.arguments.iter().any(|&x| x == 0.0 || !x.is_finite());
        !self.value.is_finite() || (at && self.rest == 0.0)
    }

    /// How far a result is off, in units in the last place of the true value.
    fn error(&self, result: f64) -> f64 {
        let same = result.to_bits() == self.value.to_bits();
        if self.is_special() {
            let right = same || (result.is_nan() && self.value.is_nan());
            return if right { 0.0 } else { f64::INFINITY };
        }
        if result.is_sign_negative() != self.value.is_sign_negative() || !result.is_finite() {
            return f64::INFINITY;
        }
        ((result - self.value) / ulp(self.value) - self.rest).abs()
    }
}

/// The points at which results are more than 2 ulp off.
fn wrong(name: &str, points: &[Point], results: &[f64]) -> Vec<String> {
    assert!(points.len() >= 300, "{name}: {} points", points.len());
    let errors: Vec<f64> = points.iter().zip(results).map(|(p, &y)| p.error(y)).collect();
    println!("{name}: {:.2} ulp", errors.iter().fold(0.0, |worst: f64, &e| worst.max(e)));
    let off = (0..points.len()).filter(|&i| errors[i] > MOST_ULPS);
    off.map(|i| {
        let Point { arguments, value, rest } = &points[i];
        format!("{name}{arguments:?} = {:?}, not {value:?} + {rest} ulp", results[i])
    })
    .collect()
}

fn first_arguments(points: &[Point]) -> Vec<f64> {
    points.iter().map(|point| point.arguments[0]).collect()
}

fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

fn map(kernel: Kernel, isa: Isa, x: &[f64]) -> Vec<f64> {
    let mut y = vec![0.0; x.len()];
    kernel.map(isa, x, &mut y);
    y
}

/// Bits, where every NaN is as good as another: IEEE 754 leaves its sign and payload open.
fn bits(y: &[f64]) -> Vec<u64> {
    y.iter().map(|y| if y.is_nan() { f64::NAN.to_bits() } else { y.to_bits() }).collect()
}

/// Random significands and signs, exponents of every size, zeros, infinities and NaN among them.
fn every_magnitude(n: usize) -> Vec<f64> {
    let mut random = seed::random(14);
    let mut draw = |_| match random.u32(0..4) {
        0 => f64::from_bits(random.u64(..)),
        1 => f64::from_bits(random.u64(..) & !(0x7ff << 52) | random.u64(0x3e0..0x409) << 52),
        2 => (random.f64() - 0.5) * 1500.0,
        _ => (random.f64() - 0.5) * 4.0,
    };
    (0..n).map(&mut draw).collect()
}

#[test]
fn every_kernel_is_within_2_ulp_of_the_true_value() {
    let wrong = Kernel::ALL.iter().flat_map(|&kernel| {
        let points = table(kernel.name());
        let y = map(kernel, Isa::best(), &first_arguments(&points));
        wrong(kernel.name(), &points, &y)
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pow_is_within_2_ulp_of_the_true_value() {
    let points = table("pow");
    let y: Vec<f64> = points.iter().map(|p| pow(p.arguments[0], p.arguments[1])).collect();
    let wrong = wrong("pow", &points, &y);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for &kernel in Kernel::ALL {
        let mut x = first_arguments(&table(kernel.name()));
        x.extend(every_magnitude(20_000));
        let baseline = bits(&map(kernel, Isa::Baseline, &x));
        for isa in available() {
            let y = bits(&map(kernel, isa, &x));
            for i in 0..x.len() {
                assert_eq!(y[i], baseline[i], "{} of {:?} with {isa}", kernel.name(), x[i]);
            }
        }
    }
}

#[test]
fn the_end_of_a_slice_gets_the_same_bits_as_its_middle() {
    let x = every_magnitude(300);
    for &kernel in Kernel::ALL {
        let whole = bits(&map(kernel, Isa::best(), &x));
        for isa in available() {
            for (start, length) in (0..40).map(|n| (3 * n, n)) {
                let part = start..start + length;
                let y = map(kernel, isa, &x[part.clone()]);
                assert_eq!(bits(&y), whole[part], "{} of {length} with {isa}", kernel.name());
            }
        }
    }
}

#[test]
fn pow_agrees_with_the_standard_library_at_special_values() {
    let specials =
        [0.0, 1.0, 2.0, 3.0, 0.5, 1e300, 1e-310, 4503599627370497.0, f64::INFINITY, f64::NAN];
    let both = specials.iter().flat_map(|&x| [x, -x]);
    for (x, y) in both.clone().flat_map(|x| both.clone().map(move |y| (x, y))) {
        let (ours, std) = (pow(x, y), x.powf(y));
        if std.is_finite() && std != 0.0 {
            assert!((ours - std).abs() <= 2.0 * ulp(std), "pow({x}, {y}) = {ours}, not {std}");
        } else {
            assert_eq!(bits(&[ours]), bits(&[std]), "pow({x}, {y}) = {ours}, not {std}");
        }
    }
}
