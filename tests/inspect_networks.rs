//! The network of a report: each unit, bias and weight is the node that it is on the tape, and what does not
//! fit is not drawn.

#[path = "common/seed.rs"]
mod seed;

use gradtape::inspect::{Network, Report, Source, Unit};
use gradtape::nn::{Activation, Dosage, Init, Mlp, ssr};
use gradtape::op::Op;
use gradtape::{Program, Real, Tape, Var, affine};

fn small() -> Mlp {
    Mlp::new(2).dense(3, Activation::Tanh).dense(2, Activation::Identity)
}

fn parameters(tape: &Tape, network: &Mlp) -> Vec<Var> {
    let drawn = network.initialize(Init::XavierUniform, 5);
    tape.vars(drawn.as_slice())
}

fn value(report: &Report, source: Source) -> f64 {
    match source {
        Source::Node(i) => report.nodes[i].value,
        Source::Data(x) => x,
    }
}

/// Compare a drawing with the network: its shape, its parameters by their positions in the flat vector, and
/// its values with those of `forward` layer by layer.
#[track_caller]
fn is_drawn(report: &Report, network: &Mlp, parameters: &[Var], inputs: &[Vec<f64>]) {
    let drawn = report.network.as_ref().expect("there is a network");
    assert_eq!(drawn.samples.len(), inputs.len());
    assert_eq!(drawn.layers.len(), network.layers().len() + 1);
    assert_eq!(drawn.layers[0].len(), network.inputs());
    let mut own = parameters;
    let mut links = drawn.links.iter();
    let mut last: Vec<Vec<f64>> = inputs.to_vec();
    for (l, layer) in network.layers().iter().enumerate() {
        let (here, later) = own.split_at(layer.parameter_count());
        let (weights, biases) = here.split_at(layer.inputs() * layer.outputs());
        for (k, weight) in weights.iter().enumerate() {
            let link = links.next().expect("there is a link for each weight");
            let (to, from) = (k / layer.inputs(), k % layer.inputs());
            assert_eq!((link.layer, link.from, link.to), (l, from, to));
            assert_eq!(link.weight, weight.index());
        }
        let units = &drawn.layers[l + 1];
        assert_eq!(units.iter().map(|u| u.bias).collect::<Vec<_>>(), nodes(biases));
        let plain: Vec<f64> = here.iter().map(|p| p.value()).collect();
        last = last.iter().map(|x| layer.forward(&plain, x)).collect();
        for (j, unit) in units.iter().enumerate() {
            let expected = Some(layer.activation()).filter(|&a| a != Activation::Identity);
            assert_eq!(unit.activation, expected.map_or("", Activation::name));
            let gives: Vec<f64> = unit.gives.iter().map(|&seen| value(report, seen)).collect();
            assert_eq!(gives, last.iter().map(|y| y[j]).collect::<Vec<_>>());
        }
        own = later;
    }
    assert!(links.next().is_none());
    for (i, unit) in drawn.layers[0].iter().enumerate() {
        let gives: Vec<f64> = unit.gives.iter().map(|&seen| value(report, seen)).collect();
        assert_eq!(gives, inputs.iter().map(|x| x[i]).collect::<Vec<_>>());
    }
}

fn nodes(variables: &[Var]) -> Vec<Option<usize>> {
    variables.iter().map(|v| v.index()).collect()
}

#[test]
fn networks_of_all_shapes_and_activations_are_drawn_for_data() {
    let mut shapes = vec![
        Mlp::new(1).dense(1, Activation::Identity),
        Mlp::new(3).dense(1, Activation::Sigmoid),
        small(),
        Mlp::new(2)
            .dense(1, Activation::Tanh)
            .dense(1, Activation::Tanh)
            .dense(2, Activation::Relu),
    ];
    let all = Activation::ALL.iter();
    shapes.extend(all.map(|&a| Mlp::new(2).dense(2, a).dense(3, a).dense(1, a)));
    for network in shapes {
        for inputs in [1, 3].map(|n| samples(network.inputs(), n)) {
            let tape = Tape::new();
            let p = parameters(&tape, &network);
            let outputs: Vec<Var> =
                inputs.iter().flat_map(|x| network.forward_labelled(&p, x)).collect();
            let loss = ssr(&outputs, &vec![0.5; outputs.len()]);
            is_drawn(&tape.report(loss), &network, &p, &inputs);
        }
    }
}

