//! [`Reader`]: the tokens of a text, and what its names stand for so far.

use super::function::{CONSTANTS, function};
use super::problem::Problem;
use super::token::{Token, tokens};
use super::tree::{Expression, Tree};
use std::collections::BTreeMap;
use std::ops::Range;

/// How deep brackets, calls, signs and powers may be nested.
pub const DEPTH: usize = 200;

#[derive(Default)]
pub struct Reader<'a> {
    pub text: &'a str,
    pub tokens: Vec<(Token, Range<usize>)>,
    pub next: usize,
    depth: usize,
    pub found: Expression,
    /// What the names seen so far stand for.
    pub inputs: BTreeMap<String, usize>,
    pub bound: BTreeMap<String, usize>,
    pub counters: Vec<String>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Result<Reader<'a>, Problem> {
        Ok(Reader { text, tokens: tokens(text)?, ..Reader::default() })
    }

    pub fn token(&self) -> &Token {
        &self.tokens[self.next].0
    }

    pub fn place(&self) -> Range<usize> {
        self.tokens[self.next].1.clone()
    }

    /// The place from the token `first` up to what was read last.
    pub fn since(&self, first: usize) -> Range<usize> {
        self.tokens[first].1.start..self.tokens[self.next.saturating_sub(1).max(first)].1.end
    }

    /// What the text says at a place.
    pub fn says(&self, at: Range<usize>) -> &str {
        &self.text[at]
    }

    pub fn take(&mut self) -> Token {
        let token = self.token().clone();
        self.next += usize::from(token != Token::End);
        token
    }

    pub fn takes(&mut self, sign: &str) -> bool {
        let is_next = matches!(self.token(), Token::Sign(next) if *next == sign);
        self.next += usize::from(is_next);
        is_next
    }

    pub fn expect(&mut self, sign: &str, message: &str) -> Result<(), Problem> {
        match self.takes(sign) {
            true => Ok(()),
            false if self.begins_a_value() => self.unexpected(),
            false => Problem::new(self.place(), message),
        }
    }

    pub fn begins_a_value(&self) -> bool {
        match self.token() {
            Token::Number(_) | Token::Quoted(_) | Token::Sign("(") => true,
            Token::Name(name) => !["and", "or"].contains(&name.as_str()),
            _ => false,
        }
    }

    /// Say what is wrong with a token after a value.
    pub fn unexpected<T>(&self) -> Result<T, Problem> {
        let at = self.place();
        if self.begins_a_value() && self.next > 0 {
            let [before, after] =
                [self.tokens[self.next - 1].1.clone(), at.clone()].map(|at| self.says(at));
            let message = format!(
                "there is no operator before `{after}`: write {before}*{after} to multiply"
            );
            return Problem::new(at, message);
        }
        Problem::new(
            at,
            match self.token() {
                Token::Sign(")") => {
                    "no bracket is open here: leave the `)` out, or open one before"
                }
                Token::Sign(",") => {
                    "a comma stands between the arguments of a function: write 1.5 for a decimal number"
                }
                Token::Sign("=") => {
                    "write == to compare; a binding begins the expression: let a = 2; a*x"
                }
                Token::Sign(";") => "`;` ends a binding, as in let a = 2; a*x",
                _ => "the expression ends before this",
            },
        )
    }

    /// Whether the arguments are those of a sum over a range: four, and the first one a name alone.
    pub fn is_range(&self) -> bool {
        let starts = matches!(
            self.tokens.get(self.next..self.next + 2),
            Some([(Token::Name(_) | Token::Quoted(_), _), (Token::Sign(","), _)])
        );
        let mut depth = 0;
        let mut commas = 0;
        for (token, _) in self.tokens[self.next..].iter().take_while(|_| starts) {
            match token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") if depth == 0 => break,
                Token::Sign(")") => depth -= 1,
                Token::Sign(",") if depth == 0 => commas += 1,
                _ => {}
            }
        }
        starts && commas == 3
    }

    /// A name that may be given to something new.
    pub fn free(&self, name: String, at: &Range<usize>) -> Result<String, Problem> {
        let is_word = self.says(at.clone()) == name;
        let taken = match () {
            _ if is_word && CONSTANTS.iter().any(|(known, _)| *known == name) => "is a constant",
            _ if is_word && function(&name).is_some() => "is a function",
            _ if self.bound.contains_key(&name) => "is bound already",
            _ if self.counters.contains(&name) => "counts another sum already",
            _ if self.inputs.contains_key(&name) => "is used as a variable before",
            _ => return Ok(name),
        };
        Problem::new(at.clone(), format!("`{name}` {taken}: choose another name"))
    }

    pub fn variable(&mut self, name: String, at: Range<usize>) -> Tree {
        if let Some(counter) = self.counters.iter().position(|counter| *counter == name) {
            return Tree::Counter(counter);
        }
        if let Some(&binding) = self.bound.get(&name) {
            return Tree::Binding(binding);
        }
        let next = self.inputs.len();
        let input = *self.inputs.entry(name.clone()).or_insert(next);
        if input == next {
            self.found.inputs.push((name, at));
        }
        Tree::Input(input)
    }

    /// Go one level deeper.
    pub fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth == DEPTH {
            let message = format!(
                "this is nested more than {DEPTH} levels deep: bind parts of it to names, as in let a = ...; ..."
            );
            return Problem::new(self.place(), message);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }
}
