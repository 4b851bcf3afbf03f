//! Ranks: processes that compute together, each with its number, and the messages between them.
//!
//! A [`Communicator`] sends numbers to another rank and receives them; that is all a transport has to do. What all ranks
//! do together is derived from these two. [`OverRows`](crate::optim::OverRows) adds up a loss over rows that are spread
//! over ranks, with the same bits for every number of them. `docs/scaling.md` says what that costs.
//!
//! | file | idea |
//! |---|---|
//! | `communicator` | [`Communicator`]: rank, size, send, receive; [`Local`], a rank alone |
//! | `error` | [`RankError`]: a rank that is gone, ranks that disagree |
//! | `collective` | what all ranks do together: [`broadcast`], gather, pass on, agree, fail [`together`] |
//! | `threads` | [`Threads`]: ranks that are threads of one process |
//! | `mpi` | `Mpi`: ranks that are processes started by `mpirun`, on one machine or on many |
//!
//! ```
//! use gradtape::optim::{Adam, Fitter, OverRows};
//! use gradtape::program::{RowProgram, Rows};
//! use gradtape::ranks::Threads;
//! use gradtape::{Real, Var};
//!
//! let residual = |p: &[Var], row: &[Var]| (row[1] - (p[0] * row[0] + p[1])).square();
//! let residual = RowProgram::record(residual, &[0.0; 2], &[0.0; 2]);
//! // 1000 points on y = 2 x + 1, of which every rank makes its own share.
//! let points = |i: usize| [i as f64 / 1000.0, 2.0 * i as f64 / 1000.0 + 1.0];
//! let fit = |ranks: usize| {
//!     let fits = Threads::run(ranks, |comm| {
//!         let own: Vec<f64> = Rows::share(1000, comm).flat_map(points).collect();
//!         let loss = OverRows::share(&residual, Rows::row_major(&own, 2)?, comm)?.mean();
//!         Fitter::with_objective(loss, &[0.0; 2]).fit(&mut Adam::new(0.1), 50)
//!     });
//!     fits.into_iter().map(|fit| fit.expect("no rank was lost")).collect::<Result<Vec<_>, _>>()
//! };
//! let (alone, three) = (fit(1)?, fit(3)?);
//! assert!(three.iter().all(|fit| fit.parameters == alone[0].parameters));
//! # Ok::<(), gradtape::optim::FitError>(())
//! ```

mod collective;
mod communicator;
mod error;
#[cfg(feature = "mpi")]
mod mpi;
mod threads;

#[cfg(feature = "mpi")]
pub use self::mpi::Mpi;
pub(crate) use collective::{
    agree, gather, gather_lists, gather_words, redistribute, relay, smallest,
};
pub use collective::{broadcast, together};
pub use communicator::{Communicator, Local};
pub use error::RankError;
pub use threads::Threads;
