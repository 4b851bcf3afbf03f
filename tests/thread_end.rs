//! At the end of a thread its values are destroyed one after the other. Whatever their destructors do with this
//! crate works, or is refused by a panic that can be caught.

#[path = "common/panics.rs"]
mod panics;

use gradtape::optim::{Sgd, fit};
use gradtape::program::{Program, Workspace};
use gradtape::{
    Dual, Gradient, Real, Tape, Var, check_gradient, custom, dot, gradient, hessian, jacobian,
    log_sum_exp, nth_derivative, sum,
};
use panics::message_of;
use std::cell::RefCell;
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// What was on the thread while it lived.
struct Kept {
    tape: Tape,
    live: Var,
    stale: Var,
    dropped: Var,
    gradient: Gradient,
    report: Sender<&'static str>,
}

thread_local! {
    static FIRST: RefCell<Option<Kept>> = const { RefCell::new(None) };
    static SECOND: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

impl Drop for Kept {
    fn drop(&mut self) {
        everything_works_or_is_refused(self);
        self.report.send("done").expect("the test waits");
    }
}

fn everything_works_or_is_refused(kept: &Kept) {
    // What is stale says so, and a use is refused.
    assert_eq!(format!("{:?}", kept.stale), "Var(2.0, stale)");
    assert_eq!(format!("{:?} {}", kept.dropped, kept.dropped), "Var(3.0, stale) 3");
    assert_eq!(format!("{:?}", kept.live), "Var(1.0, %0 `live`)");
    for stale in [kept.stale, kept.dropped] {
        assert!(message_of(|| stale + 1.0).contains("stale"));
        assert!(message_of(|| stale.sin()).contains("stale"));
        assert!(message_of(|| stale.label("late")).contains("stale"));
        assert!(message_of(|| stale.index()).contains("stale"));
        assert!(message_of(|| stale.backward()).contains("stale"));
        assert!(message_of(|| stale < 1.0).contains("stale"));
        assert!(message_of(|| sum(&[kept.live, stale])).contains("stale"));
        assert!(message_of(|| gradient(|x| x[0], &[stale])).contains("stale"));
        assert!(kept.gradient.try_wrt(stale).is_err());
    }
    let elsewhere = thread::spawn(|| {
        let tape = Tape::new();
        let x = tape.var(1.0);
        std::mem::forget(tape);
        x
    });
    let elsewhere = elsewhere.join().expect("it only records");
    assert!(message_of(|| elsewhere + 1.0).contains("another thread"));
    assert!(format!("{elsewhere:?}").contains("stale"));

    // The tape that lives goes on, and new ones come and go.
    let y = (kept.live * 3.0).label("y");
    assert_eq!((y.backward().wrt(kept.live), kept.gradient.wrt(kept.live)), (3.0, 2.0));
    assert_eq!(Var::from(1.0).backward().wrt(kept.live), 0.0);
    assert_eq!(kept.tape.forward(&[(kept.live, 1.0)]).wrt(y), 3.0);
    let mark = kept.tape.mark();
    let many = vec![kept.live; 200];
    assert_eq!(sum(&many).backward().wrt(kept.live), 200.0);
    assert_eq!(sum(many.iter().map(|&x| x + Var::from(1.0))).value(), 400.0);
    assert_eq!(dot(&many, &vec![Var::from(2.0); 200]).backward().wrt(kept.live), 400.0);
    assert!((log_sum_exp(&many).backward().wrt(kept.live) - 1.0).abs() < 1e-12);
    kept.tape.rewind(mark);
    let tape = Tape::new();
    tape.record_locations(true);
    let x = tape.var(4.0).label("x");
    let root = <Var as Real>::scope("root", || x.sqrt());
    assert_eq!((root.backward().by_label()["x"], tape.scopes().len()), (0.25, 1));
    assert!(tape.report(root).table().to_string().lines().count() > 2);
    tape.clear();
    assert!(message_of(|| x + 1.0).contains("cleared"));

    // Front doors, nested ones, programs, fits, checks.
    let cube = |x: &[Var]| x[0].powi(3);
    for _ in 0..2 {
        assert_eq!(gradient(cube, &[2.0]), [12.0]);
        assert_eq!(hessian(cube, &[2.0]).as_slice(), [12.0]);
        assert_eq!(jacobian(|x| [x[0] * 5.0], &[2.0]).as_slice(), [5.0]);
        assert_eq!(nth_derivative(|x| x.powi(4), 2.0, 3), 48.0);
        let nested = |x: &[Var]| gradient(|z| z[0].square() * x[0], &[Var::from(2.0)])[0];
        assert_eq!(gradient(nested, &[4.0]), [4.0]);
    }
    let twice = |x: &[f64], y: &mut [f64]| y[0] = 2.0 * x[0];
    let vjp = |_: &[f64], _: &[f64], w: &[f64], dx: &mut [f64]| dx[0] = 2.0 * w[0];
    assert_eq!(gradient(|x| custom(("twice", twice, vjp), x)[0], &[2.0]), [2.0]);
    assert_eq!(custom(("twice", twice, vjp), &[Dual::new(3.0, 1.0)])[0].tangent(), 2.0);
    let program = Program::record(cube, &[2.0]);
    assert_eq!(program.value(&[3.0], &mut Workspace::new()), Ok(27.0));
    assert!(program.gradient_program().is_ok());
    let fitted = fit(|p| (p[0] - 3.0).square(), &[0.0], &mut Sgd::new(0.5), 1);
    assert_eq!(fitted.expect("it descends").parameters, [3.0]);
    assert!(check_gradient(cube, &[2.0]).expect("it is finite").confirmed);
    assert_eq!(message_of(|| gradient(|_| panic!("inside"), &[1.0])), "inside");
}

fn keep(report: &Sender<&'static str>) -> Kept {
    let tape = Tape::new();
    let live = tape.var(1.0).label("live");
    let gradient = (live * 2.0).backward();
    let other = Tape::new();
    let stale = other.var(2.0);
    other.clear();
    // A tape that is never dropped, as its variables' issuer.
    std::mem::forget(other);
    let dropped = Tape::new().var(3.0).label("dropped");
    Kept { tape, live, stale, dropped, gradient, report: report.clone() }
}

#[test]
fn destructors_of_thread_local_values_may_use_everything() {
    let (report, reports) = channel();
    // Values are destroyed in the order in which they were first used, or in the reverse: so one is used
    // before all of this crate's, and one after.
    let life = thread::spawn(move || {
        FIRST.with(|_| {});
        assert_eq!(gradient(|x| x[0].square(), &[1.0]), [2.0]);
        let all = Tape::new().vars(&vec![1.0; 100]);
        message_of(|| log_sum_exp(&all));
        SECOND.with(|second| second.replace(Some(keep(&report))));
        FIRST.with(|first| first.replace(Some(keep(&report))));
    });
    life.join().expect("the thread ends");
    assert_eq!(reports.iter().collect::<Vec<_>>(), ["done", "done"]);
}

#[test]
fn a_thread_that_only_ends_may_use_everything() {
    let (report, reports) = channel();
    let life = thread::spawn(move || {
        // Nothing of this crate was used before on this thread.
        struct Late(Sender<f64>);
        impl Drop for Late {
            fn drop(&mut self) {
                let slope = gradient(|x| log_sum_exp(&vec![x[0]; 20]), &[1.0])[0];
                self.0.send(slope).expect("the test waits");
            }
        }
        thread_local! {
            static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
        }
        LATE.with(|late| late.replace(Some(Late(report))));
    });
    life.join().expect("the thread ends");
    let slopes: Vec<f64> = reports.iter().collect();
    assert!(slopes.len() == 1 && (slopes[0] - 1.0).abs() < 1e-12);
}
