//! The subschema: the tables of [`schema`](crate::schema) as clients read them (RFC 4512 §4).

use std::fmt::Write as _;
use std::sync::LazyLock;

use jackfield_model::Dn;
use jackfield_model::dn::Rdn;

use crate::schema::rules::RULES;
use crate::schema::{
    ATTRIBUTES, AttributeType, ObjectClass, Part, Rule, Schema, Syntax, all_classes,
    attribute_type, views,
};
use crate::synthetic::Synthetic;

/// The name of the entry that holds the schema (`subschemaSubentry`, RFC 4512 §4.2).
pub(crate) const NAME: &str = "cn=subschema";

/// [`NAME`], parsed.
pub(crate) static DN: LazyLock<Dn> = LazyLock::new(|| Rdn::new("cn", "subschema").into());

/// The entry itself, with what the tenant adds. It may be read by anybody.
pub(crate) fn entry(schema: &Schema) -> Synthetic {
    static COMMON: LazyLock<Synthetic> = LazyLock::new(|| made(&[]));
    if schema.own().is_empty() {
        COMMON.clone()
    } else {
        made(schema.own())
    }
}

fn made(own: &[&'static AttributeType]) -> Synthetic {
    let classes = all_classes().map(|class| describe_class(class, own));
    let attributes = published().chain(own.iter().copied());
    Synthetic::new(DN.clone(), &["top", "subentry", "subschema"], 0)
        .with("cn", ["subschema"])
        .with("ldapSyntaxes", Syntax::ALL.into_iter().map(describe_syntax))
        .with("matchingRules", RULES.iter().map(describe_rule))
        .with(
            "matchingRuleUse",
            RULES.iter().filter_map(|rule| describe_use(rule, own)),
        )
        .with("attributeTypes", attributes.map(describe_attribute))
        .with("objectClasses", classes)
}

/// The product's attribute types, whichever views there are: what is described is not thereby
/// shown. Where a view gives another meaning to a name, it is the common one that is described.
fn published() -> impl Iterator<Item = &'static AttributeType> {
    let is_new = |attribute: &&AttributeType| attribute_type(attribute.name()).is_none();
    let of_views = views::ALL.iter().flat_map(|view| view.attributes);
    ATTRIBUTES.iter().chain(of_views.filter(is_new))
}

/// RFC 4512 §4.1.5.
fn describe_syntax(syntax: Syntax) -> String {
    let (oid, description) = syntax.described();
    format!("( {oid} DESC '{description}' )")
}

/// RFC 4512 §4.1.3.
fn describe_rule(rule: &Rule) -> String {
    format!(
        "( {} NAME '{}' SYNTAX {} )",
        rule.oid, rule.name, rule.syntax_oid
    )
}

