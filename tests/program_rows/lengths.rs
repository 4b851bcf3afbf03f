//! Lengths that do not fit are errors with both numbers.

use gradtape::program::{Program, ReplayError, RowProgram, Rows, Workspace};

fn two_and_one() -> RowProgram {
    RowProgram::record(|p, x| p[0].exp() * x[0] + p[1], &[1.0, 2.0], &[3.0])
}

#[track_caller]
fn says<T: std::fmt::Debug, E: std::fmt::Display>(result: Result<T, E>, text: &str) {
    assert_eq!(result.expect_err("it does not fit").to_string(), text);
}

#[test]
fn inputs_of_the_wrong_number_are_refused() {
    let program = two_and_one();
    let mut workspace = Workspace::new();
    let rows = Rows::row_major(&[1.0, 2.0], 1).expect("whole rows");
    let wide = Rows::row_major(&[1.0, 2.0], 2).expect("whole rows");
    let mut out = [0.0; 6];
    for shared in [&[][..], &[1.0], &[1.0, 2.0, 3.0]] {
        let text = format!("the shared inputs: the program takes 2 numbers, not {}", shared.len());
        says(program.sum(shared, rows, &mut workspace), &text);
        says(program.values(shared, rows, &mut out[..2], &mut workspace), &text);
        says(program.gradients(shared, rows, &mut out, &mut workspace), &text);
        says(program.sum_and_gradient(shared, rows, &mut out[..2], &mut workspace), &text);
    }
    let (p, text) = ([1.0, 2.0], "a row: the program takes 1 number, not 2");
    says(program.sum(&p, wide, &mut workspace), text);
    says(program.values(&p, wide, &mut out[..1], &mut workspace), text);
    says(program.gradients(&p, wide, &mut out[..3], &mut workspace), text);
    says(program.sum_and_gradient(&p, wide, &mut out[..2], &mut workspace), text);
    // No rows, but rows of the wrong width.
    let none = Rows::columns(&[]).expect("even columns");
    says(program.sum(&p, none, &mut workspace), "a row: the program takes 1 number, not 0");
}

#[test]
fn outputs_of_the_wrong_length_are_refused_and_not_written() {
    let program = two_and_one();
    let mut workspace = Workspace::new();
    let rows = Rows::row_major(&[1.0, 2.0], 1).expect("whole rows");
    let (p, mut out) = ([1.0, 2.0], [-7.0; 8]);
    let text = "the outputs: the program takes 2 numbers, not 3";
    says(program.values(&p, rows, &mut out[..3], &mut workspace), text);
    let text = "the gradients: the program takes 6 numbers, not 8";
    says(program.gradients(&p, rows, &mut out, &mut workspace), text);
    let text = "the gradient: the program takes 2 numbers, not 0";
    says(program.sum_and_gradient(&p, rows, &mut [], &mut workspace), text);
    let text = "the gradient: the program takes 2 numbers, not 3";
    says(program.sum_and_gradient(&p, rows, &mut out[..3], &mut workspace), text);
    assert_eq!(out, [-7.0; 8]);
}

#[test]
fn sums_and_gradients_are_of_one_output() {
    let mut workspace = Workspace::new();
    let rows = Rows::row_major(&[1.0], 1).expect("whole rows");
    for outputs in [0, 2] {
        let program = RowProgram::record(|p, x| [p[0], x[0]][..outputs].to_vec(), &[1.0], &[1.0]);
        let error = ReplayError::OutputCount { outputs };
        let sum = program.sum(&[1.0], rows, &mut workspace);
        assert_eq!(sum, Err(error.clone()));
        let sum = program.sum_and_gradient(&[1.0], rows, &mut [0.0], &mut workspace);
        assert_eq!(sum, Err(error.clone()));
        let gradients = program.gradients(&[1.0], rows, &mut [0.0; 2], &mut workspace);
        assert_eq!(gradients, Err(error));
        let mut out = vec![0.0; outputs];
        program.values(&[1.0], rows, &mut out, &mut workspace).expect("any number of outputs");
    }
}

#[test]
fn numbers_that_make_no_rows_are_refused() {
    let numbers = [1.0; 7];
    let text = "7 numbers in rows of 3: the last row has only 1";
    says(Rows::row_major(&numbers, 3), text);
    says(Rows::row_major(&numbers, 8), "7 numbers in rows of 8: the last row has only 7");
    says(Rows::row_major(&numbers[..1], 0), "1 number in rows of none: give the width of a row");
    let columns = [&numbers[..3], &numbers[..3], &numbers[..1]];
    says(Rows::columns(&columns), "column 2 has 1 number, the first has 3: all must have as many");

    let rows = Rows::row_major(&numbers, 7).expect("whole rows");
    says(rows.weighted(&numbers), "7 weights for 1 row: give one for each");
    says(rows.weighted(&[]), "0 weights for 1 row: give one for each");
    says(rows.choose(&[0, 1, 0]), "row 1 was chosen of 1 row, which count from 0");
    let none = Rows::row_major(&[], 7).expect("no rows");
    says(none.choose(&[0]), "row 0 was chosen of 0 rows, which count from 0");
}

#[test]
fn weights_are_those_of_all_rows_whichever_are_chosen() {
    let numbers = [1.0, 2.0, 3.0];
    let rows = Rows::row_major(&numbers, 1).expect("whole rows");
    let chosen = rows.choose(&[2]).expect("a row");
    says(chosen.weighted(&[1.0]), "1 weight for 3 rows: give one for each");
    let weighted = chosen.weighted(&[0.5, 0.25, 10.0]).expect("one for each");
    let same = RowProgram::record(|_, x| x[0], &[], &[1.0]);
    assert_eq!(same.sum(&[], weighted, &mut Workspace::new()), Ok(30.0));
    // A second choice is one of all rows again.
    let again = weighted.choose(&[0, 1, 0]).expect("rows that are there");
    assert_eq!(again.count(), 3);
    assert_eq!(same.sum(&[], again, &mut Workspace::new()), Ok(1.5));
}

#[test]
fn more_shared_inputs_than_inputs_are_refused() {
    let program = Program::record(|x| x[0] * x[1], &[1.0, 2.0]);
    let text = "the shared inputs: the program takes 2 numbers, not 3";
    says(program.clone().over_rows(3), text);
    let counts = |shared| {
        let program = program.clone().over_rows(shared).expect("as many as there are");
        (program.shared(), program.row_inputs(), program.instructions())
    };
    assert_eq!([counts(0), counts(1), counts(2)], [(0, 2, (0, 1)), (1, 1, (0, 1)), (2, 0, (1, 0))]);
}

#[test]
fn what_depends_on_shared_inputs_alone_is_computed_once() {
    // exp(p) and exp(p) · 2 + 1 are uniform; a product and a sum are not.
    let program = RowProgram::record(
        |p, x| {
            let uniform = (p[0].exp() * 2.0 + 1.0).sqrt();
            (uniform * x[0]).tanh()
        },
        &[1.0],
        &[1.0],
    );
    let (uniform, row) = program.instructions();
    assert_eq!(uniform + row, program.program().len());
    assert_eq!(row, 2);
}
