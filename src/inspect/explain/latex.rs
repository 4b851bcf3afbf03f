//! The chain rule as LaTeX: symbols, numbers, and the derivative, one path a line. The page's script writes the same,
//! to the letter.

use super::chain::{factors, product_of, texts, value};
use super::names::Words;
use crate::inspect::Paths;

/// Write the chain rule as an `aligned` block.
pub(super) fn latex(words: &Words<'_>, paths: &Paths, full: bool) -> String {
    let derivative = |of: usize, by: usize| {
        let [of, by] = [of, by].map(|node| text(&words.node(node)));
        format!("\\frac{{\\partial {of}}}{{\\partial {by}}}")
    };
    let output = words.report.output.unwrap_or(paths.node);
    let number = |x: f64| plain(&words.style.number(x));
    let enclosed = |x: f64| match number(x) {
        number if number.starts_with('-') || number.contains('^') => format!("({number})"),
        number => number,
    };
    let between = |count: String| format!("\\underbrace{{\\cdots}}_{{{}}}", text(&count));
    let rest = paths.remainder.map(|remainder| {
        let listed: f64 = paths.listed.iter().map(|path| path.count).sum();
        let more = format!("{} more", words.paths(paths.count - listed));
        [between(more), enclosed(remainder)]
    });
    let factors = factors(words, &paths.listed, full);
    let mut lines = [Vec::new(), Vec::new()];
    for (factors, path) in
        factors.iter().zip(&paths.listed).filter(|(_, path)| !path.edges.is_empty())
    {
        let equal = (path.count > 1.0).then(|| number(path.count));
        let symbols = texts(
            factors,
            full,
            &|factor| {
                let (user, node) = super::chain::ends(factor);
                derivative(user, node)
            },
            &|middle| between(format!("{} factors", middle.len())),
        );
        let numbers = texts(factors, full, &|factor| enclosed(value(words, factor)), &|middle| {
            enclosed(product_of(words, middle))
        });
        for (line, cells) in lines.iter_mut().zip([symbols, numbers]) {
            line.push(cells.into_iter().chain(equal.clone()).collect::<Vec<_>>().join(" \\cdot "));
        }
    }
    for (k, line) in lines.iter_mut().enumerate() {
        line.extend(rest.as_ref().map(|rest| rest[k].clone()));
    }
    let [symbols, numbers] = lines;
    // A number that is alone is the derivative itself.
    let is_alone = numbers.len() == 1 && !numbers[0].contains("\\cdot");
    let rows = [symbols, if is_alone { Vec::new() } else { numbers }, vec![number(paths.adjoint)]];
    let signed = rows.iter().flat_map(|row| row.iter().enumerate()).map(|(k, row)| match k {
        0 => format!("&= {row}"),
        _ => format!("&+ {row}"),
    });
    let head = derivative(output, paths.node);
    format!(
        "\\begin{{aligned}}\n{head} {}\n\\end{{aligned}}\n",
        signed.collect::<Vec<_>>().join(" \\\\\n")
    )
}

/// Text in a formula.
fn text(text: &str) -> String {
    let mut escaped = String::from("\\text{");
    for c in text.chars() {
        match c {
            '\\' => escaped += "\\textbackslash{}",
            '^' => escaped += "\\textasciicircum{}",
            '~' => escaped += "\\textasciitilde{}",
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped + "}"
}

/// A number in a formula.
fn plain(number: &str) -> String {
    match (number, number.split_once('e')) {
        ("NaN", _) => "\\text{NaN}".into(),
        (_, Some((mantissa, exponent))) => format!("{mantissa} \\cdot 10^{{{exponent}}}"),
        (number, None) => number.replace("inf", "\\infty"),
    }
}
