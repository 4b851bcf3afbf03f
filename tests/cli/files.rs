//! Files that cannot be read or written: an error with the path, and nothing half written.

use crate::run::{Folder, Run, finished, printed, program, refused};
use std::fs::{self, File};
use std::process::Stdio;

const PAGE: [&str; 3] = ["report", "x^2", "x=3"];

fn to(path: &str) -> Vec<&str> {
    [&PAGE[..], &["-o", path]].concat()
}

#[test]
fn a_file_is_written_whole_and_alone() {
    let folder = Folder::new();
    let path = folder.path("page.html");
    assert_eq!(printed(&to(&path)), "");
    let page = fs::read_to_string(&path).expect("it was written");
    assert_eq!(page, printed(&PAGE));
    // Again, over what is there; and nothing else is left in the folder.
    fs::write(&path, "before").expect("it can be written");
    assert_eq!(printed(&to(&path)), "");
    assert_eq!(fs::read_to_string(&path).expect("it was written"), page);
    assert_eq!(folder.names(), ["page.html"]);
}

#[test]
fn a_path_that_cannot_be_written_is_refused_and_nothing_changes() {
    let folder = Folder::new();
    let here = folder.path("");
    let here = here.trim_end_matches('/');
    assert_eq!(refused(&to(here)), format!("{here}: this is a folder: name a file in it"));
    let nowhere = folder.path("none/page.html");
    assert_eq!(
        refused(&to(&nowhere)),
        format!("{nowhere}: there is no such folder: make it first")
    );
    let file = folder.file("file", "before");
    let below = format!("{file}/page.html");
    assert!(refused(&to(&below)).starts_with(&format!("{below}: ")));
    // A bad expression leaves what was there.
    refused(&["report", "x^", "x=3", "-o", &file]);
    assert_eq!(
        (fs::read_to_string(&file).expect("it is there"), folder.names()),
        ("before".into(), vec!["file".into()])
    );
    assert_eq!(refused(&["grad", "@", "x=1"]), ": there is no such file: check the path");
    assert_eq!(
        refused(&["grad", &format!("@{here}"), "x=1"]),
        format!("{here}: this is a folder: name a file")
    );
    let json = folder.path("folder.json");
    fs::create_dir(&json).expect("it can be made");
    assert_eq!(refused(&["table", &json]), format!("{json}: this is a folder: name a file"));
    let missing = folder.path("missing.json");
    assert_eq!(
        refused(&["table", &missing]),
        format!("{missing}: there is no such file: check the path")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_its_device_stays_one() {
    use std::os::unix::fs::FileTypeExt;
    let message = refused(&to("/dev/full"));
    assert_eq!(message, "/dev/full: the disk is full: free some space; nothing was written");
    assert!(fs::metadata("/dev/full").expect("it is there").file_type().is_char_device());
    for arguments in [
        &["grad", "x", "x=1"][..],
        &["--help"],
        &["table", "x", "x=1"],
        &["man"],
        &["completions", "bash"],
    ] {
        let full = File::options().write(true).open("/dev/full").expect("it can be opened");
        let output =
            program(arguments).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
        let Run { code, err, .. } = finished(output);
        let expected =
            "error: the standard output takes no more: the disk is full; free some space\n";
        assert_eq!((code, err.as_str()), (2, expected), "{arguments:?}");
    }
    // A terminal, a pipe or a device is written to as it is.
    assert_eq!(printed(&to("/dev/null")), "");
    assert_eq!(printed(&to("/dev/stdout")), printed(&PAGE));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new();
    let (file, link) = (folder.file("file", "before"), folder.path("link"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    symlink(&file, &link).expect("a link can be made");
    assert_eq!(printed(&to(&link)), "");
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert!(fs::read_to_string(&file).expect("it is there").starts_with("<!DOCTYPE html>"));
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    let rows: String = (0..200_000).map(|i| format!("{i}\n")).collect();
    let file = folder.file("rows.csv", format!("x\n{rows}"));
    for arguments in [&["grad", "x^2", "--at", &file][..], &["report", "x", "x=1"]] {
        let mut child = program(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let Run { code, err, .. } = finished(child.wait_with_output().expect("it ends"));
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
    }
}
