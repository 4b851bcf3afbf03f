//! The gradient checker: it confirms what is right, finds what is wrong, and admits what it cannot see.

#[path = "common/seed.rs"]
mod seed;

use gradtape::check::{CheckError, GradientReport, InputCheck, Verdict};
use gradtape::{
    CustomOp, Real, Var, assert_gradient, check_gradient, custom, dot, gradient, log_sum_exp, sum,
};
use seed::seeds;

fn check(f: impl Fn(&[Var]) -> Var, x: &[f64]) -> GradientReport {
    check_gradient(f, x).unwrap()
}

fn check_claimed(
    f: impl Fn(&[Var]) -> Var,
    x: &[f64],
    claim: &[f64],
) -> Result<GradientReport, CheckError> {
    GradientReport::of(f, x, Some(claim), GradientReport::TOLERANCE)
}

const CLAIM: &str = "the claimed gradient";
const REVERSE: &str = "the reverse sweep";
const FORWARD: &str = "the forward sweep";
const DIFFERENCE: &str = "the central difference";
const TAYLOR: &str = "the Taylor remainder";

/// Who is wrong according to the verdict, and who agrees against them.
#[track_caller]
fn parties(report: &GradientReport) -> (Vec<&str>, Vec<&str>) {
    assert_eq!(report.worst().map(|input| input.kind), Some(Verdict::Disagree), "{report}");
    let (odd, others) = report.verdict.split_once(", but ").unwrap();
    let until = |text: &'_ str, verbs: [&str; 2]| {
        verbs.into_iter().filter_map(|verb| text.find(verb)).min().unwrap()
    };
    let odd = &odd[..until(odd, [" says ", " say "])];
    let agreeing = &others[..until(others, [" says ", " agree on "])];
    let names = |text| str::split(text, ", ").flat_map(|part| part.split(" and ")).collect();
    (names(odd), names(agreeing))
}

/// How far the derivatives of an input are from the central difference at most.
fn off_by(input: &InputCheck) -> f64 {
    let right = input.difference.as_ref().unwrap().value;
    let slopes = [input.claimed.unwrap_or(right), input.reverse, input.forward];
    slopes.iter().map(|slope| (slope - right).abs()).fold(0.0, f64::max)
}

#[track_caller]
fn unreliable(report: &GradientReport, why: &str) {
    assert_eq!(report.worst().map(|input| input.kind), Some(Verdict::Unreliable), "{report}");
    assert!(report.verdict.contains(why), "{report}");
}

#[track_caller]
fn confirmed(f: impl Fn(&[Var]) -> Var, x: &[f64]) -> GradientReport {
    let report = check(f, x);
    assert!(report.confirmed, "{report}");
    report
}

fn rosenbrock<S: Real>(x: &[S]) -> S {
    (x[0] - 1.0).square() + (x[1] - x[0].square()).square() * 100.0
}

/// The sum of squared residuals of the dosage network: w1 b1 w2 b2 w3 w4 b3.
fn dosage_ssr<S: Real>(p: &[S]) -> S {
    let residual = |&(dose, efficacy): &(f64, f64)| {
        let blue = (p[0] * dose + p[1]).softplus() * p[4];
        let orange = (p[2] * dose + p[3]).softplus() * p[5];
        (blue + orange + p[6] - efficacy).square()
    };
    [(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)].iter().map(residual).sum()
}

mod right_gradients_are_confirmed {
    use super::*;

    #[test]
    fn of_a_constant_and_of_an_unused_input() {
        confirmed(|_| Var::constant(7.0), &[1.0, 0.0]);
        confirmed(|x| x[0].sin(), &[1.0, 2.0]);
    }

    #[test]
    fn of_linear_functions() {
        confirmed(|x| x[0] * 3.0 - x[1] * 0.1 + 5.0, &[1.5, -2.0]);
        confirmed(|x| x[0] * 3.0, &[0.0]);
    }

    #[test]
    fn of_a_quadratic_on_and_off_its_minimum() {
        confirmed(|x| x[0].square(), &[0.0]);
        confirmed(|x| (x[0] - 3.0).square() + 5.0, &[3.0]);
        confirmed(|x| (x[0] - 3.0).square() + 5.0, &[-1.0]);
    }

