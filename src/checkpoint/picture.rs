//! Schedules as pictures: a line for each way forwards.
//!
//! ```text
//! o---o--o-<      from state 0 forwards: stored are 0, 4 and 7, and step 9 is reversed
//!        r<       state 7 is restored, and step 8 reversed
//!        <        state 7 is restored, and the step from it reversed
//! ```

use super::action::Action;
use std::fmt;

/// The most steps that are drawn.
const WIDTH: usize = 120;

/// Draw actions, and count what they take.
pub(super) fn draw(
    actions: impl Iterator<Item = Action> + Clone,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let (mut forward, mut reversed, mut stores, mut most, mut stored) = (0, 0, 0, 0, 0_usize);
    for action in actions.clone() {
        forward += action.forward_steps();
        match action {
            Action::Store { .. } => {
                stored += 1;
                stores += 1;
            }
            Action::Free { .. } => stored = stored.saturating_sub(1),
            Action::Reverse { .. } => reversed += 1,
            _ => {}
        }
        most = most.max(stored);
    }
    write!(
        f,
        "{reversed} steps reversed by {forward} plain ones; {stores} stores, at most {most} at a time"
    )?;
    if reversed > WIDTH {
        return Ok(());
    }
    let mut line: Vec<char> = Vec::new();
    let mark = |line: &mut Vec<char>, at: usize, with: char| {
        if line.len() <= at {
            line.resize(at + 1, ' ');
        }
        if line[at] == ' ' || line[at] == '-' {
            line[at] = with;
        }
    };
    for action in actions {
        match action {
            Action::Advance { from, to } => (from..to).for_each(|i| mark(&mut line, i, '-')),
            Action::Store { step, .. } => mark(&mut line, step, 'o'),
            Action::Restore { step, .. } => mark(&mut line, step, 'r'),
            Action::Free { .. } => {}
            Action::Reverse { step } => {
                line.truncate(step);
                line.resize(step, ' ');
                line.push('<');
                write!(f, "\n{}", line.iter().collect::<String>())?;
                line.clear();
            }
        }
    }
    Ok(())
}
