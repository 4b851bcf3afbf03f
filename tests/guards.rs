//! Comparisons made while recording are remembered: operands, relation and outcome. They say for
//! which inputs the recording is the right one.

use gradtape::tape::{Guard, GuardOperand, Relation};
use gradtape::{Dual, Real, Tape, Var, gradient};
use num_traits::Float;

const X: GuardOperand = GuardOperand::Node(0);
const Y: GuardOperand = GuardOperand::Node(1);

/// A guard without its place: left, relation, right, outcome.
type Remembered = (GuardOperand, Relation, GuardOperand, bool);

/// A question to one variable, and one to two.
type Ask = fn(Var) -> bool;
type AskBoth = fn(&Var, &Var) -> bool;

/// The guards that a comparison of `x` = 2 and `y` = 3 leaves.
fn guards_of(compare: impl FnOnce(Var, Var)) -> Vec<Remembered> {
    let tape = Tape::new();
    let (x, y) = (tape.var(2.0), tape.var(3.0));
    compare(x, y);
    tape.guards().iter().map(|g| (g.left, g.relation, g.right, g.outcome)).collect()
}

#[test]
fn every_operator_is_remembered_with_operands_and_outcome() {
    use Relation::{Equal, Greater, GreaterEqual, Less, LessEqual};
    let cases: [(AskBoth, Relation, bool, bool); 6] = [
        (|x, y| x < y, Less, true, true),
        (|x, y| x <= y, LessEqual, true, true),
        (|x, y| x > y, Greater, false, false),
        (|x, y| x >= y, GreaterEqual, false, false),
        (|x, y| x == y, Equal, false, false),
        // What is remembered of `!=` is whether they were equal.
        (|x, y| x != y, Equal, false, true),
    ];
    for (compare, relation, outcome, answer) in cases {
        let found = guards_of(|x, y| assert_eq!(compare(&x, &y), answer));
        assert_eq!(found, [(X, relation, Y, outcome)]);
    }
}

#[test]
fn a_number_may_stand_on_either_side() {
    use Relation::{Equal, Greater, GreaterEqual, Less, LessEqual};
    let two = GuardOperand::Constant(2.5);
    let cases: [(Ask, GuardOperand, Relation, GuardOperand, bool); 12] = [
        (|x| x < 2.5, X, Less, two, true),
        (|x| x <= 2.5, X, LessEqual, two, true),
        (|x| x > 2.5, X, Greater, two, false),
        (|x| x >= 2.5, X, GreaterEqual, two, false),
        (|x| x == 2.5, X, Equal, two, false),
        (|x| x < Var::from(2.5), X, Less, two, true),
        (|x| 2.5 < x, two, Less, X, false),
        (|x| 2.5 <= x, two, LessEqual, X, false),
        (|x| 2.5 > x, two, Greater, X, true),
        (|x| 2.5 >= x, two, GreaterEqual, X, true),
        (|x| 2.5 == x, two, Equal, X, false),
        (|x| Var::from(2.5) > x, two, Greater, X, true),
    ];
    for (compare, left, relation, right, outcome) in cases {
        let found = guards_of(|x, _| assert_eq!(compare(x), outcome));
        assert_eq!(found, [(left, relation, right, outcome)]);
    }
}

#[test]
fn an_ordering_is_remembered_as_what_it_was() {
    use std::cmp::Ordering;
    let nan = f64::NAN;
    let cases = [
        (2.0, 3.0, Some(Ordering::Less), Relation::Less),
        (3.0, 3.0, Some(Ordering::Equal), Relation::Equal),
        (4.0, 3.0, Some(Ordering::Greater), Relation::Greater),
        (nan, 3.0, None, Relation::Unordered),
        (3.0, nan, None, Relation::Unordered),
    ];
    for (a, b, ordering, relation) in cases {
        let tape = Tape::new();
        let (x, y) = (tape.var(a), tape.var(b));
        assert_eq!(x.partial_cmp(&y), ordering);
        let guard = tape.guards()[0];
        assert_eq!((guard.relation, guard.outcome), (relation, true));
        assert!(relation.holds(a, b));
    }
}

#[test]
fn questions_about_a_value_are_comparisons() {
    let asks: [(Ask, bool); 7] = [
        (|x| x.is_nan(), false),
        (|x| x.is_infinite(), false),
        (|x| x.is_finite(), true),
        (|x| x.is_sign_negative(), false),
        (|x| x.is_sign_positive(), true),
        (|x| num_traits::Zero::is_zero(&x), false),
        (|x| num_traits::Signed::is_negative(&x), false),
    ];
    for (ask, answer) in asks {
        let found = guards_of(|x, _| assert_eq!(ask(x), answer));
        assert!(!found.is_empty(), "nothing is remembered");
        let names_x = |g: &Remembered| g.0 == X || g.2 == X;
        assert!(found.iter().all(names_x));
    }
}