    #[test]
    fn where_all_low_derivatives_vanish() {
        confirmed(|x| x[0].powi(3), &[0.0]);
        confirmed(|x| x[0].powi(4), &[0.0]);
        confirmed(|x| x[0].sin() - x[0], &[0.0]);
        confirmed(|x| x[0].cos(), &[0.0]);
        confirmed(|x| x[0].powi(3) + 1e9, &[0.0]);
    }

    #[test]
    fn of_rosenbrock_at_the_start_and_at_the_minimum() {
        confirmed(rosenbrock, &[-1.2, 1.0]);
        confirmed(rosenbrock, &[1.0, 1.0]);
    }

    #[test]
    fn of_log_sum_exp_whose_weights_span_thirty_decades() {
        confirmed(|x| log_sum_exp(x), &[0.0, 1.0, -3.0]);
        confirmed(|x| log_sum_exp(x), &[0.0, -70.0, 5.0, 1000.0]);
    }

    #[test]
    fn of_the_dosage_network_at_its_start_and_at_its_end() {
        confirmed(dosage_ssr, &[2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0]);
        confirmed(dosage_ssr, &[3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 2.61]);
    }

    #[test]
    fn at_a_minimum_where_the_gradient_is_a_sum_that_cancels() {
        let data = [1.0, 2.5, -0.3, 7.7, 3.1, -4.2];
        let mean = data.iter().sum::<f64>() / data.len() as f64;
        confirmed(|x| sum(data.iter().map(|&d| (x[0] - d).square())), &[mean]);
    }

    #[test]
    fn of_functions_of_any_scale() {
        for scale in [1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e9] {
            for at in [0.3, 1.1, -2.5] {
                // The scale of the input, of the output, and of both.
                confirmed(|x| (x[0] / scale).sin(), &[at * scale]);
                confirmed(|x| x[0].sin() * scale, &[at]);
                confirmed(|x| (x[0] / scale).tanh() * scale, &[at * scale]);
                // The function's own scale, at a point that does not hint at it.
                confirmed(|x| (x[0] / scale + at).sin(), &[0.0]);
            }
        }
    }

    #[test]
    fn of_sums_of_terms_of_very_different_size() {
        confirmed(|x| x[0].square() * 1e9 + x[1] * 1e-9, &[1.0, 1.0]);
        confirmed(|x| x[0] * 1e9 + x[1] * 1e-9, &[1e-9, 1e9]);
        confirmed(|x| x[0] + 1e12, &[1.0]);
    }

    #[test]
    fn at_a_tiny_point_of_a_function_of_ordinary_scale() {
        confirmed(|x| (x[0] + 1.0).sin(), &[1e-15]);
        confirmed(|x| (x[0] + 1.0).exp(), &[-1e-200]);
    }

    #[test]
    fn of_functions_with_exponents_near_overflow() {
        confirmed(|x| x[0].exp(), &[700.0]);
        confirmed(|x| x[0].exp(), &[-700.0]);
        confirmed(|x| x[0].powi(9), &[1e30]);
    }

    #[test]
    fn near_a_kink_but_off_it() {
        for away in [1e-2, 1e-4, 1e-5, -1e-4] {
            confirmed(|x| (x[0] - 1.0).relu() + x[0], &[1.0 + away]);
            confirmed(|x| x[0].abs(), &[away]);
        }
    }

    #[test]
    fn where_kinks_cancel_or_are_smoothed_away() {
        confirmed(|x| x[0].relu().square(), &[0.0]);
        confirmed(|x| x[0].max(x[0]), &[0.0]);
        confirmed(|x| x[0].abs() * x[1] + x[0], &[2.0, 0.0]);
    }

    #[test]
    fn close_to_the_edge_of_the_domain() {
        for gap in [1e-2, 1e-6, 1e-9] {
            confirmed(|x| x[0].asin() + x[0].ln(), &[1.0 - gap]);
            confirmed(|x| (x[0] - 5.0).sqrt(), &[5.0 + gap]);
        }
    }

    #[test]
    fn of_special_functions() {
        confirmed(|x| x[0].lgamma() + x[1].erf() * x[2].gelu(), &[4.5, 0.3, -1.2]);
        confirmed(|x| x[0].atan2(x[1]) + x[0].hypot(x[1]) + x[0].pow(x[1]), &[0.7, 1.9]);
    }

