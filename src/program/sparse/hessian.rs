//! [`HessianPlan`]: how the Hessian of a program is found in few sweeps.

use super::jacobian::describe;
use super::recovery::Recovery;
use super::structure;
use crate::program::Program;
use crate::program::error::{ReplayError, length};
use crate::program::workspace::{WIDTH, Workspace};
use crate::sparse::{Colouring, Pattern, PatternError};
use crate::text::counted;
use std::fmt;

/// How the Hessian of a program is found in few sweeps: its pattern, and colours.
///
/// Made by [`Program::hessian_plan`] once, evaluated at any number of points, on any number of threads.
#[derive(Clone, Debug)]
pub struct HessianPlan {
    gradient: Program,
    pattern: Pattern,
    colouring: Colouring,
    recovery: Recovery,
}

impl Program {
    /// Plan the sparse Hessian of the only output: find its pattern from the instructions, and colours with few sweeps.
    ///
    /// The Hessian is the Jacobian of the [`gradient_program`](Program::gradient_program). So the pattern is as fine as
    /// the rules of the operations: a `sum` joins no inputs, a `dot` joins the two factors of each product, a `select`
    /// joins nothing. The colours are a star colouring, with which each entry or its mirror image is read directly.
    ///
    /// # Errors
    /// As [`gradient_program`](Program::gradient_program).
    ///
    /// # Panics
    /// As [`gradient_program`](Program::gradient_program).
    ///
    /// ```
    /// use gradtape::program::{Program, Workspace};
    /// use gradtape::{Real, Var, sum};
    ///
    /// // A chain of springs: the Hessian has a diagonal and one entry on either side.
    /// let n = 1_000;
    /// let energy = |x: &[Var]| sum(x.windows(2).map(|pair| (pair[1] - pair[0]).powi(4)));
    /// let at: Vec<f64> = (0..n).map(f64::from).collect();
    /// let plan = Program::record(energy, &at).hessian_plan()?;
    /// assert_eq!(plan.to_string(), "\
    /// Hessian: 2998 of 1000000 entries, 3 colours of a star colouring, 1 sweep of up to 8 seeds");
    ///
    /// let mut values = vec![0.0; plan.pattern().nonzeros()];
    /// plan.evaluate(&at, &mut values, &mut Workspace::new())?;
    /// assert_eq!((plan.pattern().row(1), &values[2..5]), (&[0, 1, 2][..], &[-12.0, 24.0, -12.0][..]));
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[track_caller]
    #[doc(alias("sparse", "coloring", "sparsity"))]
    pub fn hessian_plan(&self) -> Result<HessianPlan, ReplayError> {
        let gradient = self.gradient_program()?;
        let body = &gradient.body;
        let pattern = structure::jacobian(&body.code, gradient.inputs(), &body.outputs);
        // Rules need not read the same operands for an entry and for its mirror image.
        let pattern = pattern.union(&pattern.transposed());
        let colouring = or_dense(Colouring::star, &pattern);
        let recovery = Recovery::new(&pattern, &colouring);
        Ok(HessianPlan { gradient, pattern, colouring, recovery })
    }
}

/// A colouring, if it saves a sweep.
fn or_dense(
    colour: impl Fn(&Pattern) -> Result<Colouring, PatternError>,
    pattern: &Pattern,
) -> Colouring {
    let dense = Colouring::dense(pattern);
    if fewest_colours(pattern).div_ceil(WIDTH) >= dense.sweeps() {
        return dense;
    }
    let colouring = colour(pattern).ok();
    colouring.filter(|colouring| colouring.sweeps() < dense.sweeps()).unwrap_or(dense)
}

/// The fewest colours that a star or acyclic colouring may have, for what is full takes cubic time to colour.
///
/// Two colours induce a forest, which has fewer edges than vertices. Over all pairs of `k` colours of `n` vertices these are
/// at most `(k - 1) (n - k/2)` edges.
fn fewest_colours(pattern: &Pattern) -> usize {
    let n = pattern.rows() as u128;
    let ends: usize = (0..pattern.rows())
        .map(|row| pattern.row(row).len() - usize::from(pattern.find(row, row).is_some()))
        .sum();
    let allows = |k: u128| ends as u128 <= (k - 1) * (2 * n - k);
    (1..=n).find(|&k| allows(k)).unwrap_or(n) as usize
}

impl HessianPlan {
    /// Take an acyclic colouring instead, which may need fewer sweeps: entries are then found one after the other, each
    /// from a sum of which known ones are subtracted.
    ///
    /// It is for whoever asks for it, because such a difference loses digits: an entry has an absolute error of about
    /// 1e-16 of the largest in its tree of two colours, and a NaN or an infinity spreads through that tree. The plan stays
    /// as it is if that saves no sweep.
    ///
    /// ```
    /// use gradtape::program::Program;
    /// use gradtape::{Var, sum};
    /// let energy = |x: &[Var]| sum(x.windows(2).map(|pair| pair[0] * pair[1]));
    /// let plan = Program::record(energy, &[1.0; 100]).hessian_plan()?;
    /// // One sweep is enough as it is.
    /// assert_eq!(plan.clone().by_substitution().colouring().kind(), plan.colouring().kind());
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    #[must_use]
    pub fn by_substitution(mut self) -> HessianPlan {
        if fewest_colours(&self.pattern).div_ceil(WIDTH) < self.colouring.sweeps()
            && let Ok(colouring) = Colouring::acyclic(&self.pattern)
            && colouring.sweeps() < self.colouring.sweeps()
        {
            self.recovery = Recovery::new(&self.pattern, &colouring);
            self.colouring = colouring;
        }
        self
    }

    /// The places of the entries, on both sides of the diagonal.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Which columns are swept together.
    #[must_use]
    pub fn colouring(&self) -> &Colouring {
        &self.colouring
    }

    /// Count the sweeps of an evaluation, each of up to eight seeds.
    #[must_use]
    pub fn sweeps(&self) -> usize {
        self.colouring.sweeps()
    }

    /// The program of the gradient, whose Jacobian the Hessian is.
    #[must_use]
    pub fn gradient_program(&self) -> &Program {
        &self.gradient
    }

    /// Compute the entries at `x`, in the order of the [`pattern`](HessianPlan::pattern). Entries on both sides of the
    /// diagonal have the same bits.
    ///
    /// They are those of [`Program::hessian`] up to the last bits, with its zeros and infinities. Where that one gives two numbers on
    /// both sides of the diagonal, as `x.pow(y)` at the kink of 0, both are one of them. Nothing is allocated once the
    /// workspace has grown.
    ///
    /// # Errors
    /// If `x` takes another branch than the recording did; if a length is wrong.
    pub fn evaluate(
        &self,
        x: &[f64],
        values: &mut [f64],
        workspace: &mut Workspace,
    ) -> Result<(), ReplayError> {
        let HessianPlan { gradient, pattern, colouring, recovery } = self;
        length("the entries `values` of the Hessian", pattern.nonzeros(), values.len())?;
        gradient.evaluate_all(x, workspace)?;
        gradient.sweep_colours(pattern, colouring, |at| recovery.reads(at), values, workspace)?;
        recovery.complete(values);
        Ok(())
    }
}

impl fmt::Display for HessianPlan {
    /// What it does, and why, in a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hessian: ")?;
        describe(f, &self.pattern, &self.colouring)?;
        match self.recovery.subtractions() {
            0 => Ok(()),
            count => write!(f, ", {} found by subtraction", counted(count, "entry")),
        }
    }
}
