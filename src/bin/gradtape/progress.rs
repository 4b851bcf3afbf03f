//! A progress bar, on a terminal that can show one.

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub struct Bar(ProgressBar);

impl Bar {
    /// A bar of so many steps on the standard error; none if that is no terminal, or one that cannot move its cursor.
    pub fn new(steps: usize, is_quiet: bool) -> Bar {
        let hidden = is_quiet || !Term::stderr().is_term() || console::is_dumb();
        let target =
            if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
        // Without colours, so that there is nothing for NO_COLOR to turn off.
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}");
        Bar(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    pub fn set(&self, steps: usize, message: &str) {
        if !self.0.is_hidden() {
            self.0.set_message(message.to_string());
            self.0.set_position(steps as u64);
        }
    }

    /// Print a line above the bar.
    pub fn line(&self, text: &str) {
        match self.0.is_hidden() {
            // What cannot be said of progress is no reason to stop.
            true => {
                drop(std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{text}\n")))
            }
            false => self.0.println(text),
        }
    }

    /// Take the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
