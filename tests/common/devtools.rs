//! A page in the browser, driven over the DevTools protocol: real keys, pointer, wheel and touch.
//!
//! `visits.rs` makes events by script, which is quick and enough for what a page shows. Here they come from outside,
//! as from a hand: Tab moves the focus, a drag passes over what lies between, a checkbox has its key before the page.
//!
//! Nothing sleeps: each call waits for its answer, and `until` for a condition, looked at once a frame.

#![allow(dead_code, reason = "each test uses its part")]

use crate::browser::Browser;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// When a browser that does not answer is given up; nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Keys with their code, their number, and the text they write.
const KEYS: &[(&str, &str, u32, &str)] = &[
    ("Tab", "Tab", 9, ""),
    ("Enter", "Enter", 13, "\r"),
    ("Escape", "Escape", 27, ""),
    (" ", "Space", 32, " "),
    ("PageUp", "PageUp", 33, ""),
    ("PageDown", "PageDown", 34, ""),
    ("End", "End", 35, ""),
    ("Home", "Home", 36, ""),
    ("ArrowLeft", "ArrowLeft", 37, ""),
    ("ArrowUp", "ArrowUp", 38, ""),
    ("ArrowRight", "ArrowRight", 39, ""),
    ("ArrowDown", "ArrowDown", 40, ""),
    ("Backspace", "Backspace", 8, ""),
];

/// A place on the screen, from the left and from the top.
pub type Point = (f64, f64);

/// A page in a context of its own, which shares nothing with others. A word on its console fails the test.
pub struct Page {
    browser: &'static Browser,
    listener: Sender<Value>,
    output: Receiver<Value>,
    context: Value,
    /// Empty before there is one.
    session: String,
}

