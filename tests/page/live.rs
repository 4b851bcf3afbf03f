//! One clock, and the reader's hands: whatever is stepped, typed or dragged, every number is the one that Rust has there.

use super::reports::{DOSAGE, PAGE};
use super::{Visit, browser};
use gradtape::nn::{Activation, Dosage, Mlp, mse};
use gradtape::optim::{Fitter, Sgd};
use gradtape::{Tape, Var, gradient, jacobian, value_and_gradient};
use serde_json::{Value, json};

const START: [f64; 7] = [3.34, -1.43, -3.53, 0.57, -1.22, -2.3, 0.0];
const DATA: [[f64; 2]; 3] = [[0.0, 0.0], [0.5, 1.0], [1.0, 0.0]];

fn numbers(found: &Value) -> Vec<f64> {
    let all = found.as_array().expect("a list");
    all.iter().map(|x| x.as_f64().expect("a number")).collect()
}

#[track_caller]
fn assert_close(found: &[f64], wanted: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (k, (a, b)) in found.iter().zip(wanted).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{what}, number {k}: {a}, not {b}");
    }
}

/// The values and adjoints of the dosage network's tape at seven parameters, for these observations.
fn tape_at(parameters: &[f64], data: &[[f64; 2]]) -> [Vec<f64>; 2] {
    let tape = Tape::new();
    let report = tape.report(Dosage::new(data).ssr_labelled(&tape.vars(parameters)));
    [
        report.nodes.iter().map(|n| n.value).collect(),
        report.nodes.iter().map(|n| n.adjoint).collect(),
    ]
}

/// All seven parameters at a record of a run.
fn parameters(run: usize, record: usize) -> Vec<f64> {
    let trained = &DOSAGE.runs[run].records[record].parameters;
    match trained.len() {
        1 => [&START[..6], trained].concat(),
        _ => trained.clone(),
    }
}

#[test]
fn at_every_training_step_the_whole_tape_is_that_of_its_parameters() {
    let script = "
        const found = [];
        for (let run = 0; run < data.runs.length; run++) {
          all('#training [data-run]')[run].click();
          for (let k = 0; k < data.runs[run].frames.length; k++) {
            training.moveTo(k);
            found.push({ value: [...tape.value], adjoint: [...tape.adjoint], loss: training.loss(),
              table: all('#table tr[data-id] td.value').map(cell => cell.textContent),
              rows: curvesWith(new Map(), data.runs[run].curves.grid), grid: data.runs[run].curves.grid, slice: sliceNow() });
          }
        }
        return found;";
    let found = &browser!().drive(&[Visit::new(&PAGE, script)])[0];
    let mut found = found.as_array().expect("steps").iter();
    for (r, run) in DOSAGE.runs.iter().enumerate() {
        for &record in &run.frames {
            let (what, page) = (format!("run {r}, record {record}"), found.next().expect("a step"));
            let p = parameters(r, record);
            let [values, adjoints] = tape_at(&p, &DATA);
            assert_close(&numbers(&page["value"]), &values, 1e-12, &what);
            assert_close(&numbers(&page["adjoint"]), &adjoints, 1e-12, &what);
            let loss = run.records[record].loss;
            assert_close(&[page["loss"].as_f64().expect("a loss")], &[loss], 1e-12, &what);
            let printed = page["table"].as_array().expect("cells").last().expect("a cell");
            assert!(
                super::reports::prints(printed.as_str().expect("text"), loss, 6),
                "{what}: {printed}"
            );
            // The curves are not in the page: the network draws them.
            let dosage = Dosage::new(&DATA);
            for (k, x) in numbers(&page["grid"]).into_iter().enumerate() {
                let curves = dosage.curves(&p, x);
                let at = |list: &Value| list[k].as_f64().expect("a number");
                let rows = &page["rows"];
                let drawn = [at(&rows["parts"][0]), at(&rows["parts"][1]), at(&rows["predicted"])];
                assert_close(&drawn, &curves, 1e-12, &what);
            }
            let slice = &page["slice"];
            let losses = numbers(&slice["grid"])
                .into_iter()
                .map(|b3| dosage.ssr(&[&p[..6], &[b3]].concat()));
            assert_close(&numbers(&slice["losses"]), &losses.collect::<Vec<_>>(), 1e-12, &what);
        }
    }
}