    #[test]
    fn of_functions_that_contain_gradients() {
        confirmed(|x| gradient(|y| y[0].powi(3) * x[0], &[x[0]])[0], &[1.3]);
    }

    #[test]
    fn of_a_thousand_random_smooth_functions() {
        for case in seeds(1000) {
            let random = RandomFunction::new(case);
            let report = check(|x| random.at(x), &random.x);
            assert!(report.confirmed, "case {case}, x {:?}\n{report}", random.x);
        }
    }
}

/// A random composition of smooth functions, its scales spread over twelve decades.
struct RandomFunction {
    x: Vec<f64>,
    scale: f64,
    seed: u64,
}

impl RandomFunction {
    fn new(seed: u64) -> RandomFunction {
        let mut random = fastrand::Rng::with_seed(seed);
        let n = random.usize(1..5);
        let mut spread = || (random.f64() * 4.0 - 2.0) * 10_f64.powi(random.i32(-6..7));
        let x = (0..n).map(|_| spread()).collect();
        RandomFunction { x, scale: spread(), seed }
    }

    fn at(&self, x: &[Var]) -> Var {
        let mut random = fastrand::Rng::with_seed(self.seed);
        let mut terms: Vec<Var> = x.iter().zip(&self.x).map(|(&v, x)| v / x.abs()).collect();
        for _ in 0..8 {
            let a = *random.choice(&terms).unwrap();
            let b = *random.choice(&terms).unwrap();
            terms.push(match random.u8(..10) {
                0 => a + b,
                1 => a * b,
                2 => a - b * 0.3,
                3 => a.sin(),
                4 => a.tanh() * b,
                5 => a.softplus(),
                6 => a / (b.square() + 1.0),
                7 => (-a.square()).exp(),
                8 => dot(&[a, b], &[b, a.cos()]),
                _ => log_sum_exp(&[a, b]),
            });
        }
        sum(&terms) * self.scale
    }
}

/// An operation whose vjp is off in a way of choice: `a²b + sin b`.
struct Wrong(fn(f64, f64) -> [f64; 2]);

impl CustomOp for Wrong {
    fn name(&self) -> &str {
        "a²b + sin b"
    }
    fn value(&self, x: &[f64], y: &mut [f64]) {
        y[0] = x[0] * x[0] * x[1] + x[1].sin();
    }
    fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
        let [da, db] = (self.0)(x[0], x[1]);
        (dx[0], dx[1]) = (w[0] * da, w[0] * db);
    }
}

/// Check `2 (a²b + sin b)` at (1.5, 0.8), where its gradient is (4.8, 5.8934...).
fn check_wrong(partials: fn(f64, f64) -> [f64; 2]) -> GradientReport {
    check(|x| custom(Wrong(partials), x)[0] * 2.0, &[1.5, 0.8])
}

/// Assert that values convict both sweeps at one input, and that the error is of the given size.
#[track_caller]
fn convicts_sweeps(report: &GradientReport, input: usize, error: f64) {
    let found = &report.inputs[input];
    assert_eq!(report.worst(), Some(found), "{report}");
    assert_eq!(parties(report), (vec![REVERSE, FORWARD], vec![DIFFERENCE, TAYLOR]), "{report}");
    let by = off_by(found);
    assert!((by - error).abs() <= 1e-3 * error, "{by} is not {error}\n{report}");
}

mod wrong_gradients_are_found {
    use super::*;

    #[test]
    fn the_operation_of_these_tests_passes_when_its_vjp_is_right() {
        let report = check_wrong(|a, b| [2.0 * a * b, a * a + b.cos()]);
        assert!(report.confirmed, "{report}");
    }

    #[test]
    fn off_by_a_factor() {
        convicts_sweeps(&check_wrong(|a, b| [a * b, a * a + b.cos()]), 0, 2.4);
    }

    #[test]
    fn off_by_a_sign() {
        convicts_sweeps(&check_wrong(|a, b| [-2.0 * a * b, a * a + b.cos()]), 0, 9.6);
    }

    #[test]
    fn off_by_a_missing_term() {
        let error = 2.0 * 0.8_f64.cos();
        convicts_sweeps(&check_wrong(|a, b| [2.0 * a * b, a * a]), 1, error);
    }