/// `count` inputs of `width` numbers.
fn samples(width: usize, count: usize) -> Vec<Vec<f64>> {
    let number = |s: usize, i: usize| (s * width + i) as f64 * 0.3 - 0.4;
    (0..count).map(|s| (0..width).map(|i| number(s, i)).collect()).collect()
}

#[test]
fn inputs_that_are_variables_are_nodes_and_keep_their_labels() {
    let network = small();
    let tape = Tape::new();
    let p = parameters(&tape, &network);
    let x = [tape.var(0.5).label("age"), tape.var(-1.0)];
    let y = network.forward_labelled(&p, &x)[1];
    let report = tape.report(y);
    is_drawn(&report, &network, &p, &[vec![0.5, -1.0]]);
    let inputs = &report.network.unwrap().layers[0];
    assert_eq!([&inputs[0].name, &inputs[1].name], ["age", "x[1]"]);
    let seen = inputs.iter().map(|unit| unit.gives[0]).collect::<Vec<_>>();
    assert_eq!(seen, x.map(|x| Source::Node(x.index().unwrap())));
}

#[test]
fn a_scope_around_each_evaluation_names_the_sample() {
    let network = small();
    let tape = Tape::new();
    let p = parameters(&tape, &network);
    let evaluate = |name: &str, x: f64| {
        let _scope = tape.scope(name);
        network.forward_labelled(&p, &[x, 1.0])[0]
    };
    let two = evaluate("monday", 0.25) + evaluate("tuesday", 0.5);
    assert_eq!(tape.report(two).network.unwrap().samples, ["monday", "tuesday"]);
    let three = two + evaluate("monday", 0.75);
    let report = tape.report(three);
    assert_eq!(report.network.as_ref().unwrap().samples, ["sample 0", "sample 1", "sample 2"]);
    let inputs = [0.25, 0.5, 0.75].map(|x| vec![x, 1.0]);
    is_drawn(&report, &network, &p, &inputs);
}

#[test]
fn outputs_may_be_relabelled() {
    let network = small();
    let tape = Tape::new();
    let p = parameters(&tape, &network);
    let y = network.forward_labelled(&p, &[0.5, -1.0])[0].label("predicted");
    let report = tape.report(y);
    is_drawn(&report, &network, &p, &[vec![0.5, -1.0]]);
    let names: Vec<String> =
        report.network.unwrap().layers.concat().into_iter().map(|unit| unit.name).collect();
    let hidden = ["layer 1[0]", "layer 1[1]", "layer 1[2]"];
    assert_eq!(names, [&["x[0]", "x[1]"][..], &hidden, &["predicted", "layer 2[1]"]].concat());
}

#[test]
fn parameters_that_are_constants_have_no_node_of_their_own_or_one_that_says_so() {
    let network = Mlp::new(1).dense(2, Activation::Tanh).dense(1, Activation::Identity);
    let tape = Tape::new();
    let x = tape.var(0.5);
    let p: Vec<Var> = [1.0, 2.0, 0.1, 0.2, 3.0, 4.0].map(Var::from).to_vec();
    let last = tape.var(0.3);
    let p = [p, vec![last]].concat();
    let report = tape.report(network.forward_labelled(&p, &[x])[0]);
    let drawn = report.network.as_ref().unwrap();
    assert!(drawn.links.iter().all(|link| link.weight.is_none()));
    assert_eq!(drawn.layers[0][0].gives, [Source::Node(x.index().unwrap())]);
    assert_eq!(drawn.layers[2][0].bias, last.index());
    let biases = drawn.layers[1].iter().map(|unit| report.nodes[unit.bias.unwrap()].value);
    assert_eq!(biases.collect::<Vec<_>>(), [0.1, 0.2]);
}

#[test]
fn evaluations_with_some_constant_weights_are_samples_of_one_network() {
    let network = Mlp::new(2).dense(2, Activation::Tanh).dense(1, Activation::Identity);
    let tape = Tape::new();
    let mut p = tape.vars(&[1.0; 9]);
    p[3] = Var::from(0.25);
    p[6] = Var::from(0.75);
    let y = [0.1, 0.2].map(|x| network.forward_labelled(&p, &[x, 1.0])[0]);
    let report = tape.report(y[0] * y[1]);
    let drawn = report.network.as_ref().unwrap();
    assert_eq!(drawn.samples.len(), 2);
    assert_eq!(drawn.links.len(), 6);
    for (link, at) in drawn.links.iter().zip([0, 1, 2, 3, 6, 7]) {
        assert_eq!(report.nodes[link.weight.unwrap()].value, p[at].value());
        assert!(p[at].is_constant() || link.weight == p[at].index());
    }
}

