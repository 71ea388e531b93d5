//! The attributes of one tenant: those that the product knows, and the tenant's own.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use smol_str::{SmolStr, format_smolstr};

use super::own::{MOST, OwnAttribute, OwnSchema, OwnSchemas, Readers};
use super::{AttrDef, AttrId, Index, Schema, Uniqueness, core};
use crate::ids::Kind;

/// What a tenant says of an attribute of its own, beside what every attribute has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDef {
    /// Who may read it.
    pub readers: Readers,
    /// Its name in LDAP, if it is shown there.
    pub ldap: Option<SmolStr>,
}

/// The attributes that exist.
#[derive(Debug)]
pub struct Registry {
    /// Those of the product, then the tenant's own by their numbers.
    defs: Vec<Option<AttrDef>>,
    /// How many are the product's.
    core: usize,
    children: Vec<Children>,
    /// The attributes of the top level by their schemas, in the order of the definitions.
    by_schema: Vec<(Schema, Vec<AttrId>)>,
    by_name: HashMap<(Scope, SmolStr), AttrId>,
    own: Vec<OwnSchema>,
}

/// The sub-attributes of an attribute.
#[derive(Clone, Debug, Default)]
struct Children {
    all: Vec<AttrId>,
    /// `type` among them, which is asked for with every value (RFC 7643 §2.4).
    ty: Option<AttrId>,
    /// `primary`, likewise.
    primary: Option<AttrId>,
}

/// Within what a name is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scope {
    /// The product's attributes of the top level.
    Core,
    /// The sub-attributes of an attribute.
    Of(AttrId),
    /// A schema of the tenant.
    Own(u8),
}

static CORE: LazyLock<Arc<Registry>> =
    LazyLock::new(|| Arc::new(Registry::new(&OwnSchemas(Vec::new()))));