#[test]
fn comparisons_of_constants_are_not_remembered() {
    let found = guards_of(|_, _| {
        let (a, b) = (Var::from(1.0), Var::from(2.0));
        assert!(a < b && a != b && a < 2.0 && 3.0 > a && !a.is_nan());
        assert_eq!(a.partial_cmp(&b), Some(std::cmp::Ordering::Less));
    });
    assert_eq!(found, []);
}

#[test]
fn values_taken_off_the_tape_are_not_remembered() {
    let found = guards_of(|x, y| {
        assert!(x.value() < y.value());
        assert!(approx::abs_diff_eq!(x, x));
        assert!(!approx::relative_eq!(x, y));
    });
    assert_eq!(found, []);
}

#[test]
fn operations_that_choose_are_no_branches() {
    let found = guards_of(|x, y| {
        let _ = x.max(y) + x.min(y) + x.clamp(0.0, 1.0) + x.relu() + x.abs();
        let _ = Var::select(x, x, y) + x.compare(y) + x.signum();
        let _ = (x * y).backward();
    });
    assert_eq!(found, []);
}

#[test]
fn a_maximum_written_with_a_comparison_leaves_its_branch() {
    fn largest<T: PartialOrd + Copy>(items: &[T]) -> T {
        items[1..].iter().fold(items[0], |best, &x| if x > best { x } else { best })
    }
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 3.0, 2.0]);
    let y = largest(&x);
    assert_eq!(y.backward().wrt_all(&x), [0.0, 1.0, 0.0]);
    let found: Vec<String> = tape.guards().iter().map(Guard::to_string).collect();
    assert_eq!(found, ["%1 > %0 is true", "%2 > %1 is false"]);
}

#[test]
fn sorting_leaves_an_order_that_pins_the_result() {
    let values = [3.0, 1.0, 2.0, 5.0, 4.0];
    let tape = Tape::new();
    let x = tape.vars(&values);
    let mut sorted = x.clone();
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("no NaN is among them"));
    let order: Vec<f64> = sorted.iter().map(|v| v.value()).collect();
    assert_eq!(order, [1.0, 2.0, 3.0, 4.0, 5.0]);
    // The guards hold for the recorded values, and for no exchange of two of them.
    assert!(all_hold(&tape.guards(), &values));
    for i in 0..5 {
        for j in i + 1..5 {
            let mut exchanged = values;
            exchanged.swap(i, j);
            assert!(!all_hold(&tape.guards(), &exchanged), "{i} and {j} exchanged");
        }
    }
}

/// Whether every guard comes out as it did, for leaves of these values.
fn all_hold(guards: &[Guard], leaves: &[f64]) -> bool {
    let value = |side: GuardOperand| match side {
        GuardOperand::Node(i) => leaves[i],
        GuardOperand::Constant(c) => c,
    };
    guards.iter().all(|g| g.relation.holds(value(g.left), value(g.right)) == g.outcome)
}

#[test]
fn the_branch_recorded_at_3_is_refused_at_minus_3() {
    fn f<S: Real>(x: S) -> S {
        if x > 0.0 { x } else { x * x }
    }
    let tape = Tape::new();
    let x = tape.var(3.0);
    assert_eq!((f(x) * 1.0).backward().wrt(x), 1.0);
    let guards = tape.guards();
    assert_eq!(guards[0].to_string(), "%0 > 0 is true");
    assert!(all_hold(&guards, &[5.0]));
    // A replay would give 3 and 1 here; the truth is 9 and -6.
    assert!(!all_hold(&guards, &[-3.0]));
    assert!(!all_hold(&guards, &[f64::NAN]));
    assert_eq!(gradient(|x| f(x[0]), &[-3.0]), [-6.0]);
}

#[test]
fn a_guard_says_where_it_was_made() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    assert!(x > 0.0);
    let y = x.exp();
    assert!(y > x);
    let at: Vec<usize> = tape.guards().iter().map(|g| g.at).collect();
    assert_eq!(at, [1, 2]);
}

#[test]
fn clear_and_rewind_cut_the_guards() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    assert!(x > 0.0);
    let mark = tape.mark();
    assert!(x < 2.0 && x.exp() > x);
    assert_eq!(tape.guards().len(), 3);
    tape.rewind(mark);
    let left: Vec<String> = tape.guards().iter().map(Guard::to_string).collect();
    assert_eq!(left, ["%0 > 0 is true"]);
    // A comparison alone, without a node, is cut too.
    assert!(x < 2.0);
    tape.rewind(mark);
    assert_eq!(tape.guards().len(), 1);
    tape.clear();
    assert_eq!(tape.guards(), []);
}

