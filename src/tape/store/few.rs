//! A few items on the stack, which cost nothing before they are there.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;

/// Up to `N` items.
///
/// Invariant: the first `len` are written.
pub(crate) struct Few<T: Copy, const N: usize> {
    items: [MaybeUninit<T>; N],
    len: usize,
}

impl<T: Copy, const N: usize> Few<T, N> {
    #[inline(always)]
    pub fn new() -> Few<T, N> {
        Few { items: [const { MaybeUninit::uninit() }; N], len: 0 }
    }

    /// Take `N` items off an iterator in place of those that are here, or fewer if it ends. Tell whether it has ended:
    /// then it is not asked again.
    #[inline(always)]
    pub fn fill(&mut self, items: &mut impl Iterator<Item = T>) -> bool {
        self.len = 0;
        let mut count = 0;
        let has_ended = loop {
            if count == N {
                break false;
            }
            let Some(item) = items.next() else { break true };
            self.items[count].write(item);
            count += 1;
        };
        self.len = count;
        has_ended
    }

    #[inline(always)]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: the first `len` items are written.
        unsafe { std::slice::from_raw_parts_mut(self.items.as_mut_ptr().cast(), self.len) }
    }
}