    #[test]
    fn off_by_one_part_in_ten_thousand() {
        convicts_sweeps(&check_wrong(|a, b| [2.0001 * a * b, a * a + b.cos()]), 0, 2.4e-4);
    }

    #[test]
    fn with_a_vjp_that_was_forgotten() {
        convicts_sweeps(&check_wrong(|a, b| [2.0 * a * b, 0.0 * b]), 1, 5.893_413_418_694_33);
    }

    #[test]
    fn with_a_vjp_that_is_far_too_large() {
        convicts_sweeps(&check_wrong(|a, b| [2e12 * a * b, a * a + b.cos()]), 0, 4.8e12);
    }

    #[test]
    fn the_report_names_the_input_the_operation_the_size_and_the_referees() {
        let f = |x: &[Var]| {
            let (a, b) = (x[0].label("alpha"), x[1].label("beta"));
            custom(Wrong(|a, b| [2.0 * a * b * 1.01, a * a + b.cos()]), &[a, b])[0]
        };
        let text = check(f, &[1.5, 0.8]).to_string();
        for part in [
            "the reverse sweep and the forward sweep say 2.424 at alpha",
            "the central difference and the Taylor remainder agree on 2.4",
            "off by 0.024 (relative 0.01)",
            "h^1.00, not like h^2",
            "custom operation `a²b + sin b`",
            "beta ",
            "disagree by 0.024",
        ] {
            assert!(text.contains(part), "`{part}` is missing in\n{text}");
        }
    }

    #[test]
    fn a_value_taken_off_the_tape_is_found_and_explained() {
        let report = check(|x| x[0] * x[1].value(), &[2.0, 3.0]);
        assert_eq!(report.worst().unwrap().name, "x[1]");
        assert!(report.verdict.contains("no path on the tape"), "{report}");
        let report = check(|x| x[0] * x[0].value(), &[3.0]);
        convicts_sweeps(&report, 0, 3.0);
    }

    #[test]
    fn at_any_scale_of_input_and_output() {
        for scale in [1e-9, 1e-3, 1e3, 1e9] {
            for out in [1e-9, 1.0, 1e9] {
                let f = |x: &[Var]| (x[0] / scale).sin() * out;
                let right = (0.3_f64).cos() / scale * out;
                let claim = |g: f64| check_claimed(f, &[0.3 * scale], &[g]).unwrap();
                assert!(claim(right).confirmed, "{}", claim(right));
                for wrong in [1.0001, 0.9999, -1.0, 0.0] {
                    let report = claim(right * wrong);
                    assert_eq!(parties(&report).0, [CLAIM], "{report}");
                }
            }
        }
    }

    #[test]
    fn in_any_one_of_the_seven_slopes_of_the_dosage_network() {
        let p = [2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0];
        let right = gradient(dosage_ssr, &p);
        assert!(check_claimed(dosage_ssr, &p, &right).unwrap().confirmed);
        for i in 0..7 {
            let mut claim = right;
            claim[i] *= 1.0 + 1e-4;
            let report = check_claimed(dosage_ssr, &p, &claim).unwrap();
            assert_eq!(report.worst().map(|input| &input.name), Some(&format!("x[{i}]")));
            let others = report.inputs.iter().filter(|input| input.kind == Verdict::Agree);
            assert_eq!(others.count(), 6, "{report}");
        }
    }

    #[test]
    fn off_by_one_part_in_ten_thousand_in_a_thousand_random_smooth_functions() {
        for case in seeds(1000) {
            let random = RandomFunction::new(case);
            let mut claim = gradient(|x| random.at(x), &random.x);
            // Some of these functions do not use all their inputs, or so that only a rounding is left of the slope.
            let effect = |i: usize| (claim[i] * random.x[i]).abs();
            let largest = (0..claim.len()).map(effect).fold(0.0, f64::max);
            let Some(i) = (0..claim.len()).rfind(|&i| effect(i) > 1e-12 * largest) else {
                continue;
            };
            claim[i] *= 1.0001;
            let report = check_claimed(|x| random.at(x), &random.x, &claim).unwrap();
            let found = &report.inputs[i];
            assert_eq!(report.worst(), Some(found), "case {case}, x {:?}\n{report}", random.x);
            assert_eq!(parties(&report).0, [CLAIM], "case {case}\n{report}");
        }
    }

