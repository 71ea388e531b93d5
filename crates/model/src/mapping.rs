//! Rules by which the members of an identity provider's groups are given roles.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::text;

/// One rule: who is in these groups has these roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingRule {
    /// Its name, by which its grants are known; unique in the tenant.
    pub name: SmolStr,
    /// Which groups it is about.
    pub groups: GroupMatch,
    /// The connection that must own the group; any group, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<SmolStr>,
    /// The keys of the roles it gives.
    pub roles: Vec<SmolStr>,
    /// Whether members of groups within the group are meant, too.
    pub nested: bool,
    /// Where a user holds one role of a kind, only the matching rules of the highest precedence
    /// give theirs.
    #[serde(default)]
    pub precedence: i32,
}

/// Which groups a mapping rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupMatch {
    /// Those of this name, compared as names are.
    Name(SmolStr),
    /// The one with this id, or that a connection knows by this `externalId`.
    Id(SmolStr),
    /// Those whose name fits: `*` stands for any text, `?` for one character.
    Pattern(SmolStr),
}

/// Whether a name fits a pattern in which `*` stands for any text and `?` for one character; both
/// in the form that caseIgnoreMatch compares.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut read) = (0, 0);
    // Where the last `*` stands, and how far what it stands for reaches.
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(read) {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at, read));
                at += 1;
            }
            (Some(wanted), _) if wanted == c || *wanted == '?' => {
                at += 1;
                read += 1;
            }
            (_, Some((star_at, reached))) => {
                star = Some((star_at, reached + 1));
                at = star_at + 1;
                read = reached + 1;
            }
            (_, None) => return false,
        }
    }
    pattern
        .get(at..)
        .is_none_or(|rest| rest.iter().all(|c| *c == '*'))
}

impl GroupMatch {
    /// The name, id or pattern, prepared for comparison.
    pub fn key(&self) -> SmolStr {
        match self {
            Self::Name(text) | Self::Pattern(text) => text::case_ignore(text),
            Self::Id(text) => text::case_exact(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_stars_and_question_marks() {
        for (pattern, name, expected) in [
            ("pbx-*", "pbx-admins", true),
            ("pbx-*", "pbx-", true),
            ("pbx-*", "the pbx-admins", false),
            ("*admins", "telecom admins", true),
            ("*adm*ns*", "telecom admins", true),
            ("t?am", "team", true),
            ("t?am", "tam", false),
            ("*a*b*c", "aabbcc", true),
            ("*a*b*c", "aabb", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("größe?", "größe1", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_their_product() {
        let pattern = "*a".repeat(500);
        assert!(!fits(&pattern, &"ab".repeat(499)));
    }
}
