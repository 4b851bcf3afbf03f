//! The memory of one column, which grows in place where the system can.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::cell::Cell;
use std::ptr::NonNull;

/// As the most aligned item, and as both operands of a node that are written in one piece. With more, allocators copy
/// instead of moving pages.
pub(super) const ALIGN: usize = 8;

/// Room for items, written or not.
///
/// Invariant: `items` points `lead` bytes behind the start of an allocation that was made here, with room for `capacity`
/// items after it; while the capacity is 0 there is none, and it dangles.
pub(super) struct Memory<T: Copy> {
    items: Cell<NonNull<T>>,
    capacity: Cell<usize>,
    /// Bytes that are left free before the first item, a multiple of the alignment.
    lead: usize,
}

impl<T: Copy> Memory<T> {
    pub fn new(lead: usize) -> Memory<T> {
        const { assert!(align_of::<T>() <= ALIGN) };
        let items = Cell::new(NonNull::<u64>::dangling().cast());
        Memory { items, capacity: Cell::new(0), lead: lead.next_multiple_of(ALIGN) }
    }

    /// Where the items are. The pointer is valid until the memory grows.
    #[inline(always)]
    pub fn items(&self) -> NonNull<T> {
        self.items.get()
    }

    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity.get()
    }

    fn layout(&self, capacity: usize) -> Layout {
        let bytes =
            capacity.checked_mul(size_of::<T>()).and_then(|bytes| bytes.checked_add(self.lead));
        let layout = bytes.and_then(|bytes| Layout::from_size_align(bytes, ALIGN).ok());
        layout.expect("a limit of u32::MAX items fits")
    }

    /// Make room for `capacity` items, more than there is room for. Those that are written stay so.
    pub fn grow(&self, capacity: usize) {
        assert!(capacity > self.capacity());
        let layout = self.layout(capacity);
        // SAFETY: the layout is not empty. The old memory was allocated here, by the layout of its capacity, and starts
        // `lead` bytes before the items; there are as many bytes before the new ones.
        unsafe {
            let memory = match self.capacity() {
                0 => alloc(layout),
                old => realloc(self.start(), self.layout(old), layout.size()),
            };
            let memory = NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout));
            self.items.set(memory.add(self.lead).cast());
        }
        self.capacity.set(capacity);
    }

    /// The start of the allocation.
    ///
    /// # Safety
    /// The capacity is not 0.
    unsafe fn start(&self) -> *mut u8 {
        // SAFETY: as the invariant says.
        unsafe { self.items.get().cast::<u8>().sub(self.lead).as_ptr() }
    }
}

impl<T: Copy> Drop for Memory<T> {
    fn drop(&mut self) {
        if self.capacity() > 0 {
            // SAFETY: the memory was allocated here, by the layout of its capacity.
            unsafe { dealloc(self.start(), self.layout(self.capacity())) }
        }
    }
}
