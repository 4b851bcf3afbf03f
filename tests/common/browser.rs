//! A real browser for pages: it opens them from disk, without a window, and says what became of them.
//!
//! A test drives a page by a script of its own, which is put at the end of a copy: it clicks, presses keys,
//! reads, and returns what it found. All visits of one start run one after the other in a frame that is as
//! wide as asked.

#![allow(dead_code, reason = "each test uses its part")]

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
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
    "--enable-logging=stderr",
    "--force-device-scale-factor=1",
    "--window-size=2600,1200",
    // In the page's own time: timers run as fast as there is nothing else to do.
    "--virtual-time-budget=60000",
    "--dump-dom",
];
/// How many browsers run at once.
const AT_ONCE: usize = 2;

/// Find a browser for the test that stands around it; without one, say that the test is skipped, and return.
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

/// A browser on this machine.
pub struct Browser {
    pub path: PathBuf,
}

/// What became of a page that was opened.
pub struct Opened {
    /// The document afterwards.
    pub dom: String,
    /// What was written to the console, errors among it.
    pub console: Vec<String>,
}

/// One visit to a page.
#[derive(Clone)]
pub struct Visit {
    pub page: String,
    /// With its `#`, or empty.
    pub fragment: String,
    pub width: u32,
    /// The body of an async function; what it returns is what the visit gives.
    pub script: String,
}

impl Visit {
    pub fn new(page: &str, script: &str) -> Visit {
        Visit { page: page.into(), fragment: String::new(), width: 1280, script: script.into() }
    }

    pub fn at(mut self, fragment: &str) -> Visit {
        self.fragment = fragment.into();
        self
    }

    pub fn wide(mut self, width: u32) -> Visit {
        self.width = width;
        self
    }
}

impl Browser {
    /// The browser that `GRADTAPE_BROWSER` names, else the first one in `PATH`.
    pub fn find(test: &str) -> Option<Browser> {
        let named = env::var_os("GRADTAPE_BROWSER").map(PathBuf::from);
        let found = named.or_else(|| {
            let folders = env::var_os("PATH")?;
            let at = |name| {
                env::split_paths(&folders).map(move |f| f.join(name)).find(|path| path.is_file())
            };
            NAMES.iter().find_map(at)
        });
        if found.is_none() {
            let why = "no browser found; install chromium or set GRADTAPE_BROWSER";
            assert!(env::var_os("GRADTAPE_REQUIRE_BROWSER").is_none(), "{test}: {why}");
            // Not by `eprintln!`, which is swallowed when a test passes.
            writeln!(std::io::stderr(), "skipped: {test}: {why}").expect("stderr");
        }
        found.map(|path| Browser { path })
    }

    /// Open a page from disk, as a reader does.
    pub fn open(&self, page: &str, fragment: &str, flags: &[&str]) -> Opened {
        let folder = Folder::new();
        folder.write("page.html", page);
        self.start(&folder, "page.html", fragment, flags)
    }

    /// Make some visits, one after the other, and return what each script found.
    ///
    /// A script that throws, and any word on the console, fails the test.
    pub fn drive(&self, visits: &[Visit]) -> Vec<Value> {
        self.drive_with(&[], visits)
    }

