//! Filters (RFC 7644 §3.4.2.2): read into an expression here, made into the directory's filter
//! by [`compile`].
//!
//! deviates: `emails[type eq "work"].value eq "x"` is read too, as one element that satisfies
//! both; Entra ID matches users by it. Errata 4690 and 7322: no value filter stands in another,
//! and `not` needs no space behind it.

mod compile;
mod leaf;

use jackfield_gateway::Error;
use jackfield_model::Filter;

use crate::dialect::Dialect;
use crate::repair::Repair;
use crate::resource::ResourceType;
use crate::token::{Token, Tokens};

pub(crate) use compile::{compile_elements, described};
pub(crate) use leaf::compares;

/// How deep parentheses, `not` and value filters may be nested.
const MAX_DEPTH: usize = 40;
/// How many comparisons a filter may have.
const MAX_TERMS: usize = 2_000;

/// Reads a filter over resources of these types.
///
/// # Errors
/// [`Error::InvalidFilter`] with what is wrong: nothing that was not understood is ever answered
/// as if it were.
pub(crate) fn parse(
    dialect: &Dialect,
    types: &[ResourceType],
    text: &str,
) -> Result<Filter, Error> {
    let takes_unquoted = || dialect.takes(Repair::UnquotedText);
    read_whole(text, &takes_unquoted, |expression| {
        compile::compile(dialect, types, expression)
    })
}

