//! Two reports side by side: what was added, removed and changed is what was done to the code.

#[path = "common/seed.rs"]
mod seed;

use gradtape::inspect::{Diff, Report};
use gradtape::nn::Dosage;
use gradtape::program::Pass;
use gradtape::{Tape, Var};

fn report(x: &[f64], f: impl Fn(&Tape, &[Var]) -> Var) -> Report {
    let tape = Tape::new();
    let x = tape.vars(x);
    tape.report(f(&tape, &x))
}

/// What is left over, as what it computes.
fn left(diff: &Diff<'_>) -> [Vec<String>; 2] {
    let [a, b] = diff.reports;
    [
        diff.removed.iter().map(|&i| a.expression(i)).collect(),
        diff.added.iter().map(|&i| b.expression(i)).collect(),
    ]
}

#[test]
fn a_report_is_its_own_twin() {
    let report = Dosage::published_report();
    let diff = report.diff(&report);
    assert_eq!(diff.pairs, (0..report.nodes.len()).map(|i| [i, i]).collect::<Vec<_>>());
    assert_eq!((diff.changed.len(), diff.removed.len(), diff.added.len()), (0, 0, 0));
    assert_eq!(diff.to_string().lines().count(), 3, "{diff}");
}

#[test]
fn other_numbers_change_values_and_adjoints_and_nothing_else() {
    let dosage = Dosage::main_ideas();
    let at = |b3: f64| {
        report(&[3.34, -1.43, -3.53, 0.57, -1.22, -2.30, b3], |_, p| dosage.ssr_labelled(p))
    };
    let (a, b) = (at(0.0), at(1.0));
    let diff = a.diff(&b);
    assert_eq!(left(&diff), [Vec::<String>::new(), Vec::new()]);
    let differs =
        |i: usize| a.nodes[i].value != b.nodes[i].value || a.nodes[i].adjoint != b.nodes[i].adjoint;
    let expected: Vec<[usize; 2]> =
        (0..a.nodes.len()).filter(|&i| differs(i)).map(|i| [i, i]).collect();
    assert_eq!(diff.changed, expected);
    assert!(diff.to_string().contains("b3  value 0 -> 1, adjoint -15.6551 -> "), "{diff}");
}

#[test]
fn what_is_put_in_or_taken_out_is_found_and_what_follows_is_paired() {
    let plain = |_: &Tape, x: &[Var]| (x[0] * x[1]).sin() + x[1].exp();
    let more = |_: &Tape, x: &[Var]| {
        let _unused = x[0].cosh();
        ((x[0] * x[1]).sin() + x[1].exp()) * (x[0].tanh() + 2.0)
    };
    let (a, b) = (report(&[0.5, 2.0], plain), report(&[0.5, 2.0], more));
    let [removed, added] = left(&a.diff(&b));
    assert_eq!((removed.len(), added.len()), (0, 4), "{}", a.diff(&b));
    let [removed, added] = left(&b.diff(&a));
    assert_eq!((removed.len(), added.len()), (4, 0));
}

#[test]
fn another_operation_in_one_place_does_not_make_all_that_follows_new() {
    let net = |activation: fn(Var) -> Var| {
        report(&[0.5, -1.0, 0.25], move |_, x| {
            let hidden = activation(x[0] * x[1] + x[2]);
            (hidden * x[2] + hidden.exp()).square()
        })
    };
    let (a, b) = (net(|x| x.tanh()), net(|x| x.sigmoid()));
    let diff = a.diff(&b);
    assert_eq!(left(&diff), [Vec::<String>::new(), Vec::new()], "{diff}");
    assert!(diff.to_string().contains("tanh(%4) -> sigmoid(%4)"), "{diff}");
    // And another constant, beside one that is the same.
    let scaled = |k: f64| report(&[0.5], move |_, x| x[0] * 2.0 + x[0] * k);
    let (a, b) = (scaled(3.0), scaled(4.0));
    let diff = a.diff(&b);
    assert_eq!(diff.pairs.len(), a.nodes.len());
    assert!(diff.to_string().contains("%0 * 3 -> %0 * 4"), "{diff}");
}

