//! The parser: operators by precedence climbing (V. R. Pratt, "Top down operator precedence", 1973).
//!
//! ```text
//! text       = { [ "let" ] name "=" expression ";" } expression
//! expression = value { operator value }
//! value      = number | name | "(" expression ")" | ( "-" | "+" | "not" ) value
//!            | "if" "(" condition "," expression "," expression ")"
//!            | "sum" "(" name "," expression "," expression "," expression ")"
//!            | function "(" expression { "," expression } ")"
//! ```
//!
//! Operators of one level are kept as one flat list, so that the depth of a tree is that of its brackets, however many
//! terms there are. Numbers and conditions are parsed by the same code, and told apart by [`Parsed`].

use super::function::{CONSTANTS, Place, WORDS, function, functions, places, suggestion, usage};
use super::problem::Problem;
use super::reader::Reader;
use super::token::Token;
use super::tree::{Binding, Condition, Expression, Parameter, Sum, Tree};
use gradtape::op::{Arity, Op};
use std::ops::Range;

/// How strongly an operator binds; a level more than that of the next weaker ones.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const SIGN: u8 = 7;
const POWER: u8 = 8;

/// What is to be known of a sum over a range.
pub const COUNTS: &str =
    ": sum(i, 1, n, term) counts by its first argument; to add four values write a + b + c + d";

/// What a binding is.
const NAMED: &str = "a binding is a name and its value: let a = 2; a*x";

/// Understand a text.
pub fn parse(text: &str) -> Result<Expression, Problem> {
    let mut parser = Reader::new(text)?;
    parser.bindings()?;
    parser.found.result = parser.number(0)?;
    match parser.token() {
        Token::End => Ok(parser.found),
        _ => parser.unexpected(),
    }
}

/// What was parsed: a number, or what holds or does not hold.
enum Parsed {
    Number(Tree),
    Condition(Condition),
}

