//! Random sums and dot products under everything that can happen to one while its terms are gathered,
//! beside the same computation by binary operators from left to right.

mod common {
    pub mod numeric;
    pub mod panics;
    pub mod seed;
}

use common::numeric::same_bits;
use common::panics::attempt;
use common::seed::seeds;
use fastrand::Rng;
use gradtape::{Real, Tape, Var, affine, dot, gradient, sum, sum_squares};

/// Lengths around the ends of one chunk of eight and of several.
const LENGTHS: [usize; 15] = [0, 1, 2, 3, 6, 7, 8, 9, 15, 16, 17, 23, 24, 25, 70];

/// Where a term comes from: an index among the variables so far, or a constant.
#[derive(Clone, Copy, Debug)]
enum Term {
    /// A variable as it is.
    Plain(usize),
    /// A constant.
    Constant(f64),
    /// x² by an operation that keeps nothing beside its node.
    Squared(usize),
    /// c x, whose constant is kept beside the nodes.
    Scaled(usize, f64),
    /// x y + z, whose operands are kept beside the nodes.
    Fused(usize, usize, usize),
    /// x + x + x as an n-ary node of its own.
    Tripled(usize),
    /// Nine times x with data, longer than a chunk.
    Weighted(usize, f64),
    /// A plain variable, after another tape was recorded on and left in use.
    Elsewhere(usize),
    /// x times a slope that a front door computes meanwhile.
    Door(usize),
}

/// One node of the computation.
#[derive(Clone, Debug)]
enum Form {
    Sum(Vec<Term>),
    Squares(Vec<Term>),
    Dot(Vec<(Term, Term)>),
    Affine(Vec<(Term, Term)>, Term),
}

fn term(random: &mut Rng, numbers: Numbers, variables: usize, odd: u32) -> Term {
    let at = random.usize(..variables);
    if random.u32(..100) >= odd {
        return Term::Plain(at);
    }
    match random.u8(..9) {
        0 | 1 => Term::Constant(number(random, numbers)),
        2 => Term::Squared(at),
        3 => Term::Scaled(at, number(random, numbers)),
        4 => Term::Fused(at, random.usize(..variables), random.usize(..variables)),
        5 => Term::Tripled(at),
        6 => Term::Weighted(at, number(random, numbers)),
        7 => Term::Elsewhere(at),
        _ => Term::Door(at),
    }
}

fn number(random: &mut Rng, numbers: Numbers) -> f64 {
    numbers.of(random.f64() * 9.0)
}

fn form(random: &mut Rng, numbers: Numbers, variables: usize) -> Form {
    let n = LENGTHS[random.usize(..LENGTHS.len())];
    // From all plain, which is gathered in place, to all odd.
    let odd = [0, 3, 15, 60, 100][random.usize(..5)];
    // Factors that are all constants, on either side, are kept as data.
    let data = [0, 0, 100, 95][random.usize(..4)];
    let pair = |random: &mut Rng| {
        let x = term(random, numbers, variables, odd);
        let y = match random.u32(..100) < data {
            true => Term::Constant(number(random, numbers)),
            false => term(random, numbers, variables, odd),
        };
        if random.bool() { (x, y) } else { (y, x) }
    };
    match random.u8(..4) {
        0 => Form::Sum((0..n).map(|_| term(random, numbers, variables, odd)).collect()),
        1 => Form::Squares((0..n).map(|_| term(random, numbers, variables, odd)).collect()),
        2 => Form::Dot((0..n).map(|_| pair(random)).collect()),
        _ => Form::Affine(
            (0..n).map(|_| pair(random)).collect(),
            term(random, numbers, variables, odd),
        ),
    }
}

/// The value of a term from the variables `x`, as one of a sum that is being gathered.
fn gathered(term: Term, x: &[Var], other: &Tape) -> Var {
    match term {
        Term::Plain(i) => x[i],
        Term::Constant(c) => c.into(),
        Term::Squared(i) => x[i].square(),
        Term::Scaled(i, c) => x[i] * c,
        Term::Fused(i, j, k) => x[i].mul_add(x[j], x[k]),
        Term::Tripled(i) => sum([x[i]; 3]),
        Term::Weighted(i, c) => dot([x[i]; 9], [c; 9]),
        Term::Elsewhere(i) => {
            let y = other.var(x[i].value());
            let _ = sum([y; 20]) * 2.0;
            x[i]
        }
        Term::Door(i) => x[i] * gradient(|z| sum([z[0]; 12]), &[1.0])[0],
    }
}