/// Reads a filter over what has no records, and hands the expression on.
///
/// # Errors
/// [`Error::InvalidFilter`] with what is wrong, `ask`'s problems too.
pub(crate) fn read<T>(
    text: &str,
    ask: impl FnOnce(&Expression<'_>) -> Result<T, String>,
) -> Result<T, Error> {
    read_whole(text, &|| false, ask)
}

fn read_whole<T>(
    text: &str,
    takes_unquoted: &dyn Fn() -> bool,
    ask: impl FnOnce(&Expression<'_>) -> Result<T, String>,
) -> Result<T, Error> {
    let invalid = Error::InvalidFilter;
    let mut tokens = Tokens::new(text).map_err(invalid)?;
    let parser = Parser::new(&mut tokens, takes_unquoted);
    let expression = parser.read().map_err(invalid)?;
    match tokens.peek() {
        None => ask(&expression).map_err(invalid),
        Some(token) => Err(invalid(format!("{} was not expected", describe(token)))),
    }
}

/// Reads an expression up to a closing bracket or the end.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn expression<'t>(tokens: &mut Tokens<'t>) -> Result<Expression<'t>, String> {
    Parser::new(tokens, &|| false).read()
}

/// A filter as it was written, names unresolved.
#[derive(Debug, PartialEq)]
pub(crate) enum Expression<'t> {
    And(Vec<Expression<'t>>),
    Or(Vec<Expression<'t>>),
    Not(Box<Expression<'t>>),
    /// A comparison of the attribute of this name.
    Compare(&'t str, Comparison),
    /// `name[filter]`, and what stands behind the bracket: `.sub` and its comparison.
    Elements(&'t str, Box<Expression<'t>>, Option<(&'t str, Comparison)>),
}

/// What is asked of an attribute.
#[derive(Debug, PartialEq)]
pub(crate) enum Comparison {
    Present,
    To(Operator, Literal),
}

/// The operators that compare with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("co", Self::Contains),
        ("sw", Self::StartsWith),
        ("ew", Self::EndsWith),
        ("gt", Self::Greater),
        ("ge", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("le", Self::LessOrEqual),
    ];

    fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))
            .map(|(_, op)| op)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(_, op)| *op == self)
            .map_or("", |(name, _)| name)
    }
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
}

struct Parser<'p, 't> {
    tokens: &'p mut Tokens<'t>,
    /// Whether a word that is no value is text. Asked where one is.
    takes_unquoted: &'p dyn Fn() -> bool,
    depth: usize,
    terms: usize,
}

impl<'p, 't> Parser<'p, 't> {
    fn new(tokens: &'p mut Tokens<'t>, takes_unquoted: &'p dyn Fn() -> bool) -> Self {
        Self {
            tokens,
            takes_unquoted,
            depth: 0,
            terms: 0,
        }
    }

    fn read(mut self) -> Result<Expression<'t>, String> {
        self.any()
    }

    fn any(&mut self) -> Result<Expression<'t>, String> {
        let mut parts = vec![self.all()?];
        while self.take_keyword("or")? {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expression::Or))
    }

    fn all(&mut self) -> Result<Expression<'t>, String> {
        let mut parts = vec![self.term()?];
        while self.take_keyword("and")? {
            parts.push(self.term()?);
        }
        Ok(one_or(parts, Expression::And))
    }

    fn term(&mut self) -> Result<Expression<'t>, String> {
        match self.tokens.take()? {
            Some(Token::Open) => self.nested(&Token::Close),
            Some(Token::Word(word))
                if word.eq_ignore_ascii_case("not") && self.tokens.peek() == Some(&Token::Open) =>
            {
                self.tokens.take()?;
                Ok(Expression::Not(Box::new(self.nested(&Token::Close)?)))
            }
            Some(Token::Word(name)) if self.tokens.take_if(&Token::OpenValue)? => {
                let inner = Box::new(self.nested(&Token::CloseValue)?);
                Ok(Expression::Elements(name, inner, self.behind_bracket()?))
            }
            Some(Token::Word(name)) => Ok(Expression::Compare(name, self.comparison(name)?)),
            Some(other) => Err(format!("{} was not expected", describe(&other))),
            None => Err("it ends where an attribute was expected".to_owned()),
        }
    }

    fn nested(&mut self, end: &Token<'_>) -> Result<Expression<'t>, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it is nested deeper than {MAX_DEPTH} levels"));
        }
        let inner = self.any()?;
        self.depth -= 1;
        match self.tokens.take()? {
            Some(token) if token == *end => Ok(inner),
            Some(token) => Err(format!("{} was not expected", describe(&token))),
            None => Err(format!("it ends where {} was expected", describe(end))),
        }
    }

    fn behind_bracket(&mut self) -> Result<Option<(&'t str, Comparison)>, String> {
        let Some(Token::Word(word)) = self.tokens.peek() else {
            return Ok(None);
        };
        let Some(sub) = word.strip_prefix('.') else {
            return Ok(None);
        };
        self.tokens.take()?;
        Ok(Some((sub, self.comparison(sub)?)))
    }

    fn comparison(&mut self, name: &str) -> Result<Comparison, String> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(format!("it has more than {MAX_TERMS} comparisons"));
        }
        let operator = match self.tokens.take()? {
            Some(Token::Word(word)) => word,
            Some(other) => return Err(format!("{} is no operator", describe(&other))),
            None => return Err(format!("it ends where an operator for {name} was expected")),
        };
        if operator.eq_ignore_ascii_case("pr") {
            return Ok(Comparison::Present);
        }
        let operator =
            Operator::parse(operator).ok_or_else(|| format!("{operator} is no operator"))?;
        match self.tokens.take()? {
            Some(Token::Text(text)) => Ok(Comparison::To(operator, Literal::Text(text))),
            Some(Token::Word(word)) => {
                let literal = literal(word, self.takes_unquoted)?;
                Ok(Comparison::To(operator, literal))
            }
            Some(other) => Err(format!("{} is no value", describe(&other))),
            None => Err(format!("it ends where a value for {name} was expected")),
        }
    }

    fn take_keyword(&mut self, keyword: &str) -> Result<bool, String> {
        let is_next = matches!(
            self.tokens.peek(),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword)
        );
        if is_next {
            self.tokens.take()?;
        }
        Ok(is_next)
    }
}

fn literal(word: &str, takes_unquoted: &dyn Fn() -> bool) -> Result<Literal, String> {
    match serde_json::from_str(&word.to_ascii_lowercase()) {
        Ok(serde_json::Value::Null) => Ok(Literal::Null),
        Ok(serde_json::Value::Bool(value)) => Ok(Literal::Bool(value)),
        Ok(serde_json::Value::Number(number)) => Ok(Literal::Number(number)),
        _ if takes_unquoted() => Ok(Literal::Text(word.to_owned())),
        _ => Err(format!(
            "{word} is no value; text stands in quotation marks"
        )),
    }
}

fn one_or<'t>(
    mut parts: Vec<Expression<'t>>,
    join: fn(Vec<Expression<'t>>) -> Expression<'t>,
) -> Expression<'t> {
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn describe(token: &Token<'_>) -> String {
    match token {
        Token::Open => "\"(\"".to_owned(),
        Token::Close => "\")\"".to_owned(),
        Token::OpenValue => "\"[\"".to_owned(),
        Token::CloseValue => "\"]\"".to_owned(),
        Token::Word(word) => (*word).to_owned(),
        Token::Text(_) => "a string".to_owned(),
    }
}

#[cfg(test)]
mod tests;
