//! What a JSON Schema cannot say of a tenant's own schemas.

use std::collections::{BTreeMap, HashMap};

use jackfield_model::schema::own::MOST;
use jackfield_model::schema::{Schema, ldap_names};
use smol_str::SmolStr;

use super::{AttributeTable, IndexName, SchemaTable, TypeName};
use crate::document::Document;

/// Reports every mistake.
pub(super) fn check(tables: &BTreeMap<String, SchemaTable>, document: &mut Document<'_>) {
    let mut checker = Checker {
        document,
        urns: HashMap::new(),
        ldap: HashMap::new(),
        count: 0,
    };
    for (name, table) in tables {
        checker.schema(&format!("schema.{name}"), table);
    }
}

struct Checker<'c, 't> {
    document: &'c mut Document<'t>,
    /// Each URN, in lower case, with where it is.
    urns: HashMap<String, String>,
    /// Each name in LDAP, in lower case, with where it is.
    ldap: HashMap<String, String>,
    /// How many attributes and sub-attributes there are.
    count: usize,
}

/// What attributes and sub-attributes have in common.
struct Leaf<'a> {
    path: String,
    ty: TypeName,
    case_exact: bool,
    unique: bool,
    index: IndexName,
    canonical: &'a [SmolStr],
    references: &'a [SmolStr],
    ldap: Option<&'a SmolStr>,
}

impl Checker<'_, '_> {
    fn schema(&mut self, path: &str, table: &SchemaTable) {
        self.urn(&format!("{path}.urn"), &table.urn);
        if table.attribute.is_empty() {
            let expected = format!("[{path}.attribute.<name>]");
            self.problem(path, "the schema has no attribute", expected);
        }
        self.names(&format!("{path}.attribute"), table.attribute.keys());
        for (name, attribute) in &table.attribute {
            self.attribute(&format!("{path}.attribute.{name}"), attribute);
        }
    }

    fn attribute(&mut self, path: &str, table: &AttributeTable) {
        self.counted(path);
        self.leaf(&Leaf {
            path: path.to_owned(),
            ty: table.ty,
            case_exact: table.case_exact,
            unique: table.unique,
            index: table.index,
            canonical: &table.canonical_values,
            references: &table.references,
            ldap: table.ldap.as_ref(),
        });
        let is_complex = table.ty == TypeName::Complex;
        if is_complex && table.sub.is_empty() {
            let expected = format!("[{path}.sub.<name>]");
            self.problem(path, "a complex attribute has sub-attributes", expected);
        }
        if !is_complex && !table.sub.is_empty() {
            let message = "only a complex attribute has sub-attributes";
            self.problem(&format!("{path}.sub"), message, "`type = \"complex\"`");
        }
        self.names(&format!("{path}.sub"), table.sub.keys());
        for (name, sub) in &table.sub {
            let path = format!("{path}.sub.{name}");
            self.counted(&path);
            if sub.ty == TypeName::Complex {
                let message = "a sub-attribute has none of its own";
                self.problem(&format!("{path}.type"), message, "another type");
                continue;
            }
            if name.eq_ignore_ascii_case("primary") && sub.ty != TypeName::Boolean {
                let message = "`primary` tells which value is preferred";
                self.problem(&path, message, "`type = \"boolean\"`");
            }
            self.leaf(&Leaf {
                path,
                ty: sub.ty,
                case_exact: sub.case_exact,
                unique: sub.unique,
                index: sub.index,
                canonical: &sub.canonical_values,
                references: &sub.references,
                ldap: sub.ldap.as_ref(),
            });
        }
    }

    fn leaf(&mut self, leaf: &Leaf<'_>) {
        use TypeName::{Boolean, Complex, Integer, Reference, String};
        let is_text = matches!(leaf.ty, String | Reference);
        let mut only = |is_said: bool, is_right: bool, key: &str, expected: &str| {
            if is_said && !is_right {
                let message = format!("`{key}` makes no sense for an attribute of this type");
                self.problem(&format!("{}.{key}", leaf.path), &message, expected);
            }
        };
        let is_ordered = !matches!(leaf.ty, Boolean | Complex | TypeName::Binary);
        only(leaf.case_exact, leaf.ty == String, "case_exact", "text");
        only(
            leaf.unique,
            is_text || leaf.ty == Integer,
            "unique",
            "text, a reference or an integer",
        );
        only(
            leaf.index == IndexName::Exact,
            is_ordered,
            "index",
            "text, a reference, an integer or a moment",
        );
        only(
            leaf.index == IndexName::Text,
            is_text,
            "index",
            "`exact`, or an attribute that is text or a reference",
        );
        only(
            !leaf.canonical.is_empty(),
            leaf.ty == String,
            "canonical_values",
            "text",
        );
        only(
            !leaf.references.is_empty(),
            leaf.ty == Reference,
            "references",
            "a reference",
        );
        only(
            leaf.ldap.is_some(),
            leaf.ty != Complex,
            "ldap",
            "names at its sub-attributes",
        );
        if let Some(name) = leaf.ldap {
            self.ldap_name(&format!("{}.ldap", leaf.path), name);
        }
    }

