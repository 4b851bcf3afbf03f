//! [`Communicator`]: rank, size, send, receive; [`Local`], a rank alone.

use super::RankError;
use std::fmt;

/// One rank's end of the messages between ranks: processes, or threads, that run the same code on rows of their own.
///
/// Implement it for a transport of your own: two methods that move numbers. Messages from one rank to another arrive in
/// the order in which they were sent. A call may wait until the other rank has made its own; every rank makes the calls
/// of one training in an order in which none waits for itself.
///
/// Numbers arrive with the bits that they were sent with, NaN included.
///
/// ```
/// use gradtape::ranks::{Communicator, Threads};
/// let sums = Threads::run(2, |comm| {
///     let mut other = [0.0];
///     match comm.rank() {
///         0 => comm.receive(&mut other, 1)?,
///         _ => comm.send(&[42.0], 0)?,
///     }
///     Ok::<f64, gradtape::ranks::RankError>(other[0])
/// });
/// assert_eq!(sums, [Ok(Ok(42.0)), Ok(Ok(0.0))]);
/// ```
pub trait Communicator: fmt::Debug + Send + Sync {
    /// Tell which rank this is, the first being 0.
    fn rank(&self) -> usize;

    /// Count the ranks.
    fn size(&self) -> usize;

    /// Send numbers to another rank.
    ///
    /// # Errors
    /// If that rank is gone.
    ///
    /// # Panics
    /// If there is no such rank, or it is this one.
    fn send(&self, numbers: &[f64], to: usize) -> Result<(), RankError>;

    /// Receive as many numbers as there is room for, from another rank.
    ///
    /// # Errors
    /// If that rank is gone, or has sent more or fewer.
    ///
    /// # Panics
    /// If there is no such rank, or it is this one.
    fn receive(&self, numbers: &mut [f64], from: usize) -> Result<(), RankError>;
}

/// Refuse a rank that there is not, or that is this one.
#[track_caller]
pub(super) fn check_other(comm: &dyn Communicator, other: usize) {
    let (rank, size) = (comm.rank(), comm.size());
    assert!(
        other < size && other != rank,
        "a message between rank {rank} and rank {other} of {size}: name another one"
    );
}

/// A single rank, without others to send to.
///
/// ```
/// use gradtape::ranks::{Communicator, Local};
/// assert_eq!((Local.rank(), Local.size()), (0, 1));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl Communicator for Local {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn send(&self, _: &[f64], to: usize) -> Result<(), RankError> {
        check_other(self, to);
        Ok(())
    }

    fn receive(&self, _: &mut [f64], from: usize) -> Result<(), RankError> {
        check_other(self, from);
        Ok(())
    }
}
