//! Recording and sweeping on a tape that is kept, and nothing else.
//!
//! `cargo bench --bench tape` prints a table of `docs/benchmarks.md`; it builds faster and runs shorter than
//! `side_by_side`, which has the other engines beside it. Arguments run only the workloads whose title contains one of them.

#[allow(dead_code, reason = "each benchmark uses its part")]
mod common;

use common::markdown::{print_setting, print_table, progress, thousands, three_digits, times};
use common::peers::Gradtape;
use common::side_by_side::{Contender, side_by_side};
use common::workloads::{
    NaryObjective, Objective, chain::Chain, dosage::Dosage, gmm::Gmm, one_op::OneOp,
    rosenbrock::Rosenbrock,
};
use gradtape::{Gradient, Tape, Var};
use std::env;

/// The sizes of the mixture model: dimension and components.
const SIZES: [(usize, usize); 3] = [(2, 5), (10, 25), (32, 10)];

fn main() {
    let filters = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let mut bench = Bench { filters, lines: vec![] };
    print_setting(&[]);
    bench.sweep("one op, x*x", |x| OneOp.eval(x), &OneOp::start());
    bench.sweep("chain of 1000", |x| Chain.eval(x), &Chain::start());
    bench.sweep("rosenbrock n=100", |x| Rosenbrock.eval(x), &Rosenbrock::start(100));
    for (d, k) in SIZES {
        let (gmm, at) = Gmm::random(1000, d, k, 31337);
        bench.sweep(&format!("gmm d={d} k={k}, plain"), |x| gmm.eval(x), &at);
        bench.sweep(&format!("gmm d={d} k={k}, dot/sum"), |x| gmm.eval_nary(x), &at);
    }
    bench.steps();
    print_table(&["", "nodes", "record and sweep", "ns a node"], bench.lines);
}

struct Bench {
    filters: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Bench {
    fn sweep(&mut self, title: &str, f: impl Fn(&[Var]) -> Var, at: &[f64]) {
        let mut engine = Gradtape::default();
        engine.gradient_in_place(&f, at);
        let nodes = engine.nodes();
        self.time(title, nodes, Contender::new(title, at, |x| engine.gradient_in_place(&f, x)));
    }

    /// A step of gradient descent on the dosage network: the weights are declared anew, or stay on the tape.
    fn steps(&mut self) {
        let (mut engine, mut weights) = (Gradtape::default(), Dosage::start());
        engine.gradient_in_place(|x| Dosage.eval_nary(x), &weights);
        let nodes = engine.nodes();
        let step = |(): &()| {
            let slopes = engine.gradient(|x| Dosage.eval_nary(x), &weights);
            weights.iter_mut().zip(&slopes).for_each(|(weight, slope)| *weight -= 0.01 * slope);
        };
        self.time("dosage network, a step", nodes, Contender::new("step", &(), step));

        let (tape, mut gradient) = (Tape::new(), Gradient::new());
        let weights = tape.vars(&Dosage::start());
        let mark = tape.mark();
        let rewound = |(): &()| {
            tape.rewind(mark);
            let loss = Dosage.eval_nary(&weights);
            tape.backward_into(&[(loss, 1.0)], &mut gradient);
            gradient.wrt(weights[0])
        };
        self.time("dosage network, rewound", nodes, Contender::new("rewound", &(), rewound));
    }

    fn time(&mut self, title: &str, nodes: usize, contender: Contender) {
        if !self.filters.is_empty() && !self.filters.iter().any(|filter| title.contains(filter)) {
            return;
        }
        progress(title);
        let name = contender.name;
        let time = side_by_side(name, 21, vec![contender])[0].time;
        let a_node = three_digits(time.median / nodes as f64);
        self.lines.push(vec![title.to_owned(), thousands(nodes), times(time), a_node]);
    }
}