#[test]
fn only_what_changes_a_number_has_the_numbers_drawn_anew() {
    let script = "
        const drawn = [];
        panels.push({ update: before => drawn.push(before.version !== state.version) });
        training.moveTo(1); set({ sample: 1 }); set({ log: 1 }); training.moveTo(2); chosen(0); one('#changed').click();
        return drawn;";
    let found = &browser!().drive(&[Visit::new(&PAGE, script)])[0];
    assert_eq!(*found, json!([true, false, false, true, false]));
}

/// Gradient descent of b3 from a number, step by step.
fn descent(mut b3: f64, rate: f64, steps: usize) -> Vec<f64> {
    let step = |_| {
        b3 -= rate * tape_at(&[&START[..6], &[b3]].concat(), &DATA)[1][6];
        b3
    };
    (0..steps).map(step).collect()
}

#[test]
fn the_step_button_walks_the_recording_and_goes_on_from_wherever_the_reader_is() {
    let script = "
        const step = () => (one('#step').click(), tape.value[tape.find('b3')]);
        const type = (query, x) => { one(query).value = x; one(query).dispatchEvent(new Event('change', { bubbles: true })); };
        const recorded = [step(), step(), step()];
        type('#rate', 0.05);
        const slower = [step(), step()];
        chosen(6);
        type('#leaf', 4);
        const moved = [step(), step(), step()];
        const banner = text('#changed');
        one('#changed button').click();
        return { recorded, slower, moved, banner, hidden: !one('#changed').checkVisibility(), after: [...tape.value], steps: state.step };";
    let found = &browser!().drive(&[Visit::new(&PAGE, script)])[0];
    let recorded = descent(0.0, 0.1, 3);
    assert_close(&numbers(&found["recorded"]), &recorded, 1e-12, "the recorded steps");
    assert_close(
        &numbers(&found["slower"]),
        &descent(recorded[2], 0.05, 2),
        1e-12,
        "at another rate",
    );
    assert_close(&numbers(&found["moved"]), &descent(4.0, 0.05, 3), 1e-12, "from 4");
    let banner = found["banner"].as_str().expect("text");
    assert!(
        banner.contains("b3 = ") && banner.contains("recorded 0") && banner.contains("rate 0.05"),
        "{banner}"
    );
    assert_eq!(found["hidden"], true, "nothing differs after a reset");
    let third = tape_at(&[&START[..6], &[recorded[2]]].concat(), &DATA);
    assert_close(&numbers(&found["after"]), &third[0], 1e-12, "back at the recorded step");
}

#[test]
fn observations_that_are_moved_give_the_loss_of_those_data_and_a_link_brings_them_back() {
    let script = "
        const circle = all('#fit .handle')[1];
        for (let k = 0; k < 10; k++) press('ArrowRight', circle);
        for (let k = 0; k < 5; k++) press('ArrowDown', circle, { shiftKey: true });
        await wait(300);
        return { point: live.point(1), value: [...tape.value], adjoint: [...tape.adjoint], hash: location.hash, residuals: text('#fit p') };";
    let browser = browser!();
    let found = &browser.drive(&[Visit::new(&PAGE, script)])[0];
    let point = numbers(&found["point"]);
    assert!(point[0] > 0.55 && point[1] < 0.9, "the point was moved: {point:?}");
    let data = [DATA[0], [point[0], point[1]], DATA[2]];
    let [values, adjoints] = tape_at(&START, &data);
    assert_close(&numbers(&found["value"]), &values, 1e-12, "with the data moved");
    assert_close(&numbers(&found["adjoint"]), &adjoints, 1e-12, "with the data moved");
    let again =
        "return { point: live.point(1), value: [...tape.value], residuals: text('#fit p') };";
    let linked = &browser
        .drive(&[Visit::new(&PAGE, again).at(found["hash"].as_str().expect("an address"))])[0];
    for key in ["point", "value", "residuals"] {
        assert_eq!(linked[key], found[key], "{key} at {}", found["hash"]);
    }
}