    #[test]
    fn a_claim_is_convicted_by_everyone_else() {
        let report = check_claimed(|x| x[0].powi(3) + x[1], &[2.0, 1.0], &[11.9, 1.0]).unwrap();
        assert_eq!(parties(&report), (vec![CLAIM], vec![REVERSE, FORWARD, DIFFERENCE, TAYLOR]));
        assert!((off_by(&report.inputs[0]) - 0.1).abs() < 1e-6);
    }

    #[test]
    fn a_right_claim_is_acquitted_when_the_tape_is_wrong() {
        let f = |x: &[Var]| custom(Wrong(|a, b| [2.0 * a * b, -a * a]), x)[0];
        let right = [2.4, 1.5 * 1.5 + 0.8_f64.cos()];
        let report = check_claimed(f, &[1.5, 0.8], &right).unwrap();
        assert_eq!(parties(&report), (vec![REVERSE, FORWARD], vec![CLAIM, DIFFERENCE, TAYLOR]));
    }

    /// A reverse sweep asks for `w = 3` here, a forward sweep for `w = 1`.
    #[test]
    fn a_vjp_that_is_not_linear_in_its_seed_sets_the_sweeps_against_each_other() {
        struct Crooked;
        impl CustomOp for Crooked {
            fn name(&self) -> &str {
                "crooked"
            }
            fn value(&self, x: &[f64], y: &mut [f64]) {
                y[0] = x[0];
            }
            fn vjp(&self, _x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
                dx[0] = w[0] * w[0];
            }
        }
        let report = check(|x| custom(Crooked, x)[0] * 3.0, &[2.0]);
        assert_eq!(parties(&report), (vec![REVERSE], vec![FORWARD, DIFFERENCE, TAYLOR]));
        assert!((off_by(&report.inputs[0]) - 6.0).abs() < 1e-6);
    }

    #[test]
    fn a_tolerance_of_the_users_decides() {
        let claim = [0.5_f64.cos() * 1.01];
        let confirmed = |tolerance| {
            let report = GradientReport::of(|x| x[0].sin(), &[0.5], Some(&claim), tolerance);
            report.unwrap().confirmed
        };
        assert!(!confirmed(GradientReport::TOLERANCE));
        assert!(!confirmed(0.005));
        assert!(confirmed(0.02));
    }
}

mod what_cannot_be_confirmed_is_said {
    use super::*;

    #[track_caller]
    fn slopes(report: &GradientReport) -> [f64; 2] {
        assert_eq!(report.worst().map(|input| input.kind), Some(Verdict::Kink), "{report}");
        [" on the left", " on the right"].map(|side| {
            let (before, _) = report.verdict.split_once(side).unwrap();
            before.rsplit(' ').next().unwrap().parse().unwrap()
        })
    }

    #[track_caller]
    fn kink(report: &GradientReport, left: f64, right: f64) {
        let [l, r] = slopes(report);
        assert!((l - left).abs() < 1e-3 && (r - right).abs() < 1e-3, "{report}");
        assert!(!report.confirmed);
    }

    #[test]
    fn kinks_of_operations_with_both_slopes_and_the_convention() {
        let report = check(|x| x[0].abs() * 3.0 + x[0], &[0.0]);
        kink(&report, -2.0, 4.0);
        assert!(report.verdict.contains("abs (node %1) is at its kink (abs'(0) = 0)"), "{report}");
        kink(&check(|x| x[0].relu(), &[0.0]), 0.0, 1.0);
        kink(&check(|x| x[0].leaky_relu(0.25), &[0.0]), 0.25, 1.0);
        kink(&check(|x| x[0].clamp(-1.0, 1.0), &[1.0]), 1.0, 0.0);
        kink(&check(|x| x[0].max(x[1] * 2.0), &[2.0, 1.0]), 0.0, 1.0);
        kink(&check(|x| x[0].hypot(x[1]), &[0.0, 0.0]), -1.0, 1.0);
        kink(&check(|x| x[0].abs() + 1e9, &[0.0]), -1.0, 1.0);
    }

