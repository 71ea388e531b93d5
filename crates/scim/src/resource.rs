//! The resource types (RFC 7643 §6): which records each stands for and which schemas it has.

use jackfield_model::schema::{Schema, attr};
use jackfield_model::{AttrDef, Kind, KindSet, Registry};

/// A type of resource with an endpoint of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResourceType {
    /// A person.
    User,
    /// A group, or a role of the phone system shown as one.
    Group,
}

impl ResourceType {
    pub(crate) const ALL: [Self; 2] = [Self::User, Self::Group];

    /// Its name, which is its id too.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The last part of its endpoint's path.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }

    /// The type alone, where several can be.
    pub(crate) fn alone(self) -> &'static [Self] {
        match self {
            Self::User => &[Self::User],
            Self::Group => &[Self::Group],
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::User => "People with an account on the phone system.",
            Self::Group => "Groups of people, and the roles of the phone system.",
        }
    }

    /// The kinds of record that it shows.
    pub(crate) fn kinds(self) -> KindSet {
        match self {
            Self::User => KindSet::of(&[Kind::User]),
            Self::Group => KindSet::of(&[Kind::Group, Kind::Role]),
        }
    }

    /// The kind of record that a client makes by it, and names in writes.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::User => Kind::User,
            Self::Group => Kind::Group,
        }
    }

    /// The type that shows records of this kind.
    pub(crate) fn of(kind: Kind) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.kinds().contains(kind))
    }

    pub(crate) fn base(self) -> Schema {
        match self {
            Self::User => Schema::User,
            Self::Group => Schema::Group,
        }
    }

    /// The schemas that extend it: the product's, then the tenant's own.
    pub(crate) fn extensions(self, registry: &Registry) -> impl Iterator<Item = Schema> {
        let own = registry.own_extensions(self.kind());
        self.common_extensions().iter().copied().chain(own)
    }

    fn common_extensions(self) -> &'static [Schema] {
        match self {
            Self::User => &[Schema::Enterprise, Schema::PbxUser],
            Self::Group => &[Schema::PbxGroup],
        }
    }

    /// Whether the product's attribute of the top level can stand in a resource of this type.
    pub(crate) fn has(self, def: &AttrDef) -> bool {
        def.schemas.iter().any(|schema| {
            *schema == Schema::Common
                || *schema == self.base()
                || self.common_extensions().contains(schema)
        })
    }

    /// Whether a resource of this type must have the attribute. `displayName` is one attribute of
    /// both types and required of groups (RFC 7643 §4.2, erratum 5368).
    pub(crate) fn requires(self, def: &AttrDef) -> bool {
        def.required || (self == Self::Group && def.id == attr::DISPLAY_NAME)
    }

    /// The attributes that every resource has and those of the base schema: what stands at the
    /// top level of its JSON.
    pub(crate) fn own_attributes(self, registry: &Registry) -> impl Iterator<Item = &AttrDef> {
        registry
            .attributes_of(Schema::Common)
            .chain(registry.attributes_of(self.base()))
    }
}