    /// The same with more flags for the browser.
    pub fn drive_with(&self, flags: &[&str], visits: &[Visit]) -> Vec<Value> {
        let folder = Folder::new();
        for (k, visit) in visits.iter().enumerate() {
            folder.write(&format!("{k}.html"), &driven(visit));
        }
        let places = visits.iter().enumerate().map(|(k, visit)| {
            serde_json::json!([format!("{k}.html{}", visit.fragment), visit.width])
        });
        let places = Value::from_iter(places).to_string().replace('<', "\\u003c");
        folder.write("frame.html", &FRAME.replace("PLACES", &places));
        let Opened { dom, console } = self.start(&folder, "frame.html", "", flags);
        assert_eq!(console, Vec::<String>::new(), "on the console");
        let (_, said) = dom.split_once(r#"<pre id="found">"#).expect("a place for what was found");
        let (said, _) = said.split_once("</pre>").expect("its end");
        let found: Vec<Value> = serde_json::from_str(said).expect("what was found is JSON");
        assert_eq!(found.len(), visits.len(), "visits that came to an end");
        let value = |(mut found, visit): (Value, &Visit)| {
            let error = &found["error"];
            assert!(error.is_null(), "at {:?}: {}", visit.fragment, error.as_str().unwrap_or(""));
            found["value"].take()
        };
        found.into_iter().zip(visits).map(value).collect()
    }

    fn start(&self, folder: &Folder, file: &str, fragment: &str, flags: &[&str]) -> Opened {
        let _turn = Turn::wait();
        let Output { stdout, stderr, status } = Command::new(&self.path)
            .args(FLAGS)
            .args(flags)
            .arg(format!("--user-data-dir={}", folder.0.join("profile").display()))
            .arg(format!("{}{fragment}", address(&folder.0.join(file))))
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        let [dom, log] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(status.success() && !dom.is_empty(), "{}: {status}\n{log}", self.path.display());
        let console = log.lines().filter_map(|line| line.split_once("CONSOLE"));
        Opened { dom, console: console.map(|(_, said)| said.to_string()).collect() }
    }
}

/// A copy of a page that is driven by a script.
fn driven(visit: &Visit) -> String {
    let (before, after) = visit.page.rsplit_once("</body>").expect("a page has a body");
    let (head, rest) = before.split_once("<meta charset=\"utf-8\">").expect("a page has a head");
    // The first script hears of every listener for clicks.
    format!(
        "{head}<meta charset=\"utf-8\"><script>{LISTEN}</script>{rest}<script>{}</script></body>{after}",
        DRIVE.replace("SCRIPT", &visit.script)
    )
}

const LISTEN: &str = "
const heard = new Map(), listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...more) {
  if (!heard.has(kind)) heard.set(kind, new Set());
  heard.get(kind).add(this);
  return listen.call(this, kind, ...more);
};";

const DRIVE: &str = "
(async () => {
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const one = (query, from = document) => {
    const found = from.querySelector(query);
    if (!found) throw new Error(`nothing on the page is ${query}`);
    return found;
  };
  const text = (query, from) => one(query, from).textContent;
  const wait = milliseconds => new Promise(go => setTimeout(go, milliseconds));
  const slide = (query, value) => {
    const slider = one(query);
    slider.value = value;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const press = (key, at = document.body, more = {}) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
    at.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const steps = () => Number(one('#slider').max) + 1;
  const chosen = i => one(`#table tr[data-id=\"${i}\"]`).click();
  SCRIPT
})().then(value => parent.postMessage({ value }, '*'), error => parent.postMessage({ error: `${error} ${error.stack}` }, '*'));";

/// One visit at a time in a frame: each has the focus, and all of it is in sight.
const FRAME: &str = r#"<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>visits</title><style>body { margin: 0 } iframe { border: 0; display: block }</style></head>
<body><pre id="found"></pre><script>
const places = PLACES, found = [];
function next() {
  if (found.length === places.length) {
    const plain = JSON.stringify(found).replace(/[<>&\u007f-\uffff]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
    document.getElementById('found').textContent = plain;
    return;
  }
  const frame = document.createElement('iframe');
  const [place, width] = places[found.length];
  Object.assign(frame, { src: place, width, height: 900 });
  document.body.prepend(frame);
  frame.focus();
}
addEventListener('message', ({ data }) => {
  found.push(data);
  document.querySelector('iframe').remove();
  next();
});
next();
</script></body></html>"#;

/// The address of a file on disk.
pub fn address(path: &Path) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b);
    let path = path.to_str().expect("a path in Unicode").bytes();
    let path = path.map(|b| if plain(b) { (b as char).into() } else { format!("%{b:02X}") });
    format!("file://{}", path.collect::<String>())
}

/// A folder for one start, gone afterwards: browsers that run at once share nothing.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("page-{}-{count}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("a folder for a page");
        Folder(folder)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a page can be written");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A browser may still be tidying up its profile; what is left stays in `target`.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The right to run a browser.
pub struct Turn;

static RUNNING: Mutex<usize> = Mutex::new(0);
static DONE: Condvar = Condvar::new();

impl Turn {
    pub fn wait() -> Turn {
        let running = RUNNING.lock().expect("no panic under the lock");
        let free = |running: &mut usize| *running >= AT_ONCE;
        *DONE.wait_while(running, free).expect("no panic under the lock") += 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().expect("no panic under the lock") -= 1;
        DONE.notify_one();
    }
}