impl Reader<'_> {
    /// `let a = ...;`, as often as there are some.
    fn bindings(&mut self) -> Result<(), Problem> {
        loop {
            let has_word = *self.token() == Token::Name("let".into());
            let name = self.next + usize::from(has_word);
            let is_equal = matches!(self.tokens.get(name + 1), Some((Token::Sign("="), _)));
            if !has_word && !is_equal {
                return Ok(());
            }
            self.next = name;
            let at = self.place();
            let name = match self.take() {
                Token::Name(name) if !WORDS.contains(&name.as_str()) => self.free(name, &at)?,
                Token::Quoted(name) => self.free(name, &at)?,
                _ => return Problem::new(at, NAMED),
            };
            if !self.takes("=") {
                return Problem::new(self.place(), NAMED);
            }
            let tree = self.number(0)?;
            self.expect(
                ";",
                "a binding ends with `;`, and the expression follows: let a = 2; a*x",
            )?;
            self.bound.insert(name.clone(), self.found.bindings.len());
            self.found.bindings.push(Binding { name, at, tree });
        }
    }

    /// An expression that must be a number.
    fn number(&mut self, level: u8) -> Result<Tree, Problem> {
        let first = self.next;
        match self.expression(level)? {
            Parsed::Number(tree) => Ok(tree),
            Parsed::Condition(_) => Problem::new(
                self.since(first),
                "a condition is no number: it stands in if(condition, a, b)",
            ),
        }
    }

    /// An expression that must be a condition.
    fn condition(&mut self, level: u8) -> Result<Condition, Problem> {
        let first = self.next;
        match self.expression(level)? {
            Parsed::Condition(condition) => Ok(condition),
            Parsed::Number(_) => Problem::new(
                self.since(first),
                format!(
                    "a number is no condition: compare it, as in {} > 0",
                    self.says(self.since(first)).chars().take(40).collect::<String>()
                ),
            ),
        }
    }

    /// What binds at least as strongly as `level`.
    fn expression(&mut self, level: u8) -> Result<Parsed, Problem> {
        let first = self.next;
        let mut left = self.value()?;
        while let Some((op, strength)) = self.operator().filter(|(_, strength)| *strength >= level)
        {
            let is_condition = matches!(left, Parsed::Condition(_));
            if is_condition == (strength > AND) {
                let message = match (is_condition, strength) {
                    (true, COMPARE) => "comparisons do not chain: write a < b and b < c",
                    (true, _) => "a condition is no number: it stands in if(condition, a, b)",
                    (false, _) => "a number is no condition: compare it, as in x > 0",
                };
                let at = if strength == COMPARE { self.place() } else { self.since(first) };
                return Problem::new(at, message);
            }
            self.take();
            left = match left {
                Parsed::Number(left) => self.arithmetic(left, op, strength)?,
                Parsed::Condition(left) => {
                    let right = self.condition(strength + 1)?;
                    Parsed::Condition(match (strength, left) {
                        (AND, Condition::All(mut all)) => {
                            all.push(right);
                            Condition::All(all)
                        }
                        (AND, left) => Condition::All(vec![left, right]),
                        (_, Condition::Any(mut any)) => {
                            any.push(right);
                            Condition::Any(any)
                        }
                        (_, left) => Condition::Any(vec![left, right]),
                    })
                }
            };
        }
        Ok(left)
    }

    /// The operator that comes next, and how strongly it binds.
    fn operator(&self) -> Option<(&'static str, u8)> {
        Some(match self.token() {
            Token::Name(word) if word == "or" => ("or", OR),
            Token::Name(word) if word == "and" => ("and", AND),
            Token::Sign(sign @ ("<" | "<=" | ">" | ">=" | "==" | "!=")) => (sign, COMPARE),
            Token::Sign(sign @ ("+" | "-")) => (sign, SUM),
            Token::Sign(sign @ ("*" | "/" | "%")) => (sign, PRODUCT),
            Token::Sign(sign @ "^") => (sign, POWER),
            _ => return None,
        })
    }

    /// `left op ...`, the operator having been read.
    fn arithmetic(
        &mut self,
        left: Tree,
        op: &'static str,
        strength: u8,
    ) -> Result<Parsed, Problem> {
        if strength == POWER {
            // To the right, and a sign may follow: 2^-1.
            let right = self.deeper(|parser| parser.number(SIGN))?;
            return Ok(Parsed::Number(Tree::Power(Box::new([left, right]))));
        }
        let right = self.number(strength + 1)?;
        if strength == COMPARE {
            return Ok(Parsed::Condition(Condition::Compare(op, Box::new([left, right]))));
        }
        let op = match op {
            "+" => Op::Add,
            "-" => Op::Sub,
            "*" => Op::Mul,
            "/" => Op::Div,
            _ => Op::Rem,
        };
        let is_sum = |op: Op| matches!(op, Op::Add | Op::Sub);
        Ok(Parsed::Number(match left {
            Tree::Chain(first, mut rest) if is_sum(rest[0].0) == is_sum(op) => {
                rest.push((op, right));
                Tree::Chain(first, rest)
            }
            left => Tree::Chain(Box::new(left), vec![(op, right)]),
        }))
    }

    /// What operators stand between.
    fn value(&mut self) -> Result<Parsed, Problem> {
        let at = self.place();
        let number = match self.take() {
            Token::Number(number) => Tree::Number(number),
            Token::Sign("(") => {
                let inner = self.deeper(|parser| parser.expression(0))?;
                self.expect(")", "a bracket is open: a `)` is missing")?;
                return Ok(inner);
            }
            Token::Sign("-") => {
                Tree::Negative(Box::new(self.deeper(|parser| parser.number(SIGN))?))
            }
            Token::Sign("+") => self.deeper(|parser| parser.number(SIGN))?,
            Token::Name(word) if word == "not" => {
                let inner = self.deeper(|parser| parser.condition(NOT))?;
                return Ok(Parsed::Condition(Condition::Not(Box::new(inner))));
            }
            Token::Name(word) if WORDS.contains(&word.as_str()) && word != "if" => {
                let message = format!("a value is missing before `{word}`, a word of the language");
                return Problem::new(at, message);
            }
            Token::Name(name) if self.takes("(") => self.deeper(|parser| parser.call(&name, at))?,
            Token::Name(name) => self.name(name, at)?,
            Token::Quoted(name) => self.variable(name, at),
            Token::End => {
                return Problem::new(at, "the expression ends where a value should follow");
            }
            Token::Sign(sign) => {
                return Problem::new(at, format!("a value is missing before `{sign}`"));
            }
        };
        Ok(Parsed::Number(number))
    }

    /// A name that is not called: a counter, a binding, a constant, or else a variable.
    fn name(&mut self, name: String, at: Range<usize>) -> Result<Tree, Problem> {
        if let Some(&(_, value)) = CONSTANTS.iter().find(|(known, _)| *known == name) {
            self.found.constants.push((name, at));
            return Ok(Tree::Number(value));
        }
        match function(&name) {
            Some(op) => Problem::new(
                at,
                format!(
                    "`{name}` is a function: write {}; a variable of that name stands in backquotes",
                    usage(op)
                ),
            ),
            None if name == "if" => Problem::new(at, "write if(condition, a, b)"),
            None => Ok(self.variable(name, at)),
        }
    }

    /// A call, from behind its `(`.
    fn call(&mut self, name: &str, at: Range<usize>) -> Result<Tree, Problem> {
        if name == "if" {
            return self.choice();
        }
        if name == "sum" && self.is_range() {
            return self.range();
        }
        let Some(op) = function(name) else {
            let names = functions().map(|op| op.info().name).chain(["if"]);
            let advice = match suggestion(name, names) {
                none if none.is_empty() => {
                    format!(": write {name}*(...) to multiply; docs/ops.md has the functions")
                }
                near => near,
            };
            return Problem::new(at, format!("`{name}` is no function{advice}"));
        };
        let mut arguments = Vec::new();
        while !self.takes(")") {
            if !arguments.is_empty() {
                self.expect(",", "a `,` or `)` is missing")?;
            }
            let first = self.next;
            arguments.push((self.number(0)?, self.since(first)));
        }
        self.applied(op, arguments, at)
    }

    /// Sort the arguments into operands and constants.
    fn applied(
        &self,
        op: Op,
        arguments: Vec<(Tree, Range<usize>)>,
        at: Range<usize>,
    ) -> Result<Tree, Problem> {
        let count = arguments.len();
        let places = match op.arity() {
            Arity::Nary => (0..count).map(Place::Operand).collect(),
            _ => places(op),
        };
        let (mut operands, mut constants) = (Vec::new(), Vec::new());
        for (place, (tree, at)) in places.iter().zip(arguments) {
            match place {
                Place::Operand(i) => operands.push((*i, tree)),
                Place::Constant(i) => {
                    constants.push((*i, Parameter { tree, at, kind: op.info().parameters[*i] }));
                }
            }
        }
        let numbers = [vec![0.0; operands.len()], vec![0.0; constants.len()]];
        if count != places.len() || count == 0 || op.apply(&numbers[0], &numbers[1]).is_none() {
            let message = format!(
                "`{}` does not take {count} argument{}: write {}",
                op.info().name,
                if count == 1 { "" } else { "s" },
                usage(op)
            );
            return Problem::new(at.start..self.tokens[self.next - 1].1.end, message);
        }
        operands.sort_by_key(|(i, _)| *i);
        constants.sort_by_key(|(i, _)| *i);
        let operands = operands.into_iter().map(|(_, tree)| tree).collect();
        Ok(Tree::Call(op, operands, constants.into_iter().map(|(_, constant)| constant).collect()))
    }

    /// `if(condition, a, b)`.
    fn choice(&mut self) -> Result<Tree, Problem> {
        let condition = self.condition(0)?;
        let missing = "three parts are needed: if(condition, a, b)";
        self.expect(",", missing)?;
        let yes = self.number(0)?;
        self.expect(",", missing)?;
        let no = self.number(0)?;
        self.expect(")", missing)?;
        Ok(Tree::If(Box::new((condition, yes, no))))
    }

    /// `sum(i, from, to, term)`.
    fn range(&mut self) -> Result<Tree, Problem> {
        let at = self.place();
        let name = self.says(at.clone()).trim_matches('`').to_string();
        self.take();
        let counter = self.free(name, &at).map_err(|mut problem| {
            problem.message += COUNTS;
            problem
        })?;
        self.takes(",");
        let missing = "a sum over a range has four parts: sum(i, 1, n, term)";
        let mut bounds = Vec::new();
        for _ in 0..2 {
            let first = self.next;
            bounds.push((self.number(0)?, self.since(first)));
            self.expect(",", missing)?;
        }
        self.found.counters.push((counter.clone(), at));
        self.counters.push(counter);
        let term = self.number(0);
        self.counters.pop();
        let term = term?;
        self.expect(")", missing)?;
        let [from, to] = <[_; 2]>::try_from(bounds).expect("two bounds");
        Ok(Tree::Sum(Box::new(Sum { bounds: [from, to], term })))
    }
}
