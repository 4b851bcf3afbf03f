//! The browser of a test process: one, without a window, that all tests share.
//!
//! It is driven over the DevTools protocol, which goes through a pipe: messages in JSON, each ended by a NUL, on the
//! descriptors 3 and 4, which the shell makes of its standard input and output. So there is no port, and the browser
//! ends when the pipe does, at the latest with this process. The shell then removes the folder of both.
//!
//! `devtools.rs` opens pages in it, each in a context of its own, as if nobody else were there.

#![allow(dead_code, reason = "each test uses its part")]

use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, OnceLock};
use std::{env, fs};

const NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "brave-browser",
];
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-startup-window",
    "--force-device-scale-factor=1",
    // A page that was left is gone, and none waits because another one is looked at.
    "--disable-features=BackForwardCache",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--remote-debugging-pipe",
];
/// Hand the pipe over, and tidy up afterwards, after Ctrl-C too: the first argument is the folder.
const SHELL: &str = r#"trap : INT; folder=$1; shift
"$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null
rm -rf "$folder""#;

/// The browser for the test that stands around it; without one, say that the test is skipped, and return.
macro_rules! browser {
    () => {{
        fn here() {}
        let name = std::any::type_name_of_val(&here).trim_end_matches("::here");
        match $crate::browser::Browser::find(name) {
            Some(browser) => browser,
            None => return,
        }
    }};
}
pub(crate) use browser;

/// A browser that runs.
pub struct Browser {
    /// Its end of the pipe, and the number of the last call.
    input: Mutex<(ChildStdin, u64)>,
    listeners: Arc<Mutex<Listeners>>,
    /// What it writes, and the pages that it opens.
    pub folder: PathBuf,
}

/// Who hears what: answers to calls of the browser itself go to whoever asked, all else to the page of the session.
#[derive(Default)]
struct Listeners {
    calls: HashMap<u64, Sender<Value>>,
    sessions: HashMap<String, Sender<Value>>,
}

impl Browser {
    /// The browser that `GRADTAPE_BROWSER` names, else the first one in `PATH`. The first test that asks starts it.
    pub fn find(test: &str) -> Option<&'static Browser> {
        static BROWSER: OnceLock<Option<Browser>> = OnceLock::new();
        let found = BROWSER.get_or_init(|| path().map(|path| Browser::start(&path)));
        if found.is_none() {
            let why = "no browser found; install chromium or set GRADTAPE_BROWSER";
            assert!(env::var_os("GRADTAPE_REQUIRE_BROWSER").is_none(), "{test}: {why}");
            // Not by `eprintln!`, which is swallowed when a test passes.
            writeln!(std::io::stderr(), "skipped: {test}: {why}").expect("stderr");
        }
        found.as_ref()
    }

    fn start(path: &Path) -> Browser {
        let name = format!("browser-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder for the browser");
        let mut child = Command::new("sh")
            .args(["-c", SHELL, "sh"])
            .args([&*folder, path])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts the browser");
        let input = Mutex::new((child.stdin.take().expect("it is piped"), 0));
        let output = child.stdout.take().expect("it is piped");
        let listeners = Arc::default();
        let heard = Arc::clone(&listeners);
        std::thread::spawn(move || {
            pass_on(output, &heard);
            // Who still waits is told that nothing comes any more.
            *heard.lock().expect("no panic under the lock") = Listeners::default();
            let _ = child.wait();
        });
        Browser { input, listeners, folder }
    }

    /// Call a method of the protocol, of a session or of the browser itself, and return the number of the call. The
    /// answer comes to the listener of the session, or to the one named here.
    pub fn send(&self, to: Result<&str, &Sender<Value>>, method: &str, params: &Value) -> u64 {
        let mut input = self.input.lock().expect("no panic under the lock");
        input.1 += 1;
        let id = input.1;
        let mut message = json!({ "id": id, "method": method, "params": params });
        match to {
            Ok(session) => message["sessionId"] = session.into(),
            Err(listener) => {
                let mut listeners = self.listeners.lock().expect("no panic under the lock");
                listeners.calls.insert(id, listener.clone());
            }
        }
        // A browser that is gone gives no answer, which says more than that it does not listen.
        let _ = write!(input.0, "{message}\0").and_then(|()| input.0.flush());
        id
    }

    /// Let a listener hear of a session, or nobody.
    pub fn listen(&self, session: &str, listener: Option<Sender<Value>>) {
        let sessions = &mut self.listeners.lock().expect("no panic under the lock").sessions;
        match listener {
            Some(listener) => sessions.insert(session.to_owned(), listener),
            None => sessions.remove(session),
        };
    }

    /// Write a file that a page can be opened from.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("a page can be written");
        path
    }
}

/// Where the browser is.
fn path() -> Option<PathBuf> {
    let named = env::var_os("GRADTAPE_BROWSER").map(PathBuf::from);
    named.or_else(|| {
        let folders = env::var_os("PATH")?;
        let at = |name| {
            env::split_paths(&folders).map(move |f| f.join(name)).find(|path| path.is_file())
        };
        NAMES.iter().find_map(at)
    })
}

/// Give each message to its listener, until there are no more.
fn pass_on(output: ChildStdout, listeners: &Mutex<Listeners>) {
    for message in BufReader::new(output).split(0).map_while(Result::ok) {
        let message: Value = serde_json::from_slice(&message).expect("the protocol is JSON");
        let mut listeners = listeners.lock().expect("no panic under the lock");
        let listener = match message["sessionId"].as_str() {
            Some(session) => listeners.sessions.get(session).cloned(),
            None => message["id"].as_u64().and_then(|id| listeners.calls.remove(&id)),
        };
        // Who no longer listens does not want to know.
        let _ = listener.map(|listener| listener.send(message));
    }
}
