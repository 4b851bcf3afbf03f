//! Training, prediction and evaluation, from a file to a file.

use crate::run::{Folder, Run, finished, printed, program, refused, run};
use serde_json::Value;
use std::fs;

pub const IRIS: &str = include_str!("../../examples/iris/iris.csv");

/// Train on the irises, quickly, and print the result as JSON.
fn train(folder: &Folder, more: &[&str]) -> Value {
    let (data, model) = (folder.file("iris.csv", IRIS), folder.path("m.json"));
    let usual = ["train", "--data", &data, "--target", "species", "-o", &model, "--json"];
    let printed = printed(&[&usual[..], more].concat());
    serde_json::from_str(&printed).expect("the result is JSON")
}

fn refused_training(folder: &Folder, more: &[&str]) -> String {
    let (data, model) = (folder.file("iris.csv", IRIS), folder.path("m.json"));
    refused(&[&["train", "--data", &data, "--target", "species", "-o", &model][..], more].concat())
}

#[test]
fn the_dosage_network_ends_where_the_explanation_does() {
    for (recipe, name, end) in [("A", "b3", 2.61), ("b", "w3", -1.22), ("C", "b3", 2.61)] {
        let result: Value =
            serde_json::from_str(&printed(&["train", "--recipe", recipe, "--json"])).unwrap();
        let found = result["parameters"][name].as_f64().unwrap();
        assert!((found - end).abs() < 0.006, "{recipe}: {found}");
    }
    let text = printed(&["train", "--recipe", "A"]);
    for number in ["20.423598", "1.565511", "2.191", "stopped because the step size is close to 0"]
    {
        assert!(text.contains(number), "{text}");
    }
    let folder = Folder::new();
    let doses = folder.file("doses.csv", "d;e\n0;0,1\n0,5;0,8\n1;0\n");
    let page = folder.path("page.html");
    let plot = folder.path("plot.svg");
    let own = ["train", "--data", &doses, "--decimal-comma", "--rate", "0.02", "--steps", "50"];
    let text = printed(&[&own[..], &["--report", &page, "--plot", &plot]].concat());
    assert!(text.contains("learning rate 0.02") && text.contains("\n50 "), "{text}");
    assert!(fs::read_to_string(page).unwrap().contains("The dosage network"));
    roxmltree::Document::parse(&fs::read_to_string(plot).unwrap()).expect("the plot is SVG");
}

#[test]
fn irises_are_told_apart() {
    let folder = Folder::new();
    let result = train(&folder, &["--split", "0.6,0.2,0.2", "--epochs", "100"]);
    assert!(result["test"]["accuracy"].as_f64().unwrap() > 0.9, "{result}");
    assert_eq!(result["rows"], serde_json::json!({ "train": 90, "validate": 30, "test": 30 }));
    let (data, model) = (folder.path("iris.csv"), folder.path("m.json"));
    let evaluation: Value =
        serde_json::from_str(&printed(&["evaluate", &model, "--data", &data, "--json"])).unwrap();
    assert_eq!(evaluation["rows"], 150);
    // The predictions, counted by hand, are what the evaluation says.
    let predicted = printed(&["predict", &model, "--data", &data]);
    assert_eq!(
        predicted.lines().next().unwrap().split(',').skip(4).collect::<Vec<_>>(),
        ["species", "predicted species", "probability"]
    );
    let right = predicted.lines().skip(1).filter(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        cells[4] == cells[5]
    });
    let right = right.count() as f64;
    assert_eq!(evaluation["accuracy"].as_f64().unwrap(), right / 150.0);
    // Each probability in a column of its own, or a line of JSON for each row, or in a file.
    let all = printed(&["predict", &model, "--data", &data, "--probabilities"]);
    assert!(all.starts_with(
        "sepal_length,sepal_width,petal_length,petal_width,species,predicted species,probability "
    ));
    let json = printed(&["predict", &model, "--data", &data, "--json"]);
    assert_eq!(json.lines().count(), 150);
    let out = folder.path("out.csv");
    printed(&["predict", &model, "--data", &data, "--output", &out]);
    assert_eq!(fs::read_to_string(&out).unwrap(), predicted);
    // From a pipe.
    let mut child = program(&["predict", &model, "--data", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), IRIS.as_bytes()).unwrap();
    assert_eq!(finished(child.wait_with_output().unwrap()).out, predicted);
}