#[test]
fn addresses_that_make_no_sense_change_nothing() {
    let script = "return [[...tape.value], one('#changed').checkVisibility()];";
    let bad = [
        "leaves=99:1",
        "leaves=7:1",
        "leaves=6",
        "leaves=6:x",
        "leaves=6:Infinity",
        "leaves=-1:2",
        "points=3:1:1",
        "points=1:2",
        "rate=fast",
        "rate=",
        "tour=9",
        "step=-1",
        "step=soon",
    ];
    let visits: Vec<Visit> =
        bad.iter().map(|text| Visit::new(&PAGE, script).at(&format!("#{text}"))).collect();
    let recorded: Vec<f64> = DOSAGE.nodes.iter().map(|node| node.value).collect();
    for (found, text) in browser!().drive(&visits).iter().zip(bad) {
        assert_eq!(numbers(&found[0]), recorded, "{text}");
        assert_eq!(found[1], false, "{text}");
    }
}

#[test]
fn the_story_adds_up_to_the_slope_for_every_parameter() {
    let script = "
        const found = [];
        for (const k of [0, 20, 35]) {
          all('#training [data-run]')[1].click();
          training.moveTo(k);
          for (let i = 0; i < 7; i++) { chosen(i); found.push([storyOf(i), text('#story table'), text('#story p.headline')]); }
        }
        return found;";
    let found = &browser!().drive(&[Visit::new(&PAGE, script)])[0];
    let mut found = found.as_array().expect("stories").iter();
    let dosage = Dosage::new(&DATA);
    for k in [0, 20, 35] {
        let p = parameters(1, DOSAGE.runs[1].frames[k]);
        let slopes = gradient(|p| dosage.ssr(p), &p);
        let inner = jacobian(|p| DATA.map(|[x, _]| dosage.predict(p, x)).to_vec(), &p);
        for i in 0..7 {
            let (what, page) =
                (format!("parameter {i} at frame {k}"), found.next().expect("a story"));
            let story = &page[0];
            assert_eq!(
                (&story["agrees"], &story["scale"]),
                (&json!(true), &json!("\u{2212}2")),
                "{what}"
            );
            for (j, row) in story["rows"].as_array().expect("rows").iter().enumerate() {
                let at = |key: &str| row[key].as_f64().expect("a number");
                let outer = -2.0 * (DATA[j][1] - dosage.predict(&p, DATA[j][0]));
                assert_close(&[at("outer"), at("inner")], &[outer, inner[(j, i)]], 1e-12, &what);
                assert_close(&[at("product")], &[outer * inner[(j, i)]], 1e-12, &what);
            }
            assert_close(&[story["sum"].as_f64().expect("a sum")], &[slopes[i]], 1e-12, &what);
            assert!(
                page[2].as_str().expect("text").contains("observed \u{2212} predicted"),
                "{page}"
            );
        }
    }
}

#[test]
fn the_tour_leads_through_the_explanation_and_the_address_keeps_the_stop() {
    let script = "
        const found = [];
        one('#start-tour').click();
        while (one('#tour').checkVisibility()) {
          await wait(200);
          found.push([text('#tour h2'), text('#tour p'), all('.toured').map(e => e.id).join(), location.hash]);
          one('#tour [data-go=next]').click();
          if (found.length > 9) break;
        }
        return [found, location.hash];";
    let browser = browser!();
    let found = &browser.drive(&[Visit::new(&PAGE, script)])[0];
    let stops = found[0].as_array().expect("stops");
    let said = |k: usize| {
        format!("{}{}", stops[k][0].as_str().expect("text"), stops[k][1].as_str().expect("text"))
    };
    let wanted = [
        ("squiggle", "fit"),
        ("2.604, 2.609, 2.615", "fit"),
        ("20.42", "fit"),
        ("\u{2212}15.66", "story"),
        ("1.566", "slice"),
        ("one sweep", "network"),
    ];
    assert_eq!(stops.len(), wanted.len(), "six stops");
    for (k, (words, panel)) in wanted.into_iter().enumerate() {
        assert!(said(k).contains(words), "stop {k}: {}", said(k));
        assert_eq!(stops[k][2], panel);
        let again =
            "return [text('#tour h2'), text('#tour p'), all('.toured').map(e => e.id).join()];";
        let linked = &browser
            .drive(&[Visit::new(&PAGE, again).at(stops[k][3].as_str().expect("an address"))])[0];
        assert_eq!(
            linked.as_array().expect("a stop")[..],
            stops[k].as_array().expect("a stop")[..3]
        );
    }
}

