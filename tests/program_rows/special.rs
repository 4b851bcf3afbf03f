//! Every row of the op table at zeros, infinities, NaN, subnormal and huge numbers, in some lanes while
//! other lanes hold ordinary ones.

use crate::apply::{apply, operands, scalar_rows, split};
use crate::numeric::{relative_error, same_bits, ulps};
use crate::programs::record_plain;
use crate::{All, Table, available, bits, one_by_one, uses_kernels};
use gradtape::op::Op;
use gradtape::program::{RowProgram, Workspace};
use gradtape::{Var, affine, dot, log_sum_exp, sum, sum_squares};

/// Kernels and the standard library are each at most 2 units in the last place off; `gelu` is 4.
const ULPS: u64 = 6;
/// A slope is a product of a few such.
const SLOPE: f64 = 1e-14;

const INFINITY: f64 = f64::INFINITY;
const NEG_INFINITY: f64 = f64::NEG_INFINITY;
const NAN: f64 = f64::NAN;

const SPECIAL: [f64; 20] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.5,
    3.0,
    5e-324,
    -5e-324,
    f64::MIN_POSITIVE,
    1e-300,
    -1e-300,
    1e300,
    -1e300,
    f64::MAX,
    -f64::MAX,
    INFINITY,
    NEG_INFINITY,
    NAN,
    -0.75,
];
/// For three operands.
const FEWER: [f64; 8] = [0.0, -0.0, 1.5, -2.5, 5e-324, INFINITY, NEG_INFINITY, NAN];

type Plain = Box<dyn Fn(&[f64]) -> f64>;

/// A function of row inputs alone, all of them.
struct Function {
    name: String,
    program: RowProgram,
    plain: Plain,
    kernels: bool,
    table: Table,
}

/// Every choice of one number for each of `width` inputs, in an order that puts unlike ones side by side.
fn choices(of: &[f64], width: usize) -> Table {
    let count = of.len().pow(width as u32);
    // 7919 is a prime and no factor of the counts: every row comes up once.
    let place = |i: usize| i * 7919 % count;
    let digit = |i: usize, input: usize| of[place(i) / of.len().pow(input as u32) % of.len()];
    let numbers = (0..count).flat_map(|i| (0..width).map(move |input| digit(i, input))).collect();
    Table { numbers, width }
}

fn table_for(width: usize) -> Table {
    choices(if width < 3 { &SPECIAL } else { &FEWER }, width)
}

/// The constants to try with an operation: those of the table's sample points, and odd ones.
fn constants(op: Op) -> Vec<Vec<f64>> {
    let mut all: Vec<Vec<f64>> =
        op.info().samples.iter().map(|sample| split(op, sample).1.to_vec()).collect();
    let odd: &[f64] = match op {
        Op::Powi => {
            let (least, most) = (f64::from(i32::MIN), f64::from(i32::MAX));
            &[-1.0, 2.0, 5.0, -7.0, 64.0, 1023.0, -1075.0, least, least + 1.0, most]
        }
        Op::Powf => &[0.5, -0.0, 2.0, 3.0, -1.0, INFINITY, NEG_INFINITY, NAN],
        Op::ConstPow => &[0.0, 1.0, 0.5, INFINITY, NAN],
        Op::LeakyRelu => &[0.0, -0.0, -1.0, INFINITY],
        Op::Polygamma => &[2.0, 5.0],
        Op::Clamp => {
            let pairs =
                [[1.0, 0.0], [NAN, NAN], [-0.0, 0.0], [0.0, -0.0], [NEG_INFINITY, INFINITY]];
            all.extend(pairs.map(|pair| pair.to_vec()));
            &[]
        }
        _ if all[0].len() == 1 => &[0.0, -0.0, 1.0, 5e-324, 1e300, INFINITY, NEG_INFINITY, NAN],
        _ => &[],
    };
    all.extend(odd.iter().map(|&c| vec![c]));
    all.dedup();
    all
}

fn scalar_functions() -> impl Iterator<Item = Function> {
    scalar_rows().flat_map(|op| {
        constants(op).into_iter().map(move |c| {
            let width = operands(op);
            let recorded = c.clone();
            let record = move |x: &[Var]| [apply(op, x, &recorded)];
            Function {
                name: format!("{op:?} with {c:?}"),
                // As it is: a pass might write it another way.
                program: record_plain(record, &[0.5; 3][..width]).over_rows(0).expect("none"),
                plain: Box::new(move |x| apply(op, x, &c)),
                kernels: uses_kernels(op),
                table: table_for(width),
            }
        })
    })
}

fn nary_functions() -> Vec<Function> {
    macro_rules! function {
        ($name:literal, $kernels:literal, |$x:ident| $body:expr) => {
            Function {
                name: $name.to_string(),
                program: record_plain(|$x: &[Var]| [$body], &[0.5; 3]).over_rows(0).expect("none"),
                plain: Box::new(|$x: &[f64]| $body),
                kernels: $kernels,
                table: table_for(3),
            }
        };
    }
    const C: [f64; 3] = [0.5, -0.0, -3.0];
    vec![
        function!("sum", false, |x| sum(x)),
        function!("sum_squares", false, |x| sum_squares(x)),
        function!("dot", false, |x| dot(&x[..2], &x[1..])),
        function!("dot with numbers", false, |x| dot(x, &C)),
        function!("affine", false, |x| affine(&x[..2], [x[2], x[0]], x[1])),
        function!("affine with numbers", false, |x| affine(&x[..2], &C[..2], x[2])),
        function!("log_sum_exp", true, |x| log_sum_exp(x)),
        function!("log_sum_exp of one", true, |x| log_sum_exp(&x[..1])),
        function!("a tie", true, |x| log_sum_exp([x[0], x[1], x[0], x[2], x[1]])),
    ]
}