impl Registry {
    /// The attributes that the product itself knows.
    pub fn core() -> &'static Self {
        &CORE
    }

    /// The attributes of a tenant with these schemas of its own.
    pub fn with(own: &OwnSchemas) -> Arc<Self> {
        if own.0.is_empty() {
            Arc::clone(&CORE)
        } else {
            Arc::new(Self::new(own))
        }
    }

    fn new(own: &OwnSchemas) -> Self {
        let core = core::definitions();
        let places = if own.0.is_empty() { 0 } else { MOST };
        let mut registry = Self {
            defs: vec![None; core.len() + places],
            core: core.len(),
            children: vec![Children::default(); core.len() + places],
            by_schema: Vec::new(),
            by_name: HashMap::with_capacity(core.len()),
            own: own.0.clone(),
        };
        for def in core {
            registry.put(def.parent.map_or(Scope::Core, Scope::Of), def);
        }
        for (schema, place) in own.0.iter().zip(0..) {
            for attribute in schema.attributes.iter().filter(|own| !own.hidden) {
                let top = definition(attribute, None, Schema::Own(place), attribute.readers);
                let parent = top.id;
                registry.put(Scope::Own(place), top);
                for sub in &attribute.sub {
                    let sub = definition(sub, Some(parent), Schema::Own(place), attribute.readers);
                    registry.put(Scope::Of(parent), sub);
                }
            }
        }
        registry.sort_by_schema();
        registry
    }

    fn sort_by_schema(&mut self) {
        let mut by_schema: Vec<(Schema, Vec<AttrId>)> = Vec::new();
        for def in self.iter().filter(|def| def.parent.is_none()) {
            for schema in &def.schemas {
                match by_schema.iter_mut().find(|(known, _)| known == schema) {
                    Some((_, attributes)) => attributes.push(def.id),
                    None => by_schema.push((*schema, vec![def.id])),
                }
            }
        }
        self.by_schema = by_schema;
    }

    fn put(&mut self, scope: Scope, def: AttrDef) {
        let name = SmolStr::from(def.name.to_ascii_lowercase());
        self.by_name.insert((scope, name), def.id);
        let siblings = def.parent.map(|parent| self.place(parent));
        if let Some(siblings) = siblings.and_then(|place| self.children.get_mut(place)) {
            siblings.all.push(def.id);
            match &*def.name {
                "type" => siblings.ty = Some(def.id),
                "primary" => siblings.primary = Some(def.id),
                _ => {}
            }
        }
        let place = self.place(def.id);
        if let Some(slot) = self.defs.get_mut(place) {
            *slot = Some(def);
        }
    }

    /// Where the definition of `attr` stands, if it has one.
    fn place(&self, attr: AttrId) -> usize {
        match attr.own_number() {
            Some(number) => self.core + usize::from(number),
            None => usize::from(attr.0),
        }
    }

    /// The definition of `attr`.
    pub fn get(&self, attr: AttrId) -> Option<&AttrDef> {
        self.defs.get(self.place(attr))?.as_ref()
    }

    /// The attribute called `name`, in any case: of the product's on the top level, or a
    /// sub-attribute of `parent`.
    pub fn child(&self, parent: Option<AttrId>, name: &str) -> Option<AttrId> {
        self.named(parent.map_or(Scope::Core, Scope::Of), name)
    }

    /// The attribute of the top level called `name`, in any case, in this schema.
    pub fn attribute(&self, schema: Schema, name: &str) -> Option<AttrId> {
        match schema {
            Schema::Own(place) => self.named(Scope::Own(place), name),
            _ => self.named(Scope::Core, name).filter(|attr| {
                self.get(*attr)
                    .is_some_and(|def| def.schemas.contains(&schema))
            }),
        }
    }

    fn named(&self, scope: Scope, name: &str) -> Option<AttrId> {
        self.by_name
            .get(&(scope, SmolStr::from(name.to_ascii_lowercase())))
            .copied()
    }

    /// The sub-attributes of `attr`.
    pub fn children(&self, attr: AttrId) -> &[AttrId] {
        self.children
            .get(self.place(attr))
            .map_or(&[], |children| &children.all)
    }

    /// The sub-attribute of `attr` that says what a value is for.
    pub fn type_of(&self, attr: AttrId) -> Option<AttrId> {
        self.children.get(self.place(attr))?.ty
    }

    /// The sub-attribute of `attr` that says which value comes first.
    pub fn primary_of(&self, attr: AttrId) -> Option<AttrId> {
        self.children.get(self.place(attr))?.primary
    }

    /// The attributes of the top level in this schema, in the order in which they are listed.
    pub fn attributes_of(&self, schema: Schema) -> impl Iterator<Item = &AttrDef> {
        let found = self.by_schema.iter().find(|(known, _)| *known == schema);
        let attributes = found.map_or(&[][..], |(_, attributes)| attributes);
        attributes.iter().filter_map(|attr| self.get(*attr))
    }

    /// Every definition.
    pub fn iter(&self) -> impl Iterator<Item = &AttrDef> {
        self.defs.iter().flatten()
    }

    /// The definitions of the tenant's own attributes.
    pub fn iter_own(&self) -> impl Iterator<Item = &AttrDef> {
        self.defs.iter().skip(self.core).flatten()
    }

    /// The attribute of the top level that `attr` is, or is part of.
    pub fn top(&self, attr: AttrId) -> AttrId {
        self.get(attr).and_then(|def| def.parent).unwrap_or(attr)
    }

    /// How an attribute is named in messages: with the URN of a tenant's schema before it.
    pub fn path(&self, attr: AttrId) -> SmolStr {
        let Some(def) = self.get(attr) else {
            return SmolStr::default();
        };
        match (def.parent, def.schemas.first()) {
            (Some(parent), _) => format_smolstr!("{}.{}", self.path(parent), def.name),
            (None, Some(schema @ Schema::Own(_))) => {
                format_smolstr!("{}:{}", self.urn(*schema).unwrap_or_default(), def.name)
            }
            (None, _) => def.name.clone(),
        }
    }

    /// The URN of a schema; `None` where it is in no published schema.
    pub fn urn(&self, schema: Schema) -> Option<&str> {
        match schema {
            Schema::Own(_) => self.own_schema(schema).map(|own| own.urn.as_str()),
            _ => schema.urn(),
        }
    }

    /// The published schema with this URN, in any case (RFC 7643 §2.1).
    pub fn schema(&self, urn: &str) -> Option<Schema> {
        self.published().find(|schema| {
            self.urn(*schema)
                .is_some_and(|own| own.eq_ignore_ascii_case(urn))
        })
    }

    /// The schemas that clients see, in the order in which they are listed.
    pub fn published(&self) -> impl Iterator<Item = Schema> {
        let own = self.own_places().map(|(schema, _)| schema);
        Schema::PUBLISHED.into_iter().chain(own)
    }

    /// What the tenant says of a schema of its own.
    pub fn own_schema(&self, schema: Schema) -> Option<&OwnSchema> {
        match schema {
            Schema::Own(place) => self.own.get(usize::from(place)),
            _ => None,
        }
    }

    /// The schemas of its own with which the tenant extends users or groups.
    pub fn own_extensions(&self, kind: Kind) -> impl Iterator<Item = Schema> {
        self.own_places()
            .filter(move |(_, own)| own.kind == kind)
            .map(|(schema, _)| schema)
    }

    /// The tenant's own schemas, but for those whose attributes are all hidden.
    fn own_places(&self) -> impl Iterator<Item = (Schema, &OwnSchema)> {
        let places = self.own.iter().zip(0..);
        places
            .filter(|(own, _)| own.attributes.iter().any(|attribute| !attribute.hidden))
            .map(|(own, place)| (Schema::Own(place), own))
    }
}

