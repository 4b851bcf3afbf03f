//! Where the active store's columns end: how an n-ary node is written, piece by piece.
//!
//! Operands are appended to the pool as they come, and the node that owns them is written last. Until then they
//! belong to no node, so every step checks that nothing else has been appended to the pools.

use super::columns::{Store, with_active};
use super::pool::POOL_ROOM;
use crate::op::Op;

/// What the tags of the active store's newest segment count from, and how long its columns are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ends {
    pub base: u64,
    pub nodes: u64,
    pub pool: usize,
    pub data: usize,
}

/// Read where the active store's columns end.
#[inline(always)]
pub(crate) fn ends() -> Ends {
    let ends = with_active(|store| {
        let (pool, data) = (store.pool.len(), store.data.len());
        Some(Ends { base: store.base(), nodes: store.len() as u64, pool, data })
    });
    ends.unwrap_or_default()
}

impl Ends {
    /// Find operands that were recorded since these ends were read, or before the first rewind. Returns the present
    /// ends, and what the tags of the first segment count from and how long it is.
    ///
    /// By value: a reference to `self` would force it into memory where it is used.
    #[cold]
    #[inline(never)]
    pub fn refresh<const W: usize>(self, tags: [u64; W]) -> Option<(Ends, (u64, usize), [u32; W])> {
        with_active(|store| {
            if store.base() != self.base {
                return None;
            }
            let mut nodes = [0; W];
            for (node, tag) in nodes.iter_mut().zip(tags) {
                *node = store.index_of(tag)?;
            }
            let first = (store.first_base.get(), store.first_len.get());
            Some((Ends { nodes: store.len() as u64, ..self }, first, nodes))
        })
    }

    /// Append operands of a future n-ary node, if the active store is the one that was read and
    /// its pool still ends there and has room.
    #[inline(always)]
    pub fn stage<const W: usize, const N: usize>(&mut self, terms: [[u32; W]; N]) -> Option<()> {
        self.with_store(|store| store.pool.push(terms))?;
        self.pool += W * N;
        Some(())
    }

    /// Append constants of a future n-ary node, under the same conditions and if the data still end there.
    #[inline(always)]
    pub fn stage_data<const N: usize>(&mut self, constants: [f64; N]) -> Option<()> {
        self.with_store(|store| {
            if store.data.len() == self.data { store.data.push([constants]) } else { None }
        })?;
        self.data += N;
        Some(())
    }

    /// Append the last operands of a future n-ary node, fewer than a chunk, and write the node: its
    /// operands lie from `at` on. Under the same conditions; a bias joins the operands.
    ///
    /// They are appended one by one: a copy in one piece would read them back in wider pieces than they
    /// were just written in, which stalls the processor.
    #[inline(always)]
    pub fn write<const W: usize>(
        &self,
        op: Op,
        at: usize,
        last: &[[u32; W]],
        bias: Option<u64>,
        value: f64,
    ) -> Option<u64> {
        self.with_store(|store| {
            let bias = store.bias_if_all_fits(bias)?;
            last.iter().try_for_each(|&term| store.pool.push([term]))?;
            let operands = store.pool.len() - at;
            if let Some(bias) = bias {
                store.pool.push([[bias]])?;
            }
            store.write(op, at as u32, operands as u32, value)
        })
    }

    /// Append the last operands with their constants, and write the node, under the same conditions: its
    /// operands lie from `at` on, its constants from `data_at` on.
    #[inline(always)]
    pub fn write_weighted(
        &self,
        op: Op,
        (at, data_at): (usize, usize),
        (last, constants): (&[[u32; 1]], &[f64]),
        bias: Option<u64>,
        value: f64,
    ) -> Option<u64> {
        self.with_store(|store| {
            let bias = store.bias_if_all_fits(bias)?;
            if store.data.len() != self.data || !store.data.has_room() {
                return None;
            }
            last.iter().try_for_each(|&node| store.pool.push([node]))?;
            constants.iter().try_for_each(|&constant| store.data.push([[constant]]))?;
            let operands = store.pool.len() - at;
            if let Some(bias) = bias {
                store.pool.push([[bias]])?;
            }
            store.pool.push([[data_at as u32]])?;
            store.write(op, at as u32, operands as u32, value)
        })
    }

    /// Make room in the pools of the active store, if it is the one that was read.
    #[cold]
    #[inline(never)]
    pub fn make_room(self) -> Option<()> {
        self.with_store(|store| {
            store.pool.grow(POOL_ROOM);
            store.data.grow(POOL_ROOM);
            (store.pool.has_room() && store.data.has_room()).then_some(())
        })
    }

    #[inline(always)]
    fn with_store<R>(&self, body: impl FnOnce(&Store) -> Option<R>) -> Option<R> {
        with_active(|store| {
            let same = store.base() == self.base && store.pool.len() == self.pool;
            if same { body(store) } else { None }
        })
    }
}
