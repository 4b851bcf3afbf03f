//! Training histories for the page: thinned to what a screen can show; the page says how much it leaves out.

use super::live::Model;
use crate::inspect::json::{Field, Value};
use crate::optim::{Curves, Frame, History, Slice, norm, spread};
use crate::text::digits;

/// The most points of a trace over the steps.
const TRACE: usize = 120;
/// The significant digits of a number that is only drawn.
const DRAWN: usize = 4;

pub(super) fn of(run: &History, model: Option<&Model<'_>>) -> Value {
    // Curves and losses that the page computes are left out.
    let computed = model.is_some_and(|model| model.gives(run));
    let trace = spread(run.records.len(), TRACE);
    let (shown, kept) = (run.frames.len(), run.records.len());
    let thinned = (shown < kept || run.thinned_from.is_some()).then(|| {
        let before = run.thinned_from.map_or(String::new(), |all| format!(", of {all} that there were"));
        format!("The page shows {shown} of {kept} records{before}, the first ones all; JSON has the {kept}.")
    });
    let plain = is_plain(run);
    let records = || trace.iter().map(|&i| &run.records[i]);
    Value::Object(vec![
        ("name", run.name.to_json()),
        ("loss", run.loss.to_json()),
        ("parameters", run.parameters.to_json()),
        ("last", run.records.last().map_or(0, |record| record.step).into()),
        ("thinned", thinned.into()),
        ("plain", plain.into()),
        ("reason", run.reason.map(|reason| reason.to_string()).into()),
        ("frames", Value::list(run.frames.iter().map(|&i| frame(run, i, plain, computed)))),
        (
            "trace",
            Value::Object(vec![
                ("step", Value::list(records().map(|record| record.step))),
                ("loss", drawn(records().map(|record| record.loss))),
                ("norm", drawn(records().map(|record| norm(&record.gradient)))),
            ]),
        ),
        ("computed", computed.into()),
        ("curves", run.curves.as_ref().map_or(Value::Null, |all| curves(all, computed))),
        ("slice", run.slice.as_ref().map_or(Value::Null, |all| slice(all, computed))),
    ])
}

/// Whether every step is plain gradient descent: new = old - rate · slope.
fn is_plain(run: &History) -> bool {
    let follows = run.records.windows(2).filter(|pair| pair[1].step == pair[0].step + 1);
    let mut follows = follows.peekable();
    follows.peek().is_some()
        && follows.all(|pair| {
            let (old, rate) = (&pair[0], pair[0].learning_rate);
            let stepped = old.parameters.iter().zip(&old.gradient).map(|(p, g)| p - rate * g);
            stepped.zip(&pair[1].parameters).all(|(expected, &found)| {
                (expected - found).abs() <= 1e-12 * expected.abs().max(found.abs())
            })
        })
}

fn frame(run: &History, record: usize, plain: bool, computed: bool) -> Value {
    let after = run.records.get(record + 1);
    let record = &run.records[record];
    let mut fields = vec![
        ("step", record.step.into()),
        ("rate", record.learning_rate.into()),
        ("p", record.parameters.to_json()),
    ];
    if !computed {
        fields.push(("loss", record.loss.into()));
        fields.push(("g", record.gradient.to_json()));
    }
    // What the step did, where that is not the rate times the slope.
    if let Some(after) = after.filter(|after| !plain && after.step == record.step + 1) {
        let moved = after.parameters.iter().zip(&record.parameters).map(|(new, old)| new - old);
        fields.push(("d", Value::list(moved)));
    }
    Value::Object(fields)
}

fn curves(curves: &Curves, computed: bool) -> Value {
    let mut before: Option<&Vec<Vec<f64>>> = None;
    let frames = curves.frames.iter().map(|frame| {
        // Parts that stand still are given once.
        let parts = match before {
            Some(parts) if *parts == frame.parts => Value::Null,
            _ => Value::list(frame.parts.iter().map(|part| drawn(part.iter().copied()))),
        };
        before = Some(&frame.parts);
        let predicted = match shift(frame) {
            Some(shift) => ("shift", shift.into()),
            None => ("predicted", drawn(frame.predicted.iter().copied())),
        };
        let at = frame.at_data.to_json();
        Value::Object(vec![("parts", parts), predicted, ("at", at)])
    });
    Value::Object(vec![
        ("x", curves.x.to_json()),
        ("y", curves.y.to_json()),
        ("data", curves.data.to_json()),
        ("grid", curves.grid.to_json()),
        ("parts", curves.parts.to_json()),
        ("frames", if computed { Value::list::<Value>([]) } else { Value::list(frames) }),
    ])
}

/// How far the prediction lies above the sum of the parts, if that is the same everywhere.
fn shift(frame: &Frame) -> Option<f64> {
    let above = |(k, predicted): (usize, &f64)| {
        let sum: f64 = frame.parts.iter().map(|part| part[k]).sum();
        predicted - sum
    };
    frame.parts.first()?;
    let above: Vec<f64> = frame.predicted.iter().enumerate().map(above).collect();
    let first = *above.first()?;
    let size = |x: f64| x.abs().max(1.0);
    above.iter().all(|x| (x - first).abs() <= 1e-9 * size(first)).then_some(first)
}

fn slice(slice: &Slice, computed: bool) -> Value {
    let ends = [slice.grid.first(), slice.grid.last()].into_iter().flatten().copied().collect();
    let (grid, losses) =
        if computed { (ends, &[][..]) } else { (slice.grid.clone(), &slice.losses[..]) };
    Value::Object(vec![
        ("parameter", slice.parameter.into()),
        ("grid", grid.to_json()),
        ("losses", Value::list(losses.iter().map(|losses| drawn(losses.iter().copied())))),
    ])
}

/// Numbers that are only drawn, to as many digits as a screen can tell apart. The largest would be rounded to infinity.
fn drawn(numbers: impl Iterator<Item = f64>) -> Value {
    let rounded = |x| digits(x, DRAWN).parse().ok().filter(|rounded: &f64| rounded.is_finite());
    Value::list(numbers.map(|x| rounded(x).unwrap_or(x)))
}
