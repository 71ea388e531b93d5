//! Attribute names as clients write them (RFC 7644 §3.10), resolved to attributes.

use jackfield_model::schema::{Schema, attr};
use jackfield_model::{AttrDef, AttrId};

use crate::dialect::Dialect;
use crate::normalise;
use crate::resource::ResourceType;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A whole schema, by its URN.
    Schema(Schema),
    /// An attribute, or with `sub` one of its sub-attributes.
    Attribute { attr: AttrId, sub: Option<AttrId> },
}

/// Why a name stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Its schema is none of the resource's.
    Schema,
    /// The schema has no such attribute.
    Attribute,
}

/// Finds what `text` names in resources of these types: `userName`, `name.familyName`, the same
/// behind a URN and a colon, or a URN alone; all in any case (RFC 7643 §2.1).
///
/// deviates: RFC 7644 §3.10 wants attributes of extensions behind their URN. Entra ID asks for
/// `manager eq "…"`, so they are found without it too; names are unique among our schemas. Those of
/// a tenant's own are not.
pub(crate) fn resolve(
    dialect: &Dialect,
    types: &[ResourceType],
    text: &str,
) -> Result<Name, Unknown> {
    if !text.contains(':') {
        let is_there = |def: &AttrDef| types.iter().any(|ty| ty.has(def));
        return attribute(dialect, text, |name| known(dialect, name, is_there));
    }
    let mut matched = Err(Unknown::Schema);
    for ty in types {
        let extensions = ty.extensions(dialect.registry());
        for schema in std::iter::once(ty.base()).chain(extensions) {
            match behind_urn(dialect, schema, text) {
                Some("") => return Ok(Name::Schema(schema)),
                Some(rest) => {
                    let is_own = |def: &AttrDef| {
                        def.schemas.contains(&schema)
                            || (schema == ty.base() && def.schemas.contains(&Schema::Common))
                    };
                    let named = |name: &str| match schema {
                        Schema::Own(_) => dialect.registry().attribute(schema, name),
                        _ => known(dialect, name, is_own),
                    };
                    match attribute(dialect, rest, named) {
                        Ok(name) => return Ok(name),
                        Err(unknown) => matched = Err(unknown),
                    }
                }
                None => {}
            }
        }
    }
    matched
}

/// The definition of a complex attribute's sub-attribute, by its name in any case.
pub(crate) fn sub(dialect: &Dialect, parent: AttrId, name: &str) -> Option<AttrId> {
    dialect.registry().child(Some(parent), name)
}

/// The `value` sub-attribute: what a complex attribute stands for where it is compared.
pub(crate) fn value_of(dialect: &Dialect, parent: AttrId) -> Option<AttrId> {
    sub(dialect, parent, "value")
}

/// Whether the values are ids of records in this directory.
pub(crate) fn is_record_id(attr: AttrId) -> bool {
    matches!(attr, attr::ID | attr::MEMBERS_VALUE | attr::GROUPS_VALUE)
}

/// The product's attribute of this name.
fn known(dialect: &Dialect, name: &str, is_there: impl Fn(&AttrDef) -> bool) -> Option<AttrId> {
    let registry = dialect.registry();
    let attr = registry.child(None, name)?;
    registry.get(attr).is_some_and(is_there).then_some(attr)
}

fn attribute(
    dialect: &Dialect,
    text: &str,
    named: impl Fn(&str) -> Option<AttrId>,
) -> Result<Name, Unknown> {
    let (top, rest) = match text.split_once('.') {
        Some((top, rest)) => (top, Some(rest)),
        None => (text, None),
    };
    let attr = named(top).ok_or(Unknown::Attribute)?;
    match rest {
        None => Ok(Name::Attribute { attr, sub: None }),
        Some(rest) => {
            let sub = sub(dialect, attr, rest).ok_or(Unknown::Attribute)?;
            Ok(Name::Attribute {
                attr,
                sub: Some(sub),
            })
        }
    }
}