#[test]
fn of_two_networks_the_larger_is_drawn_and_of_equals_the_first() {
    let network = small();
    let tape = Tape::new();
    let little = Mlp::new(1).dense(1, Activation::Relu);
    let other = little.forward_labelled(&tape.vars(&[1.0, 2.0]), &[0.5])[0];
    let [p, q] = [(); 2].map(|()| parameters(&tape, &network));
    let [y, z] = [&p, &q].map(|p| network.forward_labelled(p, &[0.5, 1.0])[0]);
    is_drawn(&tape.report(other + y + z), &network, &p, &[vec![0.5, 1.0]]);
}

#[test]
fn a_program_keeps_labels_and_so_its_network() {
    let network = small();
    let start = network.initialize(Init::XavierUniform, 5);
    let inputs = samples(2, 2);
    let program = Program::record(
        |p| {
            let outputs: Vec<Var> =
                inputs.iter().flat_map(|x| network.forward_labelled(p, x)).collect();
            ssr(&outputs, &[0.0; 4])
        },
        start.as_slice(),
    );
    let report = program.report(start.as_slice()).unwrap();
    let drawn = report.network.unwrap();
    assert_eq!(drawn.samples.len(), 2);
    let weights: Vec<usize> = drawn.links.iter().map(|link| link.weight.unwrap()).collect();
    assert_eq!(weights, [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14]);
}

#[test]
fn what_is_no_network_is_not_drawn() {
    let none = |build: &dyn Fn(&Tape, &[Var]) -> Var| {
        let tape = Tape::new();
        let p = tape.vars(&[0.5, 1.5, 2.5]);
        let y = build(&tape, &p);
        assert_eq!(tape.report(y).network, None);
    };
    none(&|_, p| p[0] * p[1]);
    none(&|_, p| (p[0] * p[1]).label("layer 1[0]"));
    none(&|_, p| p[0].label("layer 1[0]"));
    // Scopes of others: empty, with other operations, nested in each other.
    none(&|tape, p| {
        let _scope = tape.scope("layer 1");
        p[0]
    });
    none(&|tape, p| {
        let _scope = tape.scope("layer 1");
        affine(&p[..2], &[1.0, 2.0], p[2]).exp()
    });
    none(&|tape, p| {
        let _scope = tape.scope("layer 1");
        let y = affine(&p[..2], &[1.0, 2.0], p[2]);
        y.tanh() + y.sin()
    });
    none(&|tape, p| {
        let _outer = tape.scope("layer 1");
        let inner = || {
            let _scope = tape.scope("layer 2");
            affine(&p[..2], &[1.0, 2.0], p[2])
        };
        inner()
    });
    // Units of different inputs.
    none(&|tape, p| {
        let _scope = tape.scope("layer 1");
        affine(&p[..1], &[1.0], p[2]) + affine(&p[1..2], &[2.0], p[2])
    });
    // Only a second layer.
    none(&|tape, p| {
        let _scope = tape.scope("layer 2");
        affine(&p[..2], &[1.0, 2.0], p[2]).tanh()
    });
    none(&|_, p| Mlp::new(0).dense(1, Activation::Tanh).forward_labelled(&p[..1], &[0.0; 0])[0]);
    none(&|_, p| Mlp::new(1).forward_labelled(&[], &p[..1])[0]);
}

#[test]
fn scopes_and_labels_like_those_of_a_network_draw_nothing_by_themselves() {
    let tape = Tape::new();
    let p = tape.vars(&[0.5, 1.5, 2.5, 3.5]);
    let first = {
        let _scope = tape.scope("layer 1");
        affine(&p[..2], &[1.0, 2.0], p[2]).tanh().label("layer 1[0]")
    };
    let second = {
        let _scope = tape.scope("layer 2");
        affine(&[first], &[p[3]], p[2]).tanh().label("layer 2[0]")
    };
    assert_eq!(tape.report(first * second).network, None);
}

#[test]
fn a_rewound_evaluation_is_no_evaluation_of_the_whole() {
    let network = small();
    let tape = Tape::new();
    let p = parameters(&tape, &network);
    let before = tape.mark();
    let _cut = network.forward_labelled(&p, &[0.25, 0.5])[0];
    tape.rewind(before);
    let y = network.forward_labelled(&p, &[0.5, 1.0])[0];
    is_drawn(&tape.report(y), &network, &p, &[vec![0.5, 1.0]]);
}

