//! The repairs by name, and which kinds of connection have which.
//!
//! A repair takes something that a provider is known to send and SCIM does not know, as what the
//! provider means by it. None gives another meaning to a request that is right.

use jackfield_model::ConnectionKind;

/// A repair of what providers send. How each reads it stands in `normalise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Repair {
    /// `"op": "Add"`.
    AnyCaseOperation,
    /// `"operations": [...]`, and other names of a message in another case.
    AnyCaseKey,
    /// A message or resource that does not say its `schemas`.
    MissingSchemas,
    /// `urn:scim:schemas:core:1.0` and other names of drafts.
    SchemaAlias,
    /// `"active": "False"`.
    TextForBoolean,
    /// `"42"` for a whole number.
    TextForNumber,
    /// `701984` or `true` where text belongs.
    NumberForText,
    /// `["Tour Guide"]` for an attribute with one value.
    ArrayForOne,
    /// `{"value": "x"}` where text belongs.
    ObjectForText,
    /// `"26118915"` for `{"value": "26118915"}`.
    TextForElement,
    /// An object written out as text.
    TextForObject,
    /// `""` for no value.
    EmptyText,
    /// More than one primary element: the first of them stays so.
    SeveralPrimaries,
    /// Attributes and schemas that nobody knows are ignored.
    UnknownAttribute,
    /// What cannot be written is ignored in a PATCH without a path.
    ReadOnlyInPatch,
    /// A PUT of a group that says nothing of `members` keeps them.
    OmittedMembers,
    /// A PATCH of no operations changes nothing.
    EmptyOperations,
    /// `"name.givenName"` and `"urn:...:User:department"` as keys of an object.
    DottedKey,
    /// `remove` of `members` with a list of those that are to go.
    ListedRemoval,
    /// `emails[type eq "work"].value` for somebody without such an element makes it.
    MissingElement,
    /// A member named by `"$ref": "Users/26118915"` alone.
    ReferencedMember,
    /// `emails[type eq "work"].value eq "x"` in a filter.
    ElementComparison,
    /// `manager eq "x"`: a complex attribute with one value stands for its `value`.
    WholeComparison,
    /// `"department": "x"` beside the core attributes, not in the extension's object.
    BareExtensionName,
    /// `userName eq anna` in a filter, without quotation marks.
    UnquotedText,
    /// Answers are `application/json` unless the client asks for SCIM's own type.
    PlainJson,
}

/// Which kinds of connection have a repair. `strict` has none.
enum For {
    /// What operators' own mappings come to with any provider, or what several send.
    Everybody,
    /// What these send, by their own code; `generic` takes it from any.
    These(&'static [ConnectionKind]),
    /// What these alone expect; others would be surprised.
    Only(&'static [ConnectionKind]),
}

impl Repair {
    pub(crate) const ALL: [Self; 26] = [
        Self::AnyCaseOperation,
        Self::AnyCaseKey,
        Self::MissingSchemas,
        Self::SchemaAlias,
        Self::TextForBoolean,
        Self::TextForNumber,
        Self::NumberForText,
        Self::ArrayForOne,
        Self::ObjectForText,
        Self::TextForElement,
        Self::TextForObject,
        Self::EmptyText,
        Self::SeveralPrimaries,
        Self::UnknownAttribute,
        Self::ReadOnlyInPatch,
        Self::OmittedMembers,
        Self::EmptyOperations,
        Self::DottedKey,
        Self::ListedRemoval,
        Self::MissingElement,
        Self::ReferencedMember,
        Self::ElementComparison,
        Self::WholeComparison,
        Self::BareExtensionName,
        Self::UnquotedText,
        Self::PlainJson,
    ];

    /// Its name, in logs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AnyCaseOperation => "any-case-operation",
            Self::AnyCaseKey => "any-case-key",
            Self::MissingSchemas => "missing-schemas",
            Self::SchemaAlias => "schema-alias",
            Self::TextForBoolean => "text-for-boolean",
            Self::TextForNumber => "text-for-number",
            Self::NumberForText => "number-for-text",
            Self::ArrayForOne => "array-for-one",
            Self::ObjectForText => "object-for-text",
            Self::TextForElement => "text-for-element",
            Self::TextForObject => "text-for-object",
            Self::EmptyText => "empty-text",
            Self::SeveralPrimaries => "several-primaries",
            Self::UnknownAttribute => "unknown-attribute",
            Self::ReadOnlyInPatch => "read-only-in-patch",
            Self::OmittedMembers => "omitted-members",
            Self::EmptyOperations => "empty-operations",
            Self::DottedKey => "dotted-key",
            Self::ListedRemoval => "listed-removal",
            Self::MissingElement => "missing-element",
            Self::ReferencedMember => "referenced-member",
            Self::ElementComparison => "element-comparison",
            Self::WholeComparison => "whole-comparison",
            Self::BareExtensionName => "bare-extension-name",
            Self::UnquotedText => "unquoted-text",
            Self::PlainJson => "plain-json",
        }
    }