#[test]
fn every_setting_has_an_effect_and_the_same_settings_give_the_same_file() {
    let folder = Folder::new();
    let file = |more: &[&str]| {
        let result = train(&folder, &[more, &["--epochs", "3"]].concat());
        let mut model: Value =
            serde_json::from_str(&fs::read_to_string(folder.path("m.json")).unwrap()).unwrap();
        model["command"] = Value::Null;
        (model.to_string(), result["best"].to_string())
    };
    let usual = file(&[]);
    assert_eq!(file(&[]), usual);
    for more in [
        &["--inputs", "petal_length,petal_width"][..],
        &["--net", "8,relu,4,sigmoid"],
        &["--net", "none"],
        &["--optimizer", "lion"],
        &["--lr", "0.003"],
        &["--schedule", "one-cycle"],
        &["--batch", "7"],
        &["--batch", "0"],
        &["--seed", "2"],
        &["--split", "0.5,0.5"],
        &["--clip", "0.01"],
        &["--clip-value", "0.001"],
        &["--weight-decay", "0.1"],
        &["--no-standardize"],
    ] {
        assert_ne!(file(more), usual, "{more:?}");
    }
    let stopped = train(&folder, &["--patience", "1", "--lr", "1", "--epochs", "1000"]);
    assert!(stopped["epochs"].as_u64().unwrap() < 1000 && stopped["reason"] != Value::Null);
    let numbers = folder.file("n.csv", "x,y\n1,2\n2,4\n3,\n4,8\n5,10\n");
    let usual =
        ["train", "--data", &numbers, "--target", "y", "--json", "-o", &folder.path("n.json")];
    for loss in ["mse", "mae", "huber"] {
        printed(&[&usual[..], &["--loss", loss, "--drop-missing", "--every", "0"]].concat());
    }
    assert!(refused(&usual).contains("line 4, column `y`: the cell is missing"));
}

#[test]
fn a_page_and_a_plot_are_written() {
    let folder = Folder::new();
    let (page, plot) = (folder.path("p.html"), folder.path("l.svg"));
    train(&folder, &["--epochs", "12", "--report", &page, "--plot", &plot]);
    assert!(fs::read_to_string(page).unwrap().contains("A trained network"));
    let plot = fs::read_to_string(plot).unwrap();
    roxmltree::Document::parse(&plot).expect("the plot is SVG");
    assert!(plot.contains("validation"));
}