/// Each link is one product of the affine form under the unit that it ends at, in every sample.
fn all_links_are_products(report: &Report, drawn: &Network) -> bool {
    let number = |i: usize| Source::Node(i);
    drawn.links.iter().all(|link| {
        let from = &drawn.layers[link.layer][link.from];
        let to = &drawn.layers[link.layer + 1][link.to];
        from.gives.iter().zip(&to.gives).all(|(&x, &y)| {
            let Source::Node(y) = y else { return false };
            let is_form = |i: usize| matches!(report.nodes[i].op, Op::Affine | Op::AffineData);
            let form = &report.nodes[if is_form(y) { y } else { report.nodes[y].operands[0] }];
            let weight = number(link.weight.unwrap());
            let at = |i: usize| form.operands.get(i).map(|&o| number(o));
            match form.op {
                Op::Affine => at(2 * link.from) == Some(weight) && at(2 * link.from + 1) == Some(x),
                Op::AffineData => {
                    let data = Source::Data(form.constants[link.from]);
                    at(link.from) == Some(weight) && data == x
                }
                _ => false,
            }
        })
    })
}

#[test]
fn every_link_of_a_random_network_is_a_product_of_the_form_it_ends_at() {
    let mut rng = seed::random(4);
    for round in 0..400 {
        let mut network = Mlp::new(rng.usize(1..4));
        for _ in 0..rng.usize(1..4) {
            network =
                network.dense(rng.usize(1..4), Activation::ALL[rng.usize(..Activation::ALL.len())]);
        }
        let tape = Tape::new();
        let p = parameters(&tape, &network);
        let count = rng.usize(1..4);
        let outputs: Vec<Var> = (0..count)
            .flat_map(|_| {
                let input = (0..network.inputs()).map(|_| rng.f64());
                match round % 2 {
                    0 => network.forward_labelled(&p, &input.collect::<Vec<_>>()),
                    _ => {
                        let input: Vec<Var> = input.map(|x| tape.var(x)).collect();
                        network.forward_labelled(&p, &input)
                    }
                }
            })
            .collect();
        let report = tape.report(outputs.iter().sum());
        let drawn = report.network.as_ref().expect("it ran");
        assert_eq!(drawn.samples.len(), count);
        assert!(all_links_are_products(&report, drawn), "round {round}");
    }
}

#[test]
fn clearing_a_tape_forgets_its_networks_and_a_rewind_those_after_the_mark() {
    let network = small();
    let tape = Tape::new();
    let p = parameters(&tape, &network);
    let run = |x: f64| network.forward_labelled(&p, &[x, 1.0])[0];
    let first = run(0.25);
    let mark = tape.mark();
    let _cut = run(0.5);
    tape.rewind(mark);
    let again = run(0.75);
    let inputs = [0.25, 0.75].map(|x| vec![x, 1.0]);
    is_drawn(&tape.report(first * again), &network, &p, &inputs);
    tape.clear();
    let x = tape.var(1.0);
    assert_eq!(tape.report(x.exp()).network, None);
}

#[test]
fn the_dosage_network_is_drawn_for_data_of_ones_own_and_for_its_program() {
    let mut own = Dosage::new(&[[0.1, 0.3], [0.7, 0.9]]);
    own.start = [0.5, -1.0, 1.5, 2.0, -0.25, 0.75, 0.1];
    let tape = Tape::new();
    let p = tape.vars(&own.start);
    let report = tape.report(own.ssr_labelled(&p));
    let program = Program::record(|p| own.ssr_labelled(p), &own.start);
    for report in [report, program.report(&own.start).unwrap()] {
        let drawn = report.network.as_ref().unwrap();
        assert_eq!(drawn.samples, ["dosage 0.1", "dosage 0.7"]);
        let weights: Vec<Option<usize>> = drawn.links.iter().map(|link| link.weight).collect();
        assert_eq!(weights, [0, 2, 4, 5].map(Some));
        for (s, &[x, _]) in own.data.iter().enumerate() {
            assert_eq!(drawn.layers[0][0].gives[s], Source::Data(x));
            let predicted = value(&report, drawn.layers[2][0].gives[s]);
            assert_eq!(predicted, own.predict(&own.start, x));
        }
    }
    // One observation: the unit is still called what it is.
    own.data.truncate(1);
    let tape = Tape::new();
    let report = tape.report(own.ssr_labelled(&tape.vars(&own.start)));
    assert_eq!(report.network.unwrap().layers[2][0].name, "predicted");
}

