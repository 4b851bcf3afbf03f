//! What freezing costs a node, all passes included, from a thousand nodes to ten million.

use crate::common::markdown::{Budgets, print_table, progress, thousands, three_digits};
use crate::common::side_by_side::{Contender, Spread, side_by_side};
use crate::common::workloads::sized::{CHAIN, DETERMINANT, GMM, Size, WIDE};
use crate::common::workloads::{NaryObjective, gmm::Gmm};
use gradtape::{Tape, Var};

/// What is frozen at every size: results that are read at once; sums whose operands lie anywhere; a mixture; minors
/// that are computed again and again, nearly all of which are shared.
const SIZES: [Size; 4] = [CHAIN, WIDE, GMM, DETERMINANT];

/// The most that freezing may take, in nanoseconds a node.
const MOST: f64 = 60.0;

/// Time what is wanted, and print it.
pub fn run(wanted: &dyn Fn(&str) -> bool, budgets: &mut Budgets) {
    let (mut lines, mut costs) = (vec![], vec![]);
    let mut freeze = |title: String, f: &dyn Fn(&[Var]) -> Var, at: &[f64]| {
        progress(&title);
        let tape = Tape::new();
        let inputs = tape.vars(at);
        let output = f(&inputs);
        let freeze = |(): &()| tape.freeze(&inputs, &[output]).expect("all inputs are listed");
        let frozen = freeze(&()).len();
        let rows = side_by_side("freeze", 9, vec![Contender::new("freeze", &(), freeze)]);
        let Spread { low, median, high } = rows[0].time.times(1.0 / tape.len() as f64);
        costs.push((format!("{title}, {} nodes", thousands(tape.len())), median));
        let [low, median, high] = [low, median, high].map(three_digits);
        let a_node = format!("{median} ({low} to {high})");
        lines.push(vec![title, thousands(tape.len()), thousands(frozen), a_node]);
    };
    for points in [1, 100] {
        let title = format!("freezing, gmm d=10 k=25, {points} points, dot/sum");
        if wanted(&title) {
            let (gmm, at) = Gmm::random(points, 10, 25, 31337);
            freeze(title, &|x| gmm.eval_nary(x), &at);
        }
    }
    for (name, make) in SIZES {
        let title = format!("freezing by size, {name}");
        if wanted(&title) {
            for power in 3..=7 {
                let (f, at) = make(10_usize.pow(power));
                freeze(title.clone(), &f, &at);
            }
        }
    }
    if !lines.is_empty() {
        budgets.all_at_most("freezing", MOST, costs.into_iter(), "ns a node");
        println!("### Freezing\n\nNanoseconds a node, medians and quartiles:\n");
        print_table(&["", "nodes", "instructions", "ns a node"], lines);
    }
}
