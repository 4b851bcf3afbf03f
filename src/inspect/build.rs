//! From a tape, or a program at a point, to the model: one sweep for the adjoints, one walk for everything else.

use super::{Code, Finding, Network, Report, finding};
use crate::program::{Program, ReplayError, Workspace};
use crate::sweep::reaches;
use crate::tape::Scope;
use crate::{Tape, Var};
use indexmap::IndexMap;

impl Report {
    /// Describe a tape and the sweep from one of its outputs.
    #[track_caller]
    fn of(tape: &Tape, output: Var) -> Report {
        let gradient = tape.backward(&[(output, 1.0)]);
        let output = output.index();
        let mut report = Report {
            output,
            nodes: tape.nodes().collect(),
            scopes: tape.scopes(),
            guards: tape.guards(),
            ..Report::default()
        };
        // Scopes that are still open end with the tape.
        for Scope { end, .. } in &mut report.scopes {
            end.get_or_insert(report.nodes.len());
        }
        let reaches = output.map(|output| reaches(output, |i| report.edges(i)));
        for (node, reach) in report.nodes.iter_mut().zip(reaches.unwrap_or_default()) {
            node.reach = reach;
        }
        for (node, &adjoint) in report.nodes.iter_mut().zip(gradient.adjoints()) {
            node.adjoint = adjoint;
        }
        report
    }
}

impl Tape {
    /// Report on an output: every node with its value, adjoint and local partials, and what was noticed.
    ///
    /// The whole tape is in it, also what the output does not depend on, and the network that made it if
    /// [`nn`](crate::nn) did: see [`Network`]. It takes one reverse sweep and a few walks over the
    /// tape.
    ///
    /// # Panics
    /// If the output is not on this tape. A constant is fine: nothing is connected to it.
    ///
    /// ```
    /// use gradtape::{Reach, Tape};
    /// let tape = Tape::new();
    /// let (x, y, z) = (tape.var(0.0), tape.var(-1.0), tape.var(1.0));
    /// let report = tape.report(x.square() + y.relu());
    /// // Three derivatives of 0, and three reasons.
    /// let reach = [x, y, z].map(|v| report.nodes[v.index().unwrap()].reach);
    /// assert_eq!(reach, [Reach::Connected, Reach::Blocked, Reach::NotConnected]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn report(&self, output: Var) -> Report {
        let mut report = Report::of(self, output);
        let ran = self.recording.networks.borrow();
        match Network::of(ran.iter().map(|(_, run)| run), &report.nodes) {
            Ok(network) => report.network = network,
            Err(large) => report.facts.push(("network".into(), large.to_string())),
        }
        report.findings = report.detect();
        if report.output.is_none() {
            report.findings.splice(0..0, finding::constant_output(output.value()));
        }
        report
    }
}

impl Program {
    /// Report on the program's output at a point, as if its instructions had been recorded there.
    ///
    /// Should the point take another branch than the recording, the numbers are still those of the recorded
    /// branch; the first finding then is an error that says so.
    ///
    /// # Errors
    /// If there are more or fewer inputs than the program takes, or it has not exactly one output.
    ///
    /// ```
    /// use gradtape::{Program, Real};
    /// let program = Program::record(|x| x[0].hypot(x[1]) * x[0], &[3.0, 4.0]);
    /// let report = program.report(&[5.0, 12.0])?;
    /// assert_eq!(report.nodes[report.output.unwrap()].value, 65.0);
    /// # Ok::<(), gradtape::program::ReplayError>(())
    /// ```
    pub fn report(&self, x: &[f64]) -> Result<Report, ReplayError> {
        let changed = match self.value(x, &mut Workspace::new()) {
            Ok(_) => None,
            Err(ReplayError::BranchChanged(changed)) => Some(changed),
            Err(error) => return Err(error),
        };
        let tape = Tape::new();
        let outputs = self.on_tape(&tape.vars(x));
        let mut report = tape.report(outputs[0]);
        if let Some(changed) = changed {
            let message = "this point takes another branch than the recording; the numbers here are those of the \
                           recorded branch, and not what the code computes";
            let finding = Finding::new(Code::BranchChanged, None, message, changed.comparison());
            report.findings.insert(0, finding);
        }
        report.facts.extend(self.facts());
        Ok(report)
    }

    /// The program's statistics as names and values.
    fn facts(&self) -> Vec<(String, String)> {
        let stats = self.stats();
        // A pass may run more than once.
        let mut removed = IndexMap::<String, usize>::new();
        for (pass, n) in &stats.removed {
            *removed.entry(format!("removed by `{pass}`")).or_default() += n;
        }
        let counts = [
            ("instructions recorded".to_string(), stats.recorded),
            ("instructions now".to_string(), stats.instructions),
            ("guards".to_string(), stats.guards),
        ];
        counts.into_iter().chain(removed).map(|(name, n)| (name, n.to_string())).collect()
    }
}
