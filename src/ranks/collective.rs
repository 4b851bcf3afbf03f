//! What all ranks do together, made of [`send`](Communicator::send) and [`receive`](Communicator::receive).
//!
//! Every rank makes the same calls in the same order.
//!
//! ```text
//! broadcast   the root has told ranks at distances below d: each of them tells the one d further on; then d doubles
//! gather      every rank tells rank 0 in turn, which then tells all
//! relay       rank 0 begins, each rank goes on with what the one before it has, the last tells all
//! agree       rank 0 tells what it has; the first rank that has something else tells all
//! ```
//!
//! A broadcast takes ⌈log₂ ranks⌉ messages one after the other. The others are for what is done once, at the start.

use super::{Communicator, RankError};
use indexmap::IndexSet;
use std::ops::Range;

/// Tell all ranks what the root has.
///
/// # Errors
/// If a rank is gone; if it runs other code.
///
/// ```
/// use gradtape::ranks::{Communicator, RankError, Threads, broadcast};
/// let heard = Threads::run(3, |comm| {
///     let mut number = [comm.rank() as f64];
///     broadcast(comm, &mut number, 2)?;
///     Ok::<f64, RankError>(number[0])
/// });
/// assert_eq!(heard, [Ok(Ok(2.0)), Ok(Ok(2.0)), Ok(Ok(2.0))]);
/// ```
pub fn broadcast(
    comm: &dyn Communicator,
    numbers: &mut [f64],
    root: usize,
) -> Result<(), RankError> {
    let size = comm.size();
    // Counted from the root on.
    let place = (comm.rank() + size - root) % size;
    let rank_of = |place: usize| (place + root) % size;
    let mut distance = 1;
    while distance < size {
        if place < distance && place + distance < size {
            comm.send(numbers, rank_of(place + distance))?;
        } else if (distance..2 * distance).contains(&place) {
            comm.receive(numbers, rank_of(place - distance))?;
        }
        distance *= 2;
    }
    Ok(())
}

/// Give all ranks what each of them has, as many numbers each, in the order of the ranks.
pub(crate) fn gather(comm: &dyn Communicator, own: &[f64]) -> Result<Vec<f64>, RankError> {
    let mut all = vec![0.0; own.len() * comm.size()];
    if own.is_empty() {
        return Ok(all);
    }
    match comm.rank() {
        0 => {
            for (rank, place) in all.chunks_mut(own.len()).enumerate() {
                match rank {
                    0 => place.copy_from_slice(own),
                    rank => comm.receive(place, rank)?,
                }
            }
        }
        _ => comm.send(own, 0)?,
    }
    broadcast(comm, &mut all, 0)?;
    Ok(all)
}

/// Give all ranks the lists of each, however long they are, in the order of the ranks.
pub(crate) fn gather_lists(
    comm: &dyn Communicator,
    own: &[f64],
) -> Result<Vec<Vec<f64>>, RankError> {
    let lengths = gather(comm, &[own.len() as f64])?;
    let lists = lengths.into_iter().enumerate().map(|(rank, length)| {
        let mut list = vec![0.0; length as usize];
        if rank == comm.rank() {
            list.copy_from_slice(own);
        }
        broadcast(comm, &mut list, rank)?;
        Ok(list)
    });
    lists.collect()
}

/// Give all ranks the words that any of them has: those of rank 0 first, then those of rank 1 that are new, and so on.
pub(crate) fn gather_words(
    comm: &dyn Communicator,
    own: &[String],
) -> Result<IndexSet<String>, RankError> {
    let lengths: Vec<f64> = own.iter().map(|word| word.len() as f64).collect();
    let bytes: Vec<f64> = own.iter().flat_map(|word| word.bytes()).map(f64::from).collect();
    let (lengths, bytes) = (gather_lists(comm, &lengths)?, gather_lists(comm, &bytes)?);
    let mut words = IndexSet::new();
    for (lengths, bytes) in lengths.into_iter().zip(bytes) {
        let mut bytes = bytes.into_iter().map(|byte| byte as u8);
        for length in lengths {
            let word: Vec<u8> = bytes.by_ref().take(length as usize).collect();
            words.insert(String::from_utf8_lossy(&word).into_owned());
        }
    }
    Ok(words)
}

