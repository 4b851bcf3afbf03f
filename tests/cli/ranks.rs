//! Training on several processes: one file each, the bits of one process, one voice.

#[cfg(feature = "mpi")]
use crate::mpirun::output;
use crate::run::{Folder, program};
use std::fs;
#[cfg(feature = "mpi")]
use std::process::{Command, Output};

/// `x`, a group and a target, with line breaks in quotes.
fn data() -> String {
    let row = |i: u32| {
        let x = f64::from(i * 37 % 101) / 50.0 - 1.0;
        format!("{x},\"{}\nline\",{}\n", ["a", "b"][(i % 2) as usize], x * x)
    };
    format!("x,group,y\n{}", (0..900).map(row).collect::<String>())
}

#[cfg(not(feature = "mpi"))]
#[test]
fn without_mpi_one_of_many_processes_is_refused_before_it_writes() {
    let folder = Folder::new();
    let (data, model) = (folder.file("d.csv", data()), folder.path("m.json"));
    for more in [&["--data", &data, "--target", "y", "-o", &model][..], &["--recipe", "A"]] {
        let output = program(&[&["train"], more].concat())
            .env("OMPI_COMM_WORLD_SIZE", "4")
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("without mpirun"), "{said}");
    }
    assert!(fs::metadata(model).is_err(), "nothing is written");
}

/// Ranks of the program.
#[cfg(feature = "mpi")]
fn command(ranks: usize) -> Command {
    crate::mpirun::mpirun(ranks, program(&[]).get_program())
}

/// Run so many of the program; none if there is no `mpirun`.
#[cfg(feature = "mpi")]
fn mpirun(ranks: usize, arguments: &[&str]) -> Option<Output> {
    output(command(ranks).args(arguments))
}

/// What is written and printed by a training on so many processes, resumed on others if they are given.
#[cfg(feature = "mpi")]
fn trained(ranks: &[usize], more: &[&str]) -> Option<[String; 3]> {
    let folder = Folder::new();
    let (data, model) = (folder.file("d.csv", data()), folder.path("m.json"));
    let usual = ["train", "--data", &data, "-o", &model, "--quiet"];
    let mut printed = String::new();
    for (i, &ranks) in ranks.iter().enumerate() {
        let more: &[&str] = if i == 0 { more } else { &["--resume"] };
        let output = mpirun(ranks, &[&usual[..], more].concat())?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        printed = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    let checkpoint = folder.path("m.checkpoint.json");
    // The name of the folder is another in every call.
    let read = |path: &str| {
        let text = fs::read_to_string(path).expect("the training has written it");
        let text = text.lines().filter(|line| !line.contains("\"command\""));
        text.collect::<Vec<_>>().join("\n")
    };
    let printed = printed.lines().filter(|line| !line.starts_with("model"));
    Some([read(&model), read(&checkpoint), printed.collect::<Vec<_>>().join("\n")])
}

#[cfg(feature = "mpi")]
#[test]
fn model_checkpoint_and_what_is_printed_are_the_same_on_any_number_of_processes() {
    let target = ["--target", "y", "--epochs", "3", "--split", "0.6,0.2,0.2", "--batch"];
    for batch in ["0", "200"] {
        let more = [&target[..], &[batch]].concat();
        let Some(alone) = trained(&[1], &more) else { return };
        assert!(alone[2].contains("540 to train, 180 to validate, 180 to test"), "{}", alone[2]);
        for ranks in [2, 3] {
            assert_eq!(
                trained(&[ranks], &more).as_ref(),
                Some(&alone),
                "{ranks} ranks, batch {batch}"
            );
        }
        // A resumed training that has ended writes what it found.
        assert_eq!(trained(&[3, 2], &more).as_ref(), Some(&alone), "batch {batch}");
    }
}

/// Kill all processes that have a path among their arguments. `mpirun` killed alone leaves ranks behind, which write their
/// model for a while.
#[cfg(feature = "mpi")]
fn kill_all(path: &str) {
    let has_path = |process: &fs::DirEntry| {
        let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(path)
    };
    let processes = fs::read_dir("/proc").expect("processes are listed").flatten();
    let found: Vec<_> = processes.filter(has_path).map(|process| process.file_name()).collect();
    let killed = Command::new("kill").arg("-9").args(&found).status();
    assert!(killed.is_ok_and(|status| status.success()), "{found:?} are killed");
}

#[cfg(feature = "mpi")]
#[test]
fn a_checkpoint_of_a_training_that_was_killed_goes_on_with_other_processes() {
    use std::process::Stdio;
    let folder = Folder::new();
    let (data, model) = (folder.file("d.csv", data()), folder.path("m.json"));
    let begin =
        ["train", "--data", &data, "-o", &model, "--quiet", "--target", "y", "--batch", "0"];
    let epochs = ["--epochs", "300", "--every", "0"];
    let whole = folder.path("whole.json");
    let reference = [&begin[..3], &["-o", &whole], &begin[5..], &epochs[..2]].concat();
    let Some(output) = mpirun(1, &reference) else { return };
    assert!(output.status.success());
    // Killed as soon as there is a checkpoint with an epoch in it.
    let mut running = command(3)
        .args([&begin[..], &epochs].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mpirun runs");
    let checkpoint = folder.path("m.checkpoint.json");
    let has_begun = || fs::read_to_string(&checkpoint).is_ok_and(|text| text.contains("is_best"));
    while !has_begun() && running.try_wait().expect("it runs").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    kill_all(&model);
    running.wait().expect("it has ended");
    let resume = ["train", "--data", &data, "-o", &model, "--quiet", "--resume"];
    let output = mpirun(2, &resume).expect("mpirun was there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let parameters = |path: &str| {
        let text = fs::read_to_string(path).expect("a model");
        let model: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        model["parameters"].clone()
    };
    assert_eq!(parameters(&model), parameters(&whole));
}

#[cfg(feature = "mpi")]
#[test]
fn what_is_wrong_is_said_once() {
    let folder = Folder::new();
    let model = folder.path("m.json");
    let ragged = folder.file("ragged.csv", format!("{}1,2\n", data()));
    let good = folder.file("good.csv", data());
    let nowhere = folder.path("no/such/folder/m.json");
    let refused: [(&[&str], &str); 4] = [
        (
            &["--data", &ragged, "--target", "y", "-o", &model, "--batch", "0"],
            "line 1802: there are 2 values",
        ),
        (&["--data", &good, "--target", "z", "-o", &model], "there is no column `z`"),
        (&["--data", &good, "--target", "y", "-o", &nowhere, "--batch", "0"], "no/such/folder"),
        (&["--recipe", "A"], "the dosage network takes one process"),
    ];
    for (more, expected) in refused {
        let Some(output) = mpirun(3, &[&["train"], more].concat()) else { return };
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{said}");
        let is_dosage = more[0] == "--recipe";
        let count = said.matches(expected).count();
        assert!(count == 1 || is_dosage && count >= 1, "{said}");
    }
}
