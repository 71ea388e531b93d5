//! The attribute types of one reader: those of the product, of the views, and of the tenant's file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use jackfield_gateway::Reader;
use jackfield_model::schema::Type;
use jackfield_model::{AttrDef, AttrId, Kind, KindSet, Registry, ViewSet};

use super::build::own;
use super::lines::{self, Line};
use super::{ATTRIBUTES, AttributeType, Described, Family, Source, Syntax, aliases, views};

/// The attribute types that there are for one reader of a tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    views: ViewSet,
    /// Whether the reader is told SIP secrets; who is not, does not know of the attributes.
    has_secrets: bool,
    /// The tenant's own, most often none.
    own: Vec<&'static AttributeType>,
}

impl Schema {
    /// Those that a reader knows.
    pub(crate) fn of(reader: &Reader) -> Self {
        Self::with(reader.registry(), reader.views()).telling(reader.is_told_sip_secrets())
    }

    /// The same, with or without the attributes of SIP secrets.
    pub(crate) fn telling(self, has_secrets: bool) -> Self {
        Self {
            has_secrets,
            ..self
        }
    }

    /// Those of a tenant, and of these views.
    pub(crate) fn with(registry: &Registry, views: ViewSet) -> Self {
        let shown = registry
            .iter_own()
            .filter_map(|def| interned(registry, def));
        Self {
            views,
            has_secrets: false,
            own: shown.collect(),
        }
    }

    /// The views that it is seen by.
    pub(crate) fn views(&self) -> ViewSet {
        self.views
    }

    /// The tenant's own.
    pub(crate) fn own(&self) -> &[&'static AttributeType] {
        &self.own
    }

    /// Every one, those that everybody knows first.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &'static AttributeType> {
        let of_views = views::of(self.views).flat_map(|view| view.attributes);
        let of_views = of_views.filter(|attribute| self.knows(attribute));
        let own = self.own.iter().copied();
        ATTRIBUTES.iter().chain(of_views).chain(own)
    }

    /// Those that not everybody knows and that entries of this kind can have, in the same order.
    pub(crate) fn further_lines(&self, kind: Kind) -> impl Iterator<Item = Cow<'static, Line>> {
        let of_views = views::of(self.views).flat_map(|view| view.attributes);
        let of_views = of_views.filter(|attribute| self.knows(attribute));
        let all = of_views.chain(self.own.iter().copied());
        all.filter_map(move |attribute| lines::line(attribute, kind))
    }

    fn knows(&self, attribute: &AttributeType) -> bool {
        self.has_secrets || attribute.family != Family::Secret
    }

    /// What an attribute description means.
    pub(crate) fn described(&self, description: &str) -> Described {
        super::described(description, |name| self.attribute_type(name))
    }

    /// The attribute type with this name or numeric OID, in any case (RFC 4512 §2.5); what a view
    /// understands by a name comes before what everybody does, and a name by which phones mean
    /// another attribute last.
    pub(crate) fn attribute_type(&self, name: &str) -> Option<&'static AttributeType> {
        let own = || {
            let mut own = self.own.iter().copied();
            own.find(|own| own.oid == name || own.name().eq_ignore_ascii_case(name))
        };
        views::of(self.views)
            .find_map(|view| view.attribute_type(name))
            .filter(|attribute| self.knows(attribute))
            .or_else(|| super::attribute_type(name))
            .or_else(own)
            .or_else(|| aliases::meant(name).and_then(super::attribute_type))
    }
}

/// What an attribute type is made of.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Definition {
    attr: AttrId,
    path: String,
    name: String,
    ty: Type,
    case_exact: bool,
    single_valued: bool,
    kinds: KindSet,
}