    /// The one table of kinds and repairs.
    fn whose(self) -> For {
        use ConnectionKind::{Authentik, Entra, Google, JumpCloud, Keycloak, Okta, OneLogin, Ping};
        match self {
            Self::AnyCaseOperation
            | Self::AnyCaseKey
            | Self::MissingSchemas
            | Self::SchemaAlias
            | Self::TextForBoolean
            | Self::TextForNumber
            | Self::NumberForText
            | Self::ArrayForOne
            | Self::ObjectForText
            | Self::TextForElement
            | Self::TextForObject
            | Self::EmptyText
            | Self::SeveralPrimaries
            | Self::UnknownAttribute
            | Self::ReadOnlyInPatch => For::Everybody,
            // Not Keycloak: its client says nothing of members once the last one has left.
            Self::OmittedMembers => {
                For::These(&[Okta, Entra, OneLogin, JumpCloud, Google, Ping, Authentik])
            }
            Self::EmptyOperations | Self::ElementComparison | Self::WholeComparison => {
                For::These(&[Entra])
            }
            // OneLogin's body is a template that operators edit.
            Self::DottedKey | Self::MissingElement | Self::BareExtensionName => {
                For::These(&[Entra, OneLogin])
            }
            Self::ListedRemoval => For::These(&[Entra, OneLogin, JumpCloud, Authentik, Keycloak]),
            Self::ReferencedMember => For::These(&[Keycloak]),
            // From others a word without quotation marks is a mistake that they must hear of.
            Self::UnquotedText => For::Only(&[Entra, Authentik]),
            Self::PlainJson => For::Only(&[OneLogin]),
        }
    }

    /// Whether connections of this kind have it.
    pub(crate) fn is_of(self, kind: ConnectionKind) -> bool {
        match (kind, self.whose()) {
            (ConnectionKind::Strict, _) => false,
            (_, For::Everybody) => true,
            (kind, For::These(kinds)) => kind == ConnectionKind::Generic || kinds.contains(&kind),
            (kind, For::Only(kinds)) => kinds.contains(&kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strict_repairs_nothing_and_generic_all_but_what_surprises() {
        for repair in Repair::ALL {
            assert!(!repair.is_of(ConnectionKind::Strict), "{repair:?}");
            let is_surprising = [Repair::UnquotedText, Repair::PlainJson].contains(&repair);
            assert_eq!(
                repair.is_of(ConnectionKind::Generic),
                !is_surprising,
                "{repair:?}"
            );
        }
    }

    #[test]
    fn names_are_unlike() {
        let mut names = Repair::ALL.map(Repair::name);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn each_repair_and_whose_it_is_stands_in_the_documents() {
        let text = include_str!("../../../docs/SCIM.md");
        for repair in Repair::ALL {
            let begin = format!("| `{}` |", repair.name());
            let row = text.lines().find(|line| line.starts_with(&begin));
            let row = row.unwrap_or_else(|| panic!("{} is missing", repair.name()));
            let kinds = row.trim_end_matches(" |").rsplit(" | ").next();
            let names = |kinds: &[ConnectionKind]| {
                let names = kinds.iter().map(|kind| kind.as_str());
                names.collect::<Vec<_>>().join(", ")
            };
            let expected = match repair.whose() {
                For::Everybody => "all".to_owned(),
                For::These(kinds) => names(kinds),
                For::Only(kinds) => format!("{} alone", names(kinds)),
            };
            assert_eq!(kinds, Some(expected.as_str()), "{row}");
        }
    }
}
