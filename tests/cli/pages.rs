//! What pages print is what the program prints: each block `console` is run, line by line, in a folder of its own.
//!
//! `GRADTAPE_BLESS=1 cargo test --all-features --test cli pages` writes the pages anew.
#![cfg(unix)]

use crate::run::{Folder, program};
use crate::training::IRIS;
use std::path::Path;
use std::process::Command;

const BEGIN: &str = "```console\n";
const END: &str = "```\n";

/// Run the commands of a block, which begin with `$ ` and go on where a line ends with a backslash.
fn run_block(block: &str, folder: &Folder) -> String {
    let mut ran = String::new();
    let mut lines = block.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut command = first.to_string();
        while command.ends_with('\\') {
            command = format!("{command}\n{}", lines.next().expect("the command goes on"));
        }
        let program = program(&[]);
        let home = Path::new(program.get_program()).parent().expect("it is in a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1; {command}")]).current_dir(folder.path(""));
        shell.env("PATH", format!("{}:{path}", home.display())).env_remove("COLUMNS");
        let output = shell.output().expect("there is a shell");
        let text = String::from_utf8(output.stdout).expect("it prints UTF-8");
        ran += &format!("$ {command}\n{text}");
        if !output.status.success() {
            ran += &format!("[exit code {}]\n", output.status.code().unwrap_or(-1));
        }
    }
    ran
}

fn checked(page: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(&path).expect("the page is part of the project");
    let folder = Folder::new();
    folder.file("iris.csv", IRIS);
    let (mut made, mut rest, mut count) = (String::new(), text.as_str(), 0);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (block, after) = after.split_once(END).expect("a block has an end");
        made += &format!("{before}{BEGIN}{}{END}", run_block(block, &folder));
        rest = after;
        count += 1;
    }
    made += rest;
    match std::env::var_os("GRADTAPE_BLESS") {
        Some(_) => std::fs::write(&path, made).expect("the page can be written"),
        None => assert_eq!(made, text, "{page}"),
    }
    count
}

#[test]
fn the_page_about_the_command_line_prints_what_the_program_prints() {
    assert!(checked("docs/command-line.md") > 10);
}

#[test]
fn the_readme_prints_what_the_program_prints() {
    assert!(checked("README.md") > 1);
}

#[test]
fn the_page_about_training_prints_what_the_program_prints() {
    assert!(checked("docs/training.md") > 4);
}
