//! Look at a tape: every node as a table, and the chain rule of one of them with the numbers in it.
//!
//! `cargo run --example 24_look_at_a_tape`

use gradtape::Tape;
use gradtape::inspect::UnknownName;
use gradtape::nn::Dosage;

fn main() -> Result<(), UnknownName> {
    let tape = Tape::new();
    let dose = tape.var(0.5).label("dose");
    let w1 = tape.var(3.34).label("w1");
    let b1 = tape.var(-1.43).label("b1");
    let y = (w1 * dose + b1).softplus().label("y");

    let report = tape.report(y);
    println!("{}", report.table());
    println!("{}\n", report.explain("w1")?);

    // A larger one: the dosage network where b3 is 0. The table chooses and sorts.
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    let report = tape.report(ssr);
    println!("the parameters, the steepest slope first");
    println!("{}", report.table().wrt(Dosage::NAMES)?.sort_by(|node| node.adjoint).digits(4));

    // Asked for by name; the numbers are those of the explanation of backpropagation.
    println!("{}", report.explain("b3")?);
    if let Err(unknown) = report.explain("b4") {
        println!("\nand of a name that is not there: {unknown}");
    }
    Ok(())
}