impl Page {
    /// An empty page, 1440 by 900, that believes to have the focus.
    pub fn new(browser: &'static Browser) -> Page {
        let (listener, output) = channel();
        let (context, session) = (Value::Null, String::new());
        let mut page = Page { browser, listener, output, context, session };
        let context = page.call("Target.createBrowserContext", json!({}));
        page.context = context["browserContextId"].clone();
        let target = json!({ "url": "about:blank", "browserContextId": page.context });
        let target = page.call("Target.createTarget", target);
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = page.call("Target.attachToTarget", target);
        let session = session["sessionId"].as_str().expect("the name of a session");
        browser.listen(session, Some(page.listener.clone()));
        page.session = session.to_owned();
        for domain in ["Inspector", "Page", "Runtime", "Log"] {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        page.size(1440, 900);
        page
    }

    /// Open a page from disk.
    pub fn open(browser: &'static Browser, html: &str, fragment: &str) -> Page {
        let mut page = Page::new(browser);
        page.go(html, fragment);
        page
    }

    /// Open a page, with a fragment that begins with `#` or is empty, and wait until it is ready.
    pub fn go(&mut self, html: &str, fragment: &str) {
        self.load(html, fragment);
        self.until("document.body.dataset.ready === '1'");
    }

    /// Open a page from disk, as a reader does, and wait until it is loaded.
    pub fn load(&mut self, html: &str, fragment: &str) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}.html", COUNT.fetch_add(1, Ordering::Relaxed));
        let path = self.browser.write(&name, html);
        self.call("Page.navigate", json!({ "url": format!("{}{fragment}", address(&path)) }));
        self.wait_for("Page.loadEventFired");
        fs::remove_file(&path).expect("it is there");
    }

    /// Make the window so large.
    pub fn size(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Call a method of the protocol, and return its result.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id, method)
    }

    fn send(&mut self, method: &str, params: Value) -> u64 {
        // Processes and contexts belong to the browser, all else to the page.
        let is_of_page = !method.starts_with("SystemInfo.") && !method.starts_with("Target.");
        let to = if is_of_page { Ok(&*self.session) } else { Err(&self.listener) };
        self.browser.send(to, method, &params)
    }

    fn answer(&mut self, id: u64, method: &str) -> Value {
        loop {
            let mut said = self.hear(method);
            if said["id"] == id {
                let error = &said["error"];
                assert!(error.is_null(), "{method}: {error}");
                return said["result"].take();
            }
        }
    }

    /// Wait for an event.
    pub fn wait_for(&mut self, event: &str) -> Value {
        loop {
            let mut said = self.hear(event);
            if said["method"] == event {
                return said["params"].take();
            }
        }
    }

    /// The next message, in whose place a word on the console fails.
    fn hear(&mut self, why: &str) -> Value {
        let said = self.output.recv_timeout(PATIENCE);
        let said = said.unwrap_or_else(|error| panic!("no answer to {why}: {error}"));
        let console = ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"];
        let method = said["method"].as_str().unwrap_or("");
        assert!(!console.contains(&method), "on the console: {}", said["params"]);
        assert!(method != "Inspector.targetCrashed", "the page crashed at {why}");
        said
    }

    /// The value of an expression of the page; a promise is waited for.
    pub fn read(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut found = self.call("Runtime.evaluate", asked);
        let error = &found["exceptionDetails"];
        assert!(error.is_null(), "{expression}: {error}");
        found["result"]["value"].take()
    }

    /// Wait until a condition of the page holds, looking once a frame.
    pub fn until(&mut self, condition: &str) {
        let look = format!(
            "new Promise((done, fail) => {{
                const end = performance.now() + {};
                const look = () => {{
                    if ({condition}) done();
                    else if (performance.now() > end) fail(new Error('it never holds'));
                    else requestAnimationFrame(look);
                }};
                look();
            }})",
            PATIENCE.as_millis() / 4
        );
        self.read(&look);
    }

    /// Wait until what is to be seen has been drawn.
    pub fn drawn(&mut self) {
        self.read(
            "new Promise(go => requestAnimationFrame(() => requestAnimationFrame(() => go())))",
        );
    }

    /// The seconds that each process of pages has had on the processor, by its number.
    pub fn cpu(&mut self) -> HashMap<u64, f64> {
        let found = self.call("SystemInfo.getProcessInfo", json!({}));
        let all = found["processInfo"].as_array().expect("a list").iter();
        let pages = all.filter(|process| process["type"] == "renderer");
        pages.filter_map(|p| Some((p["id"].as_u64()?, p["cpuTime"].as_f64()?))).collect()
    }

    /// A picture of the window, or of all the page.
    pub fn picture(&mut self, format: &str, whole: bool) -> Vec<u8> {
        let size = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].take();
        let mut asked = json!({ "format": format, "captureBeyondViewport": whole });
        if whole {
            asked["clip"] = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        }
        if format != "png" {
            asked["quality"] = 80.into();
        }
        let found = self.call("Page.captureScreenshot", asked);
        from_base64(found["data"].as_str().expect("a picture"))
    }

    /// Press a key, with Shift if its name begins with `Shift+`.
    pub fn key(&mut self, key: &str) {
        let (shift, key) = key.strip_prefix("Shift+").map_or((false, key), |key| (true, key));
        let known = KEYS.iter().find(|(name, ..)| *name == key).copied();
        // A letter writes itself.
        let (_, code, number, text) = known.unwrap_or((key, "", 0, key));
        let mut event = json!({ "key": key, "code": code, "windowsVirtualKeyCode": number });
        event["modifiers"] = if shift { 8 } else { 0 }.into();
        let mut down = event.clone();
        down["type"] = if text.is_empty() { "rawKeyDown" } else { "keyDown" }.into();
        down["text"] = text.into();
        self.call("Input.dispatchKeyEvent", down);
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", event);
        self.settle();
    }

    /// Wait for the events that follow from one that came by hand, as `close` of a dialog: the page hears of them in
    /// a task of its own, and what a test reads would run before it.
    fn settle(&mut self) {
        self.read("new Promise(go => setTimeout(go))");
    }

    /// Press one key after the other.
    pub fn keys(&mut self, keys: &[&str]) {
        keys.iter().for_each(|key| self.key(key));
    }

    /// Write a text, key by key.
    pub fn write(&mut self, text: &str) {
        text.chars().for_each(|c| self.key(&c.to_string()));
    }

    /// Bring an element into sight, and return where its middle is, or another part: `(0.5, 0.5)` is the middle.
    pub fn place(&mut self, query: &str, part: Point) -> Point {
        let query = Value::from(query);
        let found = self.read(&format!(
            "(() => {{
                const found = document.querySelector({query});
                if (!found) throw new Error('nothing on the page is ' + {query});
                found.scrollIntoView({{ block: 'center', inline: 'center', behavior: 'instant' }});
                const {{ x, y, width, height }} = found.getBoundingClientRect();
                return [x + width * {}, y + height * {}];
            }})()",
            part.0, part.1
        ));
        (found[0].as_f64().expect("a number"), found[1].as_f64().expect("a number"))
    }

    fn mouse(&mut self, kind: &str, (x, y): Point, buttons: u32) {
        let button = if kind == "mouseMoved" && buttons == 0 { "none" } else { "left" };
        let event = json!({ "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1 });
        self.call("Input.dispatchMouseEvent", event);
        self.settle();
    }

    /// Move the pointer there.
    pub fn point(&mut self, to: Point) {
        self.mouse("mouseMoved", to, 0);
    }

    /// Click into the middle of an element.
    pub fn click(&mut self, query: &str) {
        let at = self.place(query, (0.5, 0.5));
        self.click_at(at);
    }

    pub fn click_at(&mut self, at: Point) {
        self.point(at);
        self.mouse("mousePressed", at, 1);
        self.mouse("mouseReleased", at, 0);
    }

    /// Drag from here to there, in steps.
    pub fn drag(&mut self, from: Point, to: Point) {
        self.point(from);
        self.mouse("mousePressed", from, 1);
        for at in between(from, to) {
            self.mouse("mouseMoved", at, 1);
        }
        self.mouse("mouseReleased", to, 0);
    }

    /// Turn the wheel over a place: positive is down, or to the right.
    pub fn wheel(&mut self, (x, y): Point, (across, down): Point) {
        let event =
            json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": across, "deltaY": down });
        self.call("Input.dispatchMouseEvent", event);
        self.settle();
    }

    /// Have a screen that is touched.
    pub fn be_touched(&mut self) {
        self.call(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": true, "maxTouchPoints": 5 }),
        );
    }

    /// Tap with a finger: both ends at once, for a finger that stays is no tap.
    pub fn tap(&mut self, at: Point) {
        let calls = [finger("touchStart", Some(at)), finger("touchEnd", None)]
            .map(|event| self.send(TOUCH, event));
        for id in calls {
            self.answer(id, TOUCH);
        }
        self.settle();
    }

    /// Draw a finger from here to there.
    pub fn swipe(&mut self, from: Point, to: Point) {
        self.call(TOUCH, finger("touchStart", Some(from)));
        for at in between(from, to) {
            self.call(TOUCH, finger("touchMove", Some(at)));
        }
        self.call(TOUCH, finger("touchEnd", None));
        self.settle();
    }
}

const TOUCH: &str = "Input.dispatchTouchEvent";

fn finger(kind: &str, at: Option<Point>) -> Value {
    let at: Vec<Value> = at.iter().map(|(x, y)| json!({ "x": x, "y": y })).collect();
    json!({ "type": kind, "touchPoints": at })
}

fn from_base64(text: &str) -> Vec<u8> {
    let six = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let four = |part: &[u8]| {
        let bits = part.iter().fold(0u32, |bits, &c| bits << 6 | u32::from(six(c)));
        let bits = bits << (6 * (4 - part.len())) as u32;
        bits.to_be_bytes()[1..part.len()].to_vec()
    };
    text.trim_end_matches('=').as_bytes().chunks(4).flat_map(four).collect()
}

/// The places on a way.
fn between(from: Point, to: Point) -> impl Iterator<Item = Point> {
    const STEPS: u32 = 8;
    let part = |k: u32| f64::from(k) / f64::from(STEPS);
    (1..=STEPS).map(part).map(move |s| (from.0 + s * (to.0 - from.0), from.1 + s * (to.1 - from.1)))
}

/// The address of a file on disk.
fn address(path: &Path) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b);
    let path = path.to_str().expect("a path in Unicode").bytes();
    let path = path.map(|b| if plain(b) { (b as char).into() } else { format!("%{b:02X}") });
    format!("file://{}", path.collect::<String>())
}

impl Drop for Page {
    fn drop(&mut self) {
        // What is still said of it nobody hears, nor that it is gone: a test that failed says that by itself.
        self.browser.listen(&self.session, None);
        let context = json!({ "browserContextId": self.context });
        self.browser.send(Err(&self.listener), "Target.disposeBrowserContext", &context);
    }
}