    #[test]
    fn kinks_of_branches_with_the_comparison() {
        let f = |x: &[Var]| if x[0] > 1.0 { x[0] * 3.0 } else { x[0] + 2.0 };
        let report = check(f, &[1.0]);
        kink(&report, 1.0, 3.0);
        let text = &report.verdict;
        assert!(text.contains("the comparison `%0 > 1 is false` has another outcome"), "{text}");
        assert!(text.contains("at x[0] + "), "{text}");
    }

    #[test]
    fn a_kink_that_is_nearer_than_the_steps_can_see() {
        kink(&check(|x| (x[0] - 1.0).relu(), &[1.0 + 1e-13]), 0.0, 1.0);
    }

    #[test]
    fn a_slope_outside_those_of_the_kink_is_wrong_all_the_same() {
        let report = check_claimed(|x| x[0].abs(), &[0.0], &[1.5]).unwrap();
        assert_eq!(parties(&report).0, [CLAIM]);
        kink(&check_claimed(|x| x[0].abs(), &[0.0], &[0.5]).unwrap(), -1.0, 1.0);
    }

    #[test]
    fn cusps() {
        struct Cusp;
        impl CustomOp for Cusp {
            fn name(&self) -> &str {
                "√|x|"
            }
            fn value(&self, x: &[f64], y: &mut [f64]) {
                y[0] = x[0].abs().sqrt();
            }
            // No slope at 0, as a convention.
            fn vjp(&self, x: &[f64], y: &[f64], w: &[f64], dx: &mut [f64]) {
                dx[0] = if x[0] == 0.0 { 0.0 } else { w[0] * x[0].signum() / (2.0 * y[0]) };
            }
        }
        let report = check(|x| custom(Cusp, x)[0], &[0.0]);
        let [left, right] = slopes(&report);
        assert!(left < -1e3 && right > 1e3, "{report}");
        assert!(check(|x| custom(Cusp, x)[0], &[0.01]).confirmed);
    }

    #[test]
    fn jumps() {
        for f in [|x: &[Var]| x[0].floor(), |x: &[Var]| x[0].floor() + 1e9] {
            let report = check(f, &[2.0]);
            unreliable(&report, "estimates settle at no step");
            assert!(report.verdict.contains("floor (node %1) is at its kink"), "{report}");
        }
    }

    #[test]
    fn a_jump_at_zero_which_looks_small_from_afar() {
        let jumps: [fn(&[Var]) -> Var; 4] = [
            |x| x[0].floor(),
            |x| if x[0] > 0.0 { x[0] * 3.0 } else { x[0] * 0.0 + 6.0 },
            |x| if x[0] > 0.0 { x[0] + 1.0 } else { x[0] },
            |x| x[0].atan2(x[0] * 0.0 - 1.0),
        ];
        for f in jumps {
            let report = check(f, &[0.0]);
            unreliable(&report, "estimates settle at no step");
            let step = report.inputs[0].difference.as_ref().unwrap().step;
            assert!(step <= 0.1, "{report}");
        }
    }

    #[test]
    fn cancellation_that_leaves_nothing_of_the_input() {
        let report = check(|x| (x[0] + 1e16) - 1e16, &[1.0]);
        unreliable(&report, "cancellation leaves little but rounding");
        assert!(report.verdict.contains("numeric difference unreliable at x[0] = 1"), "{report}");
        // The same inside one node of many operands.
        let report = check(|x| sum(&[Var::constant(1e16), x[0], Var::constant(-1e16)]), &[1.0]);
        unreliable(&report, "cancellation leaves little but rounding");
    }

    #[test]
    fn the_sweeps_are_still_compared_where_the_difference_is_blind() {
        let f = |x: &[Var]| (x[0] + 1e16) - 1e16;
        let report = check_claimed(f, &[1.0], &[1.1]).unwrap();
        assert_eq!(parties(&report), (vec![CLAIM], vec![REVERSE, FORWARD]));
    }

