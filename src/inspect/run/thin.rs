//! Fewer steps: those that have a frame, and those that are kept.

use super::Run;

/// How many steps curves are kept for.
const FRAMES: usize = 36;
/// Of these, how many first steps come one by one; later ones lie ever farther apart.
const DENSE: usize = 12;

impl Run {
    /// Keep at most `most` records, and remember how many there were.
    ///
    /// The records of the frames always stay, also if they are more than that; the others lie evenly among
    /// the steps.
    ///
    /// ```
    /// use gradtape::inspect::Run;
    /// use gradtape::optim::{Sgd, fit};
    /// let fit = fit(|p| p[0].square(), &[4.0], &mut Sgd::new(1e-3), 1000)?;
    /// let run = Run::new("a long one", &fit.history).thinned(100);
    /// assert!(run.records.len() <= 100);
    /// assert_eq!((run.records.last(), run.thinned_from), (fit.history.last(), Some(1001)));
    /// # Ok::<(), gradtape::optim::FitError>(())
    /// ```
    #[must_use]
    pub fn thinned(mut self, most: usize) -> Run {
        let all = self.records.len();
        if all <= most {
            return self;
        }
        let mut keep = spread(all, most.saturating_sub(self.frames.len()));
        keep.extend(&self.frames);
        keep.sort_unstable();
        keep.dedup();
        if keep.len() == all {
            return self;
        }
        self.frames =
            self.frames.iter().filter_map(|frame| keep.binary_search(frame).ok()).collect();
        self.records = keep.iter().map(|&i| self.records[i].clone()).collect();
        self.thinned_from.get_or_insert(all);
        self
    }
}

/// Which of `all` records get a frame: the first ones, then fewer and fewer, and the last.
pub(super) fn frames(all: usize) -> Vec<usize> {
    if all <= FRAMES {
        return (0..all).collect();
    }
    let (first, last) = (DENSE as f64, (all - 1) as f64);
    let later = FRAMES - DENSE;
    let growing = (0..later).map(|k| {
        let part = k as f64 / (later - 1) as f64;
        (first * (last / first).powf(part)).round() as usize
    });
    let mut frames: Vec<usize> = (0..DENSE).chain(growing).collect();
    frames.dedup();
    frames
}

/// At most `count` of `all` indices, evenly, the first and the last among them if there are two.
pub(in crate::inspect) fn spread(all: usize, count: usize) -> Vec<usize> {
    match count {
        0 => vec![],
        _ if count >= all => (0..all).collect(),
        1 => vec![0],
        _ => (0..count).map(|k| k * (all - 1) / (count - 1)).collect(),
    }
}