fn definition(
    own: &OwnAttribute,
    parent: Option<AttrId>,
    schema: Schema,
    readers: Readers,
) -> AttrDef {
    AttrDef {
        id: AttrId::own(own.number),
        name: own.name.clone(),
        parent,
        schemas: match parent {
            Some(_) => Vec::new(),
            None => vec![schema],
        },
        ty: own.ty,
        multi_valued: own.multi_valued,
        required: own.required,
        case_exact: own.case_exact,
        mutability: own.mutability,
        returned: own.returned,
        uniqueness: own.uniqueness,
        canonical: own.canonical.clone(),
        references: own.references.clone(),
        description: own.description.clone(),
        derived: false,
        index: match (own.uniqueness, own.index) {
            // What is unique is looked for at each write.
            (Uniqueness::Server, Index::None) => Index::Exact,
            (_, index) => index,
        },
        own: Some(OwnDef {
            readers,
            ldap: own.ldap.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::own::OwnSchemas;
    use super::super::{Type, attr};
    use super::*;

    fn attribute(number: u16, name: &str, sub: Vec<OwnAttribute>) -> OwnAttribute {
        let ty = if sub.is_empty() {
            Type::String
        } else {
            Type::Complex
        };
        OwnAttribute {
            number,
            sub,
            ..OwnAttribute::new(name, ty)
        }
    }

    fn schema(urn: &str, kind: Kind, attributes: Vec<OwnAttribute>) -> OwnSchema {
        OwnSchema {
            urn: urn.into(),
            name: "Own".into(),
            description: SmolStr::default(),
            kind,
            attributes,
        }
    }

    fn sample() -> OwnSchemas {
        let hidden = OwnAttribute {
            hidden: true,
            ..attribute(9, "gone", Vec::new())
        };
        OwnSchemas(vec![
            schema(
                "urn:acme:hr",
                Kind::User,
                vec![
                    attribute(7, "costCenter", vec![attribute(3, "code", Vec::new())]),
                    hidden.clone(),
                ],
            ),
            schema("urn:acme:old", Kind::User, vec![hidden]),
            schema(
                "urn:acme:team",
                Kind::Group,
                vec![attribute(0, "costCenter", Vec::new())],
            ),
        ])
    }

    #[test]
    fn a_tenants_attributes_are_found_within_their_schema() {
        let registry = Registry::with(&sample());
        let hr = registry.schema("URN:Acme:HR").unwrap();
        let team = registry.schema("urn:acme:team").unwrap();
        let center = registry.attribute(hr, "costcenter").unwrap();
        assert_eq!(center, AttrId::own(7));
        assert_eq!(registry.attribute(team, "costCenter"), Some(AttrId::own(0)));
        assert_eq!(
            registry.child(None, "costCenter"),
            Some(attr::COST_CENTER),
            "the product's own keeps its name"
        );
        let code = registry.child(Some(center), "CODE").unwrap();
        assert_eq!(registry.top(code), center);
        assert_eq!(registry.path(code), "urn:acme:hr:costCenter.code");
        assert_eq!(registry.children(center), [code]);
        assert_eq!(registry.iter_own().count(), 3);
        assert_eq!(
            registry.own_extensions(Kind::User).collect::<Vec<_>>(),
            [hr],
            "a schema with nothing to show is not shown"
        );
    }

    #[test]
    fn what_is_hidden_has_no_definition() {
        let registry = Registry::with(&sample());
        assert!(registry.get(AttrId::own(9)).is_none());
        assert!(registry.schema("urn:acme:old").is_none());
        assert_eq!(sample().declared().0.len(), 2);
    }

    #[test]
    fn the_products_ids_stay_below_those_of_tenants() {
        assert!(Registry::core().iter().all(|def| def.id < AttrId::OWN));
        assert!(Registry::core().get(AttrId::own(0)).is_none());
    }
}