#[test]
fn operands_that_change_places_are_the_same_and_others_are_not() {
    let (sum, other) =
        (report(&[1.0, 2.0], |_, x| x[0] + x[1]), report(&[1.0, 2.0], |_, x| x[1] + x[0]));
    let diff = sum.diff(&other);
    assert_eq!((diff.pairs.len(), diff.removed.len()), (3, 0));
    let (a, b) = (report(&[1.0, 2.0], |_, x| x[0] - x[1]), report(&[1.0, 2.0], |_, x| x[1] - x[0]));
    let diff = a.diff(&b);
    assert_eq!(diff.changed.len(), 3);
    assert!(diff.to_string().contains("%2 = %0 - %1 -> %1 - %0"), "{diff}");
}

#[test]
fn every_node_of_random_tapes_is_paired_once_or_left_over() {
    let mut rng = seed::random(14);
    for _ in 0..200 {
        let mut tape = || {
            let count = rng.usize(1..30);
            let picks: Vec<[usize; 3]> = (0..count)
                .map(|_| [rng.usize(..5), rng.usize(..1000), rng.usize(..1000)])
                .collect();
            report(&[0.3, 0.7], |_, x| {
                let mut all = x.to_vec();
                for [op, i, j] in &picks {
                    let (a, b) = (all[i % all.len()], all[j % all.len()]);
                    all.push(match op {
                        0 => a + b,
                        1 => a * b,
                        2 => a - b,
                        3 => a.sin(),
                        _ => a * 0.5,
                    });
                }
                all[all.len() - 1]
            })
        };
        let (a, b) = (tape(), tape());
        let diff = a.diff(&b);
        for (side, (report, left)) in
            [(&a, &diff.removed), (&b, &diff.added)].into_iter().enumerate()
        {
            let mut seen: Vec<usize> =
                diff.pairs.iter().map(|pair| pair[side]).chain(left.iter().copied()).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..report.nodes.len()).collect::<Vec<_>>());
        }
        // What is paired and not changed computes the same, down to the last bit.
        for &[i, j] in diff.pairs.iter().filter(|pair| !diff.changed.contains(pair)) {
            assert_eq!(a.nodes[i].value.to_bits(), b.nodes[j].value.to_bits());
            assert_eq!(a.nodes[i].op, b.nodes[j].op);
        }
        let _printed = diff.to_string();
    }
}

#[test]
fn each_pass_says_what_it_removed_and_what_it_fused() {
    let tape = Tape::new();
    let x = tape.vars(&[0.5, 2.0, 3.0]);
    let _unused = x[0].exp();
    let y = x[0] * 1.0 * x[1] + x[2] + (x[0] * x[1]).sin();
    let plain = tape.freeze_with(&x, &[y], &[]).unwrap();
    let report = plain.report_passes(&Pass::ALL, &[0.5, 2.0, 3.0]).unwrap();
    let of_pass = |name: &str| -> Vec<&str> {
        let start = |(what, text): &(String, String)| {
            what == "pass" && text.starts_with(&format!("`{name}`"))
        };
        let at = report.compared.iter().position(start).expect("it ran");
        report.compared[at + 1..]
            .iter()
            .take_while(|entry| entry.0 != "pass" && !entry.0.starts_with("listing"))
            .map(|entry| &entry.0[..])
            .collect()
    };
    assert_eq!(of_pass("dead"), ["removed"]);
    // The product by 1, and that of which there now are two; what follows is paired.
    assert_eq!(of_pass("identities").iter().filter(|what| **what == "removed").count(), 2);
    assert_eq!(of_pass("identities").iter().filter(|what| **what == "added").count(), 1);
    assert_eq!(of_pass("share").iter().filter(|what| **what == "removed").count(), 1);
    assert!(of_pass("fuse").contains(&"removed"));
    let listings: Vec<&str> =
        report.compared.iter().filter(|e| e.0.starts_with("listing")).map(|e| &e.1[..]).collect();
    assert_eq!(listings[0], plain.to_string());
    assert_eq!(listings[1], plain.clone().optimized(&Pass::ALL).to_string());
    assert_eq!(
        report.nodes.len(),
        plain.optimized(&Pass::ALL).report(&[0.5, 2.0, 3.0]).unwrap().nodes.len()
    );
}

#[test]
fn what_a_label_says_stays_on_its_line() {
    let labelled = |x: f64| report(&[x], |_, p| (p[0].label("a\nb\u{202e}") * 2.0).label("y"));
    let (a, b) = (labelled(1.0), labelled(2.0));
    let text = a.diff(&b).to_string();
    assert_eq!(text.lines().count(), 7, "{text}");
    assert!(!text.contains('\u{202e}'));
}