/// Move rows of a list that is spread over ranks, in their order: from as many rows as each has to the ranges that each
/// is to have.
pub(crate) fn redistribute(
    comm: &dyn Communicator,
    own: Vec<f64>,
    width: usize,
    target: impl Fn(usize) -> Range<usize>,
) -> Result<Vec<f64>, RankError> {
    let (me, size) = (comm.rank(), comm.size());
    let counts = gather(comm, &[(own.len() / width.max(1)) as f64])?;
    let mut ends = 0;
    let held: Vec<Range<usize>> = counts
        .into_iter()
        .map(|count| {
            let start = ends;
            ends += count as usize;
            start..ends
        })
        .collect();
    let both = |from: usize, to: usize| {
        let (held, target) = (&held[from], target(to));
        let start = held.start.max(target.start);
        start..held.end.min(target.end).max(start)
    };
    let mut moved = vec![0.0; target(me).len() * width];
    let (first, new_first) = (held[me].start, target(me).start);
    let old = |rows: &Range<usize>| (rows.start - first) * width..(rows.end - first) * width;
    let new =
        |rows: &Range<usize>| (rows.start - new_first) * width..(rows.end - new_first) * width;
    let stays = both(me, me);
    if !stays.is_empty() {
        moved[new(&stays)].copy_from_slice(&own[old(&stays)]);
    }
    // In this order on all ranks, so that no two ranks wait for each other.
    for (from, to) in (0..size).flat_map(|from| (0..size).map(move |to| (from, to))) {
        let rows = if from == me || to == me { both(from, to) } else { 0..0 };
        if from == to || rows.is_empty() {
            continue;
        }
        if from == me {
            comm.send(&own[old(&rows)], to)?;
        } else {
            comm.receive(&mut moved[new(&rows)], from)?;
        }
    }
    Ok(moved)
}

/// Find the smallest number on any rank; NaN counts for nothing.
pub(crate) fn smallest(comm: &dyn Communicator, own: f64) -> Result<f64, RankError> {
    Ok(gather(comm, &[own])?.into_iter().fold(f64::INFINITY, f64::min))
}

/// Go on, rank after rank, with what the ranks before have computed; then all have the result. So a loop over rows that
/// are spread over ranks has the bits of the loop on one.
pub(crate) fn relay(
    comm: &dyn Communicator,
    state: &mut [f64],
    go_on: impl FnOnce(&mut [f64]),
) -> Result<(), RankError> {
    let (rank, size) = (comm.rank(), comm.size());
    if rank > 0 {
        comm.receive(state, rank - 1)?;
    }
    go_on(state);
    if rank + 1 < size {
        comm.send(state, rank + 1)?;
    }
    broadcast(comm, state, size - 1)
}

