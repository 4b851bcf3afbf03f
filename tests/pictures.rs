//! The pictures in `docs/pictures` are what the SVG renderer draws, but for one that a bench draws.

use gradtape::Tape;
use gradtape::inspect::Report;
use gradtape::nn::{Activation, Dosage, Init, Mlp, mse};
use std::fs;
use std::path::Path;

/// The example of the README.
fn one_unit() -> Report {
    let tape = Tape::new();
    let dose = tape.var(0.5).label("dose");
    let w1 = tape.var(3.34).label("w1");
    let b1 = tape.var(-1.43).label("b1");
    tape.report((w1 * dose + b1).softplus().label("y")).title("One unit")
}

/// The dosage network where b3 is 0.
fn dosage_network() -> Report {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let ssr = dosage.ssr_labelled(&tape.vars(&dosage.start));
    tape.report(ssr).title("The dosage network at b3 = 0")
}

/// A NaN shows at the outer root, and came from the inner one.
fn culprit() -> Report {
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    tape.report((x - 2.0).sqrt().sqrt().label("y")).title("The culprit")
}

/// Three derivatives of 0: at the bottom of a square, behind a `relu` that is off, unconnected.
fn three_zeros() -> Report {
    let tape = Tape::new();
    let bottom = tape.var(0.0).label("bottom");
    let dead = tape.var(-2.0).label("dead");
    let forgotten = tape.var(1.0).label("forgotten");
    let _penalty = forgotten.square().label("penalty");
    let loss = (bottom.square() + dead.relu()).label("loss");
    tape.report(loss).title("Three zeros")
}

/// A network of two layers for one observation.
fn mlp() -> Report {
    let network = Mlp::new(2).dense(2, Activation::Tanh).dense(1, Activation::Identity);
    let start = network.initialize(Init::XavierUniform, 1);
    let tape = Tape::new();
    let parameters = start.label(&tape.vars(start.as_slice())).expect("one variable each");
    let predicted = network.forward_labelled(&parameters, &[1.0, 2.0]);
    tape.report(mse(&predicted, &[0.5]).label("loss")).title("A small network")
}

/// A picture's name, and what it is of.
type Picture = (&'static str, fn() -> Report);

const PICTURES: [Picture; 5] = [
    ("one-unit", one_unit),
    ("dosage", dosage_network),
    ("culprit", culprit),
    ("three-zeros", three_zeros),
    ("mlp", mlp),
];

/// What is drawn by `cargo bench --bench sizes -- full`: it shows what was measured, so it is different every time.
const MEASURED: &str = "ns-a-node";
/// What a browser shows of the page: written by `cargo test --test page pictures -- --ignored`, for the README.
const PHOTOGRAPHED: &str = "page.webp";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}

#[test]
fn the_pictures_are_what_the_renderer_draws() {
    for (name, report) in PICTURES {
        let path = folder().join(format!("{name}.svg"));
        let expected = report().svg().to_string();
        if std::env::var_os("GRADTAPE_BLESS").is_some_and(|bless| bless == "1") {
            fs::write(&path, &expected).expect("docs/pictures can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        // A checkout on Windows may have turned the line ends.
        let found = found.replace("\r\n", "\n");
        let differs = found.lines().zip(expected.lines()).find(|(a, b)| a != b);
        assert!(
            found == expected,
            "docs/pictures/{name}.svg is stale, first at {differs:?}: draw it again with \
             `GRADTAPE_BLESS=1 cargo test --test pictures`, and look at it"
        );
    }
}

#[test]
fn every_picture_there_is_drawn_here_and_shown_somewhere() {
    let pages = ["README.md", "docs/inspecting.md", "docs/benchmarks.md"].map(|page| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        fs::read_to_string(path).expect("the page can be read")
    });
    for entry in fs::read_dir(folder()).expect("docs/pictures can be read") {
        let file = entry.expect("docs/pictures can be read").file_name();
        let file = file.to_string_lossy();
        let name = file.trim_end_matches(".svg");
        if name == PHOTOGRAPHED {
            assert!(pages[0].contains(&*file), "the README does not show {file}");
            continue;
        }
        let is_drawn = name == MEASURED || PICTURES.iter().any(|&(drawn, _)| drawn == name);
        assert!(is_drawn, "neither this test nor the bench draws {file}");
        assert!(pages.iter().any(|page| page.contains(&*file)), "no page shows {file}");
    }
}
