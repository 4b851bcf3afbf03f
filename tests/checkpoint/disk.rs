//! States in files: a run that ends early is resumed, and what is wrong with a file is said.

use super::seed::{random, seeds};
use gradtape::checkpoint::{self, Binomial, CheckpointError, Checkpointed, Multistage};
use gradtape::{Tape, Var};
use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A new folder, which goes at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        // Each file is given to the disk, which may take long: so in memory, where there is such a folder.
        let in_memory = Path::new("/dev/shm");
        let folder = if in_memory.is_dir() { in_memory.into() } else { std::env::temp_dir() };
        let folder = folder.join(format!("gradtape-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Scratch(folder)
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.0).into_iter().flatten();
        let mut files: Vec<PathBuf> =
            entries.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const STATE: [f64; 3] = [0.4, -0.2, 0.1];
const PARAMETERS: [f64; 2] = [0.9, 0.3];

fn turn(s: &[Var], p: &[Var], i: usize) -> [Var; 3] {
    [s[0] * p[0] + s[1] * p[1], (s[1] - s[0] * p[1]).sin(), s[2] + s[0] * s[1] / (1.0 + i as f64)]
}

fn loss(s: &[Var]) -> Var {
    s[2] + s[0].square() + s[1]
}

fn in_memory(steps: usize) -> Checkpointed {
    let schedule = Binomial::new(steps, 6).expect("slots");
    checkpoint::gradient(steps, schedule, &STATE, &PARAMETERS, turn, loss)
        .expect("it repeats itself")
}

#[track_caller]
fn same_bits(a: &Checkpointed, b: &Checkpointed) {
    let bits = |x: &Checkpointed| {
        let numbers = [&[x.loss][..], &x.state, &x.parameters].concat();
        numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    };
    assert_eq!(bits(a), bits(b));
}

/// Run in a folder, and panic at a call of the step.
fn run(
    folder: &Path,
    slots: (usize, usize),
    steps: usize,
    last_call: u64,
) -> Option<(Checkpointed, u64)> {
    let calls = Cell::new(0);
    let schedule = Multistage::new(steps, slots.0, slots.1).expect("slots");
    let step = |s: &[Var], p: &[Var], i: usize| {
        calls.set(calls.get() + 1);
        if calls.get() > last_call {
            // Quietly: no message, no backtrace.
            std::panic::resume_unwind(Box::new("the end of this process"));
        }
        turn(s, p, i)
    };
    let run = || checkpoint::gradient_in(folder, schedule, &STATE, &PARAMETERS, step, loss);
    catch_unwind(AssertUnwindSafe(run))
        .ok()
        .map(|found| (found.expect("it repeats itself"), calls.get()))
}

#[test]
fn a_run_in_a_folder_has_the_same_bits_and_leaves_nothing() {
    let scratch = Scratch::new("plain");
    for (steps, slots) in
        [(0, (1, 1)), (1, (0, 1)), (40, (2, 2)), (40, (0, 3)), (40, (3, 0)), (5, (9, 9))]
    {
        let (found, calls) = run(&scratch.0, slots, steps, u64::MAX).expect("no panic");
        same_bits(&found, &in_memory(steps));
        let schedule = Multistage::new(steps, slots.0, slots.1).expect("slots");
        assert_eq!(found.forward_steps, schedule.forward_steps());
        assert_eq!(calls, found.forward_steps + steps as u64);
        assert_eq!(scratch.files(), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_run_that_ends_at_any_call_is_resumed_to_the_same_bits() {
    let expected = in_memory(60);
    let whole = expected.forward_steps + 60;
    for seed in seeds(12) {
        let mut rng = random(seed);
        let slots = [(2, 3), (0, 4), (4, 1)][seed as usize % 3];
        let scratch = Scratch::new("resumed");
        let mut ends = 0;
        let found = loop {
            // Again and again, each time a little farther.
            match run(&scratch.0, slots, 60, rng.u64(1..whole) + 4 * ends) {
                Some((found, _)) => break found,
                None => ends += 1,
            }
            let is_whole = |path: &PathBuf| path.extension().is_some_and(|end| end == "checkpoint");
            assert!(scratch.files().iter().all(is_whole), "{:?}", scratch.files());
        };
        same_bits(&found, &expected);
        assert_eq!(scratch.files(), Vec::<PathBuf>::new(), "after {ends} ends");
    }
}

#[test]
fn what_was_done_is_not_done_again() {
    let scratch = Scratch::new("progress");
    let (_, whole) = run(&scratch.0, (2, 6), 300, u64::MAX).expect("no panic");
    assert!(run(&scratch.0, (2, 6), 300, whole - 20).is_none());
    let (found, rest) = run(&scratch.0, (2, 6), 300, u64::MAX).expect("no panic");
    assert!(rest < whole / 4, "{rest} of {whole} calls");
    same_bits(&found, &in_memory(300));
    // In the way forwards.
    assert!(run(&scratch.0, (2, 6), 300, 290).is_none());
    let (found, rest) = run(&scratch.0, (2, 6), 300, u64::MAX).expect("no panic");
    assert!(rest < whole - 200, "{rest} of {whole} calls");
    same_bits(&found, &in_memory(300));
}

fn error_in(folder: &Path, parameters: &[f64]) -> CheckpointError {
    let schedule = Multistage::new(60, 2, 3).expect("slots");
    checkpoint::gradient_in(folder, schedule, &STATE, parameters, turn, loss)
        .expect_err("a bad file")
}

#[test]
fn a_damaged_file_is_refused_wherever_the_damage_is() {
    let scratch = Scratch::new("damaged");
    assert!(run(&scratch.0, (2, 3), 60, 150).is_none());
    let files = scratch.files();
    assert!(files.len() >= 2 && files[0].ends_with("adjoint.checkpoint"), "{files:?}");
    for path in &files[..2] {
        let whole = fs::read(path).expect("a file");
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(path, &bytes).expect("a file");
            let error = error_in(&scratch.0, &PARAMETERS);
            let CheckpointError::File { path: named, .. } = &error else {
                panic!("byte {at}: {error}")
            };
            assert_eq!(Path::new(named), path);
        }
        for length in 0..whole.len() {
            fs::write(path, &whole[..length]).expect("a file");
            assert!(
                matches!(error_in(&scratch.0, &PARAMETERS), CheckpointError::File { .. }),
                "{length} bytes"
            );
        }
        fs::write(path, &whole[..72]).expect("a file");
        let message = error_in(&scratch.0, &PARAMETERS).to_string();
        let end =
            ": this file of 72 bytes is damaged: remove it, and call again to go on without it";
        assert!(message.ends_with(end), "{message}");
        fs::write(path, &whole).expect("a file");
    }
    // Without a state it goes on from the one before.
    fs::remove_file(&files[1]).expect("a file");
    same_bits(&run(&scratch.0, (2, 3), 60, u64::MAX).expect("no panic").0, &in_memory(60));
}

#[test]
fn a_file_that_was_copied_is_refused_or_not_looked_at() {
    let scratch = Scratch::new("copied");
    assert!(run(&scratch.0, (2, 3), 60, 150).is_none());
    let state = scratch.files().pop().expect("a state");
    // Of another spelling, which names no file of a run.
    fs::copy(&state, scratch.0.join("state-007.checkpoint")).expect("a copy");
    let copy = scratch.0.join("state-7.checkpoint");
    fs::copy(&state, &copy).expect("a copy");
    let message = error_in(&scratch.0, &PARAMETERS).to_string();
    assert!(message.contains("remove one of them"), "{message}");
    fs::remove_file(&copy).expect("a file");
    same_bits(&run(&scratch.0, (2, 3), 60, u64::MAX).expect("no panic").0, &in_memory(60));
}

#[test]
fn a_file_that_two_threads_write_is_that_of_one_of_them() {
    let scratch = Scratch::new("two-threads");
    fs::create_dir(&scratch.0).expect("a folder");
    let path = scratch.0.join("file");
    let contents = [vec![1_u8; 100_000], vec![2_u8; 70_000]];
    std::thread::scope(|scope| {
        for content in &contents {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..100 {
                    gradtape::model::write_whole(path, content).expect("it is written");
                    let found = fs::read(path).expect("there is always one");
                    assert!(found.iter().all(|byte| *byte == found[0]), "a mixture");
                    assert!([70_000, 100_000].contains(&found.len()));
                }
            });
        }
    });
    assert_eq!(scratch.files(), [path], "nothing else is left");
}

#[test]
fn the_files_of_another_loop_are_refused() {
    let scratch = Scratch::new("foreign");
    assert!(run(&scratch.0, (2, 3), 60, 150).is_none());
    let message = error_in(&scratch.0, &[0.9, 0.3000001]).to_string();
    assert!(
        message.contains("this file is of another loop, with other steps, slots, parameters"),
        "{message}"
    );
    fs::write(scratch.0.join("state-0.checkpoint"), "a note of mine, of some length")
        .expect("a file");
    let message = error_in(&scratch.0, &PARAMETERS).to_string();
    assert!(message.contains("is no checkpoint of a loop"), "{message}");
    assert_eq!(fs::read(scratch.0.join("state-0.checkpoint")).expect("mine").len(), 30);
    // Of the same numbers, and another step.
    let scratch = Scratch::new("changed");
    assert!(run(&scratch.0, (2, 3), 60, 150).is_none());
    let schedule = Multistage::new(60, 2, 3).expect("slots");
    let other = |s: &[Var], p: &[Var], i: usize| turn(s, p, i).map(|x| x * 0.999);
    let error = checkpoint::gradient_in(&scratch.0, schedule, &STATE, &PARAMETERS, other, loss)
        .unwrap_err();
    assert!(matches!(error, CheckpointError::NotRepeated { .. }), "{error}");
    // A folder that is none.
    let file = scratch.0.join("file");
    fs::write(&file, "").expect("a file");
    let message = error_in(&file, &PARAMETERS).to_string();
    assert!(message.contains("this folder cannot be made"), "{message}");
}

/// A run for another process to end: not a test by itself.
#[test]
#[ignore = "run by the tests below in a process of its own"]
fn in_another_process() {
    let folder = std::env::var("GRADTAPE_FOLDER").expect("the test says which");
    let pause: u64 =
        std::env::var("GRADTAPE_PAUSE").map_or(0, |text| text.parse().expect("a number"));
    let schedule = Multistage::new(60, 2, 3).expect("slots");
    let step = |s: &[Var], p: &[Var], i: usize| {
        std::thread::sleep(std::time::Duration::from_millis(pause));
        turn(s, p, i)
    };
    match checkpoint::gradient_in(folder, schedule, &STATE, &PARAMETERS, step, loss) {
        Ok(found) => println!("loss {}", found.loss),
        Err(error) => println!("error: {error}"),
    }
}

const CHILD: [&str; 4] = ["--exact", "disk::in_another_process", "--ignored", "--nocapture"];

#[test]
fn a_run_that_is_killed_is_resumed_to_the_same_bits() {
    let scratch = Scratch::new("killed");
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args(CHILD)
        .env("GRADTAPE_FOLDER", &scratch.0)
        .env("GRADTAPE_PAUSE", "5")
        .stdout(Stdio::null());
    let mut child = command.spawn().expect("this test starts");
    while !scratch.0.join("adjoint.checkpoint").exists() {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before it was killed");
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert!(!scratch.files().is_empty());
    let (found, calls) = run(&scratch.0, (2, 3), 60, u64::MAX).expect("no panic");
    same_bits(&found, &in_memory(60));
    let whole = Multistage::new(60, 2, 3).expect("slots").forward_steps() + 60;
    assert!(calls < whole, "{calls} calls");
    assert_eq!(scratch.files(), Vec::<PathBuf>::new());
}

/// A disk that is full, by a limit on the size of files.
#[cfg(unix)]
#[test]
fn a_file_that_does_not_fit_is_an_error_and_the_others_stay_whole() {
    let scratch = Scratch::new("full");
    assert!(run(&scratch.0, (2, 3), 60, 70).is_none());
    let before = scratch.files();
    assert!(!before.is_empty());
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\" | cat"]);
    command
        .arg(std::env::current_exe().expect("this test"))
        .args(CHILD)
        .env("GRADTAPE_FOLDER", &scratch.0);
    let output = command.output().expect("a shell");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = printed
        .lines()
        .find(|line| line.contains("error: "))
        .unwrap_or_else(|| panic!("{printed}"));
    let part = " bytes could not be written: File too large (os error 27); the files written before are whole: \
                make room and call again to go on";
    assert!(error.contains(part), "{error}");
    assert_eq!(scratch.files(), before);
    same_bits(&run(&scratch.0, (2, 3), 60, u64::MAX).expect("no panic").0, &in_memory(60));
}

/// So that a run in memory is one of the whole tape here too.
#[test]
fn the_reference_is_the_gradient_of_one_tape() {
    let tape = Tape::new();
    let (p, s) = (tape.vars(&PARAMETERS), tape.vars(&STATE));
    let last = (0..60).fold([s[0], s[1], s[2]], |s, i| turn(&s, &p, i));
    let gradient = loss(&last).backward();
    let found = in_memory(60);
    assert_eq!(found.parameters, gradient.wrt_all(&p));
    assert_eq!(found.state, gradient.wrt_all(&s));
}
