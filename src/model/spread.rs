//! What a plan does on several ranks: rows counted, split, moved and compared over all of them.

use super::{ModelError, Recipe};
use crate::data::{Column, DataError, Dataset, Samples, deal, on_all};
use crate::optim::hash_on;
use crate::program::Rows;
use crate::ranks::{Communicator, RankError, agree, gather, redistribute, relay};
use crate::text::quoted;

/// The ranks that data are spread over; one alone has all of them.
#[derive(Clone, Copy)]
pub(super) struct Spread<'a>(&'a dyn Communicator);

/// Refuse versions and recipes that differ.
pub(super) fn agree_on_recipe(comm: &dyn Communicator, recipe: &Recipe) -> Result<(), ModelError> {
    agree_on(comm, "the version of gradtape", env!("CARGO_PKG_VERSION"))?;
    agree_on(comm, "the recipe", &format!("{recipe:?}"))
}

/// Refuse ranks that do not say the same of something.
pub(super) fn agree_on(
    comm: &dyn Communicator,
    what: &'static str,
    own: &str,
) -> Result<(), ModelError> {
    if comm.size() == 1 {
        return Ok(());
    }
    agree(comm, what, own).map_err(lost)
}

impl<'a> Spread<'a> {
    /// Refuse recipes that differ, and batches, whose rows other ranks have.
    pub fn new(recipe: &Recipe, comm: &'a dyn Communicator) -> Result<Spread<'a>, ModelError> {
        agree_on_recipe(comm, recipe)?;
        match recipe.batch {
            _ if comm.size() == 1 => Ok(Spread(comm)),
            0 => Ok(Spread(comm)),
            batch => Err(ModelError::Setting(format!(
                "a batch of {batch} takes rows that other ranks have: take all rows at every step (a batch of 0), or \
                 give every rank all rows (`Recipe::plan`, `Plan::training_on`)"
            ))),
        }
    }

    pub fn over(comm: &'a dyn Communicator) -> Spread<'a> {
        Spread(comm)
    }

    /// Refuse columns that differ in names, order or kind, or in the words that their codes stand for: what is computed for a
    /// column is computed for all ranks together.
    pub fn agree_on_columns(&self, data: &Dataset) -> Result<(), ModelError> {
        let kind = |name: &str| -> Result<String, DataError> {
            Ok(match data.column(name)? {
                Column::Numbers(_) => format!("{} of numbers", quoted(name)),
                Column::Words { words, .. } => format!("{} of the words {words:?}", quoted(name)),
            })
        };
        let columns: Result<Vec<String>, DataError> = data.names().map(kind).collect();
        agree_on(self.0, "the columns", &columns?.join(", "))
    }

    fn counts(&self, own: usize) -> Result<Vec<usize>, ModelError> {
        let counts = gather(self.0, &[own as f64]).map_err(lost)?;
        Ok(counts.into_iter().map(|count| count as usize).collect())
    }

    /// Add up what all ranks have.
    pub fn count(&self, own: usize) -> Result<usize, ModelError> {
        Ok(self.counts(own)?.iter().sum())
    }

    /// Deal the rows of all ranks out in parts; return how many each part has, and of each what is here.
    ///
    /// Without batches the rows of a part stay in the order of the data: so those of a rank are together.
    pub fn split(
        &self,
        data: &Dataset,
        recipe: &Recipe,
    ) -> Result<([usize; 3], [Dataset; 3]), ModelError> {
        let counts = self.counts(data.rows())?;
        let first: usize = counts[..self.0.rank()].iter().sum();
        let here = first..first + data.rows();
        let parts = deal(data.source(), counts.iter().sum(), recipe.split, recipe.seed)?;
        let lengths = [0, 1, 2].map(|part| parts[part].len());
        let own = parts.map(|mut part| {
            if recipe.batch == 0 {
                part.sort_unstable();
            }
            part.retain(|row| here.contains(row));
            part.iter_mut().for_each(|row| *row -= first);
            data.choose(&part)
        });
        Ok((lengths, own))
    }

    /// Move samples so that each rank has its share of the chunks.
    pub fn share(&self, own: Result<Samples, ModelError>) -> Result<Samples, ModelError> {
        if self.0.size() == 1 {
            return own;
        }
        let own = own.map_err(|error| DataError::new(error.to_string()));
        let own = on_all(self.0, own)?;
        let (inputs, targets) = (own.inputs(), own.targets());
        let width = inputs + targets;
        let all = self.count(own.rows().count())?;
        let target = |rank| Rows::share_of(all, self.0.size(), rank);
        let moved = redistribute(self.0, own.into_numbers(), width, target).map_err(lost)?;
        Ok(Samples::from_rows(moved, inputs, targets))
    }

    /// What the samples of all ranks are, in one number.
    pub fn fingerprint(
        &self,
        train: &Samples,
        validation: Option<&Samples>,
    ) -> Result<u64, ModelError> {
        // In halves: not every number of 64 bits is one of `f64`.
        let mut halves = [0.0; 2];
        for samples in [Some(train), validation].into_iter().flatten() {
            let go_on = |halves: &mut [f64]| {
                let before = (halves[0] as u64) << 32 | halves[1] as u64;
                let hash = hash_on(before, samples.as_slice().iter().map(|x| x.to_bits()));
                (halves[0], halves[1]) = ((hash >> 32) as f64, (hash & 0xffff_ffff) as f64);
            };
            relay(self.0, &mut halves, go_on).map_err(lost)?;
        }
        Ok((halves[0] as u64) << 32 | halves[1] as u64)
    }

    /// Give rank 0 all rows of a table.
    pub fn at_first(&self, own: Dataset) -> Result<Option<Dataset>, ModelError> {
        match self.0.size() {
            1 => Ok(Some(own)),
            _ => own.at_first(self.0).map(Some).map_err(lost),
        }
    }
}

fn lost(error: RankError) -> ModelError {
    ModelError::Setting(error.to_string())
}
