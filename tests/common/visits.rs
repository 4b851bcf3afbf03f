//! Pages that are driven by a script of the test: it clicks, presses keys, reads, and returns what it found.
//!
//! The page is the file as it is; the script comes from outside when it is loaded. Timers then run in the page's own
//! time, as fast as there is nothing else to do, so that waiting takes no time.

use crate::browser::Browser;
use crate::devtools::Page;
use serde_json::{Value, json};
use std::sync::Mutex;

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
    /// Make some visits, one after the other, and return what each script found.
    ///
    /// A script that throws, and any word on the console, fails the test.
    pub fn drive(&'static self, visits: &[Visit]) -> Vec<Value> {
        /// Where visits were made. Each begins by leaving the one before, so a test may go on where another ended.
        static LEFT: Mutex<Vec<Page>> = Mutex::new(Vec::new());
        let left = LEFT.lock().expect("no panic under the lock").pop();
        let mut page = left.unwrap_or_else(|| Page::for_visits(self));
        let found = page.drive(visits);
        LEFT.lock().expect("no panic under the lock").push(page);
        found
    }
}

impl Page {
    /// A page in which time is its own.
    pub fn for_visits(browser: &'static Browser) -> Page {
        let mut page = Page::new(browser);
        page.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LISTEN }));
        page.call("Emulation.setVirtualTimePolicy", json!({ "policy": "advance" }));
        page
    }

    /// The same in this page.
    pub fn drive(&mut self, visits: &[Visit]) -> Vec<Value> {
        visits.iter().map(|visit| self.visit(visit)).collect()
    }

    fn visit(&mut self, visit: &Visit) -> Value {
        self.size(visit.width, 900);
        self.load(&visit.page, &visit.fragment);
        let found = self.read(&DRIVE.replace("SCRIPT", &visit.script));
        // What was written to the console by then is heard now.
        self.read("0");
        found.as_str().map_or(Value::Null, |found| {
            serde_json::from_str(found).expect("what was found is JSON")
        })
    }
}

/// Hear of every listener for clicks, before the page has any.
const LISTEN: &str = "
const heard = new Map(), listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (kind, ...more) {
  if (!heard.has(kind)) heard.set(kind, new Set());
  heard.get(kind).add(this);
  return listen.call(this, kind, ...more);
};";

/// Returned as text: it keeps what JSON keeps, and nothing else.
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
})().then(JSON.stringify)";