fn functions() -> impl Iterator<Item = Function> {
    scalar_functions().chain(nary_functions())
}

impl Function {
    fn run(&self, workspace: &mut Workspace) -> All {
        All::of(&self.program, &[], self.table.rows(), workspace).expect("no guard")
    }

    fn row(&self, number: usize) -> &[f64] {
        self.table.each().nth(number).expect("a row")
    }
}

#[test]
fn every_operation_has_the_values_and_slopes_of_the_engine_for_one_point() {
    let mut wrong = Vec::new();
    for function in functions() {
        let all = function.run(&mut Workspace::new());
        let (values, gradients) = one_by_one(&function.program, &[], &function.table);
        let width = function.table.width;
        for (i, row) in function.table.each().enumerate() {
            let (value, slopes) = (all.values[i], &all.gradients[i * width..][..width]);
            let (expected, expected_slopes) = (values[i], &gradients[i * width..][..width]);
            let is_right = match function.kernels {
                false => {
                    same_bits(value, expected)
                        && same_bits(value, (function.plain)(row))
                        && bits(slopes) == bits(expected_slopes)
                }
                true => {
                    let slope = |(&a, &b): (&f64, &f64)| relative_error(a, b) <= SLOPE;
                    ulps(value, expected) <= ULPS && slopes.iter().zip(expected_slopes).all(slope)
                }
            };
            if !is_right {
                let name = &function.name;
                wrong.push(format!(
                    "{name} of {row:?}: {value:?} {slopes:?}, not {expected:?} {expected_slopes:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong: {wrong:#?}", wrong.len());
}

#[test]
fn every_operation_has_the_same_bits_with_every_instruction_set() {
    let mut workspaces: Vec<Workspace> =
        available().map(|isa| Workspace::new().with_isa(isa)).collect();
    for function in functions() {
        let all: Vec<[Vec<u64>; 4]> =
            workspaces.iter_mut().map(|workspace| function.run(workspace).bits()).collect();
        for (other, isa) in all.iter().zip(available()) {
            assert_eq!(*other, all[0], "{} with {isa}", function.name);
        }
    }
}

#[test]
fn a_lane_does_not_depend_on_its_neighbours() {
    let mut workspace = Workspace::new();
    for function in functions() {
        let whole = function.run(&mut workspace);
        let width = function.table.width;
        for (i, &value) in whole.values.iter().enumerate() {
            // Alone, in the first lane of a narrow block.
            let table = Table { numbers: function.row(i).to_vec(), width };
            let alone = All::of(&function.program, &[], table.rows(), &mut workspace);
            let alone = alone.expect("no guard");
            let slopes = &whole.gradients[i * width..][..width];
            assert_eq!(bits(&alone.values), bits(&[value]), "{}", function.name);
            assert_eq!(bits(&alone.gradients), bits(slopes), "{}", function.name);
        }
    }
}

/// As [`apply`], but of a shared and a row input: one goes through the frontier.
fn of_both(op: Op, p: Var, x: Var) -> Var {
    apply(op, &[p, x], &[])
}

#[test]
fn a_shared_operand_counts_as_the_same_number_in_every_lane() {
    let mut workspace = Workspace::new();
    let table = table_for(1);
    for op in scalar_rows().filter(|&op| operands(op) == 2) {
        for swapped in [false, true] {
            let program = RowProgram::record(
                |p, x| match swapped {
                    false => of_both(op, p[0], x[0]),
                    true => of_both(op, x[0], p[0]),
                },
                &[0.5],
                &[0.25],
            );
            for p in SPECIAL {
                let all = All::of(&program, &[p], table.rows(), &mut workspace).expect("no guard");
                let (values, gradients) = one_by_one(&program, &[p], &table);
                if !uses_kernels(op) {
                    assert_eq!(bits(&all.values), bits(&values), "{op:?} of {p}");
                    assert_eq!(bits(&all.gradients), bits(&gradients), "{op:?} of {p}");
                }
                // Row by row, so that one NaN does not hide the others.
                for (row, x) in table.each().enumerate() {
                    let mut slope = [0.0];
                    let only = [row];
                    let one = table.rows().choose(&only).expect("a row");
                    let value = program.sum_and_gradient(&[p], one, &mut slope, &mut workspace);
                    let value = value.expect("no guard");
                    // A sum starts at 0, which -0 does not change.
                    let expected = [0.0 + all.values[row], 0.0 + all.gradients[2 * row]];
                    let found = [value, slope[0]];
                    assert_eq!(bits(&found), bits(&expected), "{op:?} of {p} and {x:?}");
                }
            }
        }
    }
}