    fn counted(&mut self, path: &str) {
        self.count += 1;
        if self.count == MOST + 1 {
            let message = format!("there are more than {MOST} attributes and sub-attributes");
            self.problem(path, &message, "fewer");
        }
    }

    fn urn(&mut self, path: &str, urn: &str) {
        let expected = "a URN such as urn:acme:params:scim:schemas:hr:2.0:User";
        if !is_urn(urn) {
            self.problem(path, &format!("`urn` cannot be \"{urn}\""), expected);
        } else if Schema::from_urn(urn).is_some() || starts_with(urn, "urn:ietf:params:scim:") {
            let message = format!("`{urn}` is not the tenant's to define");
            self.problem(path, &message, expected);
        } else if let Some(other) = self.urns.insert(urn.to_ascii_lowercase(), path.to_owned()) {
            self.problem(
                path,
                &format!("`{urn}` is the URN at `{other}`, too"),
                "another",
            );
        }
    }

    fn names<'n>(&mut self, path: &str, names: impl Iterator<Item = &'n String>) {
        let mut seen = HashMap::new();
        for name in names {
            let path = format!("{path}.{name}");
            if !is_attribute_name(name) {
                let message = format!("an attribute cannot be called \"{name}\"");
                let expected = "a letter, then letters, digits, hyphens and underscores";
                self.problem(&path, &message, expected);
            } else if let Some(other) = seen.insert(name.to_ascii_lowercase(), name) {
                let message =
                    format!("`{name}` is the same name as `{other}`: case does not count");
                self.problem(&path, &message, "another");
            }
        }
    }

    fn ldap_name(&mut self, path: &str, name: &str) {
        if !is_ldap_name(name) {
            let message = format!("an attribute in LDAP cannot be called \"{name}\"");
            let expected = "a letter, then letters, digits and hyphens";
            self.problem(path, &message, expected);
        } else if ldap_names::is_taken(name) {
            let message = format!("`{name}` has a meaning in LDAP already");
            self.problem(path, &message, "a name of the tenant's own");
        } else if let Some(other) = self.ldap.insert(name.to_ascii_lowercase(), path.to_owned()) {
            self.problem(
                path,
                &format!("`{name}` is the name at `{other}`, too"),
                "another",
            );
        }
    }

    fn problem(&mut self, path: &str, message: &str, expected: impl Into<String>) {
        self.document.problem(path, message, expected.into());
    }
}

/// Whether the text is a URN (RFC 8141 §2), of letters, digits and `-._:` only.
fn is_urn(text: &str) -> bool {
    let mut parts = text.split(':');
    let scheme = parts.next().unwrap_or_default();
    let space = parts.next().unwrap_or_default();
    let is_space = (2..=32).contains(&space.len())
        && space.starts_with(|first: char| first.is_ascii_alphanumeric())
        && space
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
    };
    let mut rest = parts.peekable();
    scheme.eq_ignore_ascii_case("urn")
        && is_space
        && rest.peek().is_some()
        && rest.all(is_part)
        && text.len() <= 255
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// RFC 7643 §2.1.
fn is_attribute_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// RFC 4512 §1.4, `keystring`.
fn is_ldap_name(text: &str) -> bool {
    is_attribute_name(text) && !text.contains('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_urn_names_a_space_and_something_in_it() {
        for urn in [
            "urn:acme:params:scim:schemas:hr:2.0:User",
            "URN:example:x",
            "urn:ac-me:a.b_c",
        ] {
            assert!(is_urn(urn), "{urn}");
        }
        for text in [
            "",
            "urn",
            "urn:acme",
            "urn:acme:",
            "urn:a:x",
            "uri:acme:x",
            "urn:acme:a b",
            "urn:acme:a::b",
        ] {
            assert!(!is_urn(text), "{text}");
        }
    }
}
