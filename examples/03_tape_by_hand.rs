//! A tape in your own hands: record, label, sweep, and look at every node.
//!
//! `cargo run --example 03_tape_by_hand`

use gradtape::Tape;

fn main() {
    let tape = Tape::new();
    let dose = tape.var(0.5).label("dose");
    let w1 = tape.var(3.34).label("w1");
    let b1 = tape.var(-1.43).label("b1");
    let blue = {
        let _layer = tape.scope("hidden");
        (w1 * dose + b1).softplus().label("blue")
    };
    let loss = (blue - 1.0).square().label("loss");

    // One reverse sweep; the gradient outlives the tape.
    let gradient = loss.backward();

    let scopes = tape.scopes();
    println!("node  what      operands  label   scope       value     adjoint");
    for node in tape.nodes() {
        println!(
            "{:>4}  {:<9} {:<9} {:<7} {:<7} {:>9.6}  {:>10.6}",
            format!("%{}", node.index),
            node.name,
            node.operands.iter().map(|o| format!("%{o} ")).collect::<String>(),
            node.label.as_deref().unwrap_or("-"),
            node.scope.map_or("-", |scope| &scopes[scope].name),
            node.value,
            gradient.adjoints()[node.index],
        );
    }

    println!("\nby variable:  d loss / d w1 = {}", gradient.wrt(w1));
    println!("by index:     d loss / d b1 = {}", gradient[b1]);
    println!("by label:");
    for (label, slope) in gradient.by_label() {
        println!("  d loss / d {label:<5} = {slope}");
    }

    // A tape can be recorded on again; its memory stays.
    tape.clear();
    let x = tape.var(3.0);
    println!("\ncleared and used again: d(x²)/dx at 3 = {}", x.square().backward().wrt(x));
}
