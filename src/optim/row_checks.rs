//! What is looked at before rows are fitted: their weights and numbers, and whether all ranks mean the same.

use super::error::{FitError, setting};
use super::seed::hash;
use crate::program::{RowProgram, Rows, Share};
use crate::ranks::{Communicator, RankError, agree, gather, relay, together};
use crate::text::{counted, number};

/// Refuse rows that nothing can be fitted to, and add up their weights: one after the other, on ranks too, so that the
/// sum has the same bits for every number of them. The first row that is wrong is named on all of them.
pub(super) fn checked_weight(share: &Share<'_>) -> Result<f64, FitError> {
    let rows = share.rows;
    if share.all() == 0 {
        return setting("there are no rows to fit: give at least one");
    }
    let counting = (0..rows.count()).filter(|&row| rows.weight(row) != 0.0);
    let mut places = counting.flat_map(|row| (0..rows.width()).map(move |column| (row, column)));
    let place = places.find(|&(row, column)| !rows.get(row, column).is_finite());
    // Rows are named by their numbers, and infinity is none.
    let none = [f64::INFINITY, f64::NAN, f64::NAN];
    let [_, mut bad_weight, mut bad_number] = [none; 3];
    let mut found = [0.0].into_iter().chain(bad_weight).chain(bad_number).collect::<Vec<f64>>();
    relay(share.comm(), &mut found, |found| {
        for row in 0..rows.count() {
            let weight = rows.weight(row);
            found[0] += weight;
            if !weight.is_finite() && found[1].is_infinite() {
                found[1..4].copy_from_slice(&[share.name(row) as f64, weight, f64::NAN]);
            }
        }
        if let Some((row, column)) = place
            && found[4].is_infinite()
        {
            let place = [share.name(row) as f64, column as f64, rows.get(row, column)];
            found[4..7].copy_from_slice(&place);
        }
    })
    .map_err(lost)?;
    let weight = found[0];
    bad_weight.copy_from_slice(&found[1..4]);
    bad_number.copy_from_slice(&found[4..7]);
    if !(weight.is_finite() && weight > 0.0) {
        let bad = match bad_weight {
            [row, weight, _] if row.is_finite() => format!("; that of row {row} is {weight}"),
            _ => String::new(),
        };
        return setting(format!(
            "the weights of the rows add up to {}: give finite ones with a sum above 0{bad}",
            number(weight)
        ));
    }
    match bad_number {
        [row, column, x] if row.is_finite() => setting(format!(
            "row {row}, column {column} of the data is {x}: give a finite number, leave the row out \
             (`Rows::choose`) or give it the weight 0"
        )),
        _ => Ok(weight),
    }
}

/// Count the rows of all ranks, each of which must have its share of a program's rows.
pub(super) fn checked_share(
    program: &RowProgram,
    rows: Rows<'_>,
    comm: &dyn Communicator,
) -> Result<usize, FitError> {
    let fits = program.check_one_output(rows).map_err(FitError::from);
    on_all(
        comm,
        fits.and_then(|()| match rows.is_chosen() {
            false => Ok(()),
            true => setting("a share is no choice of rows: copy those that are chosen"),
        }),
    )?;
    agree_on_program(program, comm)?;
    let counts = gather(comm, &[rows.count() as f64]).map_err(lost)?;
    let all = counts.iter().sum::<f64>() as usize;
    let (found, share) = (rows.count(), Rows::share(all, comm).len());
    let has_its_share = match found == share {
        true => Ok(()),
        false => setting(format!(
            "rank {} has {} of {all}, and its share is {share}: give each rank those of `Rows::share`",
            comm.rank(),
            counted(found, "row")
        )),
    };
    on_all(comm, has_its_share)?;
    Ok(all)
}

/// Refuse ranks that have not all the same program and the same rows.
pub(super) fn agree_on_rows(
    program: &RowProgram,
    rows: Rows<'_>,
    comm: &dyn Communicator,
) -> Result<(), FitError> {
    agree_on_program(program, comm)?;
    let numbers = (0..rows.count()).flat_map(|row| {
        (0..rows.width()).map(move |column| rows.get(row, column)).chain([rows.weight(row)])
    });
    let numbers = fingerprint(numbers.map(f64::to_bits));
    let data = format!("{} with the fingerprint {numbers}", counted(rows.count(), "row"));
    agree(comm, "the rows", &data).map_err(lost)
}

fn agree_on_program(program: &RowProgram, comm: &dyn Communicator) -> Result<(), FitError> {
    agree(comm, "the version of gradtape", env!("CARGO_PKG_VERSION")).map_err(lost)?;
    // One with custom operations has no bytes, so its listing stands in.
    let listed = |_| format!("{}", program.program()).into_bytes();
    let bytes = program.to_bytes().unwrap_or_else(listed);
    let bytes = fingerprint(bytes.into_iter().map(u64::from));
    let program =
        format!("one of {} with the fingerprint {bytes}", counted(program.shared(), "parameter"));
    agree(comm, "the program, which is recorded at the same point everywhere", &program)
        .map_err(lost)
}

fn fingerprint(numbers: impl Iterator<Item = u64>) -> String {
    format!("{:016x}", hash(numbers))
}

/// Go on only if all ranks can; the first error is that of all.
fn on_all<T>(comm: &dyn Communicator, own: Result<T, FitError>) -> Result<T, FitError> {
    together(comm, own).or_else(|error| match error {
        RankError::Failed { message, .. } => setting(message),
        error => Err(lost(error)),
    })
}

fn lost(error: RankError) -> FitError {
    crate::program::ReplayError::from(error).into()
}
