//! Short ways to say what most rows of the tables say.

use jackfield_model::schema::attr;
use jackfield_model::{AttrId, KindSet};

use super::{AttributeType, Family, Source, Syntax, Typed};

/// An OID under the arc of the project's own elements: a UUID of its own (ITU-T X.667 §7). Below it
/// `.1` are attribute types, `.2` object classes and `.3` the attribute types of tenants.
macro_rules! own {
    ($number:literal) => {
        concat!("2.25.34976033052359053438541463490412718822.", $number)
    };
}
pub(super) use own;

pub(super) const fn attribute(
    oid: &'static str,
    names: &'static [&'static str],
    syntax: Syntax,
    family: Family,
) -> AttributeType {
    AttributeType {
        oid,
        names,
        superior: None,
        syntax,
        family,
        ignores_accents: false,
        single_valued: false,
        operational: false,
        by_name_only: false,
        sources: &[],
    }
}

pub(super) const fn text(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::DirectoryString, Family::CaseIgnore)
}

/// Text of which there is one value at most.
pub(super) const fn single(
    oid: &'static str,
    names: &'static [&'static str],
    sources: &'static [(KindSet, Source)],
) -> AttributeType {
    text(oid, names).single().from(sources)
}

pub(super) const fn registration(
    oid: &'static str,
    names: &'static [&'static str],
) -> AttributeType {
    text(oid, names).single()
}

/// The SIP secret of an extension, in this form.
pub(super) const fn sip_secret(
    oid: &'static str,
    names: &'static [&'static str],
    sources: &'static [(KindSet, Source)],
) -> AttributeType {
    attribute(oid, names, Syntax::DirectoryString, Family::Secret)
        .single()
        .from(sources)
}

pub(super) const fn name(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    text(oid, names).sup("name")
}

pub(super) const fn lines(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::PostalAddress, Family::CaseIgnoreList)
}

pub(super) const fn phone(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::TelephoneNumber, Family::Telephone)
}

pub(super) const fn time(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::GeneralizedTime, Family::Time)
        .single()
        .operational()
}

pub(super) const fn described(
    oid: &'static str,
    names: &'static [&'static str],
    syntax: Syntax,
) -> AttributeType {
    attribute(oid, names, syntax, Family::FirstComponent).operational()
}

/// Telephone numbers of one type.
pub(super) const fn number(kind: &'static str, or_untyped: bool) -> Source {
    Source::Typed(Typed {
        attr: attr::PHONE_NUMBERS,
        ty: attr::PHONE_NUMBERS_TYPE,
        value: attr::PHONE_NUMBERS_VALUE,
        kind,
        or_untyped,
        lines: false,
    })
}

/// A part of the address at work.
pub(super) const fn address(value: AttrId) -> Source {
    let (attr, ty) = (attr::ADDRESSES, attr::ADDRESSES_TYPE);
    Source::Typed(Typed {
        attr,
        ty,
        value,
        kind: "work",
        or_untyped: true,
        lines: false,
    })
}

pub(super) const fn whole_address(kind: &'static str, or_untyped: bool) -> Source {
    let (attr, ty, value) = (
        attr::ADDRESSES,
        attr::ADDRESSES_TYPE,
        attr::ADDRESSES_FORMATTED,
    );
    Source::Typed(Typed {
        attr,
        ty,
        value,
        kind,
        or_untyped,
        lines: true,
    })
}

impl AttributeType {
    pub(super) const fn sup(self, superior: &'static str) -> Self {
        Self {
            superior: Some(superior),
            ..self
        }
    }

    pub(super) const fn without_accents(self) -> Self {
        Self {
            ignores_accents: true,
            ..self
        }
    }

    pub(super) const fn single(self) -> Self {
        Self {
            single_valued: true,
            ..self
        }
    }

    pub(super) const fn operational(self) -> Self {
        Self {
            operational: true,
            ..self
        }
    }

    pub(super) const fn by_name(self) -> Self {
        Self {
            by_name_only: true,
            ..self
        }
    }

    pub(super) const fn from(self, sources: &'static [(KindSet, Source)]) -> Self {
        Self { sources, ..self }
    }
}
