//! [`Mpi`]: ranks that are processes started by `mpirun`, on one machine or on many.
//!
//! Numbers have one tag. A rank that ends, for whatever reason, tells all others with another tag, and receives what they have
//! still sent before it leaves. So no rank waits for one that is gone, or sends to it. A killed process cannot do that; then
//! `mpirun` ends the others, and names it.

use super::communicator::check_other;
use super::{Communicator, RankError};
use mpi::environment::Universe;
use mpi::point_to_point::{Message, Status};
use mpi::topology::{Communicator as _, SimpleCommunicator};
use mpi::traits::{Destination, Equivalence, Source};
use mpi::{Tag, Threading};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

const NUMBERS: Tag = 0;
const ENDED: Tag = 1;

/// A rank of the processes that `mpirun` has started; alone if it was not `mpirun` that started this one.
///
/// There is one in a process, once: MPI ends when it is dropped. So keep it in `main` for as long as anything is computed,
/// and return from there; `std::process::exit` would not drop it.
///
/// To build it takes an MPI library (OpenMPI, MPICH) and libclang: on Debian `apt-get install libopenmpi-dev openmpi-bin
/// libclang-dev`.
///
/// ```no_run
/// use gradtape::ranks::{Communicator, Mpi};
/// let comm = Mpi::new()?;
/// println!("rank {} of {}", comm.rank(), comm.size());
/// # Ok::<(), gradtape::ranks::RankError>(())
/// ```
pub struct Mpi {
    rank: usize,
    size: usize,
    state: Mutex<State>,
    universe: Universe,
}

/// What is known of other ranks. Locked for every call, for MPI takes one at a time.
struct State {
    /// Those that have said that they ended.
    ended: Vec<bool>,
    /// The rank that was lost, if one was.
    lost: Option<usize>,
}

impl Mpi {
    /// Join the processes that `mpirun` has started.
    ///
    /// # Errors
    /// If this process has joined before; if the MPI library cannot be called from threads other than the first.
    pub fn new() -> Result<Mpi, RankError> {
        let unavailable = |problem: &str| Err(RankError::Unavailable(problem.into()));
        let Some((universe, threading)) = mpi::initialize_with_threading(Threading::Serialized)
        else {
            return unavailable(
                "MPI was started in this process before: keep the `Mpi` that was made first",
            );
        };
        if threading < Threading::Serialized {
            return unavailable(
                "this MPI library cannot be called from threads: install one that supports MPI_THREAD_SERIALIZED",
            );
        }
        let world = universe.world();
        let [rank, size] = [world.rank(), world.size()].map(|x| usize::try_from(x).unwrap_or(0));
        let state = State { ended: vec![false; size], lost: None };
        Ok(Mpi { rank, size, state: Mutex::new(state), universe })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn world(&self) -> SimpleCommunicator {
        self.universe.world()
    }
}

impl State {
    /// A rank has ended because of another or itself.
    fn lose(&mut self, rank: usize) -> RankError {
        RankError::Lost { rank: *self.lost.get_or_insert(rank) }
    }

    /// Take up the next message of a rank: what it is to be received by and how long it is, or because of whom the rank
    /// has ended.
    fn next(&mut self, world: &SimpleCommunicator, from: usize) -> Result<(Message, usize), usize> {
        if self.ended[from] {
            return Err(self.lost.unwrap_or(from));
        }
        let (message, status): (Message, Status) =
            world.process_at_rank(from as i32).matched_probe();
        if status.tag() != ENDED {
            let count = status.count(f64::equivalent_datatype());
            return Ok((message, usize::try_from(count).unwrap_or(0)));
        }
        let mut cause = [0.0];
        message.matched_receive_into(&mut cause);
        self.ended[from] = true;
        Err(cause[0] as usize)
    }
}

impl Communicator for Mpi {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn send(&self, numbers: &[f64], to: usize) -> Result<(), RankError> {
        check_other(self, to);
        let mut state = self.state();
        if state.ended[to] {
            return Err(state.lose(to));
        }
        self.world().process_at_rank(to as i32).send_with_tag(numbers, NUMBERS);
        Ok(())
    }

    fn receive(&self, numbers: &mut [f64], from: usize) -> Result<(), RankError> {
        check_other(self, from);
        let mut state = self.state();
        match state.next(&self.world(), from) {
            Ok((message, found)) if found == numbers.len() => {
                message.matched_receive_into(numbers);
                Ok(())
            }
            Ok((message, found)) => {
                message.matched_receive_into(&mut vec![0.0; found][..]);
                Err(RankError::Length { from, expected: numbers.len(), found })
            }
            Err(cause) => Err(state.lose(cause)),
        }
    }
}

impl Drop for Mpi {
    /// Tell the others, and hear them out.
    fn drop(&mut self) {
        let (world, rank) = (self.world(), self.rank);
        let others = (0..self.size).filter(|&other| other != rank);
        let mut state = self.state();
        let cause = [state.lost.unwrap_or(rank) as f64];
        mpi::request::scope(|scope| {
            let told: Vec<_> = others
                .clone()
                .map(|other| {
                    let other = world.process_at_rank(other as i32);
                    other.immediate_send_with_tag(scope, &cause[..], ENDED)
                })
                .collect();
            for other in others {
                while let Ok((message, count)) = state.next(&world, other) {
                    message.matched_receive_into(&mut vec![0.0; count][..]);
                }
            }
            for told in told {
                told.wait();
            }
        });
    }
}

impl fmt::Debug for Mpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mpi(rank {} of {})", self.rank, self.size)
    }
}
