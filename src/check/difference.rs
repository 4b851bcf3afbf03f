//! Central differences over a ladder of eight steps, and the plateau among them.
//!
//! `D(h) = (f(x+h) - f(x-h)) / 2h` is off by `f'''h²/6` for truncation, which falls with `h`, and by
//! `rounding / h`, which grows as `h` falls. In between lies a plateau where neighbouring estimates
//! agree (Nocedal & Wright, *Numerical Optimization*, 2nd ed., §8.1; the table of steps is that of
//! Ridders 1982 and the `dfridr` of *Numerical Recipes*, without the extrapolation, which needs a
//! smoothness that is in question here).

use super::probe::{Probe, Sample};
use super::report::{Difference, Estimate};
use crate::Var;

/// The steps of a ladder, relative to the scale of the coordinate.
pub(super) const STEPS: [f64; 8] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];

/// A difference that is this certain, relative to its value, exposes an error of 1e-4.
const SHARP: f64 = 5e-5;
/// A slope is as good as zero below this part of the change of `f` over the ladder,
const FLAT: f64 = 1e-4;
/// or, where only rounding is left, below this part of `f` itself.
const SUNK: f64 = 1e-6;

/// Three neighbouring estimates of a ladder, the middle one with what the others say about it.
#[derive(Clone)]
pub(super) struct Plateau {
    pub difference: Difference,
    /// The slope to the left there, `(f(x) - f(x-h)) / h`.
    pub left: f64,
    /// The slope to the right there, `(f(x+h) - f(x)) / h`.
    pub right: f64,
    /// Whether the slopes to the left and right stay apart however small the step.
    pub kinked: bool,
    /// The scale of the coordinate that the steps are relative to.
    pub scale: f64,
    /// How much of the estimate may be rounding.
    rounding: f64,
    /// The largest `|f|` that was met.
    height: f64,
    /// The largest change of `f` that was met.
    spread: f64,
}

impl Plateau {
    /// Tell whether the difference is certain enough to judge a derivative that is claimed to be
    /// `claim`: relative to that, or because what it leaves open is negligible in `f`.
    pub fn resolves(&self, claim: f64) -> bool {
        self.is_sharp(claim)
            || (self.is_rounding() && self.uncertainty() * self.scale <= SUNK * self.height)
    }

    fn is_sharp(&self, claim: f64) -> bool {
        self.uncertainty() <= SHARP * self.difference.value.abs().max(claim.abs())
            || self.uncertainty() * self.scale <= FLAT * self.spread
    }

    fn uncertainty(&self) -> f64 {
        self.difference.uncertainty
    }

    /// Tell whether the uncertainty is the rounding of `f`, and nothing else.
    pub fn is_rounding(&self) -> bool {
        self.uncertainty() <= 100.0 * self.rounding
    }

    /// A plateau that needs no other to compare with.
    fn is_settled(&self) -> bool {
        !self.kinked && self.is_sharp(0.0)
    }
}

/// Estimate `∂f/∂xᵢ`; nothing if `f` is not finite at three neighbouring steps on both sides.
#[track_caller]
pub(super) fn difference<F: Fn(&[Var]) -> Var>(
    probe: &mut Probe<'_, F>,
    x: &[f64],
    i: usize,
    here: Sample,
) -> Option<Plateau> {
    let mut candidates = Vec::new();
    for scale in scales(x[i]) {
        let found = best(&candidates);
        // Far out `f` may be another function altogether, and a jump looks small there: only go if
        // rounding hides what is nearby.
        let is_far = scale > x[i].abs().max(1.0);
        let is_seen = |p: &Plateau| p.kinked || p.resolves(0.0) || !p.is_rounding();
        let enough = |p: &Plateau| p.is_settled() || (is_far && is_seen(p));
        if found.is_some_and(enough) {
            break;
        }
        candidates.extend(plateaus(&climb(probe, x, i, here, scale), here, scale));
    }
    best(&candidates).cloned()
}

/// Choose the most certain candidate, a settled one if there is one. Of a kink, choose the nearest
/// step that still shows the slopes on its two sides.
fn best(candidates: &[Plateau]) -> Option<&Plateau> {
    let settled = candidates.iter().filter(|p| p.is_settled());
    let most_certain = |a: &&Plateau, b: &&Plateau| a.uncertainty().total_cmp(&b.uncertainty());
    let best = settled.min_by(most_certain).or_else(|| candidates.iter().min_by(most_certain))?;
    let steepest = |p: &Plateau| p.left.abs().max(p.right.abs());
    candidates
        .iter()
        .filter(|p| best.kinked && p.kinked && p.uncertainty() <= SHARP * steepest(p))
        .min_by(|a, b| a.difference.step.total_cmp(&b.difference.step))
        .or(Some(best))
}

