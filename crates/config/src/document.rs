//! One file: its text, its tree, and the mistakes found in it.

mod conform;
mod find;
mod keywords;

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use schemars::Schema;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use crate::report::{Mistake, Problem, Source};

/// A TOML file on its way to becoming values.
///
/// What the schema does not allow is reported and taken out of the tree, so that the rest can still
/// be read and checked: one run tells everything. Where the file is no TOML, only that is reported: what the rest would mean
/// is a guess.
pub(crate) struct Document<'t> {
    name: String,
    text: &'t str,
    tree: Spanned<DeTable<'t>>,
    is_toml: bool,
    mistakes: Vec<Mistake>,
    secrets: Vec<Range<usize>>,
    settled: HashSet<String>,
}

impl<'t> Document<'t> {
    /// Reads the text of the file at `path`, and holds it against the schema.
    pub(crate) fn parse(path: &Path, text: &'t str, schema: &Schema) -> Self {
        let (mut tree, errors) = DeTable::parse_recoverable(text);
        let found = conform::conform(tree.get_mut(), schema);
        let is_toml = errors.is_empty();
        let mistakes = if is_toml {
            found.mistakes
        } else {
            errors.iter().map(syntax).collect()
        };
        Self {
            name: path.display().to_string(),
            text,
            tree,
            is_toml,
            mistakes,
            secrets: found.secrets,
            settled: found.settled,
        }
    }

    /// What the file says, as a value; nothing where too much is wrong for that.
    pub(crate) fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        if !self.is_toml {
            return None;
        }
        match T::deserialize(Deserializer::from(self.tree.clone())) {
            Ok(value) => Some(value),
            // Most often something that was taken out, and then there is nothing to add.
            Err(error) if self.mistakes.is_empty() => {
                self.mistakes.push(syntax(&error));
                None
            }
            Err(_) => None,
        }
    }

    /// Adds a mistake at a path such as `role.owner.assigns[2]`, or as near to it as there is
    /// anything.
    pub(crate) fn problem(
        &mut self,
        path: &str,
        message: impl Into<String>,
        expected: impl Into<Option<String>>,
    ) {
        if self.is_toml && !self.settled.contains(path) {
            self.mistakes.push(Mistake {
                span: find::find(self.tree.get_ref(), path),
                message: message.into(),
                expected: expected.into(),
            });
        }
    }

    /// All mistakes in the order of the text, those of the file as a whole first.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let source = Source::new(self.name, self.text, &self.secrets);
        let mut mistakes = self.mistakes;
        mistakes.sort_by_key(|mistake| mistake.span.as_ref().map(|span| span.start));
        mistakes
            .into_iter()
            .map(|mistake| Problem::new(&source, mistake))
            .collect()
    }
}

fn syntax(error: &toml::de::Error) -> Mistake {
    let (message, expected) = match error.message().split_once(", expected ") {
        Some((message, expected)) => (message, Some(expected.to_owned())),
        None => (error.message(), None),
    };
    Mistake {
        span: error.span(),
        message: message.to_owned(),
        expected,
    }
}

/// `` `a`, `b` or `c` ``
pub(crate) fn one_of<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
