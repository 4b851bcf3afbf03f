//! What there is to choose in several formats: digits and width, with one meaning everywhere.

/// The significant digits unless told.
pub(super) const DIGITS: usize = 6;
/// The places of a line unless told.
pub(super) const WIDTH: usize = 100;
/// The places of the narrowest line: a node and a number of 17 digits fit.
const LEAST_WIDTH: usize = 40;

/// Digits as asked for: of more than 17 none says anything.
pub(super) fn digits(asked: usize) -> usize {
    asked.clamp(1, 17)
}

/// A width as asked for: 0 is as wide as it comes.
pub(super) fn width(asked: usize) -> usize {
    if asked == 0 { usize::MAX } else { asked.max(LEAST_WIDTH) }
}
