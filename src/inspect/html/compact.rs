//! Sources without the spaces that nothing needs: they are a tenth of a script.
//!
//! Between two words a space stays, and so do line ends where in JavaScript they may end a statement. Texts, templates and
//! regular expressions stay as they are. A slash begins a regular expression where no operand stands before it.

/// What needs no space before or after it.
const SIGNS: &str = "(){}[];,:?=<>!&|+-*/%^~.";
/// After these no operand can have ended.
const OPENS: &str = "(,=:[!&|?{};\n>";

/// A script without spaces beside signs.
pub(super) fn script(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    // For each template that is open, the braces that are open in its present `${...}`.
    let mut templates: Vec<usize> = Vec::new();
    let (mut rest, mut last) = (source, '\n');
    while let Some(c) = rest.chars().next() {
        let ends_hole = c == '}' && templates.last() == Some(&0);
        let length = match c {
            '"' | '\'' => until(rest, |at| at.starts_with(c).then_some(1)),
            '`' => template(rest),
            '}' if ends_hole => template(rest),
            '/' if OPENS.contains(last) => regular_expression(rest),
            _ => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        if ends_hole {
            templates.pop();
        }
        match (c, templates.last_mut()) {
            _ if piece.ends_with("${") => templates.push(0),
            ('{', Some(open)) => *open += 1,
            ('}', Some(open)) if !ends_hole => *open -= 1,
            _ => {}
        }
        if c == ' ' && !is_needed(last, rest.chars().next().unwrap_or('\n')) {
            continue;
        }
        // What goes on, or has ended already, needs no line end.
        if c == '\n' && "{([,;".contains(last) {
            continue;
        }
        text.push_str(piece);
        // A literal is an operand.
        last = if length > c.len_utf8() && !piece.ends_with("${") { '"' } else { c };
        if piece.ends_with("${") {
            last = '{';
        }
    }
    text
}

/// Whether a space between these parts what must not come together: words, or signs that would make another.
fn is_needed(before: char, after: char) -> bool {
    let together = before == after && "+-/".contains(before);
    together || !SIGNS.contains(before) && !SIGNS.contains(after)
}

/// The length of a template up to its end, or to where a value stands in it.
fn template(text: &str) -> usize {
    until(text, |at| match at {
        _ if at.starts_with('`') => Some(1),
        _ if at.starts_with("${") => Some(2),
        _ => None,
    })
}

fn regular_expression(text: &str) -> usize {
    // In brackets a slash is a letter.
    let mut in_brackets = false;
    until(text, |at| {
        in_brackets = (in_brackets || at.starts_with('[')) && !at.starts_with(']');
        (at.starts_with('/') && !in_brackets).then_some(1)
    })
}

/// The length of a literal whose first character stands already: up to where `end` says how long its end is. What a
/// backslash stands before is none.
fn until(text: &str, mut end: impl FnMut(&str) -> Option<usize>) -> usize {
    let mut letters = text.char_indices().skip(1);
    while let Some((i, c)) = letters.next() {
        if c == '\\' {
            letters.next();
        } else if let Some(length) = end(&text[i..]) {
            return i + length;
        }
    }
    text.len()
}

/// A style sheet without comments, indentation, and spaces beside braces and behind other signs; no text in it has any of
/// these.
pub(super) fn style(source: &str) -> String {
    let closer =
        [(" {", "{"), ("{ ", "{"), ("; ", ";"), (": ", ":"), (", ", ","), (" }", "}"), (";}", "}")];
    let (mut text, mut rest) = (String::new(), source);
    while let Some((before, comment)) = rest.split_once("/*") {
        text.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    closer.iter().fold(text, |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::{script, style};

    #[test]
    fn only_spaces_that_nothing_needs_are_left_out() {
        let pairs = [
            ("const a = b + c;", "const a=b+c;"),
            ("x + +y - -z / /a b/.exec(s)", "x+ +y- -z/ /a b/.exec(s)"),
            ("say('a  = b', \"c ; ' d\")", "say('a  = b',\"c ; ' d\")"),
            (r"say('it\'s ( ok )', a )", r"say('it\'s ( ok )',a)"),
            ("`a + ${b + { c: `d ${e + 1} ` }.c} + f` + g", "`a + ${b+{c:`d ${e+1} `}.c} + f`+g"),
            ("t.replace(/[ / ] +/g, ' ') in u", "t.replace(/[ / ] +/g,' ')in u"),
            ("a / b / c", "a/b/c"),
            ("if (x) return y\nelse return [z]", "if(x)return y\nelse return[z]"),
            ("f(a,\n  b);\nlet c", "f(a,b);let c"),
        ];
        for (source, expected) in pairs {
            assert_eq!(script(source), expected);
        }
        let source = "/* all */\na b, c > d:hover { x: y z; w: 1; /* no */ }\n  e { }\n";
        assert_eq!(style(source), "a b,c > d:hover{x:y z;w:1}\ne{}\n");
    }
}