/// The attribute type of a tenant's own attribute, if it is shown in LDAP.
///
/// Each definition is made once and stays for the life of the process, like those of the product:
/// what files have declared is little, and a request holds no count of it.
fn interned(registry: &Registry, def: &AttrDef) -> Option<&'static AttributeType> {
    static KNOWN: LazyLock<Mutex<HashMap<Definition, &'static AttributeType>>> =
        LazyLock::new(Mutex::default);
    let name = def.own.as_ref()?.ldap.as_ref()?;
    let top = registry.get(registry.top(def.id))?;
    let kind = registry.own_schema(*top.schemas.first()?)?.kind;
    let definition = Definition {
        attr: def.id,
        path: registry.path(def.id).to_ascii_lowercase(),
        name: name.to_string(),
        ty: def.ty,
        case_exact: def.case_exact,
        single_valued: !def.multi_valued && !top.multi_valued,
        kinds: KindSet::of(&[kind]),
    };
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(&definition) {
        return Some(found);
    }
    let made = &*Box::leak(Box::new(definition.attribute_type()?));
    known.insert(definition, made);
    Some(made)
}

impl Definition {
    fn attribute_type(&self) -> Option<AttributeType> {
        let (syntax, family) = match (self.ty, self.case_exact) {
            (Type::String, false) => (Syntax::DirectoryString, Family::CaseIgnore),
            (Type::String, true) | (Type::Reference, _) => {
                (Syntax::DirectoryString, Family::CaseExact)
            }
            (Type::Boolean, _) => (Syntax::Boolean, Family::Boolean),
            (Type::Integer, _) => (Syntax::Integer, Family::Integer),
            (Type::DateTime, _) => (Syntax::GeneralizedTime, Family::Time),
            (Type::Binary, _) => (Syntax::OctetString, Family::Octets),
            (Type::Complex, _) => return None,
        };
        let leaked = |text: String| &*Box::leak(text.into_boxed_str());
        let oid = leaked(format!(concat!(own!("3"), ".{}"), fnv(&self.path)));
        let names = Box::leak(Box::new([leaked(self.name.clone())]));
        let sources = Box::leak(Box::new([(self.kinds, Source::Leaf(self.attr))]));
        Some(AttributeType {
            oid,
            names,
            superior: None,
            syntax,
            family,
            single_valued: self.single_valued,
            operational: false,
            by_name_only: false,
            ignores_accents: false,
            sources,
        })
    }
}

/// FNV-1a over 64 bits: the same attribute of the same schema has the same OID on every node and
/// in every installation, without anybody having to keep account of numbers.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use jackfield_model::schema::own::{OwnAttribute, OwnSchema};
    use jackfield_model::{Kind, OwnSchemas};

    use super::*;

    fn schema(ty: Type) -> Schema {
        let badge = OwnAttribute {
            ldap: Some("acmeBadge".into()),
            ..OwnAttribute::new("badge", ty)
        };
        let unseen = OwnAttribute {
            number: 1,
            ..OwnAttribute::new("unseen", ty)
        };
        let own = OwnSchemas(vec![OwnSchema {
            urn: "urn:acme:hr".into(),
            name: "HR".into(),
            description: "".into(),
            kind: Kind::User,
            attributes: vec![badge, unseen],
        }]);
        Schema::with(&Registry::with(&own), ViewSet::NONE)
    }

    #[test]
    fn a_definition_is_one_and_the_same_whoever_asks() {
        let (one, other) = (schema(Type::String), schema(Type::String));
        let found = one.attribute_type("ACMEbadge").unwrap();
        assert!(std::ptr::eq(found, other.own()[0]));
        assert_eq!(one.own().len(), 1, "without a name it is not shown");
        let integer = schema(Type::Integer);
        assert_eq!(integer.own()[0].oid, found.oid, "the OID stays");
        assert_eq!(integer.own()[0].family, Family::Integer);
        assert!(one.attribute_type(found.oid).is_some());
        assert!(Schema::default().attribute_type("acmeBadge").is_none());
    }

    #[test]
    fn an_oid_is_published_and_stays() {
        // A change here would be another OID for attributes that clients know.
        assert_eq!(fnv("a"), 0xaf63_dc4c_8601_ec8c);
        assert!(schema(Type::String).own()[0].oid.starts_with(own!("3.")));
    }
}
