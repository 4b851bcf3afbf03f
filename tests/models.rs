//! Models: recipes refused and followed, predictions against what is computed by hand, files that are read back to the
//! bit or refused.
#![cfg(feature = "json")]

#[path = "common/property.rs"]
mod property;

use gradtape::data::{Code, Dataset};
use gradtape::model::{
    Checkpoint, Course, Layer, Loss, Method, Model, ModelError, Plan, Prediction, Recipe, Scores,
    write_whole,
};
use gradtape::optim::Training;
use property::{config, seed};
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

/// A curve of two inputs, with a column of words that is right about its sign.
fn data() -> Dataset {
    let x = |i: usize, k: usize| (i * k % 31) as f64 / 15.0 - 1.0;
    let rows = 0..90;
    let y: Vec<f64> = rows.clone().map(|i| 1000.0 + 50.0 * x(i, 7) * x(i, 12)).collect();
    let side: Vec<&str> = y.iter().map(|&y| if y < 1000.0 { "low" } else { "high" }).collect();
    let third: Vec<&str> = rows.clone().map(|i| ["a", "b", "c"][i * 7 % 31 * 3 / 31]).collect();
    Dataset::new()
        .with_numbers("p", rows.clone().map(|i| x(i, 7)).collect())
        .and_then(|data| data.with_numbers("q", rows.map(|i| 100.0 * x(i, 12)).collect()))
        .and_then(|data| data.with_numbers("y", y.clone()))
        .and_then(|data| data.with_words("side", &side))
        .and_then(|data| data.with_words("third", &third))
        .unwrap()
}

fn recipe(target: &str, inputs: &[&str]) -> Recipe {
    let mut recipe = Recipe::new(target);
    recipe.inputs = inputs.iter().map(|name| name.to_string()).collect();
    recipe.layers = Layer::list("8,tanh").unwrap();
    recipe.batch = 10;
    recipe.epochs = 20;
    recipe.split = [0.6, 0.2, 0.2];
    recipe
}