/// Tell all ranks the text that the root has.
fn tell(comm: &dyn Communicator, text: &str, root: usize) -> Result<String, RankError> {
    let mut length = [text.len() as f64];
    broadcast(comm, &mut length, root)?;
    let mut bytes: Vec<f64> = vec![0.0; length[0] as usize];
    if comm.rank() == root {
        bytes = text.bytes().map(f64::from).collect();
    }
    broadcast(comm, &mut bytes, root)?;
    let bytes: Vec<u8> = bytes.into_iter().map(|byte| byte as u8).collect();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Refuse ranks that do not have the same: the first one that differs from rank 0 is named, on all of them.
pub(crate) fn agree(
    comm: &dyn Communicator,
    what: &'static str,
    own: &str,
) -> Result<(), RankError> {
    let of_first = tell(comm, own, 0)?;
    let differs = if own == of_first { f64::INFINITY } else { comm.rank() as f64 };
    let first = smallest(comm, differs)?;
    if first.is_infinite() {
        return Ok(());
    }
    let other = first as usize;
    let of_other = tell(comm, own, other)?;
    Err(RankError::Disagree { what, ranks: [0, other], found: [of_first, of_other] })
}

/// Go on only if all ranks can: what failed on one of them is the error of all. Every rank calls it, with what it has:
/// reading its part of a file, say.
///
/// # Errors
/// If one rank has an error; if a rank is gone.
///
/// ```
/// use gradtape::ranks::{Communicator, Threads, together};
/// let ends = Threads::run(2, |comm| {
///     let own = if comm.rank() == 0 { Ok(7) } else { Err("the disk is full") };
///     together(comm, own).map_err(|error| error.to_string())
/// });
/// assert_eq!(ends[0], Ok(Err("rank 1: the disk is full".into())));
/// ```
pub fn together<T, E: ToString>(
    comm: &dyn Communicator,
    own: Result<T, E>,
) -> Result<T, RankError> {
    let failed = if own.is_err() { comm.rank() as f64 } else { f64::INFINITY };
    let first = smallest(comm, failed)?;
    if first.is_finite() {
        let own = own.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let rank = first as usize;
        return Err(RankError::Failed { rank, message: tell(comm, &own, rank)? });
    }
    match own {
        Ok(own) => Ok(own),
        Err(_) => unreachable!("no rank has failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::{RankError, agree, broadcast, gather, relay, smallest, together};
    use crate::ranks::{Communicator, Threads};

    fn on<T: Send + std::fmt::Debug>(
        ranks: usize,
        run: impl Fn(&Threads) -> Result<T, RankError> + Sync,
    ) -> Vec<Result<T, RankError>> {
        Threads::run(ranks, run).into_iter().map(|end| end.expect("no rank is lost")).collect()
    }

    #[test]
    fn all_ranks_hear_what_any_root_tells() {
        for ranks in 1..=9 {
            for root in 0..ranks {
                let heard = on(ranks, |comm| {
                    let mut numbers = [comm.rank() as f64, f64::NAN];
                    broadcast(comm, &mut numbers, root)?;
                    Ok(numbers[0])
                });
                assert!(heard.iter().all(|x| *x == Ok(root as f64)), "{ranks} {root} {heard:?}");
            }
        }
    }

    #[test]
    fn what_is_gathered_stands_in_the_order_of_the_ranks() {
        for ranks in 1..=7 {
            let all = on(ranks, |comm| gather(comm, &[comm.rank() as f64, -1.0]));
            let expected: Vec<f64> = (0..ranks).flat_map(|rank| [rank as f64, -1.0]).collect();
            assert!(all.iter().all(|all| *all == Ok(expected.clone())), "{all:?}");
            let least = on(ranks, |comm| smallest(comm, 3.0 - comm.rank() as f64));
            assert!(least.iter().all(|x| *x == Ok(4.0 - ranks as f64)), "{least:?}");
        }
    }

    #[test]
    fn a_relayed_sum_has_the_bits_of_a_loop() {
        let numbers: Vec<f64> = (0..700).map(|i| 1.0 / f64::from(i + 1)).collect();
        let in_a_loop = numbers.iter().fold(0.0, |sum, x| sum + x);
        for ranks in [1, 2, 3, 7] {
            let sums = on(ranks, |comm| {
                let own = numbers.chunks(700 / ranks + 1).nth(comm.rank()).unwrap_or_default();
                let mut sum = [0.0];
                relay(comm, &mut sum, |sum| own.iter().for_each(|x| sum[0] += x))?;
                Ok(sum[0])
            });
            assert!(sums.iter().all(|sum| *sum == Ok(in_a_loop)), "{sums:?}");
        }
    }

    #[test]
    fn a_disagreement_names_both_ranks_and_what_they_have_on_all_ranks() {
        let ends =
            on(4, |comm| agree(comm, "the version", if comm.rank() < 2 { "1.0" } else { "1.1" }));
        let expected = RankError::Disagree {
            what: "the version",
            ranks: [0, 2],
            found: ["1.0".into(), "1.1".into()],
        };
        assert!(ends.iter().all(|end| *end == Err(expected.clone())), "{ends:?}");
        assert!(on(3, |comm| agree(comm, "it", "same")).iter().all(Result::is_ok));
    }

    #[test]
    fn what_fails_on_one_rank_fails_on_all_with_its_words() {
        let ends = on(4, |comm| {
            let own = if comm.rank() < 2 { Ok(()) } else { Err(format!("no {}", comm.rank())) };
            together(comm, own)
        });
        let expected = RankError::Failed { rank: 2, message: "no 2".into() };
        assert!(ends.iter().all(|end| *end == Err(expected.clone())), "{ends:?}");
        assert_eq!(on(2, |comm| together(comm, Ok::<_, String>(comm.rank()))), [Ok(0), Ok(1)]);
    }
}
