//! A notation for filters, as the fixtures write them.
//!
//! ```text
//! displayName eq "anna berg" and not (emails[type eq "work"] or active pr)
//! displayName:exact eq "Anna"      another rule than the attribute's own
//! phoneNumbers.value:telephone dials "030 1"   the number in any form (`dials-like`: parts of it)
//! displayName like "an*b*"         parts of a substring assertion
//! groups.value eq &sales           the record of this label
//! recordNumber has-all 4           bits (all, or any with has-any)
//! kind user    true    false    undefined
//! ```

use std::sync::Arc;

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::text::{self, Part};
use jackfield_model::{
    AttrId, Dialled, Filter, Id, Kind, KindSet, MatchingRule, Registry, Timestamp, Truth,
};
use smol_str::SmolStr;

use crate::world::numbering;

/// Reads a filter that names no records.
pub(crate) fn filter_of(parent: Option<AttrId>, text: &str) -> Result<Filter, String> {
    read(parent, text, &|_| None)
}

/// Reads a filter on the attributes of the top level, or on the sub-attributes of `parent`.
pub(crate) fn read(
    parent: Option<AttrId>,
    text: &str,
    labelled: &dyn Fn(&str) -> Option<Id>,
) -> Result<Filter, String> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        labelled,
    };
    let filter = reader.or(parent)?;
    match reader.tokens.pop() {
        None => Ok(filter),
        Some(rest) => Err(format!("{rest:?} is too much in {text}")),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Mark(char),
}

/// The tokens, the last first.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut all = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' => {}
            '(' | ')' | '[' | ']' => all.push(Token::Mark(c)),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match chars.next().ok_or("a quotation mark is missing")? {
                        '"' => break,
                        '\\' => quoted.extend(chars.next()),
                        c => quoted.push(c),
                    }
                }
                all.push(Token::Quoted(quoted));
            }
            _ => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| !" ()[]\"".contains(*c)) {
                    word.push(c);
                }
                all.push(Token::Word(word));
            }
        }
    }
    all.reverse();
    Ok(all)
}

struct Reader<'a> {
    tokens: Vec<Token>,
    labelled: &'a dyn Fn(&str) -> Option<Id>,
}

