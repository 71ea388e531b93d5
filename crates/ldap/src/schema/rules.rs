//! Matching rules (RFC 4517 §4, RFC 4530 §2).

use jackfield_model::MatchingRule;

use super::AttributeType;

/// Matching rules that go together: those for equality, order and substrings of one kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    /// Text without case.
    CaseIgnore,
    /// Text with case.
    CaseExact,
    /// ASCII text without case.
    CaseIgnoreIa5,
    /// Lines of text without case.
    CaseIgnoreList,
    /// Telephone numbers.
    Telephone,
    /// Truth values.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Moments.
    Time,
    /// UUIDs.
    Uuid,
    /// Octets.
    Octets,
    /// Names of entries.
    Dn,
    /// Names of entries of the schema, or the classes that they describe.
    Category,
    /// Names of schema elements.
    Oid,
    /// Descriptions of schema elements, by their OIDs.
    FirstComponent,
    /// Secrets, which nothing is compared with: whether there is one is all that can be asked.
    Secret,
}

/// What a matching rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Tells whether values are equal.
    Equality,
    /// Tells which of two values comes first.
    Ordering,
    /// Looks for pieces.
    Substrings,
    /// Tells whether all bits of a mask are set.
    AllBits,
    /// Tells whether any bit of a mask is set.
    AnyBit,
    /// Follows names from entry to entry.
    Chain,
}

/// One matching rule (RFC 4512 §4.1.3).
#[derive(Debug)]
pub(crate) struct Rule {
    /// Its numeric OID.
    pub(crate) oid: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The syntax of what is asserted.
    pub(crate) syntax_oid: &'static str,
    /// What values it is for.
    pub(crate) family: Family,
    /// What it does.
    pub(crate) part: Part,
}

impl Rule {
    /// Whether it can be asked of this attribute in an extensible match.
    pub(crate) fn is_for(&self, attribute: &AttributeType) -> bool {
        match self.part {
            // Only what links entries of a kind makes chains.
            Part::Chain => matches!(attribute.name(), "member" | "memberOf"),
            _ => self.family.fits(attribute.family),
        }
    }
}

const fn rule(
    oid: &'static str,
    name: &'static str,
    syntax_oid: &'static str,
    family: Family,
    part: Part,
) -> Rule {
    Rule {
        oid,
        name,
        syntax_oid,
        family,
        part,
    }
}

const DIRECTORY_STRING: &str = "1.3.6.1.4.1.1466.115.121.1.15";
const IA5_STRING: &str = "1.3.6.1.4.1.1466.115.121.1.26";
const SUBSTRING_ASSERTION: &str = "1.3.6.1.4.1.1466.115.121.1.58";

