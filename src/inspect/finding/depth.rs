//! Adjoints that shrink or grow with depth, by orders of magnitude and steadily.
//!
//! The nodes are divided by depth into eight bands, and the median `|adjoint|` of each band is compared. The
//! median, for one odd node must not decide; bands, for the adjoints of one depth differ for many reasons; and a
//! steady trend is asked for, for units of measurement alone can make orders of magnitude anywhere.

use super::words::rough;
use super::{Code, Finding, Severity};
use crate::Reach;
use crate::inspect::Report;

/// How many levels a tape must have at least for its depth to be to blame.
const LEVELS: usize = 16;
const BANDS: usize = 8;
/// From how many orders of magnitude between the first band and the last on.
const ORDERS: f64 = 6.0;
/// How much of all pairs of bands must be in order, less those that are in the other: Kendall's τ.
const STEADY: f64 = 0.8;

/// Nodes of similar depth.
struct Band {
    depths: (usize, usize),
    /// Its nodes, each with the size of its adjoint.
    nodes: Vec<(usize, f64)>,
    median: f64,
}

pub(super) fn find(report: &Report) -> Vec<Finding> {
    let bands = bands(report);
    let (Some(first), Some(last)) = (bands.first(), bands.last()) else { return Vec::new() };
    let orders = (last.median / first.median).log10();
    if bands.len() < BANDS - 2 || orders.abs() < ORDERS || steadiness(&bands).abs() < STEADY {
        return Vec::new();
    }
    let (code, verb, advice) = match orders > 0.0 {
        true => (
            Code::VanishingGradient,
            "shrink",
            "what is far from the output hardly learns: use units that do not saturate, initialize by fan-in, \
             normalize, or add paths around layers",
        ),
        false => (
            Code::ExplodingGradient,
            "grow",
            "what is far from the output moves it wildly: initialize by fan-in, scale weights or inputs down, \
             or clip the gradient",
        ),
    };
    let node = first.nodes.iter().map(|&(i, _)| i).min();
    vec![Finding {
        code,
        severity: Severity::Warning,
        node,
        message: format!(
            "adjoints {verb} by {:.0} orders of magnitude from the output back to {}",
            orders.abs(),
            node.map_or_else(String::new, |i| report.described(i))
        ),
        evidence: format!("median |adjoint| by depth: {}", medians(&bands)),
        advice: advice.into(),
    }]
}

/// The operations that carry, in bands from the inputs to the output; empty bands are left out.
fn bands(report: &Report) -> Vec<Band> {
    let depths = report.depths();
    let counts = |i: &usize| {
        let node = &report.nodes[*i];
        let adjoint = node.adjoint;
        node.reach == Reach::Connected && !node.is_leaf() && adjoint != 0.0 && adjoint.is_finite()
    };
    let nodes: Vec<usize> = (0..report.nodes.len()).filter(counts).collect();
    let deepest = nodes.iter().map(|&i| depths[i]).max().unwrap_or(0);
    let shallowest = nodes.iter().map(|&i| depths[i]).min().unwrap_or(0);
    let levels = deepest + 1 - shallowest;
    if levels < LEVELS {
        return Vec::new();
    }
    let mut bands: Vec<Vec<(usize, f64)>> = vec![Vec::new(); BANDS];
    for i in nodes {
        let band = (depths[i] - shallowest) * BANDS / levels;
        bands[band].push((i, report.nodes[i].adjoint.abs()));
    }
    bands.into_iter().filter(|nodes| !nodes.is_empty()).map(|nodes| band(nodes, &depths)).collect()
}

fn band(nodes: Vec<(usize, f64)>, depths: &[usize]) -> Band {
    let least = nodes.iter().map(|&(i, _)| depths[i]).min().unwrap_or(0);
    let most = nodes.iter().map(|&(i, _)| depths[i]).max().unwrap_or(0);
    let mut sizes: Vec<f64> = nodes.iter().map(|&(_, size)| size).collect();
    let middle = sizes.len() / 2;
    let median = *sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
    Band { depths: (least, most), nodes, median }
}

/// Kendall's τ of the medians: 1 if each is larger than all before, -1 if smaller.
fn steadiness(bands: &[Band]) -> f64 {
    let pairs = bands
        .iter()
        .enumerate()
        .flat_map(|(k, later)| bands[..k].iter().map(move |band| (band.median, later.median)));
    let (count, sum) = pairs.fold((0, 0), |(count, sum), (before, later)| {
        (count + 1, sum + i32::from(later > before) - i32::from(later < before))
    });
    f64::from(sum) / f64::from(count.max(1))
}

fn medians(bands: &[Band]) -> String {
    let text = |band: &Band| match band.depths {
        (least, most) if least == most => format!("{least}: {}", rough(band.median)),
        (least, most) => format!("{least} to {most}: {}", rough(band.median)),
    };
    bands.iter().map(text).collect::<Vec<_>>().join(", ")
}
