//! What the tape says when a variable is used where it does not belong. It never answers with a
//! silent number, in release builds neither.
//!
//! `cargo run --example 15_misuse`

use gradtape::{Tape, Var, dot, jvp};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

/// Do what is wrong and print the message.
fn caught<R>(what: &str, wrong: impl FnOnce() -> R) {
    let message = match catch_unwind(AssertUnwindSafe(wrong)) {
        Ok(_) => "no complaint".to_string(),
        Err(panic) => match panic.downcast::<String>() {
            Ok(message) => *message,
            Err(_) => "no message".to_string(),
        },
    };
    println!("{what}\n    {message}\n");
}

fn main() {
    // `caught` prints the messages; the standard report would print them twice.
    set_hook(Box::new(|_| {}));
    let (first, second) = (Tape::new(), Tape::new());
    let (x, y) = (first.var(1.0).label("x"), second.var(2.0).label("y"));

    caught("Variables of two tapes in one operation:", || x + y);
    let gradient = x.square().backward();
    caught("A gradient asked for a variable of another tape:", || gradient.wrt(y));
    caught("A gradient asked for a constant:", || gradient.wrt(Var::from(2.0)));
    let late = first.var(7.0).label("late");
    caught("A gradient asked for a younger variable:", || gradient.wrt(late));
    if let Err(error) = gradient.try_wrt(late) {
        println!("`get` returns the same as an error:\n    {error}\n");
    }

    caught("A variable sent to another thread:", || {
        std::thread::scope(|s| s.spawn(|| x.sin()).join()).unwrap_or_else(|panic| {
            std::panic::resume_unwind(panic);
        })
    });
    first.clear();
    caught("A variable of a cleared tape:", || x.sin());
    drop(second);
    caught("A variable of a dropped tape:", || y.sin());

    caught("Sequences of different lengths:", || dot(&[1.0, 2.0], &[1.0]));
    caught("A direction of the wrong length:", || jvp(|x| x[0], &[1.0, 2.0], &[1.0]));
}
