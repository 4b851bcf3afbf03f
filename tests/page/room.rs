//! Nothing runs out of its box, out of its drawing or off the screen, on a phone, a desk and a wall.

use super::reports::{PAGE, doubling, odd};
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::nn::Dosage;
use gradtape::optim::{Fitter, Sgd};
use gradtape::{Tape, Var};

const WIDTHS: [u32; 3] = [360, 1280, 2560];

/// Numbers short and long, under names short and long, broad and narrow.
fn extreme() -> Report {
    let tape = Tape::new();
    let broad = "W".repeat(80);
    let words =
        "a label of many words that says everything there is to say about this node ".repeat(3);
    let names = [
        "x",
        &*broad,
        &*words,
        "\u{1f469}\u{200d}\u{1f52c}".repeat(30).leak(),
        "i\u{301}".repeat(60).leak(),
        "MMMMMMMMMMMMMMMMM",
        "\u{6f22}".repeat(40).leak(),
    ];
    let numbers = [1e-9, 1.0, -1.234e120, -1.2345678e-300, 123456.7, -0.00001234567, f64::NAN];
    let x: Vec<Var> = names.iter().zip(numbers).map(|(name, x)| tape.var(x).label(name)).collect();
    let _outer = tape.scope(&broad);
    let products: Vec<Var> = x[..6]
        .windows(2)
        .enumerate()
        .map(|(k, pair)| {
            let _inner = tape.scope(&words);
            (pair[0] * pair[1]).label(names[k])
        })
        .collect();
    let y = products
        .into_iter()
        .fold(x[0] * -1.234e120, |sum, product| (sum + product) * 1.0)
        .label(&broad);
    let _nan = y * x[6];
    let steep = |p: &[Var]| p[0].square() * 1e240 + p[1].square() * 1e-9;
    let fit = Fitter::new(steep, &[-1.234, 1e-9])
        .names([&*broad, "p"])
        .fit(&mut Sgd::new(1e-241), 30)
        .expect("it descends");
    let curves = |p: &[f64], x: f64| (vec![p[0] * x * 1e120, p[1] * x], p[0] * x * -1e120);
    let run = fit
        .history
        .named(&words)
        .loss_name(&words)
        .curves(&broad, &words, &[(0.0, -1.234e120), (1.0, 1e-9)], [0.0, 1.0], curves)
        .expect("frames")
        .parts([&*broad, &*words])
        .slice("p", [-1.0, 1.0], |p| p[0] * p[0] * 1e240 + p[1] * p[1])
        .expect("a parameter");
    tape.report(y).title(&broad).with_run(run)
}

/// The dosage network with parameters that are as long in print as numbers get.
fn extreme_network() -> Report {
    let tape = Tape::new();
    let p =
        tape.vars(&[-1.234e120, 1e-9, -1.2345678e-300, -123456.7, 1.0, -0.00001234567, -1.234e120]);
    let report = tape.report(Dosage::main_ideas().ssr_labelled(&p));
    assert!(report.network.is_some());
    report
}

#[test]
fn no_text_leaves_its_box_and_no_page_scrolls_sideways() {
    let script = include_str!("driver/room.js");
    let reports = [extreme(), extreme_network(), odd(), doubling()];
    let pages = reports.iter().map(|report| report.html().to_string()).chain([PAGE.clone()]);
    let visits: Vec<Visit> =
        pages.flat_map(|page| WIDTHS.map(|width| Visit::new(&page, script).wide(width))).collect();
    let mut faults = Vec::new();
    for (found, visit) in browser!().drive(&visits).iter().zip(&visits) {
        let title = found["title"].as_str().expect("a title");
        assert_eq!(found["width"], visit.width);
        assert!(found["looked"].as_u64() > Some(200), "{found}");
        let out = found["out"].as_array().expect("texts").iter();
        faults.extend(out.map(|fault| format!("{:.20}, {} wide: {fault}", title, visit.width)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
