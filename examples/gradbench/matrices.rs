//! The modes for functions with many values: outputs and Jacobians, of one point and of every row.

use super::modes::{Mode, Prepare, append};
use super::objective::Outputs;
use gradtape::program::{Program, RowProgram, Rows, Workspace};
use gradtape::{Tape, Var, jacobian};

/// Compute all outputs of a function.
pub fn values(function: impl Outputs, x: Vec<f64>) -> Prepare {
    Box::new(move |mode| {
        if mode == Mode::Tape {
            return Ok(Box::new(move |out| {
                out.extend(function.values(&x));
                Ok(())
            }));
        }
        let program = Program::record(|x| function.values(x), &x);
        let mut workspace = Workspace::new();
        Ok(Box::new(move |out| {
            append(out, program.outputs(), |out| program.values(&x, out, &mut workspace))
        }))
    })
}

/// Compute how all outputs move in each direction: directions in rows, outputs in columns.
pub fn tangents(function: impl Outputs, x: Vec<f64>, directions: Vec<f64>) -> Prepare {
    Box::new(move |mode| {
        let n = x.len().max(1);
        if mode == Mode::Tape {
            let tape = Tape::new();
            return Ok(Box::new(move |out| {
                tape.clear();
                let variables = tape.vars(&x);
                let outputs = function.values(&variables);
                for direction in directions.chunks_exact(n) {
                    let seeds = variables.iter().copied().zip(direction.iter().copied());
                    let seeds: Vec<_> = seeds.filter(|(_, move_by)| *move_by != 0.0).collect();
                    let tangents = tape.forward(&seeds);
                    out.extend(outputs.iter().map(|&output| tangents.wrt(output)));
                }
                Ok(())
            }));
        }
        let program = Program::record(|x| function.values(x), &x);
        let (mut workspace, count) = (Workspace::new(), directions.len() / n * program.outputs());
        Ok(Box::new(move |out| {
            append(out, count, |out| program.jvp(&x, &directions, out, &mut workspace))
        }))
    })
}

/// Compute the outputs of a function of `width` numbers for every row.
pub fn values_of_rows(function: impl Outputs, rows: Vec<f64>, width: usize) -> Prepare {
    Box::new(move |mode| {
        let mut workspace = Workspace::new();
        if mode == Mode::Tape {
            return Ok(Box::new(move |out| {
                rows.chunks_exact(width).for_each(|row| out.extend(function.values(row)));
                Ok(())
            }));
        }
        let program = RowProgram::record(|_, row| function.values(row), &[], &rows[..width]);
        let outputs = program.program().outputs();
        Ok(Box::new(move |out| {
            append(out, rows.len() / width * outputs, |out| match mode {
                Mode::Rows => {
                    program.values(&[], Rows::row_major(&rows, width)?, out, &mut workspace)
                }
                _ => rows
                    .chunks_exact(width)
                    .zip(out.chunks_exact_mut(outputs))
                    .try_for_each(|(row, out)| program.program().values(row, out, &mut workspace)),
            })
        }))
    })
}

/// Compute the Jacobian of a function for every row, with respect to its first `inputs` numbers: row by row,
/// outputs in rows, inputs in columns. The others are data.
pub fn jacobians_of_rows(
    function: impl Outputs,
    rows: Vec<f64>,
    width: usize,
    inputs: usize,
) -> Prepare {
    Box::new(move |mode| {
        let mut workspace = Workspace::new();
        if mode == Mode::Tape {
            return Ok(Box::new(move |out| {
                for row in rows.chunks_exact(width) {
                    let (x, data) = row.split_at(inputs);
                    let of_row = |x: &[Var]| {
                        let data = data.iter().map(|&number| Var::from(number));
                        function.values(&x.iter().copied().chain(data).collect::<Vec<_>>())
                    };
                    out.extend(jacobian(of_row, x).as_slice());
                }
                Ok(())
            }));
        }
        let program = Program::record(|row| function.values(row), &rows[..width]);
        let (count, outputs) = (rows.len() / width, program.outputs());
        if mode == Mode::Program {
            let mut block = vec![0.0; outputs * width];
            return Ok(Box::new(move |out| {
                for row in rows.chunks_exact(width) {
                    let done = program.jacobian(row, &mut block, &mut workspace);
                    done.map_err(|error| error.to_string())?;
                    block.chunks_exact(width).for_each(|row| out.extend(&row[..inputs]));
                }
                Ok(())
            }));
        }
        // Over rows there is a gradient of one output: a program for each.
        let one =
            |output| RowProgram::record(|_, row| function.values(row)[output], &[], &rows[..width]);
        let programs: Vec<RowProgram> = (0..outputs).map(one).collect();
        let mut slopes = vec![0.0; rows.len()];
        Ok(Box::new(move |out| {
            append(out, count * outputs * inputs, |out| {
                for (output, program) in programs.iter().enumerate() {
                    let rows = Rows::row_major(&rows, width)?;
                    program.gradients(&[], rows, &mut slopes, &mut workspace)?;
                    let blocks = out.chunks_exact_mut(outputs * inputs);
                    for (block, slopes) in blocks.zip(slopes.chunks_exact(width)) {
                        block[output * inputs..][..inputs].copy_from_slice(&slopes[..inputs]);
                    }
                }
                Ok(())
            })
        }))
    })
}
