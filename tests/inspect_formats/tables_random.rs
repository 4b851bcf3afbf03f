//! Tables of random tapes fit into any width.

use super::expression::expressions;
use super::places::places;
use crate::property::config;
use gradtape::Tape;
use proptest::prelude::*;

const LABELS: [&str; 6] =
    ["x", "a rather long label of a node", "重み", "😀😀", "e\u{301}e\u{301}", "a\nb"];

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn no_line_is_wider_than_it_may_be(
        expression in expressions(),
        labels in prop::collection::vec(prop::option::of(0..LABELS.len()), 40),
        (width, digits, rows) in (0usize..160, 1usize..18, 0usize..40),
    ) {
        let tape = Tape::new();
        let y = expression.run(&tape.vars(&expression.point));
        for (i, label) in labels.iter().enumerate().take(tape.len()) {
            if let Some(label) = *label {
                let _labelled = tape.var_at(i).label(LABELS[label]);
            }
        }
        let report = tape.report(y);
        let table = || report.table().width(width).digits(digits).rows(rows).color(false);
        for text in [table().to_string(), table().sort_by(|node| node.adjoint).to_string()] {
            let limit = if width == 0 { usize::MAX } else { width.max(40) };
            for line in text.lines() {
                prop_assert!(places(line) <= limit, "{line:?} is wider than {limit}\n{text}");
                prop_assert!(line.trim_end() == line, "{line:?} ends with blanks");
            }
            // Rows and columns make a grid: the rule is as wide as each line at most.
            let rule = text.lines().find(|line| line.starts_with('─')).map_or(0, places);
            let grid = text.lines().skip_while(|line| !line.starts_with('─'));
            for line in grid.take_while(|line| !line.is_empty()).filter(|line| !line.contains('⋮')) {
                prop_assert!(places(line) <= rule, "{line:?} is wider than its rule\n{text}");
            }
        }
    }
}
