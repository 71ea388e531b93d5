//! The password policy of a catalogue or of one tenant.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person's password must have. A tenant's file may demand more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordPolicy {
    /// How many characters at least: 1 to 128.
    pub min_length: u8,
    /// The kinds of character of which there must be at least one each.
    pub require: Vec<CharacterKind>,
    /// Whether a temporary password, of a new user or after a reset, must be changed at the next
    /// login.
    pub change_temporary: bool,
}

/// What one tenant demands of its passwords beyond the policy of its role system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stricter {
    /// How many characters at least: no fewer than the catalogue demands, and 128 at most.
    #[schemars(range(min = 1, max = 128))]
    pub min_length: Option<u8>,
    /// Kinds of character beside those that the catalogue requires.
    pub require: Vec<CharacterKind>,
    /// Whether a temporary password must be changed at the next login, where the catalogue does
    /// not say so.
    pub change_temporary: bool,
}

/// A kind of character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CharacterKind {
    /// An upper-case letter.
    UpperCase,
    /// A lower-case letter.
    LowerCase,
    /// A digit.
    Digit,
    /// A character that is neither letter nor digit.
    Symbol,
}

/// What a password lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It has fewer characters than this.
    Length(u8),
    /// It has no character of this kind.
    Kind(CharacterKind),
}

impl PasswordPolicy {
    /// Everything the password lacks; nothing when it satisfies the policy.
    pub fn lacks(&self, password: &str) -> Vec<Lack> {
        let is_short = password.chars().count() < usize::from(self.min_length);
        let missing = self
            .require
            .iter()
            .filter(|kind| !password.chars().any(|c| kind.has(c)));
        is_short
            .then_some(Lack::Length(self.min_length))
            .into_iter()
            .chain(missing.copied().map(Lack::Kind))
            .collect()
    }
}

impl PasswordPolicy {
    /// This policy and what a tenant demands beside it.
    ///
    /// # Errors
    /// The least length that the tenant may demand, where its own is less.
    pub fn with(&self, own: &Stricter) -> Result<Self, u8> {
        let min_length = own.min_length.unwrap_or(self.min_length);
        if min_length < self.min_length {
            return Err(self.min_length);
        }
        let further = own
            .require
            .iter()
            .filter(|kind| !self.require.contains(kind));
        Ok(Self {
            min_length,
            require: self.require.iter().chain(further).copied().collect(),
            change_temporary: self.change_temporary || own.change_temporary,
        })
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        let require = vec![
            CharacterKind::UpperCase,
            CharacterKind::LowerCase,
            CharacterKind::Digit,
        ];
        Self {
            min_length: 8,
            require,
            change_temporary: true,
        }
    }
}

impl CharacterKind {
    fn has(self, c: char) -> bool {
        match self {
            Self::UpperCase => c.is_uppercase(),
            Self::LowerCase => c.is_lowercase(),
            Self::Digit => c.is_numeric(),
            Self::Symbol => !c.is_alphanumeric(),
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(least) => write!(f, "at least {least} characters"),
            Self::Kind(CharacterKind::UpperCase) => f.write_str("an upper-case letter"),
            Self::Kind(CharacterKind::LowerCase) => f.write_str("a lower-case letter"),
            Self::Kind(CharacterKind::Digit) => f.write_str("a digit"),
            Self::Kind(CharacterKind::Symbol) => {
                f.write_str("a character that is neither letter nor digit")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CharacterKind::{Digit, LowerCase, Symbol, UpperCase};
    use super::*;

    #[test]
    fn a_password_has_eight_characters_upper_lower_and_digit() {
        let policy = PasswordPolicy::default();
        for (password, lacks) in [
            ("Secret42", vec![]),
            ("Größe 12", vec![]),
            ("Secret4", vec![Lack::Length(8)]),
            ("secret42", vec![Lack::Kind(UpperCase)]),
            ("SECRET42", vec![Lack::Kind(LowerCase)]),
            ("Secretly", vec![Lack::Kind(Digit)]),
            (
                "ab",
                vec![Lack::Length(8), Lack::Kind(UpperCase), Lack::Kind(Digit)],
            ),
        ] {
            assert_eq!(policy.lacks(password), lacks, "{password}");
        }
        let strict = PasswordPolicy {
            require: vec![Symbol],
            ..policy
        };
        assert_eq!(strict.lacks("Secret42"), [Lack::Kind(Symbol)]);
        assert_eq!(strict.lacks("secret-key"), []);
    }

    #[test]
    fn a_tenant_demands_more_and_never_less() {
        let stricter = |min_length, require| Stricter {
            min_length,
            require,
            change_temporary: false,
        };
        let policy = PasswordPolicy::default();
        assert_eq!(policy.with(&Stricter::default()), Ok(policy.clone()));
        assert_eq!(policy.with(&stricter(Some(7), vec![])), Err(8));
        let own = policy
            .with(&stricter(Some(12), vec![Digit, Symbol]))
            .unwrap();
        assert_eq!(own.require, [UpperCase, LowerCase, Digit, Symbol]);
        assert_eq!(own.lacks("Secret-key42"), []);
        assert_eq!(own.lacks("Secret-key4"), [Lack::Length(12)]);
        assert!(own.change_temporary, "as the catalogue has it");
    }
}