#[test]
fn a_leaf_that_takes_another_branch_is_told_and_blocks_nothing() {
    let tape = Tape::new();
    let x = tape.var(2.0).label("x");
    let y = if x > 1.0 { gradtape::Real::square(x) } else { -x };
    let page = tape.report(y.label("y")).html().to_string();
    let script = "one('#leaf').value = 0.5; one('#leaf').dispatchEvent(new Event('change', { bubbles: true })); return [text('#changed'), tape.value];";
    let found = &browser!().drive(&[Visit::new(&page, script).at("#sel=x")])[0];
    assert!(
        found[0]
            .as_str()
            .expect("text")
            .contains("1 comparison of the recording would fall otherwise"),
        "{found}"
    );
    assert_eq!(numbers(&found[1]), [0.5, 0.25], "the recorded branch");
}

#[test]
fn a_run_of_another_loss_does_not_move_the_tape() {
    let fit = Fitter::new(|p: &[Var]| (p[0] - 3.0).square(), &[1.0])
        .names(["x"])
        .fit(&mut Sgd::new(0.1), 5)
        .expect("finite");
    let tape = Tape::new();
    let x = tape.var(1.0).label("x");
    let page = tape.report(x.exp().label("y")).with_run(fit.history).html().to_string();
    let script = "
        all('#training button').forEach(button => button.click());
        return [[...tape.value], one('#step').checkVisibility(), live.isLive()];";
    let found = &browser!().drive(&[Visit::new(&page, script)])[0];
    assert_eq!(numbers(&found[0]), [1.0, 1f64.exp()]);
    assert_eq!((&found[1], &found[2]), (&json!(false), &json!(false)));
}

#[test]
fn a_network_on_own_data_is_alive_too() {
    let network = Mlp::new(1).dense(3, Activation::Tanh).dense(1, Activation::Identity);
    let data = [[-1.0, 0.5], [0.0, -0.25], [0.75, 1.0], [2.0, 0.125]];
    let start: Vec<f64> =
        (0..network.parameter_count()).map(|k| 0.3 * (k as f64 * 1.7).sin()).collect();
    let loss = |p: &[Var]| {
        let predicted = data.map(|[x, _]| network.forward(p, &[x])[0]);
        mse(&predicted, &data.map(|[_, y]| y))
    };
    let names: Vec<String> = (0..start.len()).map(|k| format!("p{k}")).collect();
    let fit =
        Fitter::new(loss, &start).names(names.clone()).fit(&mut Sgd::new(0.1), 20).expect("finite");
    let tape = Tape::new();
    let p: Vec<Var> = start.iter().zip(&names).map(|(&x, name)| tape.var(x).label(name)).collect();
    let predicted = data.map(|[x, _]| network.forward_labelled(&p, &[x])[0]);
    let page = tape
        .report(mse(&predicted, &data.map(|[_, y]| y)))
        .with_run(fit.history.clone())
        .html()
        .to_string();
    let script = "
        training.moveTo(7);
        const seventh = { loss: tape.value[data.output], slopes: live.leavesOf[0].map(i => tape.adjoint[i]), story: storyOf(live.leavesOf[0][0]) };
        set({ points: new Map([[2, [1.5, -0.5]]]) });
        return { ...seventh, moved: tape.value[data.output], points: data.points.length };";
    let found = &browser!().drive(&[Visit::new(&page, script)])[0];
    let record = &fit.history.records[7];
    let (loss, slopes) = value_and_gradient(loss, &record.parameters);
    assert_close(&[found["loss"].as_f64().expect("a loss")], &[loss], 1e-12, "the loss");
    assert_close(&numbers(&found["slopes"]), &slopes, 1e-12, "the slopes");
    assert_eq!(
        (&found["story"]["agrees"], &found["story"]["scale"]),
        (&json!(true), &json!("\u{2212}2 / 4"))
    );
    let mut moved = data;
    moved[2] = [1.5, -0.5];
    let errors = moved.map(|[x, y]| (y - network.forward(&record.parameters, &[x])[0]).powi(2));
    let wanted = errors.iter().sum::<f64>() / 4.0;
    assert_close(
        &[found["moved"].as_f64().expect("a loss")],
        &[wanted],
        1e-12,
        "with an observation moved",
    );
    assert_eq!(found["points"], 4);
}
