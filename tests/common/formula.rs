//! A reader of printed formulas that knows nothing of the op table: it computes what a person would.
//!
//! It is strict where print is misread: a sign stands only where a sum begins, no power is raised again,
//! and an exponent is one number, one name or in parentheses.

#![allow(dead_code, reason = "each test uses its part")]

use std::f64::consts::{LN_2, LN_10, PI, SQRT_2};

/// Compute a formula; `value` knows the names in it, places in braces included.
pub fn evaluate(text: &str, value: &dyn Fn(&str) -> Option<f64>) -> Result<f64, String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, value };
    let result = reader.pieces().map_err(|why| format!("`{text}`: {why}"))?;
    match reader.tokens.get(reader.at) {
        None => Ok(result),
        Some(token) => Err(format!("`{text}`: ends before {token:?}")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    /// A name, a function or a word like `if`.
    Word(String),
    Mark(char),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let in_number = |c: char| c.is_ascii_digit() || c == '.';
        let in_word = |c: char| (c.is_alphanumeric() && c != '²' && c != '½') || "_%[]".contains(c);
        let length = if first == '{' {
            rest.find('}').ok_or("a brace is open")? + 1
        } else if in_number(first) {
            let digits = rest.find(|c| !in_number(c)).unwrap_or(rest.len());
            digits + exponent(&rest[digits..])
        } else if in_word(first) {
            rest.find(|c| !in_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        found.push(match first {
            ' ' => continue,
            '½' => Token::Number(0.5),
            'π' => Token::Number(PI),
            '{' => Token::Word(token.to_string()),
            c if in_number(c) => Token::Number(token.parse().map_err(|_| token.to_string())?),
            c if in_word(c) => Token::Word(token.to_string()),
            c => Token::Mark(c),
        });
    }
    Ok(found)
}

/// How long the exponent of a number is: `e-7` in `1e-7`.
fn exponent(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix('e') else { return 0 };
    let digits = after.strip_prefix('-').unwrap_or(after);
    let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if count == 0 { 0 } else { rest.len() - digits.len() + count }
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    value: &'a dyn Fn(&str) -> Option<f64>,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn next_if(&mut self, wanted: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn mark(&mut self, c: char) -> bool {
        self.next_if(&Token::Mark(c))
    }

    fn word(&mut self, word: &str) -> bool {
        self.next_if(&Token::Word(word.to_string()))
    }

    fn expect(&mut self, c: char) -> Read<()> {
        if self.mark(c) {
            Ok(())
        } else {
            Err(format!("`{c}` is missing before {:?}", self.rest()))
        }
    }

    fn rest(&self) -> &[Token] {
        &self.tokens[self.at..]
    }

    /// `a if condition, b if condition, else c`, or a sum.
    fn pieces(&mut self) -> Read<f64> {
        let piece = self.sum()?;
        if !self.word("if") {
            return Ok(piece);
        }
        let holds = self.condition()?;
        self.expect(',')?;
        let other = if self.word("else") {
            self.sum()?
        } else {
            let start = self.at;
            let other = self.pieces()?;
            if !self.tokens[start..].contains(&Token::Word("else".to_string())) {
                return Err("there is no `else`".to_string());
            }
            other
        };
        Ok(if holds { piece } else { other })
    }

    fn condition(&mut self) -> Read<bool> {
        let mut holds = self.comparison()?;
        while self.word("or") {
            holds |= self.comparison()?;
        }
        Ok(holds)
    }

    /// `a < b`, `a < b < c`.
    fn comparison(&mut self) -> Read<bool> {
        let (mut left, mut holds, mut count) = (self.sum()?, true, 0);
        while let Some(c) = ['<', '>', '='].into_iter().find(|&c| self.mark(c)) {
            let right = self.sum()?;
            holds &= match c {
                '<' => left < right,
                '>' => left > right,
                _ => left == right,
            };
            (left, count) = (right, count + 1);
        }
        if count == 0 { Err("nothing is compared".to_string()) } else { Ok(holds) }
    }

    fn sum(&mut self) -> Read<f64> {
        let sign = if self.mark('-') { -1.0 } else { 1.0 };
        let mut total = sign * self.product()?;
        loop {
            if self.mark('+') {
                total += self.product()?;
            } else if self.mark('-') {
                total -= self.product()?;
            } else {
                return Ok(total);
            }
        }
    }

    fn product(&mut self) -> Read<f64> {
        let mut total = self.power()?;
        loop {
            if self.mark('*') {
                total *= self.power()?;
            } else if self.mark('/') {
                total /= self.power()?;
            } else {
                return Ok(total);
            }
        }
    }

    fn power(&mut self) -> Read<f64> {
        let base = self.atom()?;
        if self.mark('²') {
            return Ok(base * base);
        }
        if self.mark('^') { Ok(base.powf(self.atom()?)) } else { Ok(base) }
    }

    fn atom(&mut self) -> Read<f64> {
        if self.mark('(') {
            let inner = self.sum()?;
            self.expect(')')?;
            return Ok(inner);
        }
        match self.rest().first().cloned() {
            Some(Token::Number(x)) => {
                self.at += 1;
                Ok(x)
            }
            Some(Token::Word(name)) => {
                self.at += 1;
                if self.mark('(') { self.call(&name) } else { self.named(&name) }
            }
            _ => Err(format!("no number before {:?}", self.rest())),
        }
    }

    fn named(&self, name: &str) -> Read<f64> {
        (self.value)(name).ok_or_else(|| format!("nothing is called `{name}`"))
    }

    fn call(&mut self, name: &str) -> Read<f64> {
        let mut arguments = vec![self.sum()?];
        while self.mark(',') {
            arguments.push(self.sum()?);
        }
        self.expect(')')?;
        function(name, &arguments)
            .ok_or_else(|| format!("there is no function {name}{arguments:?}"))
    }
}

fn function(name: &str, arguments: &[f64]) -> Option<f64> {
    Some(match (name, arguments) {
        ("sqrt", &[x]) => x.sqrt(),
        ("cbrt", &[x]) => x.cbrt(),
        ("exp", &[x]) => x.exp(),
        ("exp2", &[x]) => (x * LN_2).exp(),
        ("ln", &[x]) => x.ln(),
        ("sin", &[x]) => x.sin(),
        ("cos", &[x]) => x.cos(),
        ("log2", &[x]) => x.ln() / LN_2,
        ("log10", &[x]) => x.ln() / LN_10,
        ("tan", &[x]) => x.tan(),
        ("asin", &[x]) => x.asin(),
        ("acos", &[x]) => x.acos(),
        ("atan", &[x]) => x.atan(),
        ("atan2", &[x, y]) => x.atan2(y),
        ("hypot", &[x, y]) => (x * x + y * y).sqrt(),
        ("mul_add", &[x, y, z]) => x * y + z,
        ("sinh", &[x]) => x.sinh(),
        ("tanh", &[x]) => x.tanh(),
        ("asinh", &[x]) => x.asinh(),
        ("acosh", &[x]) => x.acosh(),
        ("atanh", &[x]) => x.atanh(),
        ("softplus", &[x]) => (1.0 + x.exp()).ln(),
        ("silu", &[x]) => x / (1.0 + (-x).exp()),
        ("gelu", &[x]) => x * (1.0 + libm::erf(x / SQRT_2)) / 2.0,
        ("erfc", &[x]) => 1.0 - libm::erf(x),
        ("leaky_relu", &[x, slope]) => {
            if x > 0.0 {
                x
            } else {
                slope * x
            }
        }
        ("ceil", &[x]) => x.ceil(),
        ("round", &[x]) => x.round(),
        ("trunc", &[x]) => x.trunc(),
        ("fract", &[x]) => x.fract(),
        ("compare", &[x, y]) => f64::from(u8::from(x > y)) - f64::from(u8::from(x < y)),
        ("cosh", &[x]) => x.cosh(),
        ("sigmoid", &[x]) => 1.0 / (1.0 + (-x).exp()),
        ("abs", &[x]) => x.abs(),
        ("signum", &[x]) => x.signum(),
        ("floor", &[x]) => x.floor(),
        ("relu", &[x]) => x.max(0.0),
        ("max", &[x, y]) => x.max(y),
        ("min", &[x, y]) => x.min(y),
        ("clamp", &[x, low, high]) => x.clamp(low, high),
        ("log_sum_exp", x) => x.iter().map(|x| x.exp()).sum::<f64>().ln(),
        ("erf", &[x]) => libm::erf(x),
        ("digamma", &[x]) => polygamma(0, x),
        ("polygamma", &[n, x]) if n >= 0.0 && n == n.trunc() => polygamma(n as i32, x),
        _ => return None,
    })
}

/// The polygamma function by its recurrence and its asymptotic series (Abramowitz and Stegun, *Handbook
/// of Mathematical Functions*, 1964, 6.4.6 and 6.4.11).
fn polygamma(n: i32, x: f64) -> f64 {
    /// B₂, B₄, ...
    const BERNOULLI: [f64; 6] =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0];
    let factorial = |k: i32| (1..=k).map(f64::from).product::<f64>();
    let sign = if n % 2 == 0 { -1.0 } else { 1.0 };
    if x < 20.0 {
        return polygamma(n, x + 1.0) + sign * factorial(n) / x.powi(n + 1);
    }
    let lead = if n == 0 { -x.ln() } else { factorial(n - 1) / x.powi(n) };
    let terms = BERNOULLI
        .iter()
        .zip(1..)
        .map(|(b, k)| b * factorial(2 * k + n - 1) / (factorial(2 * k) * x.powi(2 * k + n)));
    sign * (lead + factorial(n) / (2.0 * x.powi(n + 1)) + terms.sum::<f64>())
}
