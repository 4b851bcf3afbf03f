//! [`Engine`]: what runs programs over rows, and who says so.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// What runs a [`RowProgram`](super::RowProgram). All engines give the same bits.
///
/// The feature `native` adds machine code, on x86-64 with AVX2 or AVX-512, under Unix. Where there is none, the interpreter
/// runs, whatever is asked for; [`RowProgram::stats`](super::RowProgram::stats) says what runs, and why.
///
/// The environment variable `GRADTAPE_ENGINE`, with one of the words `auto`, `interpreter` and `native`, is the engine of
/// every workspace for which [`Workspace::with_engine`](super::Workspace::with_engine) names none. It is read once, at
/// the first workspace. Another word counts as `auto`, and the statistics say so.
///
/// ```
/// use gradtape::program::{Engine, Workspace};
/// let workspace = Workspace::new().with_engine(Engine::Interpreter);
/// assert_eq!(workspace.engine(), Engine::Interpreter);
/// assert_eq!("native".parse(), Ok(Engine::Native));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// The interpreter, until machine code would have paid for being made; from then on machine code.
    #[default]
    Auto,
    /// The interpreter.
    Interpreter,
    /// Machine code, made at the first run.
    Native,
}

/// The environment variable that names an engine.
const VARIABLE: &str = "GRADTAPE_ENGINE";

impl Engine {
    const ALL: [Engine; 3] = [Engine::Auto, Engine::Interpreter, Engine::Native];

    /// The engine that the environment names.
    pub(super) fn of_environment() -> Engine {
        environment().as_ref().copied().unwrap_or_default()
    }
}

/// Say what is wrong with what the environment names.
pub(super) fn wrong_environment() -> Option<&'static str> {
    environment().as_ref().err().map(String::as_str)
}

fn environment() -> &'static Result<Engine, String> {
    static FOUND: OnceLock<Result<Engine, String>> = OnceLock::new();
    FOUND.get_or_init(|| match std::env::var_os(VARIABLE) {
        Some(word) if !word.is_empty() => word
            .to_string_lossy()
            .parse()
            .map_err(|wrong| format!("{VARIABLE}: {wrong}; auto is used")),
        _ => Ok(Engine::Auto),
    })
}

impl FromStr for Engine {
    type Err = String;

    /// Read a word: `auto`, `interpreter` or `native`.
    fn from_str(word: &str) -> Result<Engine, String> {
        let found = Engine::ALL.into_iter().find(|engine| engine.to_string() == word);
        found.ok_or_else(|| format!("{word:?} is none of auto, interpreter and native"))
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Engine::Auto => "auto",
            Engine::Interpreter => "interpreter",
            Engine::Native => "native",
        })
    }
}
