//! Taking secrets out of what clients send, wherever they can stand in it.
//!
//! It is decided by names: what is called a password, secret or token is taken out whole, in
//! members of objects, in operations whose path names it, in filters, in parameters and in JSON
//! within texts. It rather takes out too much. What was taken out does not stay in other texts
//! either, such as a message that repeats a part of a filter.

use std::collections::HashSet;

use jackfield_gateway::secret::TOKEN_PREFIXES;
use jackfield_model::Deed;
use serde_json::Value;

use super::node::Node;

/// What stands in place of a secret.
pub(super) const REMOVED: &str = "[removed]";

/// Parts of names under which secrets stand, in lower case.
const SECRET: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "credential",
    "assertion",
    "authorization",
    "apikey",
    "api_key",
];

/// How many secrets, and words of them, are remembered of a request.
const MOST_KNOWN: usize = 200;

/// How often JSON within a text within JSON is looked into.
const MOST_NESTED: usize = 3;

/// Takes out secrets, and remembers them.
pub(super) struct Redacted {
    /// What was taken out, and the words of it.
    known: HashSet<String>,
    removed: bool,
}

impl Redacted {
    /// `presented` is the value of the `Authorization` header.
    pub(super) fn new(presented: &str) -> Self {
        let credentials = presented
            .split_once(' ')
            .map_or(presented, |(_, rest)| rest);
        let mut redacted = Self {
            known: HashSet::new(),
            removed: false,
        };
        redacted.know(credentials.trim());
        redacted
    }

    /// A path and query without secrets.
    pub(super) fn target(&mut self, target: &str) -> String {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let path = if self.is_told(&decoded(path)) {
            REMOVED.to_owned()
        } else {
            path.to_owned()
        };
        let Some(query) = query else {
            return path;
        };
        let parameters: Vec<String> = query.split('&').map(|it| self.parameter(it)).collect();
        format!("{path}?{}", parameters.join("&"))
    }

    /// A body in JSON without secrets, and whether there were any; `None` if it is no JSON.
    pub(super) fn body(&mut self, body: &[u8]) -> Option<(String, bool)> {
        let mut node: Node = serde_json::from_slice(body).ok()?;
        self.removed = false;
        self.node(&mut node, MOST_NESTED);
        if self.removed {
            // What was a secret in one place may have stood in another before it.
            self.node(&mut node, MOST_NESTED);
        }
        Some((serde_json::to_string(&node).ok()?, self.removed))
    }

    /// Another text, after everything was looked at.
    pub(super) fn text(&self, text: String) -> String {
        if self.is_told(&text) {
            REMOVED.to_owned()
        } else {
            text
        }
    }

    /// What was changed, after everything was looked at.
    pub(super) fn deeds(&self, mut deeds: Vec<Deed>) -> Vec<Deed> {
        for deed in &mut deeds {
            deed.target_name = self.text(std::mem::take(&mut deed.target_name));
            for change in &mut deed.changes {
                change.before = change.before.take().map(|text| self.text(text));
                change.after = change.after.take().map(|text| self.text(text));
            }
        }
        deeds
    }

    fn parameter(&mut self, parameter: &str) -> String {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (plain_name, plain) = (decoded(name), decoded(value));
        let is_bare = !parameter.contains('=');
        if is_bare && !tells(&plain_name) && !self.is_told(&plain_name) {
            return parameter.to_owned();
        }
        if is_bare || !is_name(&plain_name) || self.is_told(&plain_name) {
            self.know(&plain_name);
            self.know(&plain);
            return REMOVED.to_owned();
        }
        if mentions(&plain_name) || tells(&plain) || self.is_told(&plain) {
            self.know(&plain);
            return format!("{name}={REMOVED}");
        }
        parameter.to_owned()
    }

    fn node(&mut self, node: &mut Node, nested: usize) {
        match node {
            Node::Plain(value) => self.plain(value, nested),
            Node::List(list) => {
                for node in list {
                    self.node(node, nested);
                }
            }
            Node::Object(members) => self.object(members, nested),
        }
    }