/// The same by binary operators.
fn plain<S: Real>(term: Term, x: &[S]) -> S {
    let repeated = |x: S, n: usize| (1..n).fold(x, |total, _| total + x);
    match term {
        Term::Plain(i) | Term::Elsewhere(i) => x[i],
        Term::Constant(c) => S::from(c),
        Term::Squared(i) => x[i] * x[i],
        Term::Scaled(i, c) => x[i] * S::from(c),
        Term::Fused(i, j, k) => x[i].mul_add(x[j], x[k]),
        Term::Tripled(i) => repeated(x[i], 3),
        Term::Weighted(i, c) => repeated(x[i] * S::from(c), 9),
        Term::Door(i) => x[i] * S::from(12.0),
    }
}

impl Term {
    fn uses(self, variable: usize) -> bool {
        match self {
            Term::Constant(_) => false,
            Term::Fused(i, j, k) => [i, j, k].contains(&variable),
            Term::Plain(i) | Term::Squared(i) | Term::Scaled(i, _) => i == variable,
            Term::Tripled(i) | Term::Weighted(i, _) => i == variable,
            Term::Elsewhere(i) | Term::Door(i) => i == variable,
        }
    }
}

impl Form {
    fn uses(&self, variable: usize) -> bool {
        match self {
            Form::Sum(terms) | Form::Squares(terms) => terms.iter().any(|t| t.uses(variable)),
            Form::Dot(pairs) => pairs.iter().any(|(a, b)| a.uses(variable) || b.uses(variable)),
            Form::Affine(pairs, bias) => {
                bias.uses(variable)
                    || pairs.iter().any(|(a, b)| a.uses(variable) || b.uses(variable))
            }
        }
    }

    /// Compute with one n-ary node.
    fn by_node(&self, x: &[Var], other: &Tape) -> Var {
        let get = |&term: &Term| gathered(term, x, other);
        match self {
            Form::Sum(terms) => sum(terms.iter().map(get)),
            Form::Squares(terms) => sum_squares(terms.iter().map(get)),
            Form::Dot(pairs) => {
                dot(pairs.iter().map(|(a, _)| get(a)), pairs.iter().map(|(_, b)| get(b)))
            }
            Form::Affine(pairs, bias) => affine(
                pairs.iter().map(|(a, _)| get(a)),
                pairs.iter().map(|(_, b)| get(b)),
                get(bias),
            ),
        }
    }

    /// Compute term by term from left to right.
    fn by_operators<S: Real>(&self, x: &[S]) -> S {
        let add = |terms: Vec<S>| terms.into_iter().reduce(|a, b| a + b).unwrap_or(S::from(0.0));
        let get = |&term: &Term| plain(term, x);
        let products = |pairs: &[(Term, Term)]| {
            add(pairs.iter().map(|(a, b)| get(a) * get(b)).collect::<Vec<_>>())
        };
        match self {
            Form::Sum(terms) => add(terms.iter().map(get).collect()),
            Form::Squares(terms) => add(terms.iter().map(get).map(|x| x * x).collect::<Vec<_>>()),
            Form::Dot(pairs) => products(pairs),
            Form::Affine(pairs, bias) => products(pairs) + get(bias),
        }
    }
}

/// Which numbers a computation is made of.
#[derive(Clone, Copy)]
enum Numbers {
    /// Quarters: every value and derivative is exact, so that no order of addition matters.
    Quarters,
    /// Any: every value is rounded, and shows in which order it was added.
    Any,
}

impl Numbers {
    fn of(self, x: f64) -> f64 {
        match self {
            Numbers::Quarters => (x.sin() * 4.0).round() / 4.0,
            Numbers::Any => x.sin(),
        }
    }

    /// Shift a result by a constant, so that what follows stays small.
    fn small<S: Real>(self, x: S) -> S {
        x + S::from(self.of(x.value()) - x.value())
    }
}

/// Three forms, each of the leaves and the results before it.
struct Computation {
    numbers: Numbers,
    leaves: Vec<f64>,
    forms: Vec<Form>,
}

impl Computation {
    fn new(seed: u64, numbers: Numbers) -> Computation {
        let mut random = Rng::with_seed(seed);
        let leaves: Vec<f64> = (0..12).map(|_| numbers.of(random.f64() * 9.0)).collect();
        let forms = (0..3).map(|i| form(&mut random, numbers, leaves.len() + i)).collect();
        Computation { numbers, leaves, forms }
    }

    /// The results from given leaves, and their sum.
    fn run<S: Real>(&self, leaves: &[S], compute: impl Fn(&Form, &[S]) -> S) -> (Vec<S>, S) {
        let mut x = leaves.to_vec();
        for form in &self.forms {
            let y = compute(form, &x);
            x.push(self.numbers.small(y));
        }
        let results = x.split_off(leaves.len());
        let total = results.iter().fold(S::from(0.0), |total, &y| total + y);
        (results, total)
    }