    #[test]
    fn noise_that_no_operation_explains() {
        struct Noisy;
        impl CustomOp for Noisy {
            fn name(&self) -> &str {
                "noisy"
            }
            fn value(&self, x: &[f64], y: &mut [f64]) {
                // A simulation with a residual error of a part in a thousand.
                let noise = (x[0].to_bits().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64;
                y[0] = x[0].sin() + 1e-3 * noise / (1_u64 << 24) as f64;
            }
            fn vjp(&self, x: &[f64], _y: &[f64], w: &[f64], dx: &mut [f64]) {
                dx[0] = w[0] * x[0].cos();
            }
        }
        let report = check(|x| custom(Noisy, x)[0], &[0.7]);
        unreliable(&report, "estimates settle at no step");
    }

    #[test]
    fn the_edge_of_the_domain() {
        let report = check(|x| x[0].powf(1.5), &[0.0]);
        unreliable(&report, "f is not finite on both sides of the point");
    }

    #[test]
    fn an_infinite_slope() {
        let report = check(|x| x[0].sqrt() + x[1], &[0.0, 1.0]);
        assert_eq!(report.worst().unwrap().kind, Verdict::NonFinite, "{report}");
        let text = &report.verdict;
        assert!(text.contains("the reverse sweep says inf at x[0] = 0"), "{text}");
        assert!(text.contains("sqrt'(0) = +inf"), "{text}");
        let report = check_claimed(|x| x[0].sin(), &[1.0], &[f64::NAN]).unwrap();
        assert_eq!(report.worst().unwrap().kind, Verdict::NonFinite, "{report}");
        assert!(report.verdict.starts_with("the claimed gradient says NaN"), "{report}");
    }

    /// Along the axes ∛(x³ + y³) is x and y, and so at the origin all agree on (1, 1); but between the
    /// axes its slope is not the sum of theirs.
    #[test]
    fn a_function_that_is_smooth_along_every_input_but_not_across_them() {
        let f = |x: &[Var]| {
            let s = x[0].powi(3) + x[1].powi(3);
            if s == 0.0 { x[0] + x[1] } else { s.cbrt() }
        };
        let report = check(f, &[0.0, 0.0]);
        assert!(!report.confirmed && report.worst().is_none(), "{report}");
        assert!(report.verdict.contains("across them f has a kink"), "{report}");
        assert!(report.verdict.contains("not differentiable here"), "{report}");
    }
}

mod inputs_that_cannot_be_checked_are_errors {
    use super::*;

    #[test]
    fn no_inputs() {
        assert_eq!(check_gradient(|_| Var::constant(1.0), &[]), Err(CheckError::Empty));
    }

    #[test]
    fn a_point_that_is_not_finite() {
        let error = check_gradient(|x| x[0] + x[1], &[1.0, f64::NEG_INFINITY]).unwrap_err();
        assert_eq!(error.to_string(), "x[1] is -inf: check the gradient at a finite point");
    }

    #[test]
    fn a_value_that_is_not_finite_with_the_node_it_came_from() {
        let error = check_gradient(|x| (x[0] - 2.0).sqrt().sqrt(), &[1.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "f is NaN at this point, so it has no gradient here: it came from node 2: sqrt(%1) = \
             NaN, where %1 = -1"
        );
    }

    #[test]
    fn numbers_in_messages_are_brief_also_when_they_are_tiny() {
        let error = check_gradient(|x| x[0].ln(), &[-1e-300]).unwrap_err();
        assert!(error.to_string().ends_with("ln(%0) = NaN, where %0 = -1e-300"), "{error}");
    }

    #[test]
    fn a_function_that_gives_two_values_for_one_point() {
        let runs = std::cell::Cell::new(0.0);
        let f = |x: &[Var]| {
            runs.set(runs.get() + 1.0);
            x[0] + runs.get()
        };
        let error = check_gradient(f, &[1.0]).unwrap_err();
        assert_eq!(error, CheckError::NotRepeatable { first: 2.0, second: 3.0 });
    }

    #[test]
    fn a_claim_of_another_length() {
        let error = check_claimed(|x| x[0], &[1.0], &[1.0, 2.0]).unwrap_err();
        assert_eq!(error, CheckError::Length { claimed: 2, inputs: 1 });
    }

    #[test]
    #[should_panic(expected = "the tolerance is NaN: give one of 0 or more")]
    fn a_tolerance_that_is_no_number() {
        let _ = GradientReport::of(|x| x[0], &[1.0], None, f64::NAN);
    }
}

mod the_assertion {
    use super::*;

