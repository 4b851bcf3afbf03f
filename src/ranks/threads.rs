//! [`Threads`]: ranks that are threads of one process.

use super::communicator::check_other;
use super::{Communicator, RankError};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A rank that is a thread, with a channel from every rank to every other.
///
/// For tests, and the model of a transport: more cores on one machine are better used by
/// [`Workspace::parallel`](crate::program::Workspace::parallel), which shares the data.
#[derive(Debug)]
pub struct Threads {
    rank: usize,
    /// To each rank; none to itself.
    to: Vec<Option<Sender<Message>>>,
    /// From each rank.
    from: Vec<Option<Mutex<Receiver<Message>>>>,
    /// The rank that was lost, if one was.
    lost: Mutex<Option<usize>>,
}

#[derive(Debug)]
enum Message {
    Numbers(Vec<f64>),
    /// The sender has ended: because of this rank, itself or one that it heard of.
    Ended(usize),
}

impl Threads {
    /// Run a function on so many ranks at once, and return what came of each. A rank whose function panics is an error
    /// here, and for every rank that waits for it.
    ///
    /// # Panics
    /// If there are no ranks.
    #[track_caller]
    pub fn run<T: Send>(
        ranks: usize,
        run: impl Fn(&Threads) -> T + Sync,
    ) -> Vec<Result<T, RankError>> {
        assert!(ranks > 0, "0 ranks: give at least 1");
        let run = &run;
        std::thread::scope(|scope| {
            let ends = Threads::connect(ranks).into_iter();
            let running: Vec<_> = ends.map(|comm| scope.spawn(move || run(&comm))).collect();
            let ended = running.into_iter().enumerate();
            ended
                .map(|(rank, thread)| thread.join().map_err(|_| RankError::Lost { rank }))
                .collect()
        })
    }

    fn connect(ranks: usize) -> Vec<Threads> {
        let nobody = |rank| Threads {
            rank,
            to: (0..ranks).map(|_| None).collect(),
            from: (0..ranks).map(|_| None).collect(),
            lost: Mutex::new(None),
        };
        let mut all: Vec<Threads> = (0..ranks).map(nobody).collect();
        for from in 0..ranks {
            for to in (0..ranks).filter(|&to| to != from) {
                let (sender, receiver) = channel();
                all[from].to[to] = Some(sender);
                all[to].from[from] = Some(Mutex::new(receiver));
            }
        }
        all
    }

    fn next(&self, from: usize) -> Option<Message> {
        locked(self.from[from].as_ref()?).recv().ok()
    }

    /// The other rank is gone: say because of whom, and remember it for those that wait for this one.
    fn lost(&self, rank: usize) -> RankError {
        let rank = *locked(&self.lost).get_or_insert(rank);
        RankError::Lost { rank }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Communicator for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn send(&self, numbers: &[f64], to: usize) -> Result<(), RankError> {
        check_other(self, to);
        let sent = self.to[to].as_ref().map(|to| to.send(Message::Numbers(numbers.to_vec())));
        if let Some(Ok(())) = sent {
            return Ok(());
        }
        // It has left word, behind what it sent before.
        loop {
            match self.next(to) {
                Some(Message::Numbers(_)) => {}
                Some(Message::Ended(rank)) => return Err(self.lost(rank)),
                None => return Err(self.lost(to)),
            }
        }
    }

    fn receive(&self, numbers: &mut [f64], from: usize) -> Result<(), RankError> {
        check_other(self, from);
        match self.next(from) {
            Some(Message::Numbers(sent)) if sent.len() == numbers.len() => {
                numbers.copy_from_slice(&sent);
                Ok(())
            }
            Some(Message::Numbers(sent)) => {
                Err(RankError::Length { from, expected: numbers.len(), found: sent.len() })
            }
            Some(Message::Ended(rank)) => Err(self.lost(rank)),
            None => Err(self.lost(from)),
        }
    }
}

impl Drop for Threads {
    /// Leave word for those that wait for this rank, or will.
    fn drop(&mut self) {
        let cause = locked(&self.lost).unwrap_or(self.rank);
        for to in self.to.iter().flatten() {
            // One that is gone itself needs no word.
            let _ = to.send(Message::Ended(cause));
        }
    }
}
