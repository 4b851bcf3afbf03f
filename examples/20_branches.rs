//! Branches: a program refuses an input that takes another one; `select` has none; `Rerecord` and
//! `RerecordRows` follow.
//!
//! `cargo run --release --example 20_branches`

use gradtape::program::{Program, ReplayError, Rerecord, RerecordRows, Rows, Workspace};
use gradtape::{Real, Var};

/// Income tax: nothing up to 10 (thousand), a fifth of the next 20, half of the rest.
fn tax<S: Real>(income: S) -> S {
    let income = income.label("income");
    S::scope("tax", || {
        if income <= S::from(10.0) {
            income * 0.0
        } else if income <= S::from(30.0) {
            (income - 10.0) * 0.2
        } else {
            (income - 30.0) * 0.5 + 4.0
        }
    })
}

/// The same without a branch.
fn tax_selected<S: Real>(income: S) -> S {
    let zero = S::from(0.0);
    (income - 10.0).max(zero) * 0.2 + (income - 30.0).max(zero) * 0.3
}

const INCOMES: [f64; 6] = [20.0, 25.0, 5.0, 40.0, 22.0, 8.0];

fn main() -> Result<(), ReplayError> {
    let mut workspace = Workspace::new();
    let mut rate = [0.0];

    let program = Program::record(|x| tax(x[0]), &[20.0]);
    println!("A branch leaves guards in the program:\n\n{program}");
    for income in INCOMES {
        match program.value_and_gradient(&[income], &mut rate, &mut workspace) {
            Ok(tax) => println!("income {income:>2}: tax {tax:>4.1}, of the next unit {}", rate[0]),
            Err(ReplayError::BranchChanged(change)) => {
                let ([left, right], relation) = (change.present, change.relation.symbol());
                let now = !change.outcome;
                println!(
                    "income {income:>2}: refused, for {left} {relation} {right} is {now} here"
                );
            }
            Err(error) => println!("income {income:>2}: {error}"),
        }
    }

    if let Err(error) = program.value(&[5.0], &mut workspace) {
        println!("\nThe message in full: {error}.");
    }

    let program = Program::record(|x| tax_selected(x[0]), &[20.0]);
    println!("\n`max` runs on either side, and leaves none:\n\n{program}");
    for income in INCOMES {
        let tax = program.value_and_gradient(&[income], &mut rate, &mut workspace)?;
        println!("income {income:>2}: tax {tax:>4.1}, of the next unit {}", rate[0]);
    }

    println!("\n`Rerecord` keeps a program for every path it meets:\n");
    let mut function = Rerecord::new(|x: &[Var]| tax(x[0]));
    for income in INCOMES {
        let tax = function.run(&[income], |program, x| {
            program.value_and_gradient(x, &mut rate, &mut workspace)
        })?;
        let (slope, known) = (rate[0], function.programs().len());
        println!("income {income:>2}: tax {tax:>4.1}, of the next unit {slope}, programs: {known}");
    }

    println!("\n`RerecordRows` does so for rows, all rows of a path at once:\n");
    let mut function = RerecordRows::new(|factor: &[Var], row: &[Var]| tax(row[0] * factor[0]));
    let rows = Rows::row_major(&INCOMES, 1)?;
    for factor in [1.0, 1.5] {
        let mut slope = [0.0];
        let all = function.sum_and_gradient(&[factor], rows, &mut slope, &mut workspace)?;
        let (slope, known) = (slope[0], function.programs().len());
        println!(
            "incomes times {factor}: all taxes {all:>4.1}, slope {slope:>4.1}, programs: {known}"
        );
    }
    Ok(())
}
