//! The network: no text on another, numbers that follow the tape, every link within reach.

use super::reports::PAGE;
use super::{Visit, browser};
use gradtape::inspect::Report;
use gradtape::nn::{Activation, Init, Mlp, mse};
use gradtape::optim::{Adam, Fitter};
use gradtape::{Tape, Var};
use serde_json::json;

/// A network of these widths on some rows, at its start, with the descent from there.
pub fn trained(widths: &[usize], activation: Activation) -> Report {
    let mut network = Mlp::new(widths[0]);
    for (k, &width) in widths.iter().enumerate().skip(1) {
        let is_last = k + 1 == widths.len();
        network = network.dense(width, if is_last { Activation::Identity } else { activation });
    }
    let start = network.initialize(Init::XavierUniform, 7);
    let row = |r: usize| (0..widths[0]).map(|i| ((r * 3 + i * 5) % 7) as f64 * 0.3 - 0.9).collect();
    let rows: Vec<Vec<f64>> = (0..4).map(row).collect();
    let observed = vec![0.25; rows.len() * network.outputs()];
    let loss = |p: &[Var]| {
        let predicted: Vec<Var> = rows.iter().flat_map(|x| network.forward(p, x)).collect();
        mse(&predicted, &observed)
    };
    let fitter = Fitter::new(loss, start.as_slice()).names(start.element_names());
    let fit = fitter.fit(&mut Adam::new(0.02), 30).expect("it descends");
    let tape = Tape::new();
    let p = start.label(&tape.vars(start.as_slice())).expect("as many");
    let evaluate = |(k, x): (usize, &Vec<f64>)| {
        let _scope = tape.scope(&format!("row {k}"));
        network.forward_labelled(&p, x)
    };
    let predicted: Vec<Var> = rows.iter().enumerate().flat_map(evaluate).collect();
    let report = tape.report(mse(&predicted, &observed).label("loss"));
    report.title(&format!("{widths:?}")).with_run(fit.history.named("Adam"))
}