/// What follows the schema's URN (or an alias of it) and a colon; empty if nothing does.
fn behind_urn<'t>(dialect: &Dialect, schema: Schema, text: &'t str) -> Option<&'t str> {
    let behind = |urn: &str| {
        let (head, rest) = text.split_at_checked(urn.len())?;
        let is_this = head.eq_ignore_ascii_case(urn);
        match rest.strip_prefix(':') {
            _ if !is_this => None,
            None if rest.is_empty() => Some(""),
            rest => rest,
        }
    };
    let urn = dialect.registry().urn(schema);
    urn.and_then(behind).or_else(|| {
        let aliases = normalise::schema_aliases(schema).iter();
        aliases
            .filter_map(|alias| Some((alias, behind(alias)?)))
            .min_by_key(|(_, rest)| rest.len())
            .filter(|(alias, _)| dialect.takes_alias(alias))
            .map(|(_, rest)| rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(clippy::unnecessary_wraps, reason = "it stands beside what is refused")]
    fn plain(attr: AttrId) -> Result<Name, Unknown> {
        Ok(Name::Attribute { attr, sub: None })
    }

    #[allow(clippy::unnecessary_wraps, reason = "it stands beside what is refused")]
    fn nested(attr: AttrId, sub: AttrId) -> Result<Name, Unknown> {
        Ok(Name::Attribute {
            attr,
            sub: Some(sub),
        })
    }

    fn resolve(types: &[ResourceType], text: &str) -> Result<Name, Unknown> {
        super::resolve(&Dialect::default(), types, text)
    }

    #[test]
    fn names_are_found_in_any_case_with_and_without_their_urn() {
        const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
        const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let user = [ResourceType::User];
        for (text, expected) in [
            ("userName".to_owned(), plain(attr::USER_NAME)),
            ("USERNAME".to_owned(), plain(attr::USER_NAME)),
            ("id".to_owned(), plain(attr::ID)),
            (
                "Name.FamilyName".to_owned(),
                nested(attr::NAME, attr::NAME_FAMILY_NAME),
            ),
            (
                "meta.lastModified".to_owned(),
                nested(attr::META, attr::META_LAST_MODIFIED),
            ),
            (format!("{CORE}:userName"), plain(attr::USER_NAME)),
            (format!("{CORE}:id"), plain(attr::ID)),
            (
                format!("{CORE}:name.givenName"),
                nested(attr::NAME, attr::NAME_GIVEN_NAME),
            ),
            (CORE.to_owned(), Ok(Name::Schema(Schema::User))),
            (
                ENTERPRISE.to_ascii_uppercase(),
                Ok(Name::Schema(Schema::Enterprise)),
            ),
            (format!("{ENTERPRISE}:department"), plain(attr::DEPARTMENT)),
            (
                format!("{ENTERPRISE}:manager.value"),
                nested(attr::MANAGER, attr::MANAGER_VALUE),
            ),
            (
                "urn:scim:schemas:core:1.0:userName".to_owned(),
                plain(attr::USER_NAME),
            ),
            (
                "urn:scim:schemas:extension:enterprise:1.0".to_owned(),
                Ok(Name::Schema(Schema::Enterprise)),
            ),
            ("manager".to_owned(), plain(attr::MANAGER)),
            ("shoeSize".to_owned(), Err(Unknown::Attribute)),
            ("name.shoeSize".to_owned(), Err(Unknown::Attribute)),
            ("userName.value".to_owned(), Err(Unknown::Attribute)),
            ("members".to_owned(), Err(Unknown::Attribute)),
            ("roleDefinition".to_owned(), Err(Unknown::Attribute)),
            (format!("{CORE}:department"), Err(Unknown::Attribute)),
            (format!("{CORE}x:userName"), Err(Unknown::Schema)),
            ("urn:example:User:size".to_owned(), Err(Unknown::Schema)),
            (String::new(), Err(Unknown::Attribute)),
        ] {
            assert_eq!(resolve(&user, &text), expected, "{text}");
        }
    }

    #[test]
    fn the_root_knows_the_attributes_of_every_type() {
        for (text, attr) in [("members", attr::MEMBERS), ("userName", attr::USER_NAME)] {
            assert_eq!(resolve(&ResourceType::ALL, text), plain(attr));
        }
    }
}
