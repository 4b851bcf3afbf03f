//! The browser ends with the process of the tests, however that ends.

use super::browser;
use super::devtools::Page;
use std::path::Path;
use std::process::Command;
use std::{env, str};

#[test]
fn the_browser_ends_when_the_process_of_the_tests_does() {
    const ALONE: &str = "GRADTAPE_TEST_EXITS";
    let browser = browser!();
    if env::var_os(ALONE).is_some() {
        // One that still starts makes its folder when it is told to end.
        let _page = Page::new(browser);
        println!("{}", browser.folder.display());
        std::process::exit(9);
    }
    let test = "ends::the_browser_ends_when_the_process_of_the_tests_does";
    let tests = env::current_exe().expect("this program");
    let mut command = Command::new(tests);
    // The errors are those of the shell around the browser too: they end when it has tidied up.
    let output = command.args([test, "--exact", "--nocapture"]).env(ALONE, "1").output();
    let output = output.expect("it starts");
    let said = str::from_utf8(&output.stdout).expect("a folder in Unicode");
    let folder = said.lines().map(Path::new).find(|line| line.is_absolute()).expect("a folder");
    assert_eq!(output.status.code(), Some(9), "without a word to the browser");
    assert!(!folder.exists(), "{} is still there", folder.display());
    assert!(browser.folder.exists(), "the browser of this process runs on");
}
