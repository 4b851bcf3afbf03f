//! A report in a notebook.

use super::Report;
use crate::text::markup;
use std::fmt;

/// What a notebook shows of a report: the page in a frame of its own.
struct Framed<'a>(&'a Report);

impl fmt::Display for Framed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = markup(&self.0.heading());
        let page = markup(&self.0.html().to_string());
        // The frame lets the page's script run and keeps it away from the notebook.
        write!(
            f,
            "<iframe title=\"{title}\" sandbox=\"allow-scripts\" \
             style=\"width: 100%; height: 56rem; border: 0\" srcdoc=\"{page}\"></iframe>"
        )
    }
}

impl Report {
    /// Show the report in a notebook of [evcxr](https://github.com/evcxr/evcxr), which calls this for the value
    /// of a cell's last line.
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
        println!("EVCXR_BEGIN_CONTENT text/html\n{}\nEVCXR_END_CONTENT", Framed(self));
    }
}