#[test]
fn a_large_network_is_not_drawn_and_the_report_says_so() {
    let report = |inputs: usize, hidden: usize, outputs: usize| {
        let tape = Tape::new();
        let network =
            Mlp::new(inputs).dense(hidden, Activation::Tanh).dense(outputs, Activation::Tanh);
        let y = network.forward_labelled(&parameters(&tape, &network), &vec![0.5; inputs])[0];
        tape.report(y)
    };
    assert!(report(64, 20, 10).network.is_some());
    assert!(report(1, 64, 1).facts.is_empty());
    for (shape, units, links) in [
        ((65, 2, 1), 65, 132),
        ((2, 65, 1), 65, 195),
        ((2, 2, 65), 65, 134),
        ((50, 40, 1), 50, 2040),
    ] {
        let (inputs, hidden, outputs) = shape;
        let report = report(inputs, hidden, outputs);
        assert_eq!(report.network, None);
        let fact = format!(
            "not drawn: its largest layer has {units} of at most 64 units, and it has {links} of at most \
             2000 links"
        );
        assert_eq!(report.facts, [("network".to_string(), fact)]);
    }
}

#[test]
fn the_dosage_network_is_drawn_with_the_numbers_of_its_curves() {
    let report = Dosage::published_report();
    let drawn = report.network.as_ref().unwrap();
    assert_eq!(drawn.samples, ["dosage 0", "dosage 0.5", "dosage 1"]);
    let dosage = Dosage::main_ideas();
    let p = dosage.start;
    let node = |name: &str| report.find(name).unwrap();
    let units: Vec<&Unit> = drawn.layers.iter().flatten().collect();
    let names: Vec<&str> = units.iter().map(|unit| &unit.name[..]).collect();
    assert_eq!(names, ["dosage", "blue unit", "orange unit", "predicted"]);
    assert_eq!(drawn.layers.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 1]);
    let biases = ["b1", "b2", "b3"].map(|name| Some(node(name)));
    assert_eq!(units.iter().map(|u| u.bias).collect::<Vec<_>>(), [&[None][..], &biases].concat());
    assert_eq!([units[1].part, units[2].part, units[3].part], [Some(0), Some(1), None]);
    assert_eq!([&units[1].activation[..], &units[3].activation], ["softplus", ""]);
    let links: Vec<_> =
        drawn.links.iter().map(|l| (l.layer, l.from, l.to, l.weight.unwrap())).collect();
    let [w1, w2, w3, w4] = ["w1", "w2", "w3", "w4"].map(node);
    assert_eq!(links, [(0, 0, 0, w1), (0, 0, 1, w2), (1, 0, 0, w3), (1, 1, 0, w4)]);
    for (s, [x, _]) in Dosage::DATA.into_iter().enumerate() {
        let gives = |unit: usize| value(&report, units[unit].gives[s]);
        let [w1, b1, w2, b2, w3, w4, _] = p;
        assert_eq!(units[0].gives[s], Source::Data(x));
        assert_eq!((gives(1), gives(2)), ((w1 * x + b1).softplus(), (w2 * x + b2).softplus()));
        let [blue, orange, _green] = dosage.curves(&p, x);
        assert_eq!((w3 * gives(1), w4 * gives(2)), (blue, orange));
        assert_eq!(units[3].gives[s], Source::Node(node(&format!("predicted {x}"))));
        assert_eq!(gives(3), dosage.predict(&p, x));
    }
}

#[test]
fn labels_like_those_of_the_dosage_network_draw_nothing_by_themselves() {
    let tape = Tape::new();
    let dosage = Dosage::main_ideas();
    let p = tape.vars(&dosage.start);
    for (x, name) in p.iter().zip(Dosage::NAMES) {
        x.label(name);
    }
    let y = (p[0] + p[1] + p[6]).label("predicted 0.5");
    assert_eq!(tape.report(y).network, None);

    // Six of the seven, as when one is a constant.
    let tape = Tape::new();
    let mut p = tape.vars(&dosage.start);
    p[3] = Var::from(p[3].value());
    assert_eq!(tape.report(dosage.ssr_labelled(&p)).network, None);
}

#[test]
fn evaluations_of_the_dosage_network_with_other_parameters_are_left_out() {
    let tape = Tape::new();
    let [a, c] = [Dosage::main_ideas(), Dosage::details_2()].map(|dosage| {
        let p = tape.vars(&dosage.start);
        (dosage.ssr_labelled(&p), p)
    });
    let drawn = tape.report(a.0 + c.0).network.unwrap();
    assert_eq!(drawn.samples.len(), 3);
    assert_eq!(drawn.links[0].weight, a.1[0].index());
}