/// The scales to try, until one settles the derivative: the coordinate's own size, then 1 if it is
/// smaller, then finer ones. At 0 there is no size to go by, and a far one comes last.
fn scales(x: f64) -> Vec<f64> {
    let size = x.abs();
    if size == 0.0 {
        return vec![1.0, 1e-8, 1e8];
    }
    let mut scales = vec![size];
    if size < 1.0 {
        scales.push(1.0);
    }
    scales.push(size * 1e-8);
    scales
}

/// One rung: the estimate, the slopes on the two sides, and the largest `|f|` and change of `f` there.
#[derive(Clone, Copy)]
struct Rung {
    estimate: Estimate,
    left: f64,
    right: f64,
    height: f64,
    spread: f64,
}

/// Estimate at all steps of a ladder.
#[track_caller]
fn climb<F: Fn(&[Var]) -> Var>(
    probe: &mut Probe<'_, F>,
    x: &[f64],
    i: usize,
    here: Sample,
    scale: f64,
) -> [Option<Rung>; STEPS.len()] {
    let mut moved = x.to_vec();
    let mut sample = |at: f64| {
        moved[i] = at;
        probe.sample(&moved)
    };
    STEPS.map(|step| {
        // The steps that are really taken: x ± h is rounded.
        let (above, below) = (x[i] + step * scale, x[i] - step * scale);
        let (up, down) = (above - x[i], x[i] - below);
        if up <= 0.0 || down <= 0.0 {
            return None;
        }
        let (plus, minus) = (sample(above)?, sample(below)?);
        let (rise, fall) = (plus.value - here.value, here.value - minus.value);
        Some(Rung {
            estimate: Estimate {
                step: step * scale,
                value: (plus.value - minus.value) / (above - below),
                rounding: (plus.rounding + minus.rounding) / (above - below),
            },
            left: fall / down,
            right: rise / up,
            height: plus.value.abs().max(minus.value.abs()).max(here.value.abs()),
            spread: rise.abs().max(fall.abs()),
        })
    })
}

/// Rate every estimate that has a neighbour on either side.
///
/// The larger of the two gaps is a cautious bound: on smooth ground the wider neighbour is off by a
/// hundred times the truncation of this one, in noise the narrower one by ten times the noise.
fn plateaus(
    ladder: &[Option<Rung>; STEPS.len()],
    here: Sample,
    scale: f64,
) -> impl Iterator<Item = Plateau> {
    let estimates: Vec<Estimate> = ladder.iter().flatten().map(|rung| rung.estimate).collect();
    let largest = |of: fn(&Rung) -> f64| ladder.iter().flatten().map(of).fold(0.0, f64::max);
    let (height, spread) = (largest(|rung| rung.height), largest(|rung| rung.spread));
    ladder.windows(3).filter_map(move |three| {
        let &[Some(wider), Some(this), Some(narrower)] = three else {
            return None;
        };
        let Estimate { step, value, rounding } = this.estimate;
        let gap = |other: Rung| (value - other.estimate.value).abs();
        let uncertainty = gap(wider).max(gap(narrower)) + 2.0 * rounding;
        Some(Plateau {
            difference: Difference { value, uncertainty, step, estimates: estimates.clone() },
            left: this.left,
            right: this.right,
            kinked: is_kinked([wider, this, narrower], here),
            scale,
            rounding,
            height,
            spread,
        })
    })
}

/// Tell whether the slopes to the left and right stay apart over three steps. Where `f` has a second
/// derivative their distance is `f''h` and shrinks tenfold; at a kink it stays, at a cusp it grows.
/// A distance that grows tenfold is a jump or noise, which the uncertainty shows.
fn is_kinked(three: [Rung; 3], here: Sample) -> bool {
    let apart = three.map(|rung| (rung.right - rung.left).abs());
    let seen = three.iter().zip(apart).all(|(rung, apart)| {
        let rounding = 4.0 * (rung.estimate.rounding + here.rounding / rung.estimate.step);
        apart > rounding && apart > 1e-6 * rung.left.abs().max(rung.right.abs())
    });
    let stays = |narrower: f64, wider: f64| (0.5..4.0).contains(&(narrower / wider));
    seen && stays(apart[1], apart[0]) && stays(apart[2], apart[1])
}
