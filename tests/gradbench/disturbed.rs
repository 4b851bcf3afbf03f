//! Inputs that were good, changed at random.

use super::inputs::good;
use super::seed::seeds;
use super::{asked, modes};
use fastrand::Rng;
use serde_json::{Value, json};

/// Change something somewhere: a number, a list, a field.
fn disturb(value: &mut Value, rng: &mut Rng) {
    let goes_on = rng.u8(..5) > 0;
    match value {
        Value::Object(fields) if goes_on && !fields.is_empty() => {
            let which = rng.usize(..fields.len());
            disturb(fields.values_mut().nth(which).expect("a field"), rng);
        }
        Value::Array(items) if goes_on && !items.is_empty() => {
            let which = rng.usize(..items.len());
            match rng.u8(..6) {
                0 => drop(items.remove(which)),
                1 => items.push(items[which].clone()),
                _ => disturb(&mut items[which], rng),
            }
        }
        _ => {
            let odd = [
                json!(0),
                json!(-0.0),
                json!(1),
                json!(-1),
                json!(2),
                json!(7),
                json!(0.5),
                json!(1e-320),
                json!(1e155),
                json!(1e308),
                json!(-1e308),
                json!(-800.0),
                json!(800.0),
                json!(u64::MAX),
                json!(null),
                json!(""),
                json!([]),
                json!({}),
                json!([[]]),
                json!(true),
            ];
            *value = odd[rng.usize(..odd.len())].clone();
        }
    }
}

#[test]
fn whatever_an_input_holds_the_answer_is_an_output_or_a_reason() {
    // The searches take long, and read one or two numbers.
    let good: Vec<_> =
        good().into_iter().filter(|(name, ..)| !["particle", "saddle"].contains(name)).collect();
    let (mut outputs, mut reasons) = (0, 0);
    for seed in seeds(2000) {
        let rng = &mut Rng::with_seed(seed);
        let (module, function, mut input) = good[rng.usize(..good.len())].clone();
        (0..rng.usize(1..4)).for_each(|_| disturb(&mut input, rng));
        let answer = asked(module, function, &input, modes()[rng.usize(..4)]);
        match answer["success"].as_bool() {
            Some(true) => outputs += 1,
            _ => {
                reasons += 1;
                let error = answer["error"].as_str().unwrap_or_else(|| panic!("{input}: {answer}"));
                assert!(error.starts_with(&format!("{module}::{function}: ")), "{error}");
                assert!(!error.contains("panic"), "seed {seed}, {module}, {input}: {error}");
            }
        }
    }
    assert!(outputs > 100 && reasons > 100, "{outputs} outputs, {reasons} reasons");
}
