//! What a notebook shows of a report: the page in a frame of its own.

use crate::inspect::Report;
use crate::text::{markup, on_one_line};
use std::fmt;

const HEIGHT: &str = "56rem";

/// A report in a frame, for a notebook or a page of one's own: [`Report::framed`].
///
/// Its `Display` is the frame, an element of HTML that holds the whole page.
#[derive(Clone, Debug)]
pub struct Framed {
    report: Report,
    height: String,
    at: String,
}

impl Framed {
    /// Make the frame so high: a length as CSS has it, `"40rem"` or `"90vh"`. Without this it is `"56rem"`.
    pub fn height(mut self, height: &str) -> Self {
        self.height = height.into();
        self
    }

    /// Open at a state: a fragment, as the page writes it to its address, with or without its `#`.
    pub fn at(mut self, fragment: &str) -> Self {
        self.at = fragment.trim_start_matches('#').into();
        self
    }

    /// Show it in a notebook of [evcxr](https://github.com/evcxr/evcxr), which calls this for the value of a cell's
    /// last line.
    pub fn evcxr_display(&self) {
        display(&self.to_string());
    }
}

impl fmt::Display for Framed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&frame(&self.report, &self.height, &self.at))
    }
}

fn frame(report: &Report, height: &str, at: &str) -> String {
    let mut page = report.html().to_string();
    if !at.is_empty() {
        // A frame that holds its page has no address, so the page is told where to open.
        page = page.replacen("<body>", &format!("<body data-at=\"{}\">", markup(at)), 1);
    }
    let [title, height, page] = [&on_one_line(&report.heading()), height, &page].map(markup);
    // The frame lets the page's script run and keeps it away from the notebook.
    format!(
        "<iframe title=\"{title}\" sandbox=\"allow-scripts\" style=\"width: 100%; height: {height}; border: 0\" \
         srcdoc=\"{page}\"></iframe>"
    )
}

fn display(content: &str) {
    println!("EVCXR_BEGIN_CONTENT text/html\n{content}\nEVCXR_END_CONTENT");
}

impl Report {
    /// Put the page into a frame, for a notebook.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// // As the last line of a cell evcxr shows it.
    /// let frame = tape.report(x.square()).framed().height("40rem").at("#t=1&sel=x");
    /// let frame = frame.to_string();
    /// assert!(frame.starts_with("<iframe") && frame.contains("height: 40rem"));
    /// ```
    pub fn framed(self) -> Framed {
        Framed { report: self, height: HEIGHT.into(), at: String::new() }
    }

    /// Show the report in a notebook of [evcxr](https://github.com/evcxr/evcxr), which calls this for the value
    /// of a cell's last line. [`framed`](Report::framed) takes a height and a state to open at.
    ///
    /// It prints the page between the lines that evcxr looks for.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(3.0).label("x");
    /// tape.report(x.square()).evcxr_display();
    /// ```
    pub fn evcxr_display(&self) {
        display(&frame(self, HEIGHT, ""));
    }
}