fn run(mut training: Training<'_>) -> Training<'_> {
    while training.epoch().unwrap().is_some() {}
    training
}

fn train(recipe: &Recipe) -> (Plan, Model) {
    let plan = recipe.plan(&data()).unwrap();
    let training = run(plan.training().unwrap());
    let model = plan.model(training.best_parameters());
    drop(training);
    (plan, model)
}

#[test]
fn every_method_schedule_and_loss_makes_the_loss_smaller() {
    let mut tried = 0;
    let mut check = |recipe: &Recipe| {
        let plan = recipe.plan(&data()).unwrap();
        let training = run(plan.training().unwrap());
        let start = plan.model(plan.training().unwrap().parameters());
        let before = start.evaluate(&data()).unwrap().loss;
        let after = plan.model(training.best_parameters()).evaluate(&data()).unwrap().loss;
        assert!(after < 0.9 * before, "{recipe:?}: {before} to {after}");
        tried += 1;
    };
    for &method in Method::ALL {
        let mut recipe = recipe("y", &["p", "q"]);
        recipe.method = method;
        recipe.weight_decay = 1e-4;
        recipe.clip_norm = Some(10.0);
        recipe.clip_value = Some(5.0);
        check(&recipe);
    }
    for &course in Course::ALL {
        let mut recipe = recipe("y", &["p", "q"]);
        recipe.course = course;
        check(&recipe);
    }
    for &loss in Loss::ALL {
        let target = if loss.is_of_classes() { "side" } else { "y" };
        let mut recipe = recipe(target, &["p", "q"]);
        recipe.loss = Some(loss);
        check(&recipe);
    }
    for batch in [0, 1, 1000] {
        let mut recipe = recipe("third", &["p", "q", "side"]);
        recipe.batch = batch;
        recipe.epochs = 40;
        check(&recipe);
    }
    assert_eq!(tried, 5 + 6 + 5 + 3);
}

/// The forward pass by hand: inputs standardized, tanh, affine, and back to the unit of the target.
#[test]
fn a_prediction_is_what_the_file_of_the_model_says() {
    let (_, model) = train(&recipe("y", &["p", "q"]));
    let file: serde_json::Value = serde_json::from_str(&model.to_json()).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let standard = |value: &serde_json::Value| {
        let number = &value["number"];
        (number["mean"].as_f64().unwrap(), number["scale"].as_f64().unwrap())
    };
    let data = data();
    let Prediction::Numbers(predicted) = model.predict(&data).unwrap() else { panic!("numbers") };
    let [w1, b1, w2, b2] = ["layer 1.weight", "layer 1.bias", "layer 2.weight", "layer 2.bias"]
        .map(|name| numbers(&file["parameters"][name]));
    for row in [0, 17, 89] {
        let inputs = ["p", "q"].map(|name| {
            let (mean, scale) = standard(&file["inputs"][name]);
            (data.numbers(name).unwrap()[row] - mean) / scale
        });
        let hidden =
            (0..8).map(|j| (w1[2 * j] * inputs[0] + w1[2 * j + 1] * inputs[1] + b1[j]).tanh());
        let output: f64 = hidden.zip(&w2).map(|(h, w)| h * w).sum::<f64>() + b2[0];
        let (mean, scale) = standard(&file["target_code"]);
        assert!((predicted[row] - (output * scale + mean)).abs() < 1e-9, "row {row}");
    }
    // A model that is read predicts the same bits.
    let again = Model::from_json(&model.to_json()).unwrap();
    assert_eq!((again.predict(&data).unwrap(), &again), (Prediction::Numbers(predicted), &model));
}

#[test]
fn probabilities_add_up_and_two_classes_are_one_logit_or_two() {
    for loss in [Loss::CrossEntropy, Loss::BinaryCrossEntropy] {
        let mut recipe = recipe("side", &["p", "q"]);
        recipe.loss = Some(loss);
        let (_, model) = train(&recipe);
        assert_eq!(model.network().outputs(), if loss == Loss::CrossEntropy { 2 } else { 1 });
        let prediction = model.predict(&data()).unwrap();
        let Prediction::Classes { classes, probabilities } = &prediction else { panic!("classes") };
        assert_eq!((classes.len(), probabilities.len(), prediction.rows()), (2, 180, 90));
        for row in 0..90 {
            let both = &probabilities[2 * row..][..2];
            assert!((both[0] + both[1] - 1.0).abs() < 1e-14);
            let (class, probability) = prediction.class(row).unwrap();
            assert!(probability >= 0.5 && classes.iter().any(|known| known == class));
        }
        let evaluation = model.evaluate(&data()).unwrap();
        let Scores::Classes { accuracy, confusion, .. } = &evaluation.scores else {
            panic!("classes")
        };
        let right = (0..90).filter(|&row| {
            data().text(row, "side").unwrap().unwrap() == prediction.class(row).unwrap().0
        });
        let right = right.count();
        assert_eq!((*accuracy, confusion[0][0] + confusion[1][1]), (right as f64 / 90.0, right));
        assert!(*accuracy > 0.8, "{evaluation}");
        // The mean of -ln p of the class observed.
        let expected: f64 = (0..90)
            .map(|row| {
                let observed = data().text(row, "side").unwrap().unwrap().into_owned();
                let place = classes.iter().position(|class| *class == observed).unwrap();
                -probabilities[2 * row + place].ln() / 90.0
            })
            .sum();
        assert!((evaluation.loss - expected).abs() < 1e-12, "{} {expected}", evaluation.loss);
    }
}

#[test]
fn scores_of_numbers_are_in_the_unit_of_the_target() {
    let (_, model) = train(&recipe("y", &["p", "q"]));
    let (data, evaluation) = (data(), model.evaluate(&data()).unwrap());
    let Prediction::Numbers(predicted) = model.predict(&data).unwrap() else { panic!("numbers") };
    let observed = data.numbers("y").unwrap();
    let Scores::Numbers { rmse, mae, r_squared } = evaluation.scores else { panic!("numbers") };
    let mean = observed.iter().sum::<f64>() / 90.0;
    let squares: f64 = predicted.iter().zip(observed).map(|(a, b)| (a - b).powi(2)).sum();
    let spread: f64 = observed.iter().map(|y| (y - mean).powi(2)).sum();
    let distance: f64 = predicted.iter().zip(observed).map(|(a, b)| (a - b).abs()).sum();
    for (found, expected) in [
        (rmse, (squares / 90.0).sqrt()),
        (mae, distance / 90.0),
        (r_squared, 1.0 - squares / spread),
    ] {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
    // The loss is in units of the standard deviation of the rows that were trained on.
    let Code::Number { scale, .. } = model.target_code() else { panic!("a number") };
    assert!((evaluation.loss * scale * scale - rmse * rmse).abs() < 1e-9);
}

#[test]
fn settings_and_data_that_do_not_go_together_are_refused() {
    let message = |change: &dyn Fn(&mut Recipe)| {
        let mut recipe = recipe("y", &["p", "q"]);
        change(&mut recipe);
        recipe.plan(&data()).map(|_| ()).expect_err("a recipe").to_string()
    };
    for (change, expected) in [
        (
            &(|r: &mut Recipe| r.target = "z".into()) as &dyn Fn(&mut Recipe),
            "there is no column `z`",
        ),
        (&|r| r.inputs = vec!["p".into(), "pp".into()], "there is no column `pp`"),
        (&|r| r.inputs = vec!["p".into(), "p".into()], "named twice"),
        (&|r| r.inputs = vec!["y".into()], "`y` is both an input and the target"),
        (&|r| r.learning_rate = Some(0.0), "the learning rate is 0"),
        (&|r| r.learning_rate = Some(f64::NAN), "the learning rate is NaN"),
        (&|r| r.weight_decay = -1.0, "the weight decay is -1"),
        (&|r| r.clip_norm = Some(0.0), "clip"),
        (&|r| r.clip_value = Some(f64::INFINITY), "clip"),
        (&|r| r.epochs = 0, "epochs is 0"),
        (&|r| r.patience = Some(0), "the patience is 0"),
        (&|r| r.split = [0.0, 0.5, 0.5], "the share of rows to train on is 0"),
        (&|r| r.split = [0.5, 0.6, 0.0], "add up to 1"),
        (&|r| r.loss = Some(Loss::CrossEntropy), "90 rows"),
        (&|r| r.layers = vec![Layer { outputs: usize::MAX, ..r.layers[0] }], "too large"),
    ] {
        if expected == "90 rows" {
            // A target of numbers is one of classes if the loss is: each number is one.
            let mut recipe = recipe("y", &["p", "q"]);
            change(&mut recipe);
            assert!(matches!(recipe.plan(&data()).map(|plan| plan.rows()), Ok([54, 18, 18])));
            continue;
        }
        let found = message(change);
        assert!(found.contains(expected), "{found} has no {expected}");
    }
    let mut words = recipe("side", &["p"]);
    words.loss = Some(Loss::Mse);
    let found = words.plan(&data()).map(|_| ()).unwrap_err().to_string();
    assert!(found.contains("is no number, so this is a column of words"), "{found}");
    let mut three = recipe("third", &["p"]);
    three.loss = Some(Loss::BinaryCrossEntropy);
    let found = three.plan(&data()).map(|_| ()).unwrap_err().to_string();
    assert!(found.contains("that of two classes, and the target has 3 classes"), "{found}");
    let constant = Dataset::new().with_numbers("x", vec![1.0, 2.0]).unwrap();
    let constant =
        constant.with_numbers("y", vec![5.0, 5.0]).unwrap().with_words("c", &["a", "a"]).unwrap();
    for (target, expected) in
        [("y", "every row has the same number"), ("c", "every row is of one class")]
    {
        let mut recipe = recipe(target, &["x"]);
        recipe.split = [0.5, 0.5, 0.0];
        let found = recipe.plan(&constant).map(|_| ()).unwrap_err().to_string();
        assert_eq!(found, format!("column `{target}`: {expected}, so there is nothing to learn"));
    }
    for (name, expected) in [("adan", "is it `adam`?"), ("newton", "There are `sgd`, `rmsprop`")] {
        let found = name.parse::<Method>().unwrap_err().to_string();
        assert!(found.contains(expected), "{found}");
    }
    for layers in ["tanh", "0", "8,,8", "8,tanh,tanh", "8,tangent", "-3", "1.5", "99999999999"] {
        assert!(Layer::list(layers).is_err(), "{layers}");
    }
    assert_eq!((Layer::list("").unwrap(), Layer::list("none").unwrap()), (vec![], vec![]));
}

#[test]
fn rows_with_missing_cells_are_refused_or_left_out() {
    let data =
        data().with_numbers("gap", (0..90).map(|i| if i == 7 { f64::NAN } else { 1.0 }).collect());
    let data = data.unwrap();
    let mut recipe = recipe("y", &["p", "gap"]);
    let found = recipe.plan(&data).map(|_| ()).unwrap_err().to_string();
    assert!(found.starts_with("row 8, column `gap`: the cell is missing"), "{found}");
    recipe.drop_missing = true;
    assert_eq!(recipe.plan(&data).unwrap().rows().iter().sum::<usize>(), 89);
}

#[test]
fn a_training_in_a_file_goes_on_with_the_same_bits() {
    let mut recipe = recipe("third", &["p", "q", "side"]);
    recipe.course = Course::Plateau;
    recipe.patience = Some(15);
    recipe.clip_norm = Some(0.5);
    let plan = recipe.plan(&data()).unwrap();
    let whole = run(plan.training().unwrap());
    for stop in [0, 1, 5, 6, 7, whole.steps() - 1, whole.steps()] {
        let mut stopped = plan.training().unwrap();
        for _ in 0..stop {
            stopped.step().unwrap();
        }
        let checkpoint = Checkpoint::from_json(&plan.checkpoint(&stopped).to_json()).unwrap();
        let plan = checkpoint.recipe().plan(&data()).unwrap();
        let resumed = run(plan.resume(&checkpoint).unwrap());
        assert_eq!(resumed.state(), whole.state(), "stopped after {stop}");
        let models =
            [&resumed, &whole].map(|training| plan.model(training.best_parameters()).to_json());
        assert_eq!(models[0], models[1]);
    }
}

#[test]
fn a_checkpoint_of_other_data_or_another_recipe_is_refused() {
    let recipe = recipe("y", &["p", "q"]);
    let plan = recipe.plan(&data()).unwrap();
    let checkpoint = plan.checkpoint(&plan.training().unwrap());
    let mut numbers = data().numbers("p").unwrap().to_vec();
    numbers[40] = f64::from_bits(numbers[40].to_bits() + 1);
    let other = Dataset::new().with_numbers("p", numbers).unwrap();
    let other = other.with_numbers("q", data().numbers("q").unwrap().to_vec()).unwrap();
    let other = other.with_numbers("y", data().numbers("y").unwrap().to_vec()).unwrap();
    let error = |plan: &Plan| plan.resume(&checkpoint).map(|_| ()).unwrap_err().to_string();
    let other = recipe.plan(&other).unwrap();
    assert!(error(&other).contains("the data are not those"), "{}", error(&other));
    let mut changed = recipe.clone();
    changed.seed = 2;
    assert!(error(&changed.plan(&data()).unwrap()).contains("another recipe"));
}

/// What stands in the files of version 1, which later versions read.
#[test]
fn a_model_is_a_file_that_people_can_read() {
    let mut recipe = recipe("side", &["p", "third"]);
    recipe.layers = Layer::list("2,softplus").unwrap();
    let plan = recipe.plan(&data()).unwrap().made_by("gradtape train");
    let text = plan.model(&[0.5; 16]).to_json();
    let Code::Number { mean, scale } = plan.model(&[0.5; 16]).inputs().columns["p"] else {
        panic!()
    };
    let expected = format!(
        r#"{{
  "format": "gradtape model",
  "version": 1,
  "command": "gradtape train",
  "seed": 1,
  "loss": "cross_entropy",
  "inputs": {{
    "p": {{
      "number": {{
        "mean": {mean:?},
        "scale": {scale:?}
      }}
    }},
    "third": {{
      "classes": ["a", "b", "c"]
    }}
  }},
  "target": "side",
  "target_code": {{
    "classes": ["high", "low"]
  }},
  "layers": [{{"outputs": 2, "activation": "softplus"}}, {{"outputs": 2, "activation": "identity"}}],
  "parameters": {{
    "layer 1.weight": [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    "layer 1.bias": [0.5, 0.5],
    "layer 2.weight": [0.5, 0.5, 0.5, 0.5]
"#
    );
    println!("{text}");
    assert!(text.starts_with(expected.trim_end()), "{text}");
}

fn refused(text: &str) -> String {
    match Model::from_json(text) {
        Err(ModelError::File { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_no_model_is_refused_with_what_is_wrong() {
    let (plan, model) = train(&recipe("y", &["p", "q"]));
    let text = model.to_json();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        refused(&text.replacen(from, to, 1))
    };
    let checkpoint = plan.checkpoint(&plan.training().unwrap()).to_json();
    assert_eq!(refused(&checkpoint), "this is a `gradtape checkpoint`, and not a `gradtape model`");
    assert!(matches!(Checkpoint::from_json(&text), Err(ModelError::File { .. })));
    assert!(refused("").contains("this is no gradtape model of gradtape, or a damaged one"));
    assert!(refused("[1, 2]").contains("this is no gradtape model"));
    let version = changed("\"version\": 1", "\"version\": 2");
    assert!(version.contains("is of version 2, and this gradtape reads version 1"), "{version}");
    assert!(changed("\"loss\": \"mse\"", "\"loss\": \"mce\"").contains("line 6"));
    assert!(
        changed("\"loss\": \"mse\"", "\"loss\": \"cross_entropy\"").contains("does not go with")
    );
    assert!(changed("\"seed\": 1,", "").contains("missing field `seed`"));
    assert!(changed("\"seed\": 1,", "\"sead\": 1,").contains("unknown field `sead`"));
    assert!(
        changed("\"outputs\": 8", "\"outputs\": 9")
            .contains("take 37 parameters, and 33 are given")
    );
    assert!(changed("\"outputs\": 8", "\"outputs\": 18446744073709551615").contains("too large"));
    assert!(changed("\"outputs\": 8", "\"outputs\": 0").contains("a layer of 0 outputs"));
    assert!(
        changed("layer 1.bias", "layer 1.bios").contains("it has no parameters `layer 1.bias`")
    );
    assert!(
        changed("\"target\": \"y\"", "\"target\": \"p\"").contains("both an input and the target")
    );
    let scale = text.split("\"scale\": ").nth(1).unwrap().split('\n').next().unwrap();
    assert!(changed(&format!("\"scale\": {scale}"), "\"scale\": 0.0").contains("scale 0"));
    let at = text.len() / 2;
    assert!(refused(&text[..at]).contains("EOF"), "{}", refused(&text[..at]));
}

fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("gradtape-models-{}-{name}", std::process::id()))
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let path = file("whole.json");
    write_whole(&path, b"old").unwrap();
    write_whole(&path, b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let link = file("link.json");
        symlink(&path, &link).unwrap();
        write_whole(&link, b"through the link").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"through the link");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_whole("/dev/full", b"x").is_err());
        write_whole("/dev/null", b"x").unwrap();
        fs::remove_file(link).unwrap();
    }
    assert!(write_whole(std::env::temp_dir(), b"x").is_err());
    assert!(write_whole(file("no such folder").join("x"), b"x").is_err());
    fs::remove_file(&path).unwrap();
    // Nothing of ours is left in the folder.
    let left = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    let name = format!("gradtape-models-{}-whole", std::process::id());
    let left = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(&name));
    assert_eq!(left.count(), 0);
}

#[test]
fn errors_of_files_name_them() {
    let path = file("none.json");
    let error = Model::load(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: cannot be read: ", path.display())), "{error}");
    fs::write(&path, [0xff, 0xfe]).unwrap();
    let error = Checkpoint::load(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}: this is no text in UTF-8", path.display()));
    fs::remove_file(&path).unwrap();
    let (_, model) = train(&recipe("y", &["p", "q"]));
    let error = model.save(std::env::temp_dir()).unwrap_err().to_string();
    assert!(error.contains("cannot be written"), "{error}");
}

/// Change some bytes of a text.
fn damaged(text: &str, places: &[(usize, u8)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for &(place, byte) in places {
        let at = place % bytes.len();
        bytes[at] = byte;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(config(3_000))]

    #[test]
    fn a_damaged_file_is_refused_or_read_and_never_panics(
        places in prop::collection::vec((any::<usize>(), prop_oneof![any::<u8>(), prop::char::range('0', '9').prop_map(|c| c as u8)]), 1..4),
        end in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        thread_local! {
            static FILES: (Plan, String, String) = {
                let mut recipe = recipe("third", &["p", "side"]);
                recipe.layers = Layer::list("2").unwrap();
                recipe.epochs = 2;
                let plan = recipe.plan(&data()).unwrap();
                let mut training = plan.training().unwrap();
                for _ in 0..8 {
                    training.step().unwrap();
                }
                let model = plan.model(training.parameters()).to_json();
                let checkpoint = plan.checkpoint(&training).to_json();
                drop(training);
                (plan, model, checkpoint)
            };
        }
        FILES.with(|(plan, model, checkpoint)| {
            let cut = |text: String| if whole { text } else { text.chars().take(end.index(text.len())).collect() };
            if let Ok(model) = Model::from_json(&cut(damaged(model, &places))) {
                let _ = model.predict(&data());
                let _ = model.evaluate(&data());
            }
            if let Ok(checkpoint) = Checkpoint::from_json(&cut(damaged(checkpoint, &places)))
                && let Ok(mut training) = plan.resume(&checkpoint)
            {
                let _ = training.epoch();
            }
        });
    }
}

#[test]
fn the_seed_decides_everything_and_another_gives_another_model() {
    let mut recipe = recipe("y", &["p", "q"]);
    recipe.seed = seed::random(7).u64(..);
    let [(_, one), (_, two)] = [train(&recipe), train(&recipe)];
    assert_eq!(one, two);
    recipe.seed ^= 1;
    assert!(train(&recipe).1 != one);
}
