//! A gradient of zero has three causes. Ask which.
//!
//! `cargo run --example 12_three_zeros`

use gradtape::{Tape, dot};

fn main() {
    let tape = Tape::new();
    let (bottom, cancels) = (tape.var(0.0), tape.var(3.0));
    let (dead, saturated) = (tape.var(-2.0), tape.var(800.0));
    let (forgotten, used) = (tape.var(1.0), tape.var(0.5));

    // A loss in which only one variable of six can be improved.
    let loss = bottom.square()
        + dot([cancels, cancels], [1.0, -1.0])
        + dead.relu() * used
        + saturated.tanh() * 2.0
        + used;

    let gradient = loss.backward();
    println!("variable    gradient   how the loss depends on it");
    for (name, variable) in [
        ("bottom", bottom),
        ("cancels", cancels),
        ("dead", dead),
        ("saturated", saturated),
        ("forgotten", forgotten),
        ("used", used),
    ] {
        let reach = tape.reach(loss, variable);
        print!("{name:<10}  {:>8}   {reach}", gradient[variable]);
        for node in tape.blocked_at(loss, variable).into_iter().map(|i| tape.node(i)) {
            print!(" at %{}, {} = {}", node.index, node.name, node.value);
        }
        println!();
    }
    println!("\n`bottom` and `cancels` are true zeros: the slope is 0, or two paths cancel. So is");
    println!("`saturated`, whose slope is too small for a number.");
    println!(
        "`dead` is blocked: it cannot learn at this point. `forgotten` is not in the formula."
    );
}
