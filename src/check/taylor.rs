//! The Taylor test: `R(t) = |f(x + tv) - f(x) - t g·v|` shrinks like `t²` if `g` is the gradient, and
//! like `t` if it is not (Farrell, Ham, Funke, Rognes, *Automated derivation of the adjoint of
//! high-level transient finite element programs*, SIAM J. Sci. Comput. 35, 2013).

use super::difference::STEPS;
use super::probe::{Probe, Sample};
use super::report::Estimate;
use crate::Var;

/// Chosen once: a check gives the same report every time.
const SEED: u64 = 0x6772_6164_7461_7065;

/// The Taylor remainder in a random direction.
pub(super) struct Taylor {
    /// The direction `v`: random, of half to the whole scale of each coordinate.
    pub direction: Vec<f64>,
    /// The remainders, largest step first; those where `f` is not finite are missing.
    pub remainders: Vec<Estimate>,
    /// The power of the step that the remainder shrinks with, as in [`GradientReport`](super::GradientReport).
    pub order: Option<f64>,
    /// The most that the gradient can leave unaccounted for of the slope along `v`: the smallest
    /// `R(t) / t` that was met, and rounding.
    pub missing_slope: f64,
}

impl Taylor {
    /// Tell whether the remainder shrinks with the first power of the step only.
    pub fn is_first_order(&self) -> bool {
        self.order.is_some_and(|order| order < 1.5)
    }

    pub fn in_words(&self) -> String {
        match self.order {
            Some(order) => format!("the Taylor remainder shrinks like h^{order:.2}"),
            None => "the Taylor remainder is below rounding or follows no power of h".to_string(),
        }
    }
}

/// Follow the remainder of the gradient `g` in a seeded random direction.
#[track_caller]
pub(super) fn taylor<F: Fn(&[Var]) -> Var>(
    probe: &mut Probe<'_, F>,
    x: &[f64],
    g: &[f64],
    scales: &[f64],
    here: Sample,
) -> Taylor {
    let mut random = fastrand::Rng::with_seed(SEED);
    let direction: Vec<f64> = scales
        .iter()
        .map(|scale| {
            let length = scale * (0.5 + 0.5 * random.f64());
            if random.bool() { length } else { -length }
        })
        .collect();
    let remainders: Vec<Estimate> =
        STEPS.iter().filter_map(|&step| remainder(probe, x, g, &direction, step, here)).collect();
    let missing = remainders.iter().map(|r| (r.value + r.rounding) / r.step);
    let missing_slope = missing.fold(f64::INFINITY, f64::min);
    Taylor { direction, order: order(&remainders), remainders, missing_slope }
}

#[track_caller]
fn remainder<F: Fn(&[Var]) -> Var>(
    probe: &mut Probe<'_, F>,
    x: &[f64],
    g: &[f64],
    direction: &[f64],
    step: f64,
    here: Sample,
) -> Option<Estimate> {
    let moved: Vec<f64> = x.iter().zip(direction).map(|(x, v)| x + step * v).collect();
    let there = probe.sample(&moved)?;
    // The displacements that were really made: x + tv is rounded.
    let terms = || x.iter().zip(&moved).zip(g).map(|((x, moved), g)| g * (moved - x));
    let value = (there.value - here.value - terms().sum::<f64>()).abs();
    let sum_rounding = f64::EPSILON * terms().map(f64::abs).sum::<f64>();
    let rounding = there.rounding + here.rounding + sum_rounding;
    value.is_finite().then_some(Estimate { step, value, rounding })
}

/// The power that the remainders follow at the smallest steps where they are above rounding and the
/// power is steady.
fn order(remainders: &[Estimate]) -> Option<f64> {
    let seen: Vec<&Estimate> = remainders.iter().filter(|r| r.value > 8.0 * r.rounding).collect();
    let orders: Vec<f64> = seen
        .windows(2)
        .map(|pair| (pair[0].value / pair[1].value).log10() / (pair[0].step / pair[1].step).log10())
        .collect();
    let steady = orders
        .windows(2)
        .rev()
        .filter(|pair| (pair[0] - pair[1]).abs() < 0.3)
        .map(|pair| (pair[0] + pair[1]) / 2.0);
    // A remainder that hardly shrinks is noise that its operations do not explain.
    let order = steady.chain(orders.last().copied()).find(|order| *order > 0.5)?;
    // Steps beyond a kink follow a power that has ended where the next remainder is far too small.
    let last = seen.last()?;
    let ended = remainders.iter().filter(|r| r.step < last.step).any(|next| {
        let expected = last.value * (next.step / last.step).powf(order);
        next.value + 8.0 * next.rounding < 0.1 * expected
    });
    (!ended).then_some(order)
}