impl Reader<'_> {
    fn or(&mut self, parent: Option<AttrId>) -> Result<Filter, String> {
        let mut parts = vec![self.and(parent)?];
        while self.takes(&Token::Word("or".into())) {
            parts.push(self.and(parent)?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    fn and(&mut self, parent: Option<AttrId>) -> Result<Filter, String> {
        let mut parts = vec![self.not(parent)?];
        while self.takes(&Token::Word("and".into())) {
            parts.push(self.not(parent)?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn not(&mut self, parent: Option<AttrId>) -> Result<Filter, String> {
        if self.takes(&Token::Word("not".into())) {
            return Ok(Filter::Not(Box::new(self.not(parent)?)));
        }
        if self.takes(&Token::Mark('(')) {
            let inner = self.or(parent)?;
            return match self.takes(&Token::Mark(')')) {
                true => Ok(inner),
                false => Err("a ) is missing".into()),
            };
        }
        match self.word()?.as_str() {
            "true" => Ok(Filter::Const(Truth::True)),
            "false" => Ok(Filter::Const(Truth::False)),
            "undefined" => Ok(Filter::Const(Truth::Undefined)),
            "kind" => {
                let word = self.word()?;
                let kind = Kind::from_name(&word).ok_or(format!("{word} is no kind"))?;
                Ok(Filter::Kind(KindSet::of(&[kind])))
            }
            path => self.assertion(parent, path),
        }
    }

    fn assertion(&mut self, parent: Option<AttrId>, path: &str) -> Result<Filter, String> {
        let (path, rule) = path.split_once(':').unwrap_or((path, ""));
        let attr = attribute(parent, path)?;
        if self.takes(&Token::Mark('[')) {
            let inner = self.or(Some(attr))?;
            return match self.takes(&Token::Mark(']')) {
                true => Ok(Filter::Element(attr, Box::new(inner))),
                false => Err("a ] is missing".into()),
            };
        }
        let operator = self.word()?;
        if operator == "pr" {
            return Ok(Filter::Present(attr));
        }
        let own = Registry::core()
            .get(attr)
            .map(jackfield_model::AttrDef::rule);
        let rule = named_rule(rule)
            .or(own)
            .ok_or("an attribute without a rule")?;
        let value = self.tokens.pop().ok_or("a value is missing")?;
        let (rule, assertion) = self.asserted(rule, &operator, &value)?;
        Ok(Filter::Match(attr, rule, assertion))
    }

    fn asserted(
        &self,
        rule: MatchingRule,
        operator: &str,
        value: &Token,
    ) -> Result<(MatchingRule, Assertion), String> {
        if let (Token::Quoted(text), "like" | "dials" | "dials-like") = (value, operator) {
            let plan = numbering();
            let assertion = match operator {
                "like" => Assertion::Substring(parts(rule, text)),
                "dials" => Assertion::Dialled(Arc::new(Dialled::equal(&plan, text))),
                _ => Assertion::Dialled(Arc::new(Dialled::parts(&plan, &parts(rule, text)))),
            };
            return Ok((rule, assertion));
        }
        let bits = |value: &Token| match value {
            Token::Word(word) => word.parse().map_err(|_| format!("{word} is no number")),
            other => Err(format!("{other:?} is no number")),
        };
        match operator {
            "has-all" => return Ok((rule, Assertion::AllBits(bits(value)?))),
            "has-any" => return Ok((rule, Assertion::AnyBit(bits(value)?))),
            _ => {}
        }
        let key = self.key(rule, value)?;
        let rule = match key {
            Key::Id(_) => MatchingRule::Id,
            _ => rule,
        };
        let assertion = match operator {
            "eq" => Assertion::Equal(key),
            "ne" => Assertion::NotEqual(key),
            "gt" => Assertion::Greater(key),
            "ge" => Assertion::GreaterOrEqual(key),
            "lt" => Assertion::Less(key),
            "le" => Assertion::LessOrEqual(key),
            other => return Err(format!("{other} is no operator")),
        };
        Ok((rule, assertion))
    }

    fn key(&self, rule: MatchingRule, value: &Token) -> Result<Key, String> {
        let word = match value {
            Token::Quoted(text) => {
                let key = rule.key(text).unwrap_or_else(|| text.as_str().into());
                return Ok(Key::Text(key));
            }
            Token::Word(word) => word,
            Token::Mark(mark) => return Err(format!("{mark} is no value")),
        };
        let labelled = |label| (self.labelled)(label).map(Key::Id);
        let time = |text| Timestamp::parse_rfc3339(text).map(Key::Time);
        let key = match (word.as_str(), word.split_at(1)) {
            ("true", _) => Some(Key::Bool(true)),
            ("false", _) => Some(Key::Bool(false)),
            (_, ("&", label)) => labelled(label),
            (_, ("@", at)) => time(at),
            (number, _) => number.parse().ok().map(Key::Int),
        };
        key.ok_or(format!("{word} is no value"))
    }

    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.last() == Some(token);
        if found {
            self.tokens.pop();
        }
        found
    }

    fn word(&mut self) -> Result<String, String> {
        match self.tokens.pop() {
            Some(Token::Word(word)) => Ok(word),
            other => Err(format!("a word is wanted, not {other:?}")),
        }
    }
}

fn one_or(mut parts: Vec<Filter>, all: fn(Vec<Filter>) -> Filter) -> Filter {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            all(parts)
        }
    }
}

/// The attribute of this name, such as `emails.value`.
pub(crate) fn attribute(parent: Option<AttrId>, path: &str) -> Result<AttrId, String> {
    let mut attr = parent;
    for name in path.split('.') {
        let found = Registry::core().child(attr, name);
        attr = Some(found.ok_or(format!("{path} is no attribute"))?);
    }
    attr.ok_or(format!("{path} is no attribute"))
}

fn named_rule(name: &str) -> Option<MatchingRule> {
    Some(match name {
        "ignore" => MatchingRule::CaseIgnore,
        "bare" => MatchingRule::AccentIgnore,
        "exact" => MatchingRule::CaseExact,
        "telephone" => MatchingRule::Telephone,
        "numeric" => MatchingRule::Numeric,
        "id" => MatchingRule::Id,
        _ => return None,
    })
}

/// The parts of a pattern such as `an*na*berg`, as the rule prepares them.
pub(crate) fn parts(rule: MatchingRule, pattern: &str) -> Substring {
    let prepared = |text: &str, place| -> SmolStr {
        match rule {
            MatchingRule::AccentIgnore => {
                text::without_accents(text::case_ignore_part(text, place))
            }
            MatchingRule::CaseExact => text::case_exact_part(text, place),
            MatchingRule::Telephone => text::telephone(text),
            MatchingRule::Numeric => text::numeric(text),
            _ => text::case_ignore_part(text, place),
        }
    };
    let pieces: Vec<&str> = pattern.split('*').collect();
    let Some(((first, last), between)) = pieces.split_first().and_then(|(first, rest)| {
        let (last, between) = rest.split_last()?;
        Some(((first, last), between))
    }) else {
        // Without a star the whole must stand there: as at the beginning, so at the end.
        return Substring {
            initial: Some(prepared(pattern, Part::Initial)),
            any: Vec::new(),
            last: None,
        };
    };
    let wanted = |text: &&str| !text.is_empty();
    Substring {
        initial: Some(*first)
            .filter(wanted)
            .map(|t| prepared(t, Part::Initial)),
        any: between
            .iter()
            .copied()
            .filter(|text| !text.is_empty())
            .map(|text| prepared(text, Part::Any))
            .collect(),
        last: Some(*last).filter(wanted).map(|t| prepared(t, Part::Final)),
    }
}
