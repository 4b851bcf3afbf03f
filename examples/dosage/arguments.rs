//! What the example is called with.

use std::ffi::OsString;
use std::path::PathBuf;

/// How to call it.
const USAGE: &str = "call it without any argument, or with `--report FILE.html`";

/// The file that a page is asked for in, if it is.
pub fn file(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<PathBuf>, String> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match &arguments[..] {
        [] => Ok(None),
        [report, file] if report == "--report" && !file.is_empty() => Ok(Some(file.into())),
        [report] | [report, _] if report == "--report" => {
            Err(format!("`--report` needs the name of a file: {USAGE}"))
        }
        [report, _, more, ..] if report == "--report" => {
            Err(format!("{more:?} is one argument too many: {USAGE}"))
        }
        [other, ..] => Err(format!("there is no argument {other:?}: {USAGE}")),
    }
}