#[test]
fn no_text_of_a_network_lies_on_another_or_is_too_small_to_read() {
    let script = include_str!("driver/network.js");
    let shapes: [&[usize]; 4] = [&[1, 2, 1], &[2, 4, 1], &[3, 8, 8, 2], &[10, 32, 16, 1]];
    let pages = shapes.map(|shape| trained(shape, Activation::Tanh).html().to_string());
    let pages = pages.iter().chain([&*PAGE]);
    let visits: Vec<Visit> = pages
        .flat_map(|page| [390, 660, 1440].map(|width| Visit::new(page, script).wide(width)))
        .collect();
    let mut faults = Vec::new();
    for (found, visit) in browser!().drive(&visits).iter().zip(&visits) {
        assert!(found["texts"].as_u64() >= Some(3), "{found}");
        for fault in found["faults"].as_array().expect("faults") {
            faults.push(format!("{} at {}: {fault}", found["title"], visit.width));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What the video draws in its nodes.
#[test]
fn units_show_the_curve_of_their_activation_with_a_dot_where_the_observation_is() {
    let script = "
        one('#network').scrollIntoView();
        await wait(50);
        const at = k => (all('#network [data-sample]')[k].click(), all('#network .dot').map(dot => ['cx', 'cy'].map(key => Number(dot.getAttribute(key)))));
        // The height of the curve at the dot, and the dot, for each unit and each observation.
        const off = [0, 1, 2].flatMap(k => at(k).map(([x, y], u) => {
          const curve = all('#network .bend')[u], long = curve.getTotalLength();
          return Math.min(...Array.from({ length: 400 }, (_, j) => curve.getPointAtLength(long * j / 399)).map(p => Math.hypot(p.x - x, p.y - y)));
        }));
        return { near: off.every(far => far < 0.6), moved: new Set([0, 1, 2].map(k => String(at(k)))).size, curves: all('#network .bend').length };";
    let visits = [
        Visit::new(&PAGE, script),
        Visit::new(&trained(&[2, 4, 1], Activation::Gelu).html().to_string(), script),
    ];
    let found = browser!().drive(&visits);
    assert_eq!(found[0], json!({ "near": true, "moved": 3, "curves": 2 }));
    assert_eq!(found[1], json!({ "near": true, "moved": 3, "curves": 4 }));
}

/// Width and dashes say how large a weight is and of which sign; the line below says its name and its numbers.
#[test]
fn a_link_is_as_wide_as_its_weight_and_tells_its_name_and_numbers_on_demand() {
    let script = "
        const links = all('#network .pick:has(.link)');
        const weight = tape.find('layer 1.weight[2,1]'), says = `Select ${tape.name(weight)}`;
        const of = i => links.find(link => link.getAttribute('aria-label') === `Select ${tape.name(i)}`);
        const before = text('#network .readout');
        of(weight).dispatchEvent(new PointerEvent('pointerenter'));
        const told = text('#network .readout');
        of(weight).dispatchEvent(new PointerEvent('pointerleave'));
        const signs = links.map(link => {
          const i = tape.find(link.getAttribute('aria-label').slice(7));
          return link.querySelector('.minus') !== null === tape.value[i] < 0;
        });
        const wide = links.map(link => [Math.abs(tape.value[tape.find(link.getAttribute('aria-label').slice(7))]), Number(link.firstChild.getAttribute('stroke-width'))]).sort((a, b) => a[0] - b[0]);
        of(weight).dispatchEvent(new MouseEvent('click'));
        return {
          told: told.includes('w[2,1]') && told.includes('layer 1.weight[2,1]') && told.includes(show(tape.value[weight])) && told.includes(adjointText(weight)),
          back: text('#network .readout') === before || state.sel === weight, chosen: state.sel === weight,
          signs: signs.every(Boolean), links: links.length, wide: wide.every(([, w], k) => !k || w >= wide[k - 1][1]),
        };";
    let page = trained(&[2, 4, 1], Activation::Tanh).html().to_string();
    let found = browser!().drive(&[Visit::new(&page, script)]);
    let expected = json!({ "told": true, "back": true, "chosen": true, "signs": true, "links": 12, "wide": true });
    assert_eq!(found[0], expected);
}

#[test]
fn numbers_of_the_network_follow_those_of_the_tape() {
    let script = "
        const seen = () => ['.num', '.adj'].map(kind => all(`#network ${kind}`).map(e => e.textContent)).flat();
        const [w3, before] = [tape.find('w3'), seen()];
        const doubled = list => list.map(x => 2 * x);
        tape.put({ ...tape.recorded, value: doubled(tape.value), adjoint: doubled(tape.adjoint) });
        state.version++;
        set({ sel: w3 });
        const width = Number(all('#network .link').find(link => link.closest('.pick')?.getAttribute('aria-label').startsWith('Select w3')).getAttribute('stroke-width'));
        return { changed: seen().filter((text, k) => text !== before[k]).length, of: before.filter(text => text && !/ 0$|^0$/.test(text)).length, w3: text('#network .readout').includes(show(tape.value[w3])), wide: width > 1 };";
    let found = browser!().drive(&[Visit::new(&PAGE, script)]);
    assert_eq!(found[0]["changed"], found[0]["of"]);
    assert_eq!((&found[0]["w3"], &found[0]["wide"]), (&json!(true), &json!(true)));
}

#[test]
fn the_network_is_one_stop_of_the_tab_key_and_arrows_reach_all_of_it() {
    let script = "
        await wait(20);
        const parts = all('#network [role=\"button\"]'), stops = parts.filter(part => part.tabIndex === 0).length;
        parts.find(part => part.tabIndex === 0).focus();
        const here = state.t;
        for (let k = 0; k < parts.length; k++) press('ArrowUp', document.activeElement);
        const reached = new Set([document.activeElement]);
        for (let k = 0; k < parts.length; k++) press('ArrowDown', document.activeElement), reached.add(document.activeElement);
        press('Enter', document.activeElement);
        return { stops, all: reached.size === parts.length, still: state.t === here, selected: one('#network .selected') === document.activeElement };";
    let page = trained(&[2, 4, 1], Activation::Tanh).html().to_string();
    let found = browser!().drive(&[Visit::new(&page, script)]);
    let expected = json!({ "stops": 1, "all": true, "still": true, "selected": true });
    assert_eq!(found[0], expected);
}