    fn object(&mut self, members: &mut [(String, Node)], nested: usize) {
        // `{"path": "password", "value": …}`, whatever the first is called.
        let names_secret = members
            .iter()
            .any(|(name, node)| !is_value(name) && node.as_str().is_some_and(mentions));
        for (name, node) in members {
            let is_filter = ["filter", "path"]
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name));
            let is_secret = mentions(name)
                || (names_secret && is_value(name))
                || (is_filter && node.as_str().is_some_and(tells));
            if is_secret {
                if is_filter {
                    self.know(node.as_str().unwrap_or_default());
                }
                self.remove(node);
            } else {
                self.node(node, nested);
            }
            // A path as a name, with a filter in it; or a token where a name belongs.
            if tells(name) || self.is_told(name) {
                self.know(name);
                self.removed = true;
                REMOVED.clone_into(name);
            }
        }
    }

    fn plain(&mut self, value: &mut Value, nested: usize) {
        let Some(text) = value.as_str() else {
            if value.is_number() && self.is_told(&value.to_string()) {
                self.removed = true;
                *value = REMOVED.into();
            }
            return;
        };
        let is_json = text.trim_start().starts_with(['{', '[', '"']);
        if is_json && let Ok(mut inner) = serde_json::from_str::<Node>(text) {
            let before = std::mem::take(&mut self.removed);
            match nested.checked_sub(1) {
                Some(nested) => self.node(&mut inner, nested),
                None => self.remove(&mut inner),
            }
            if self.removed {
                *value = serde_json::to_string(&inner).unwrap_or_default().into();
            }
            self.removed |= before;
        } else if (mentions(text) && text.contains(['"', '='])) || self.is_told(text) {
            let text = text.to_owned();
            self.know(&text);
            self.removed = true;
            *value = REMOVED.into();
        }
    }

    /// Takes out a value, whatever it is, and remembers what is in it.
    fn remove(&mut self, node: &mut Node) {
        if *node != Node::Plain(Value::Null) && node.as_str() != Some(REMOVED) {
            self.learn(node);
            self.removed = true;
            *node = Node::Plain(REMOVED.into());
        }
    }

    fn learn(&mut self, node: &Node) {
        match node {
            Node::Plain(Value::String(text)) => self.know_whole(text),
            Node::Plain(value @ Value::Number(_)) => self.know_whole(&value.to_string()),
            Node::Plain(_) => {}
            Node::List(list) => {
                for node in list {
                    self.learn(node);
                }
            }
            Node::Object(members) => {
                for (name, node) in members {
                    self.know_whole(name);
                    self.learn(node);
                }
            }
        }
    }

    fn know_whole(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() && !is_grammar(text) && self.known.len() <= MOST_KNOWN {
            self.known.insert(text.to_owned());
        }
    }

    /// Remembers a filter, whose words may be repeated each for itself.
    fn know(&mut self, text: &str) {
        let ends = |c: char| c.is_whitespace() || "\"'()[]{},:=\\".contains(c);
        let words = text.split(ends).chain([text]);
        let words = words.filter(|word| !word.is_empty() && !is_grammar(word));
        let room = (MOST_KNOWN + 1).saturating_sub(self.known.len());
        self.known.extend(words.take(room).map(str::to_owned));
    }

    /// Whether a text repeats what must not be known, or holds a token of ours.
    fn is_told(&self, text: &str) -> bool {
        // Who sends more secrets than can be remembered is not read at all.
        self.known.len() > MOST_KNOWN
            || TOKEN_PREFIXES.iter().any(|prefix| text.contains(prefix))
            || self.known.iter().any(|word| text.contains(word.as_str()))
    }
}

/// Whether a text has the name of a secret in it.
fn mentions(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    SECRET.iter().any(|secret| text.contains(secret))
}

/// Whether a text consists of attribute names, URNs among them, with commas between them.
fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".:_-$,/".contains(c);
    text.chars().all(is_part)
}

/// Whether a text names a secret and says more than that: a filter with its value.
fn tells(text: &str) -> bool {
    mentions(text) && !is_name(text)
}

/// Words of filters, which say nothing.
fn is_grammar(word: &str) -> bool {
    const GRAMMAR: [&str; 15] = [
        "and", "or", "not", "pr", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "value",
        "type",
    ];
    let mut words = GRAMMAR.iter().chain(&SECRET);
    words.any(|known| known.eq_ignore_ascii_case(word))
}

fn is_value(name: &str) -> bool {
    name.eq_ignore_ascii_case("value")
}

/// A part of a URI without its percent-encoding, whatever is wrong with it.
fn decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let digits = after
            .get(..2)
            .and_then(|digits| str::from_utf8(digits).ok());
        let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        octets.push(match (first, octet) {
            (b'%', Some(octet)) => {
                rest = after.get(2..).unwrap_or_default();
                octet
            }
            (b'+', _) => b' ',
            _ => *first,
        });
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests;
