//! What an operation remembers between its value and its sweep.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};

/// The last factorization, and the numbers it belongs to.
///
/// A memory only: whatever thread asks, and however often, the answer is that of computing it anew.
pub(crate) struct Kept<F>(Mutex<Option<(Vec<f64>, Arc<F>)>>);

impl<F> Kept<F> {
    pub fn new() -> Kept<F> {
        Kept(Mutex::new(None))
    }

    /// Return what belongs to these numbers, computed unless it is remembered.
    pub fn get(&self, numbers: &[f64], compute: impl FnOnce() -> F) -> Arc<F> {
        let mut last = match self.0.try_lock() {
            Ok(last) => last,
            // What a panic left behind was stored whole.
            Err(TryLockError::Poisoned(last)) => PoisonError::into_inner(last),
            // Another thread is at it, with numbers of its own.
            Err(TryLockError::WouldBlock) => return Arc::new(compute()),
        };
        match &*last {
            Some((of, kept)) if same_bits(of, numbers) => kept.clone(),
            _ => {
                let computed = Arc::new(compute());
                *last = Some((numbers.to_vec(), computed.clone()));
                computed
            }
        }
    }
}

/// Tell whether two slices hold the same numbers: a NaN is itself, and -0 is not 0.
fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}
