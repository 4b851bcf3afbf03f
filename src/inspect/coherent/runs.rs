//! Training histories whose lists are as long as each other.

use super::{Incoherent, same_length};
use crate::inspect::{Curves, Run, Slice};

/// Steps go up, frames are records in their order, and there is a curve for each.
pub(super) fn run(i: usize, run: &Run) -> Result<(), Incoherent> {
    let (parameters, records) = (run.parameters.len(), run.records.len());
    for (k, record) in run.records.iter().enumerate() {
        for (name, list) in [("parameters", &record.parameters), ("gradient", &record.gradient)] {
            same_length(list.len(), parameters, "parameters", || {
                format!("runs[{i}].records[{k}].{name}")
            })?;
        }
    }
    if let Some(k) = run.records.windows(2).position(|two| two[0].step >= two[1].step) {
        let (before, step, k) = (run.records[k].step, run.records[k + 1].step, k + 1);
        ensure!(
            false,
            "runs[{i}].records[{k}].step",
            "is {step}, not above {before}, the step before"
        );
    }
    if let Some(all) = run.thinned_from {
        ensure!(
            all >= records,
            "runs[{i}].thinned_from",
            "is {all}, and there still are {records} records"
        );
    }
    let mut least = 0;
    for (k, &frame) in run.frames.iter().enumerate() {
        ensure!(
            (least..records).contains(&frame),
            "runs[{i}].frames[{k}]",
            "is {frame}, not an index from {least} to below {records}, of a record"
        );
        least = frame + 1;
    }
    if let Some(curves) = &run.curves {
        self::curves(i, curves, run.frames.len())?;
    }
    run.slice.as_ref().map_or(Ok(()), |slice| self::slice(i, slice, run))
}

fn curves(i: usize, curves: &Curves, frames: usize) -> Result<(), Incoherent> {
    let (grid, data) = (curves.grid.len(), curves.data.len());
    same_length(curves.frames.len(), frames, "frames of the run", || {
        format!("runs[{i}].curves.frames")
    })?;
    for (k, frame) in curves.frames.iter().enumerate() {
        let path = |name: &str| format!("runs[{i}].curves.frames[{k}].{name}");
        same_length(frame.parts.len(), curves.parts.len(), "parts", || path("parts"))?;
        for (part, curve) in frame.parts.iter().enumerate() {
            same_length(curve.len(), grid, "inputs on the grid", || {
                path(&format!("parts[{part}]"))
            })?;
        }
        same_length(frame.predicted.len(), grid, "inputs on the grid", || path("predicted"))?;
        same_length(frame.at_data.len(), data, "observations", || path("at_data"))?;
    }
    Ok(())
}

fn slice(i: usize, slice: &Slice, run: &Run) -> Result<(), Incoherent> {
    let (parameter, parameters) = (slice.parameter, run.parameters.len());
    ensure!(
        parameter < parameters,
        "runs[{i}].slice.parameter",
        "is {parameter}, not an index below {parameters}, of a parameter"
    );
    // Where only one parameter moves, all frames have one curve in common.
    let in_common = parameters == 1 && slice.losses.len() == 1;
    let expected = if in_common { 1 } else { run.frames.len() };
    same_length(slice.losses.len(), expected, "frames of the run", || {
        format!("runs[{i}].slice.losses")
    })?;
    for (k, losses) in slice.losses.iter().enumerate() {
        same_length(losses.len(), slice.grid.len(), "values on the grid", || {
            format!("runs[{i}].slice.losses[{k}]")
        })?;
    }
    Ok(())
}