    /// Compute by n-ary nodes from these leaves, and compare with the binary operators.
    fn check(&self, tape: &Tape, leaves: &[Var], other: &Tape, context: &str) {
        let (found, total) = self.run(leaves, |form, x| form.by_node(x, other));
        let (values, _) = self.run(&self.leaves, |form, x| form.by_operators(x));
        for (i, (found, value)) in found.iter().zip(&values).enumerate() {
            let form = &self.forms[i];
            assert!(same_bits(found.value(), *value), "{found}, not {value}: {context}, {form:?}");
        }
        if let Numbers::Quarters = self.numbers {
            let slopes = tape.backward(&[(total, 1.0)]).wrt_all(leaves);
            assert_eq!(slopes, self.slopes(), "{context}, {:?}", self.forms);
        }
    }

    /// The derivatives of the sum of the results, by binary operators.
    fn slopes(&self) -> Vec<f64> {
        gradient(|x| self.run(x, |form, x| form.by_operators(x)).1, &self.leaves)
    }
}

/// Fill a tape so far that its memory moves in one of the next forms: that of nodes, of operands, or of
/// operands and constants.
fn nearly_fill(tape: &Tape, seed: u64) {
    let few = seed as usize % 61;
    match seed % 3 {
        0 => drop(tape.vars(&vec![0.25; 1160 - few])),
        1 => drop(sum(vec![tape.var(0.25); 512 - few])),
        _ => drop(dot(vec![tape.var(0.25); 512 - few], vec![0.5; 512 - few])),
    }
}

#[test]
fn any_sum_is_what_the_operators_compute() {
    let other = Tape::new();
    for seed in seeds(400) {
        for numbers in [Numbers::Quarters, Numbers::Any] {
            let computation = Computation::new(seed, numbers);
            let tape = Tape::new();
            let leaves = tape.vars(&computation.leaves);
            if seed % 2 == 0 {
                nearly_fill(&tape, seed / 2);
            }
            computation.check(&tape, &leaves, &other, &format!("seed {seed}"));
        }
    }
}

/// The leaves stand before rewinds: some in the first part of the tape, some in the parts in between,
/// some in the last, and each round records on top and goes back.
#[test]
fn any_sum_of_parameters_before_rewinds_is_what_the_operators_compute() {
    let (tape, other) = (Tape::new(), Tape::new());
    for case in seeds(40) {
        let mut random = Rng::with_seed(case);
        tape.clear();
        let point = Computation::new(case, Numbers::Quarters).leaves;
        let mut leaves = Vec::new();
        let cuts = [random.usize(..12), random.usize(..12)];
        for (i, &value) in point.iter().enumerate() {
            leaves.push(tape.var(value));
            if cuts.contains(&i) {
                let mark = tape.mark();
                let _ = dot(&leaves, &leaves) + sum_squares(&leaves) * 2.0;
                tape.rewind(mark);
            }
        }
        let mark = tape.mark();
        for round in 0..8 {
            let seed = 1000 + 8 * case + round;
            let mut computation = Computation::new(seed, Numbers::Quarters);
            computation.leaves.clone_from(&point);
            let context = format!("seed {seed}, rewinds after {cuts:?}, round {round}");
            computation.check(&tape, &leaves, &other, &context);
            tape.rewind(mark);
        }
        assert_eq!(tape.len(), point.len());
    }
}

/// One leaf is stale or of another tape: the sum that uses it is refused, and no other is harmed.
#[test]
fn a_sum_with_a_term_that_is_gone_is_refused() {
    let mut refused = 0;
    for seed in seeds(60) {
        let computation = Computation::new(seed, Numbers::Quarters);
        let (tape, other) = (Tape::new(), Tape::new());
        let good = tape.vars(&computation.leaves);
        let mark = tape.mark();
        let gone = tape.var(computation.leaves[3]);
        tape.rewind(mark);
        let _ = tape.vars(&[0.5; 40]);
        for (bad, is_stale) in [(gone, true), (other.var(computation.leaves[3]), false)] {
            let mut leaves = good.clone();
            leaves[3] = bad;
            let form = &computation.forms[0];
            let uses_it = form.uses(3);
            // By itself a variable of another tape is fine.
            let is_misuse = uses_it && (is_stale || (0..12).any(|i| i != 3 && form.uses(i)));
            match attempt(|| form.by_node(&leaves, &other)) {
                Ok(y) => assert!(!is_misuse, "seed {seed}: {y:?} of {form:?}"),
                Err(message) => {
                    let says = ["stale", "two tapes"].iter().any(|word| message.contains(word));
                    assert!(is_misuse && says, "seed {seed}: {message}");
                    refused += 1;
                }
            }
            computation.check(&tape, &good, &other, &format!("seed {seed}, after a refusal"));
        }
    }
    assert!(refused > 40, "{refused} refused");
}
