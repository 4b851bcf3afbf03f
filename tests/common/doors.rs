//! One row of the op table through every door: value, first and second derivatives, as each engine has them.

#![allow(dead_code, reason = "each test uses its part")]

use super::apply::apply;
use gradtape::lanes::Isa;
use gradtape::op::Op;
use gradtape::program::{Pass, Program, RowProgram, Rows, Workspace};
use gradtape::{Dual, Tape, Var, gradient, hessian};

/// Numbers by the name of the door they came through.
pub type ByDoor = Vec<(String, Vec<f64>)>;

/// A row with its constants, and all programs that can be made of it.
pub struct Doors {
    pub op: Op,
    pub constants: Vec<f64>,
    inputs: usize,
    programs: Vec<(String, Program)>,
    rows: RowProgram,
    slope_rows: RowProgram,
}

fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

impl Doors {
    /// Record at a point of the domain; a program has no branch and runs anywhere.
    pub fn new(op: Op, recorded_at: &[f64], constants: &[f64]) -> Doors {
        let tape = Tape::new();
        let inputs = tape.vars(recorded_at);
        let output = apply(op, &inputs, constants);
        let freeze = |passes: &[Pass]| tape.freeze_with(&inputs, &[output], passes).expect("whole");
        let (plain, optimized) = (freeze(&[]), freeze(&Pass::ALL));
        let slope = plain.gradient_program().expect("no branch");
        Doors {
            op,
            constants: constants.to_vec(),
            inputs: recorded_at.len(),
            rows: plain.clone().over_rows(0).expect("row inputs"),
            slope_rows: slope.over_rows(0).expect("row inputs"),
            programs: vec![("plain".into(), plain), ("optimized".into(), optimized)],
        }
    }

    fn on<S: gradtape::Real>(&self, x: &[S]) -> S {
        apply(self.op, x, &self.constants)
    }

    /// `x` with tangents: 1 for one operand, 0 for the others.
    fn along(x: &[f64], which: usize) -> Vec<Dual> {
        let seeded = |(i, &x)| Dual::new(x, if i == which { 1.0 } else { 0.0 });
        x.iter().enumerate().map(seeded).collect()
    }

    /// The value: one number a door.
    pub fn values(&self, x: &[f64]) -> ByDoor {
        let mut doors = ByDoor::new();
        let mut add = |name: &str, value: f64| doors.push((name.to_string(), vec![value]));
        add("f64", self.on(x));
        add("dual", self.on(&Doors::along(x, 0)).primal());
        let twice: Vec<Dual<Dual>> =
            x.iter().map(|&x| Dual::new(Dual::new(x, 1.0), 1.0.into())).collect();
        add("dual of dual", self.on(&twice).primal().primal());
        let tape = Tape::new();
        add("tape", self.on(&tape.vars(x)).value());
        let mut workspace = Workspace::new();
        for (name, program) in &self.programs {
            add(name, program.value(x, &mut workspace).expect("no branch"));
        }
        for isa in isas() {
            let mut y = [f64::NAN];
            self.rows.values(&[], self.row(x), &mut y, &mut workspace_for(isa)).expect("no branch");
            add(&format!("rows with {isa}"), y[0]);
        }
        doors
    }

    fn row<'a>(&self, x: &'a [f64]) -> Rows<'a> {
        Rows::row_major(x, self.inputs).expect("one row")
    }

    /// The gradient: one number an operand.
    pub fn gradients(&self, x: &[f64]) -> ByDoor {
        let mut doors = ByDoor::new();
        let mut add = |name: String, slopes: Vec<f64>| doors.push((name, slopes));
        let tape = Tape::new();
        let inputs = tape.vars(x);
        let y = self.on(&inputs);
        add("reverse".into(), y.backward().wrt_all(&inputs));
        add("forward".into(), inputs.iter().map(|&v| tape.forward(&[(v, 1.0)]).wrt(y)).collect());
        let along = |i| self.on(&Doors::along(x, i)).tangent();
        add("dual".into(), (0..x.len()).map(along).collect());
        let outer = Tape::new();
        let nested = gradient(|x| self.on(x), &outer.vars(x));
        add("recorded".into(), nested.iter().map(|slope| slope.value()).collect());
        let mut workspace = Workspace::new();
        for (name, program) in &self.programs {
            let mut slopes = vec![f64::NAN; x.len()];
            program.value_and_gradient(x, &mut slopes, &mut workspace).expect("no branch");
            add(format!("{name} program"), slopes);
            let ahead = (0..x.len()).map(|i| {
                let (mut v, mut dy) = (vec![0.0; x.len()], [f64::NAN]);
                v[i] = 1.0;
                program.jvp(x, &v, &mut dy, &mut Workspace::new()).expect("no branch");
                dy[0]
            });
            add(format!("{name} program forwards"), ahead.collect());
            let slope = program.gradient_program().expect("no branch");
            let mut slopes = vec![f64::NAN; x.len()];
            slope.values(x, &mut slopes, &mut workspace).expect("no branch");
            add(format!("gradient program of {name}"), slopes);
        }
        for isa in isas() {
            let mut slopes = vec![f64::NAN; x.len()];
            let mut workspace = workspace_for(isa);
            self.rows.gradients(&[], self.row(x), &mut slopes, &mut workspace).expect("no branch");
            add(format!("rows with {isa}"), slopes);
            let mut slopes = vec![f64::NAN; self.slope_rows.program().outputs()];
            self.slope_rows
                .values(&[], self.row(x), &mut slopes, &mut workspace)
                .expect("no branch");
            add(format!("gradient program over rows with {isa}"), slopes);
        }
        doors
    }

    /// The Hessian, row by row.
    pub fn hessians(&self, x: &[f64]) -> ByDoor {
        let n = x.len();
        let mut doors = ByDoor::new();
        let mut add = |name: String, second: Vec<f64>| doors.push((name, second));
        let tape = Tape::new();
        let inputs = tape.vars(x);
        let slopes = gradient(|x| self.on(x), &inputs);
        let nested = slopes.iter().flat_map(|&slope| match slope.index() {
            // A constant slope is on no tape.
            None => vec![0.0; n],
            Some(_) => slope.backward().wrt_all(&inputs),
        });
        add("nested gradients".into(), nested.collect());
        add("hessian".into(), hessian(|x: &[Var]| self.on(x), x).as_slice().to_vec());
        let seed = |i: usize, j: usize| if i == j { 1.0 } else { 0.0 };
        let twice = (0..n * n).map(|at| {
            let one = |(k, &x): (usize, &f64)| {
                Dual::new(Dual::new(x, seed(k, at % n)), Dual::new(seed(k, at / n), 0.0))
            };
            let x: Vec<Dual<Dual>> = x.iter().enumerate().map(one).collect();
            self.on(&x).tangent().tangent()
        });
        add("dual of dual".into(), twice.collect());
        let mut workspace = Workspace::new();
        for (name, program) in &self.programs {
            let mut second = vec![f64::NAN; n * n];
            program.hessian(x, &mut second, &mut workspace).expect("no branch");
            add(format!("{name} program"), second.clone());
            let slope = program.gradient_program().expect("no branch");
            slope.jacobian(x, &mut second, &mut workspace).expect("no branch");
            add(format!("gradient program of {name}"), second);
        }
        doors
    }
}

fn workspace_for(isa: Isa) -> Workspace {
    Workspace::new().with_isa(isa)
}

/// The only output of a program.
pub fn value(program: &Program, x: &[f64]) -> f64 {
    program.value(x, &mut Workspace::new()).expect("no branch")
}
