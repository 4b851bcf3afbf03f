//! How many paths there are.

use crate::inspect::Report;

impl Report {
    /// Count, for every node, the paths from the output back to it.
    ///
    /// Two paths differ if they differ in an edge: `x * x` has two to `x`. The output itself has one, without
    /// edges; a node that the output does not use has none. Takes one sweep. The counts are exact below
    /// 2⁵³, above that they are rounded, and above 1e308 infinite.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let x = tape.var(1.0);
    /// let y = (0..80).fold(x, |y, _| y * y);
    /// assert_eq!(tape.report(y).path_counts()[0], 2f64.powi(80));
    /// ```
    #[must_use]
    pub fn path_counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.nodes.len()];
        let Some(output) = self.output else { return counts };
        counts[output] = 1.0;
        for i in (0..=output).rev() {
            let through = counts[i];
            for &operand in &self.nodes[i].operands {
                counts[operand] += through;
            }
        }
        counts
    }
}
