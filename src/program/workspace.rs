//! [`Workspace`]: the memory of a replay.

use crate::Dual;
use crate::lanes::Lanes;

/// How many seeds go along in one sweep.
pub(super) const SEEDS: usize = 8;

/// Lanes of seeds.
pub(super) type Seeds = Lanes<SEEDS>;

/// The memory that a replay needs, kept by the caller: once it has grown, nothing is allocated.
///
/// One workspace serves any number of programs, one after the other. A program is shared between threads;
/// a workspace is each thread's own.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    pub(super) values: Vec<f64>,
    pub(super) adjoints: Vec<f64>,
    pub(super) tangents: Vec<f64>,
    pub(super) dual_adjoints: Vec<Dual>,
    pub(super) lanes: Vec<Seeds>,
}

impl Workspace {
    /// Start without memory; the first replay takes what it needs.
    #[must_use]
    pub fn new() -> Workspace {
        Workspace::default()
    }
}

/// The first `len` places, made if they are not there.
pub(super) fn sized<T: Clone>(places: &mut Vec<T>, len: usize, fill: T) -> &mut [T] {
    if places.len() < len {
        places.resize(len, fill);
    }
    &mut places[..len]
}

/// The first `len` places, all filled anew.
pub(super) fn filled<T: Copy>(places: &mut Vec<T>, len: usize, fill: T) -> &mut [T] {
    places.clear();
    places.resize(len, fill);
    places
}
