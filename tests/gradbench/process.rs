//! The tool as a process of its own.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// The latest change below a folder.
fn latest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).expect("a folder of the project can be read");
    let times = entries.map(|entry| {
        let path = entry.expect("a folder of the project can be read").path();
        if path.is_dir() { latest(&path) } else { changed(&path) }
    });
    times.max().expect("the folder is not empty")
}

fn changed(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|data| data.modified()).expect("a file has a time")
}

/// Find the tool, which `cargo test` builds beside the tests, and `cargo test --test gradbench` does not.
fn tool() -> Option<PathBuf> {
    let this = std::env::current_exe().expect("a test knows where it is");
    let name = format!("gradbench{}", std::env::consts::EXE_SUFFIX);
    let tool = this.parent()?.parent()?.join("examples").join(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = latest(&root.join("examples/gradbench")).max(latest(&root.join("src")));
    (tool.exists() && changed(&tool) >= source).then_some(tool)
}

#[test]
fn the_process_answers_every_line_and_ends_with_them() {
    let Some(tool) = tool() else {
        println!(
            "skipped: there is no up-to-date tool; `cargo build --example gradbench` makes one"
        );
        return;
    };
    let mut process = Command::new(&tool)
        .env("GRADTAPE_MODE", "program")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the tool can be started");
    let lines = "{\"id\":0,\"kind\":\"start\"}\n{{{\n\
        {\"id\":1,\"kind\":\"evaluate\",\"module\":\"hello\",\"function\":\"double\",\"input\":3}\n";
    let mut stdin = process.stdin.take().expect("it is piped");
    stdin.write_all(lines.as_bytes()).expect("the tool reads");
    drop(stdin);
    let output = process.wait_with_output().expect("the tool ends");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("answers are text");
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect();
    assert_eq!(answers.len(), 3);
    assert_eq!(answers[0]["config"]["mode"], "program");
    assert_eq!(answers[1]["success"], false);
    assert_eq!(answers[2]["output"], 6.0);

    let refused = Command::new(&tool).env("GRADTAPE_MODE", "fast").output();
    let refused = refused.expect("the tool can be started");
    assert_eq!(refused.status.code(), Some(2));
    let why = String::from_utf8(refused.stderr).expect("a reason is text");
    assert!(why.contains("set it to tape, program or rows"), "{why}");
}