/// RFC 4512 §4.1.4: the attribute types that a rule can be asked of in an extensible match; `None`
/// where there are none.
fn describe_use(rule: &Rule, own: &[&'static AttributeType]) -> Option<String> {
    let attributes = published().chain(own.iter().copied());
    let names: Vec<&str> = attributes
        .filter(|attribute| rule.is_for(attribute))
        .map(AttributeType::name)
        .collect();
    let (oid, name) = (rule.oid, rule.name);
    match names.as_slice() {
        [] => None,
        [only] => Some(format!("( {oid} NAME '{name}' APPLIES {only} )")),
        several => Some(format!(
            "( {oid} NAME '{name}' APPLIES ( {} ) )",
            several.join(" $ ")
        )),
    }
}

/// RFC 4512 §4.1.2.
fn describe_attribute(attribute: &AttributeType) -> String {
    let mut text = format!("( {} NAME ", attribute.oid);
    match attribute.names {
        [only] => text.push_str(&quoted(only)),
        several => {
            let names: Vec<_> = several.iter().map(|name| quoted(name)).collect();
            // Writing to a string cannot fail, here and below.
            let _ = write!(text, "( {} )", names.join(" "));
        }
    }
    if let Some(superior) = attribute.superior {
        let _ = write!(text, " SUP {superior}");
    }
    for (keyword, part) in [
        ("EQUALITY", Part::Equality),
        ("ORDERING", Part::Ordering),
        ("SUBSTR", Part::Substrings),
    ] {
        // RFC 4519 §2.10: no rule is for fax numbers. Those that compare them are for others.
        let has_rules = attribute.syntax != Syntax::FacsimileTelephoneNumber;
        if let Some(rule) = attribute.rule(part).filter(|_| has_rules) {
            let _ = write!(text, " {keyword} {}", rule.name);
        }
    }
    let _ = write!(text, " SYNTAX {}", attribute.syntax.oid());
    if attribute.single_valued {
        text.push_str(" SINGLE-VALUE");
    }
    if attribute.operational {
        text.push_str(" NO-USER-MODIFICATION USAGE directoryOperation");
    }
    text.push_str(" )");
    text
}

/// RFC 4512 §4.1.1. What a tenant adds may stand in entries of an auxiliary class of ours.
fn describe_class(class: &ObjectClass, own: &[&'static AttributeType]) -> String {
    let own = own.iter().filter(|own| class.is_extended_by(own));
    let may: Vec<&str> = class
        .may
        .iter()
        .copied()
        .chain(own.map(|own| own.name()))
        .collect();
    let mut text = format!("( {} NAME {}", class.oid, quoted(class.name));
    if let Some(superior) = class.superior {
        let _ = write!(text, " SUP {superior}");
    }
    let _ = write!(text, " {}", class.kind.keyword());
    for (keyword, attributes) in [("MUST", class.must), ("MAY", &may)] {
        match attributes {
            [] => {}
            [only] => drop(write!(text, " {keyword} {only}")),
            several => drop(write!(text, " {keyword} ( {} )", several.join(" $ "))),
        }
    }
    text.push_str(" )");
    text
}

fn quoted(name: &str) -> String {
    format!("'{name}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::object_class;

    #[test]
    fn descriptions_are_written_as_rfc_4512_says() {
        let attribute = |name| describe_attribute(attribute_type(name).unwrap());
        assert_eq!(
            attribute("cn"),
            "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name EQUALITY caseIgnoreMatch \
             ORDERING caseIgnoreOrderingMatch SUBSTR caseIgnoreSubstringsMatch \
             SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"
        );
        assert_eq!(
            attribute("createTimestamp"),
            "( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch \
             ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 \
             SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )"
        );
        assert_eq!(
            attribute("fax"),
            "( 2.5.4.23 NAME ( 'facsimileTelephoneNumber' 'fax' ) \
             SYNTAX 1.3.6.1.4.1.1466.115.121.1.22 )"
        );
        assert_eq!(
            describe_class(object_class("groupOfNames").unwrap(), &[]),
            "( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST ( member $ cn ) \
             MAY ( o $ ou $ description ) )"
        );
        assert_eq!(
            describe_rule(crate::schema::rules::matching_rule("uuidMatch").unwrap()),
            "( 1.3.6.1.1.16.2 NAME 'uuidMatch' SYNTAX 1.3.6.1.1.16.1 )"
        );
        let used = |name| describe_use(crate::schema::rules::matching_rule(name).unwrap(), &[]);
        assert_eq!(
            used("distinguishedNameMatchInChain").as_deref(),
            Some(
                "( 1.2.840.113556.1.4.1941 NAME 'distinguishedNameMatchInChain' \
                 APPLIES ( member $ memberOf ) )"
            )
        );
        assert!(used("caseIgnoreMatch").is_some_and(|uses| uses.contains(" $ cn $ ")));
        assert_eq!(
            describe_syntax(Syntax::Integer),
            "( 1.3.6.1.4.1.1466.115.121.1.27 DESC 'INTEGER' )"
        );
    }
}