/// Killed where it is, as by a crash.
#[test]
fn a_training_that_is_killed_and_resumed_ends_with_the_same_bytes() {
    let whole = Folder::new();
    let long = [
        "--epochs",
        "150",
        "--batch",
        "3",
        "--schedule",
        "plateau",
        "--clip",
        "1",
        "--every",
        "0.002",
    ];
    train(&whole, &long);
    let expected = fs::read_to_string(whole.path("m.json")).unwrap();
    let expected =
        expected.lines().filter(|line| !line.contains("\"command\"")).collect::<Vec<_>>();
    let mut killed = 0;
    for milliseconds in [15, 40, 80, 130, 200, 300] {
        let folder = Folder::new();
        let (data, model) = (folder.file("iris.csv", IRIS), folder.path("m.json"));
        let usual = ["train", "--data", &data, "--target", "species", "-o", &model];
        let mut child = program(&[&usual[..], &long].concat())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        // It may have ended before.
        let _ = child.kill();
        child.wait().unwrap();
        if !fs::exists(folder.path("m.checkpoint.json")).unwrap() {
            continue;
        }
        killed += 1;
        printed(&["train", "--data", &data, "-o", &model, "--resume", "--json"]);
        let found = fs::read_to_string(&model).unwrap();
        let found = found.lines().filter(|line| !line.contains("\"command\"")).collect::<Vec<_>>();
        assert_eq!(found, expected, "killed after {milliseconds} ms");
    }
    assert!(killed > 0, "none was killed after its first checkpoint");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_training_well() {
    let folder = Folder::new();
    let (data, model) = (folder.file("iris.csv", IRIS), folder.path("m.json"));
    let long =
        ["train", "--data", &data, "--target", "species", "-o", &model, "--epochs", "100000000"];
    let child = program(&long)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The first checkpoint is written once Ctrl-C is waited for.
    while !fs::exists(folder.path("m.checkpoint.json")).unwrap() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let Run { code, out, .. } = finished(child.wait_with_output().unwrap());
    assert_eq!(code, 0);
    assert!(out.contains("the same command with --resume goes on"), "{out}");
}

#[test]
fn what_cannot_be_trained_is_refused_and_nothing_is_written() {
    let folder = Folder::new();
    for (more, expected) in [
        (&["--inputs", "petal"][..], "there is no column `petal`"),
        (&["--inputs", "species"], "`species` is both an input and the target"),
        (&["--net", "16,tangent"], "no activation is called `tangent`"),
        (&["--loss", "mse"], "is no number, so this is a column of words"),
        (&["--loss", "mce"], "no loss is called `mce`: is it `mse`?"),
        (&["--loss", "binary_cross_entropy"], "that of two classes, and the target has 3 classes"),
        (&["--optimizer", "adan"], "is it `adam`?"),
        (&["--schedule", "cosin"], "is it `cosine`?"),
        (&["--lr", "0"], "the learning rate is 0"),
        (&["--lr", "fast"], "invalid value 'fast'"),
        (&["--epochs", "0"], "epochs is 0"),
        (&["--split", "0.5,0.6"], "add up to 1"),
        (&["--split", "1,2,3,4"], "give three numbers"),
        (&["--patience", "0"], "the patience is 0"),
        (&["--clip", "-1"], "clip"),
        (&["--every", "nan"], "--every is NaN"),
        (&["--rate", "0.1"], "--rate is for the dosage network"),
        (&["--resume"], "m.checkpoint.json: cannot be read"),
        (&["--delimiter", "a"], "stands in no number or word"),
        (&["--no-header"], "there is no column `species`"),
    ] {
        let message = refused_training(&folder, more);
        assert!(message.contains(expected), "{more:?}: {message}");
        assert_eq!(folder.names(), ["iris.csv"], "{more:?}");
    }
    let file = |name: &str, text: &str| folder.file(name, text);
    for (text, expected) in [
        ("", "the file is empty"),
        ("species,x\n", "no rows below them"),
        ("species,x\na,1\nb\n", "line 3: there is 1 value here"),
        ("species,x\na,1\nb,1e999\n", "line 3, column `x`: `1e999` is too large"),
        ("species,x\na,1\na,2\na,3\n", "every row is of one class"),
        ("species,x\na,1\nb,2\nc,3\n", ""),
        ("species,x\na,inf\nb,2\nc,3\n", "inf is not finite"),
        ("species,species\na,b\n", "columns 1 and 2 have this name"),
        ("a\0b", "this is a binary file"),
    ] {
        let data = file("d.csv", text);
        let model = folder.path("d.json");
        let Run { code, err, .. } =
            run(&["train", "--data", &data, "--target", "species", "-o", &model, "-q"]);
        assert_eq!(
            (code == 2, err.contains(expected)),
            (!expected.is_empty(), true),
            "{text:?}: {err}"
        );
    }
    assert!(
        refused(&["train", "--data", "no.csv", "--target", "y"]).contains("no.csv: cannot be read")
    );
    assert!(refused(&["train", "--target", "y"]).contains("name a file with --data"));
    assert!(refused(&["train", "--lr", "1"]).contains("--lr is for a network on your own file"));
    let three = folder.file("three.csv", "a,b,c\n1,2,3\n");
    assert!(refused(&["train", "--data", &three]).contains("takes two columns"));
    let gap = folder.file("gap.csv", "a,b\n1,2\n1,\n");
    assert!(
        refused(&["train", "--data", &gap]).contains("line 3, column `b`: the cell is missing")
    );
    assert!(refused(&["train", "--rate", "-1"]).contains("the learning rate is -1"));
}

#[test]
fn a_checkpoint_is_resumed_only_with_its_own_data_and_settings() {
    let folder = Folder::new();
    train(&folder, &["--epochs", "3"]);
    let (data, model) = (folder.path("iris.csv"), folder.path("m.json"));
    let resume = |more: &[&str]| {
        refused(&[&["train", "--data", &data, "-o", &model, "--resume"][..], more].concat())
    };
    assert!(resume(&["--lr", "0.1"]).contains("--lr cannot be changed"));
    assert!(resume(&["--target", "petal_width"]).contains("predicts `species`"));
    let other = folder.file("other.csv", IRIS.replacen("5.1", "5.2", 1));
    let message = refused(&["train", "--data", &other, "-o", &model, "--resume"]);
    assert!(message.contains("the data are not those"), "{message}");
    let checkpoint = folder.path("m.checkpoint.json");
    let text = fs::read_to_string(&checkpoint).unwrap();
    fs::write(&checkpoint, &text[..text.len() / 2]).unwrap();
    assert!(resume(&[]).contains("m.checkpoint.json"), "{}", resume(&[]));
}

#[test]
fn what_cannot_be_predicted_or_written_is_refused() {
    let folder = Folder::new();
    train(&folder, &["--epochs", "2"]);
    let (data, model) = (folder.path("iris.csv"), folder.path("m.json"));
    let lacks = folder.file("lacks.csv", "sepal_length,petal_length\n1,2\n");
    assert!(
        refused(&["predict", &model, "--data", &lacks])
            .contains("there is no column `sepal_width`")
    );
    assert!(refused(&["evaluate", &model, "--data", &lacks]).contains("there is no column"));
    assert!(
        refused(&["predict", &data, "--data", &data])
            .contains("iris.csv: this is no gradtape model")
    );
    assert!(refused(&["predict", "no.json", "--data", &data]).contains("no.json: cannot be read"));
    let checkpoint = folder.path("m.checkpoint.json");
    assert!(refused(&["predict", &checkpoint, "--data", &data]).contains("`gradtape checkpoint`"));
    let out = folder.path("none/out.csv");
    assert!(refused(&["predict", &model, "--data", &data, "-o", &out]).contains("no such folder"));
    let before = fs::read(&model).unwrap();
    #[cfg(target_os = "linux")]
    {
        assert!(
            refused(&["predict", &model, "--data", &data, "-o", "/dev/full"])
                .contains("disk is full")
        );
        let message =
            refused(&["train", "--data", &data, "--target", "species", "-o", "/dev/full"]);
        assert!(message.contains("/dev/full"), "{message}");
    }
    let missing = folder.path("none/m.json");
    assert!(
        refused(&["train", "--data", &data, "--target", "species", "-o", &missing])
            .contains("cannot be written")
    );
    assert_eq!(fs::read(&model).unwrap(), before);
}

#[test]
fn the_help_names_every_option_of_a_training() {
    let help = printed(&["train", "--help"]);
    let man = printed(&["man", "train"]);
    let options: Vec<&str> = man
        .split("\\-\\-")
        .skip(1)
        .filter_map(|text| text.split(['\\', ' ', '\n', '=']).next())
        .collect();
    assert!(options.len() > 20, "{options:?}");
    for option in options {
        let first = option.split('\\').next().unwrap_or_default();
        assert!(help.contains(&format!("--{first}")) || first == "help", "{first}:\n{help}");
    }
}