/// Every matching rule that is served (RFC 4517 §4.2, RFC 4530 §2).
pub(crate) static RULES: &[Rule] = {
    use Family as F;
    use Part::{AllBits, AnyBit, Chain, Equality, Ordering, Substrings};
    &[
        rule(
            "2.5.13.0",
            "objectIdentifierMatch",
            "1.3.6.1.4.1.1466.115.121.1.38",
            F::Oid,
            Equality,
        ),
        rule(
            "2.5.13.1",
            "distinguishedNameMatch",
            "1.3.6.1.4.1.1466.115.121.1.12",
            F::Dn,
            Equality,
        ),
        rule(
            "2.5.13.2",
            "caseIgnoreMatch",
            DIRECTORY_STRING,
            F::CaseIgnore,
            Equality,
        ),
        rule(
            "2.5.13.3",
            "caseIgnoreOrderingMatch",
            DIRECTORY_STRING,
            F::CaseIgnore,
            Ordering,
        ),
        rule(
            "2.5.13.4",
            "caseIgnoreSubstringsMatch",
            SUBSTRING_ASSERTION,
            F::CaseIgnore,
            Substrings,
        ),
        rule(
            "2.5.13.5",
            "caseExactMatch",
            DIRECTORY_STRING,
            F::CaseExact,
            Equality,
        ),
        rule(
            "2.5.13.6",
            "caseExactOrderingMatch",
            DIRECTORY_STRING,
            F::CaseExact,
            Ordering,
        ),
        rule(
            "2.5.13.7",
            "caseExactSubstringsMatch",
            SUBSTRING_ASSERTION,
            F::CaseExact,
            Substrings,
        ),
        rule(
            "2.5.13.11",
            "caseIgnoreListMatch",
            "1.3.6.1.4.1.1466.115.121.1.41",
            F::CaseIgnoreList,
            Equality,
        ),
        rule(
            "2.5.13.12",
            "caseIgnoreListSubstringsMatch",
            SUBSTRING_ASSERTION,
            F::CaseIgnoreList,
            Substrings,
        ),
        rule(
            "2.5.13.13",
            "booleanMatch",
            "1.3.6.1.4.1.1466.115.121.1.7",
            F::Boolean,
            Equality,
        ),
        rule(
            "2.5.13.14",
            "integerMatch",
            "1.3.6.1.4.1.1466.115.121.1.27",
            F::Integer,
            Equality,
        ),
        rule(
            "2.5.13.15",
            "integerOrderingMatch",
            "1.3.6.1.4.1.1466.115.121.1.27",
            F::Integer,
            Ordering,
        ),
        rule(
            "2.5.13.17",
            "octetStringMatch",
            "1.3.6.1.4.1.1466.115.121.1.40",
            F::Octets,
            Equality,
        ),
        rule(
            "2.5.13.18",
            "octetStringOrderingMatch",
            "1.3.6.1.4.1.1466.115.121.1.40",
            F::Octets,
            Ordering,
        ),
        rule(
            "2.5.13.20",
            "telephoneNumberMatch",
            "1.3.6.1.4.1.1466.115.121.1.50",
            F::Telephone,
            Equality,
        ),
        rule(
            "2.5.13.21",
            "telephoneNumberSubstringsMatch",
            SUBSTRING_ASSERTION,
            F::Telephone,
            Substrings,
        ),
        rule(
            "2.5.13.27",
            "generalizedTimeMatch",
            "1.3.6.1.4.1.1466.115.121.1.24",
            F::Time,
            Equality,
        ),
        rule(
            "2.5.13.28",
            "generalizedTimeOrderingMatch",
            "1.3.6.1.4.1.1466.115.121.1.24",
            F::Time,
            Ordering,
        ),
        rule(
            "2.5.13.30",
            "objectIdentifierFirstComponentMatch",
            "1.3.6.1.4.1.1466.115.121.1.38",
            F::FirstComponent,
            Equality,
        ),
        rule(
            "1.3.6.1.4.1.1466.109.114.2",
            "caseIgnoreIA5Match",
            IA5_STRING,
            F::CaseIgnoreIa5,
            Equality,
        ),
        rule(
            "1.3.6.1.4.1.1466.109.114.3",
            "caseIgnoreIA5SubstringsMatch",
            SUBSTRING_ASSERTION,
            F::CaseIgnoreIa5,
            Substrings,
        ),
        // Active Directory's, which PBX software asks by.
        rule(
            "1.2.840.113556.1.4.803",
            "integerBitAndMatch",
            "1.3.6.1.4.1.1466.115.121.1.27",
            F::Integer,
            AllBits,
        ),
        rule(
            "1.2.840.113556.1.4.804",
            "integerBitOrMatch",
            "1.3.6.1.4.1.1466.115.121.1.27",
            F::Integer,
            AnyBit,
        ),
        rule(
            "1.2.840.113556.1.4.1941",
            "distinguishedNameMatchInChain",
            "1.3.6.1.4.1.1466.115.121.1.12",
            F::Dn,
            Chain,
        ),
        rule(
            "1.3.6.1.1.16.2",
            "uuidMatch",
            "1.3.6.1.1.16.1",
            F::Uuid,
            Equality,
        ),
        rule(
            "1.3.6.1.1.16.3",
            "uuidOrderingMatch",
            "1.3.6.1.1.16.1",
            F::Uuid,
            Ordering,
        ),
    ]
};

impl Family {
    /// How values are compared in the directory; `None` where they are not, or by name.
    pub(crate) fn matching_rule(self) -> Option<MatchingRule> {
        match self {
            Self::CaseIgnore | Self::CaseIgnoreIa5 | Self::CaseIgnoreList => {
                Some(MatchingRule::CaseIgnore)
            }
            Self::CaseExact => Some(MatchingRule::CaseExact),
            Self::Telephone => Some(MatchingRule::Telephone),
            Self::Boolean => Some(MatchingRule::Boolean),
            Self::Integer => Some(MatchingRule::Integer),
            Self::Time => Some(MatchingRule::Time),
            Self::Octets => Some(MatchingRule::Octets),
            Self::Uuid | Self::Dn => Some(MatchingRule::Id),
            Self::Category | Self::Oid | Self::FirstComponent | Self::Secret => None,
        }
    }

    /// Whether rules of this family can be asked of values of the other in an extensible match:
    /// text can be compared as any kind of text.
    pub(crate) fn fits(self, other: Self) -> bool {
        let text = [
            Self::CaseIgnore,
            Self::CaseExact,
            Self::CaseIgnoreIa5,
            Self::Telephone,
        ];
        self == other || (text.contains(&self) && text.contains(&other))
    }
}

/// The rule with this name, in any case, or numeric OID.
pub(crate) fn matching_rule(name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.oid == name || rule.name.eq_ignore_ascii_case(name))
}

/// The rule of this family that does this.
pub(crate) fn rule_of(family: Family, part: Part) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.family == family && rule.part == part)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::Syntax;
    use super::*;

    #[test]
    fn each_rule_is_found_by_name_and_oid_and_is_the_only_one_of_its_kind() {
        let mut kinds = HashSet::new();
        for rule in RULES {
            assert!(kinds.insert((rule.family, rule.part)), "{}", rule.name);
            for name in [rule.oid, &rule.name.to_ascii_uppercase()] {
                assert_eq!(
                    matching_rule(name).map(|found| found.oid),
                    Some(rule.oid),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn each_syntax_of_a_rule_is_published_or_an_assertion_only() {
        let published: HashSet<_> = Syntax::ALL.into_iter().map(Syntax::oid).collect();
        assert_eq!(published.len(), Syntax::ALL.len());
        for rule in RULES.iter().filter(|rule| rule.part != Part::Substrings) {
            assert!(published.contains(rule.syntax_oid), "{}", rule.name);
        }
    }
}