    #[test]
    fn passes_for_a_right_gradient_by_name_and_as_a_closure() {
        assert_gradient!(rosenbrock, &[-1.2, 1.0]);
        assert_gradient!(|x| x[0].ln() * x[1], &[2.0, 3.0], tolerance = 1e-8);
        let point = vec![0.1; 12];
        assert_gradient!(|x| log_sum_exp(x), &point,);
    }

    #[test]
    #[should_panic(
        expected = "the gradient is not confirmed\ngradient check at f = 6: the reverse \
                               sweep and the forward sweep say 0 at x[1]"
    )]
    fn fails_with_the_report() {
        assert_gradient!(|x| x[0] * x[1].value(), &[2.0, 3.0]);
    }

    #[test]
    #[should_panic(expected = "disagree by 0.001")]
    fn holds_a_gradient_to_its_tolerance() {
        assert_gradient!(|x| x[0] * 0.999 + x[0].value() * 0.001, &[2.0], tolerance = 9e-4);
    }

    #[test]
    fn lets_pass_what_its_tolerance_allows() {
        assert_gradient!(|x| x[0] * 0.999 + x[0].value() * 0.001, &[2.0], tolerance = 2e-3);
    }

    #[test]
    #[should_panic(expected = "kink at x[0] = 0")]
    fn fails_where_nothing_can_be_confirmed() {
        assert_gradient!(|x| x[0].relu(), &[0.0]);
    }

    #[test]
    #[should_panic(expected = "the gradient cannot be checked: f is -inf at this point")]
    fn fails_where_there_is_no_value() {
        assert_gradient!(|x| x[0].ln(), &[0.0]);
    }
}

mod the_report {
    use super::*;

    #[test]
    fn is_an_aligned_table_under_the_verdict() {
        let f = |x: &[Var]| (x[0].label("dose") * 3.0).sin() + x[1].square() * 1e6;
        let text = check(f, &[0.5, -20.0]).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[0].contains("agree on all 2 inputs"), "{text}");
        for column in ["reverse", "forward", "difference"] {
            let end = lines[1].find(column).unwrap() + column.len();
            for row in &lines[2..] {
                assert!(!row[..end].ends_with(' ') && row[end..].starts_with(' '), "{text}");
            }
        }
        assert!(lines[2].trim_start().starts_with("dose ") && lines[3].contains("x[1] "), "{text}");
    }

    #[test]
    fn of_many_inputs_shows_the_wrong_ones_and_counts_the_rest() {
        let x: Vec<f64> = (0..60).map(|i| 1.0 + f64::from(i)).collect();
        let mut claim: Vec<f64> = x.iter().map(|x| 2.0 * x).collect();
        claim[50] = 0.0;
        let report = check_claimed(|x| sum(x.iter().map(|x| x.square())), &x, &claim).unwrap();
        let text = report.to_string();
        assert!(text.contains("the claimed gradient says 0 at x[50]"), "{text}");
        assert!(text.ends_with("59 of 60 inputs are not shown\n"), "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
    }

    #[test]
    fn is_the_same_every_time() {
        let report = || check(dosage_ssr, &[2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0]).to_string();
        assert_eq!(report(), report());
    }

    #[test]
    fn holds_the_taylor_remainder_of_order_two() {
        let report = confirmed(rosenbrock, &[-1.2, 1.0]);
        assert!((report.order.unwrap() - 2.0).abs() < 0.02, "{report}");
        let linear = confirmed(|x| x[0] * 2.0 - x[1], &[1.0, 4.0]);
        assert_eq!(linear.order, None);
    }

    #[test]
    fn states_an_uncertainty_that_covers_the_error_of_the_difference() {
        for at in [0.1, 0.7, 1.3, 4.0, -2.2] {
            let report = confirmed(|x| x[0].sin().exp(), &[at]);
            let difference = report.inputs[0].difference.as_ref().unwrap();
            let exact = at.sin().exp() * at.cos();
            let error = (difference.value - exact).abs();
            assert!(error <= difference.uncertainty, "{error:e}\n{report}");
            assert!(difference.uncertainty < 1e-6 * exact.abs(), "{report}");
            assert_eq!(difference.estimates.len(), 8);
        }
    }
}
