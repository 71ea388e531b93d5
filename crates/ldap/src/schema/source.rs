//! Where the values of attributes come from.

use jackfield_model::schema::attr;
use jackfield_model::template::Template;
use jackfield_model::{AttrId, Dn, PasswordForm, Sip};

/// Where the values of an attribute come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The values of a leaf of the record.
    Leaf(AttrId),
    /// An extension's number, which is in its DN, where it has another name besides.
    NumberAsName,
    /// The common name, where the record has no value of this leaf.
    CommonNameWithout(AttrId),
    /// A sub-attribute of those elements of a multi-valued attribute that have a type.
    Typed(Typed),
    /// The names of the records that an attribute points at, told by their ids in `ids`.
    References {
        /// The attribute.
        attr: AttrId,
        /// Its sub-attribute with the ids.
        ids: AttrId,
    },
    /// What a telephone system has told under this name (see the gateway's `Registration`).
    Registration(&'static str),
    /// The SIP secret of an extension, in this form: nothing for who is not told.
    SipSecret(SecretForm),
    /// What another source gives of an extension that is a SIP account: one whose secret the reader
    /// is told. Telephone systems let anybody register who has an account without a secret.
    Account(&'static Source),
    /// The permissions that roles give.
    Permissions,
    /// Text that is made of the record's attributes.
    Composed(&'static Template),
    /// The user names of a group's members.
    MemberLogins,
    /// The record's identity in the octets of Active Directory.
    Guid,
    /// The record's number as a security identifier of its tenant.
    Sid,
    /// The class by which Active Directory finds entries of this kind.
    Category(&'static Category),
    /// Whether an account may be used, in the bits of Active Directory.
    AccountControl,
    /// When the record was made, as Active Directory writes times.
    WhenCreated,
    /// When the record was last changed, as Active Directory writes times.
    WhenChanged,
    /// The record's identity.
    Uuid,
    /// The entry's own name (RFC 5020).
    EntryDn,
    /// When the record was made.
    Created,
    /// When the record was last changed.
    Modified,
    /// The object classes of its kind.
    ObjectClass,
    /// The structural one of them.
    StructuralClass,
    /// Where the subschema is published.
    Subschema,
    /// The same for all.
    Constant(&'static str),
}

/// In which form a SIP secret is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretForm {
    /// As it is.
    Clear,
    /// As the hash with user and realm; nothing where the tenant has no realm.
    Ha1,
    /// As the tenant says for H.350.
    H350,
}

impl Source {
    /// What the reader must be let read for it to have values, where that does not show when it is
    /// read.
    pub(crate) fn guard(self) -> Option<AttrId> {
        match self {
            Self::Sid => Some(attr::NUMBER),
            Self::AccountControl => Some(attr::ACTIVE),
            Self::Created | Self::WhenCreated => Some(attr::META_CREATED),
            Self::Modified | Self::WhenChanged => Some(attr::META_LAST_MODIFIED),
            _ => None,
        }
    }
}

impl SecretForm {
    /// As what a password is shown.
    pub(crate) fn password(self, sip: &Sip) -> PasswordForm {
        match self {
            Self::Clear => PasswordForm::Clear,
            Self::Ha1 => PasswordForm::Ha1,
            Self::H350 => sip.h350_password,
        }
    }

    /// Whether the tenant has what a password is shown with.
    pub(crate) fn is_shown(self, sip: &Sip) -> bool {
        sip.realm.is_some() || self.password(sip) == PasswordForm::Clear
    }
}

/// A class by which Active Directory finds entries (`objectCategory`).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Category {
    /// Its name in the schema, such as `Person`.
    pub(crate) name: &'static str,
    /// The object classes by whose names it may be asked for.
    pub(crate) classes: &'static [&'static str],
}

/// Which elements of a multi-valued attribute count, and what of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The multi-valued attribute.
    pub(crate) attr: AttrId,
    /// Its sub-attribute with the type.
    pub(crate) ty: AttrId,
    /// Its sub-attribute with the value.
    pub(crate) value: AttrId,
    /// The type that counts, in lower case.
    pub(crate) kind: &'static str,
    /// Whether an element without a type counts as well.
    pub(crate) or_untyped: bool,
    /// Whether values have several lines.
    pub(crate) lines: bool,
}

impl Category {
    /// Its name as a value of `objectCategory`.
    pub(crate) fn dn(&self, suffix: &Dn) -> String {
        format!("CN={},CN=Schema,CN=Configuration,{suffix}", self.name)
    }

    /// Whether a name, of the class by itself or of its entry in the schema, means this.
    pub(crate) fn is_meant(&self, dn: &Dn, suffix: &Dn) -> bool {
        match dn.rdns() {
            [only] => only.single().is_some_and(|(_, name)| {
                let mut names = self.classes.iter().chain([&self.name]);
                names.any(|own| own.eq_ignore_ascii_case(name))
            }),
            _ => Dn::parse(&self.dn(suffix)).is_ok_and(|own| own == *dn),
        }
    }
}