/// Two marks at one node, with a comparison between them.
#[test]
fn a_rewind_leaves_no_guard_on_a_node_that_is_gone() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let before = tape.mark();
    assert!(x > 0.0);
    let after = tape.mark();
    tape.rewind(before);
    assert!(x.exp() > 2.0);
    tape.rewind(after);
    assert_eq!(tape.guards(), []);
}

#[test]
fn each_tape_remembers_its_own_comparisons() {
    let (a, b) = (Tape::new(), Tape::new());
    let (x, y) = (a.var(1.0), b.var(2.0));
    assert!(x < 2.0);
    assert!(y > 0.0 && y < 3.0);
    assert!(x > 0.0);
    assert_eq!((a.guards().len(), b.guards().len()), (2, 2));
}

#[test]
fn relations_of_nan_hold_for_nan_alone() {
    let nan = f64::NAN;
    assert!(Relation::Unordered.holds(nan, 1.0) && !Relation::Unordered.holds(0.0, 1.0));
    let ordered = [
        Relation::Less,
        Relation::LessEqual,
        Relation::Greater,
        Relation::GreaterEqual,
        Relation::Equal,
    ];
    assert!(ordered.iter().all(|r| !r.holds(nan, 1.0) && !r.holds(1.0, nan)));
}

// Generic code.

/// Newton's method with a stop rule, written for numbers.
fn square_root<T: Float>(a: T) -> T {
    let two = T::one() + T::one();
    let mut x = a.max(T::one());
    for _ in 0..50 {
        let next = (x + a / x) / two;
        if (next - x).abs() <= T::epsilon() * x {
            return next;
        }
        x = next;
    }
    x
}

#[test]
fn code_for_num_traits_float_runs_on_variables() {
    let tape = Tape::new();
    let a = tape.var(2.0);
    let root = square_root(a);
    assert_eq!(root.value(), square_root(2.0));
    approx::assert_relative_eq!(root.backward().wrt(a), 0.5 / 2f64.sqrt(), max_relative = 1e-15);
    let dual = square_root(Dual::new(2.0, 1.0));
    approx::assert_relative_eq!(dual.tangent(), 0.5 / 2f64.sqrt(), max_relative = 1e-15);
    // Every pass asked whether to stop.
    let guards = tape.guards();
    let (last, before) = guards.split_last().expect("it asked");
    assert!(last.outcome && before.iter().all(|g| !g.outcome));
}

/// A pinhole camera with a branch, written for any real number.
fn project<S: Real>(point: [S; 3], focal: S) -> Option<[S; 2]> {
    if point[2] <= 0.0 {
        return None;
    }
    Some([point[0] / point[2] * focal, point[1] / point[2] * focal])
}

#[test]
fn code_for_real_runs_on_numbers_duals_and_variables() {
    let numbers = project([1.0, 2.0, 4.0], 8.0).expect("in front of the camera");
    assert_eq!(numbers, [2.0, 4.0]);
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 4.0, 8.0]);
    let [u, v] = project([x[0], x[1], x[2]], x[3]).expect("in front of the camera");
    assert_eq!([u.value(), v.value()], numbers);
    assert_eq!(u.backward().wrt_all(&x), [2.0, 0.0, -0.5, 0.25]);
    let dual = |i: usize, value: f64| Dual::new(value, f64::from(u8::from(i == 2)));
    let [du, dv] = project([dual(0, 1.0), dual(1, 2.0), dual(2, 4.0)], dual(3, 8.0))
        .expect("in front of the camera");
    assert_eq!([du.tangent(), dv.tangent()], [-0.5, -1.0]);
    assert!(project([x[0], x[1], -x[2]], x[3]).is_none());
    let last = tape.guards()[1];
    assert_eq!((last.relation, last.outcome), (Relation::LessEqual, true));
}

#[test]
fn a_mark_that_is_out_of_date_leaves_no_scope_behind_that_is_gone() {
    // The mark counts a scope that an earlier rewind forgot; the scope opened since starts later.
    let tape = Tape::new();
    let x = tape.var(1.0);
    let first = tape.mark();
    drop(tape.scope("gone"));
    let stale = tape.mark();
    tape.rewind(first);
    let _later = x.sin().sin().sin();
    drop(tape.scope("later"));
    tape.rewind(stale);
    assert!(tape.scopes().is_empty(), "{:?}", tape.scopes());
    assert_eq!(tape.report(x).nodes.len(), 1);

    // The mark counts a guard that was made outside of any scope; the one made since is inside of one.
    let tape = Tape::new();
    let x = tape.var(1.0);
    let first = tape.mark();
    assert!(x > 0.0);
    let stale = tape.mark();
    tape.rewind(first);
    {
        let _scope = tape.scope("gone");
        assert!(x > 0.0);
    }
    tape.rewind(stale);
    assert_eq!((tape.scopes().len(), tape.guards().len()), (0, 1));
    assert_eq!(tape.guards()[0].scope, None);
}
