//! How an explanation is written: Unicode or ASCII, digits and width, the names of nodes and derivatives.

use crate::inspect::name::Names;
use crate::inspect::{PathEdge, Report};
use crate::text::{DIGITS, WIDTH, cut_with, digits, on_one_line, width};

/// How an explanation is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub ascii: bool,
    pub digits: usize,
    pub width: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { ascii: false, digits: DIGITS, width: WIDTH }
    }
}

impl Style {
    /// A sign, or what stands for it in ASCII.
    pub fn sign(&self, sign: &'static str) -> &'static str {
        match sign {
            _ if !self.ascii => sign,
            "∂" => "d",
            "×" => "*",
            "✓" => "ok",
            "…" => "...",
            _ => "",
        }
    }

    /// A number. The sign of a zero says nothing here.
    pub fn number(&self, x: f64) -> String {
        digits(if x == 0.0 { 0.0 } else { x }, self.digits)
    }

    /// The value of a node. Here a zero keeps its sign: `signum(-0)` is -1, and `1 / -0` is -inf.
    pub fn value(&self, x: f64) -> String {
        digits(x, self.digits)
    }

    /// A constant as it is printed.
    pub fn rounded(&self, x: f64) -> f64 {
        self.number(x).parse().unwrap_or(x)
    }

    /// A number as a factor or an operand: in parentheses if its sign or exponent could be misread.
    pub fn enclosed(&self, x: f64) -> String {
        let number = self.number(x);
        if number.starts_with('-') || number.contains('e') { format!("({number})") } else { number }
    }

    /// Text of the user's or of the op table on one line, and in ASCII all that is not as escapes.
    pub fn text(&self, text: &str) -> String {
        let line = on_one_line(text);
        if !self.ascii {
            return line;
        }
        let mut safe = String::with_capacity(line.len());
        for c in line.chars() {
            match c {
                '²' => safe.push_str("^2"),
                c if c.is_ascii() => safe.push(c),
                c => safe.extend(c.escape_default()),
            }
        }
        safe
    }

    /// The beginning of a text that is too wide, with dots at its end.
    pub fn cut(&self, text: &str, most: usize) -> String {
        cut_with(text.trim_end().to_string(), most, self.sign("…"))
    }

    /// Put pieces side by side after a lead; where a line is full, go on below the first piece, or a little to
    /// the right of the lead if that is long.
    pub fn wrap(&self, lead: &str, pieces: &[String]) -> Vec<String> {
        let indent = match width(lead) {
            long if long > self.width / 2 => width(lead) - width(lead.trim_start()) + 4,
            short => short,
        };
        let mut lines = vec![lead.to_string()];
        for piece in pieces {
            let line = lines.last_mut().expect("the first line");
            let gap = if line.is_empty() || line.ends_with(' ') { "" } else { " " };
            if width(line) + gap.len() + width(piece) > self.width && width(line) > indent {
                lines.push(" ".repeat(indent) + piece);
            } else {
                *line += &format!("{gap}{piece}");
            }
        }
        lines
    }
}

/// The words of an explanation: a report's names in a style.
pub(super) struct Words<'a> {
    pub report: &'a Report,
    pub style: Style,
    names: Names<'a>,
}

impl<'a> Words<'a> {
    pub fn new(report: &'a Report, style: Style) -> Words<'a> {
        Words { report, style, names: Names::of(report) }
    }

    /// Whether a node has a label that says anything.
    pub fn is_labelled(&self, node: usize) -> bool {
        self.report.nodes[node].label.as_deref().is_some_and(|label| !label.is_empty())
    }

    /// A node's name; of a long one the beginning and the index.
    pub fn node(&self, node: usize) -> String {
        let most = self.style.width / 3;
        let name = self.style.text(&self.names.node(node));
        match width(name.trim_end()) <= most {
            true => name.trim_end().to_string(),
            false => {
                let index = format!(" (%{node})");
                let label = name.strip_suffix(&*index).unwrap_or(&name);
                self.style.cut(label, most) + &index
            }
        }
    }

    /// A number of paths; beyond 2⁵³ they are rounded.
    pub fn paths(&self, count: f64) -> String {
        match count {
            1.0 => "1 path".into(),
            c if c < 1e15 => format!("{c} paths"),
            c => format!("about {} paths", self.style.number(c)),
        }
    }

    /// A derivative of one node with respect to another.
    pub fn derivative(&self, of: usize, by: usize) -> String {
        let d = self.style.sign("∂");
        format!("{d}{}/{d}{}", self.node(of), self.node(by))
    }

    /// A local partial, which says by which operand if the node is several; equal ones go by the first.
    pub fn partial(&self, edge: PathEdge) -> String {
        let node = &self.report.nodes[edge.user];
        let text = self.derivative(edge.user, edge.node);
        let edges = node.operands.iter().zip(&node.partials);
        let partials: Vec<f64> =
            edges.filter(|(operand, _)| **operand == edge.node).map(|(_, &p)| p).collect();
        let is_equal = |p: &&f64| p.to_bits() == edge.partial.to_bits();
        match partials.iter().filter(is_equal).count() {
            _ if partials.len() == 1 => text,
            equal if equal == partials.len() => format!("{text} (each)"),
            _ => {
                let before = node.operands[..edge.operand].iter();
                let before = before.filter(|&&o| o == edge.node).count();
                format!("{text} ({})", ordinal(before + 1))
            }
        }
    }

    /// The constants of a node with the digits that are shown.
    fn constants(&self, node: usize) -> Vec<f64> {
        self.report.nodes[node].constants.iter().map(|&c| self.style.rounded(c)).collect()
    }

    /// What a node computes, in names and in numbers.
    pub fn expressions(&self, node: usize) -> [String; 2] {
        let values = |operand: usize| {
            let value = self.report.nodes[operand].value;
            let is_negative_zero = value == 0.0 && value.is_sign_negative();
            if is_negative_zero { "(-0)".into() } else { self.style.enclosed(value) }
        };
        let constants = self.constants(node);
        let mut numbers = self.report.expression_with(node, &constants, values);
        // The parentheses of a function's name are enough.
        for number in self.report.nodes[node].operands.iter().map(|&operand| values(operand)) {
            if number.starts_with('(') {
                numbers = numbers.replace(&format!("({number})"), &number);
            }
        }
        let names = self.report.expression_with(node, &constants, |operand| self.node(operand));
        [names, numbers].map(|text| self.style.text(&text))
    }

    /// The local partial of an edge, in names and in numbers.
    pub fn partials(&self, edge: PathEdge) -> [String; 2] {
        let node = &self.report.nodes[edge.user];
        let express = |name_of: &dyn Fn(usize) -> String| {
            let operands: Vec<String> = node.operands.iter().map(|&o| name_of(o)).collect();
            let result = name_of(edge.user);
            let text = node.op.express_partial(
                edge.operand,
                &node.name,
                &operands,
                &result,
                &self.constants(edge.user),
            );
            self.style.text(&text)
        };
        let number = |node: usize| self.style.value(self.report.nodes[node].value);
        [express(&|node| self.node(node)), express(&number)]
    }
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 10, n % 100 / 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// The width of the widest cell of each column.
pub(super) fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    (0..columns).map(widest).collect()
}
