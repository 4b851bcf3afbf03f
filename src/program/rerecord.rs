//! [`Rerecord`]: one program for each path through a function.

use super::error::ReplayError;
use super::program::Program;
use crate::Var;

/// Run a function through its programs, and record a new one if all refuse the input.
///
/// For code whose branches change from input to input: every path through it gets a program of its own,
/// recorded at the first input that takes it. A call tries the most recently used program first. If that one
/// fits again nothing is allocated; if all refuse, the function is recorded once more.
///
/// For rows it is [`RerecordRows`](super::RerecordRows).
///
/// At most [`limit`](Rerecord::limit) programs are kept. If there are many paths (a loop that stops by a
/// comparison has one for each number of iterations), record and sweep a [`Tape`](crate::Tape) instead.
///
/// The function must depend on nothing but its argument, and have as many outputs on every path.
///
/// ```
/// use gradtape::program::{Rerecord, ReplayError, Workspace};
/// use gradtape::{Real, Var};
///
/// let huber = |x: &[Var]| if x[0].abs() < 1.0 { x[0].square() * 0.5 } else { x[0].abs() - 0.5 };
/// let mut huber = Rerecord::new(huber);
/// let (mut slope, mut workspace) = ([0.0], Workspace::new());
/// for (x, expected) in [(0.5, 0.5), (3.0, 1.0), (-0.25, -0.25), (-7.0, -1.0)] {
///     huber.run(&[x], |huber, x| huber.value_and_gradient(x, &mut slope, &mut workspace))?;
///     assert_eq!(slope, [expected]);
/// }
/// assert_eq!(huber.programs().len(), 2);
/// # Ok::<(), ReplayError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rerecord<F> {
    f: F,
    /// The most recently used first.
    programs: Vec<Program>,
    limit: usize,
    recordings: usize,
}

impl<F> Rerecord<F> {
    /// How many programs are kept unless another limit is set.
    pub const LIMIT: usize = 64;

    /// Start without a program; the first call records one.
    #[must_use]
    pub fn new(f: F) -> Rerecord<F> {
        Rerecord { f, programs: Vec::new(), limit: Self::LIMIT, recordings: 0 }
    }

    /// Keep at most `n` programs, and at least one: the least recently used is dropped.
    #[must_use]
    pub fn limit(mut self, n: usize) -> Rerecord<F> {
        self.limit = n.max(1);
        self.programs.truncate(self.limit);
        self
    }

    /// List the programs, the most recently used first.
    #[must_use]
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// Count how often the function was recorded: more often than there are programs if some were dropped.
    #[must_use]
    pub fn recordings(&self) -> usize {
        self.recordings
    }
}

impl<F, Y> Rerecord<F>
where
    F: Fn(&[Var]) -> Y,
    Y: AsRef<[Var]>,
{
    /// Call a method of the program that fits `x`, at `x`.
    ///
    /// # Errors
    /// As the method, but for another branch: that is recorded.
    ///
    /// # Panics
    /// As [`Program::record`], and where the function itself panics.
    #[track_caller]
    pub fn run<R>(
        &mut self,
        x: &[f64],
        mut call: impl FnMut(&Program, &[f64]) -> Result<R, ReplayError>,
    ) -> Result<R, ReplayError> {
        for at in 0..self.programs.len() {
            match call(&self.programs[at], x) {
                Err(ReplayError::BranchChanged(_)) => {}
                result => {
                    self.programs[..=at].rotate_right(1);
                    return result;
                }
            }
        }
        call(self.record(x), x)
    }

    /// Record at `x`, put the program first, and drop the last if there are too many.
    ///
    /// The program accepts `x`: its guards have the outcomes found there, and its values have the same bits.
    #[track_caller]
    fn record(&mut self, x: &[f64]) -> &Program {
        let program = Program::record(&self.f, x);
        self.recordings += 1;
        self.programs.truncate(self.limit - 1);
        self.programs.insert(0, program);
        &self.programs[0]
    }
}
