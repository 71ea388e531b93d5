//! Accounts and groups of Unix (RFC 2307), for software that looks for them by its names.
//!
//! deviates: RFC 2307 §3 has `gecos` and `homeDirectory` as IA5 strings, and names are not. The
//! classes are auxiliary, as directories of today have them: an entry has a structural class.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::template::Part;
use jackfield_model::{Kind, KindSet, View};

use super::super::build::{attribute, text};
use super::super::classes::auxiliary;
use super::super::{AttributeType, Family, ObjectClass, Source, Syntax, by_name};
use super::Published;

const USERS: KindSet = KindSet::of(&[Kind::User]);
const GROUPS: KindSet = KindSet::of(&[Kind::Group, Kind::Role]);

pub(super) static PUBLISHED: Published = Published {
    view: View::Posix,
    attributes: ATTRIBUTES,
    classes: CLASSES,
    entries: &[
        (USERS, &["posixAccount"]),
        (GROUPS, &["posixGroup", "groupOfUniqueNames"]),
    ],
    accounts: &[],
    names: LazyLock::new(|| by_name(ATTRIBUTES)),
};

/// The group of everybody: the one that Unix calls `users`.
const EVERYBODY: &str = "100";

static ATTRIBUTES: &[AttributeType] = &[
    integer("1.3.6.1.1.1.1.0", &["uidNumber"]).from(&[(USERS, Source::Leaf(attr::NUMBER))]),
    integer("1.3.6.1.1.1.1.1", &["gidNumber"]).from(&[
        (USERS, Source::Constant(EVERYBODY)),
        (GROUPS, Source::Leaf(attr::NUMBER)),
    ]),
    text("1.3.6.1.1.1.1.2", &["gecos"])
        .single()
        .from(&[(USERS, Source::Composed(&[Part::NameField]))]),
    text("1.3.6.1.1.1.1.3", &["homeDirectory"])
        .single()
        .from(&[(
            USERS,
            Source::Composed(&[Part::Text("/home/"), Part::Folder(attr::USER_NAME)]),
        )]),
    text("1.3.6.1.1.1.1.4", &["loginShell"])
        .single()
        .from(&[(USERS, Source::Constant("/usr/sbin/nologin"))]),
    text("1.3.6.1.1.1.1.12", &["memberUid"]).from(&[(GROUPS, Source::MemberLogins)]),
];

static CLASSES: &[ObjectClass] = &[
    auxiliary(
        "1.3.6.1.1.1.2.0",
        "posixAccount",
        &["cn", "uid", "uidNumber", "gidNumber", "homeDirectory"],
        &["userPassword", "loginShell", "gecos", "description"],
    ),
    auxiliary(
        "1.3.6.1.1.1.2.2",
        "posixGroup",
        &["cn", "gidNumber"],
        &["userPassword", "memberUid", "description"],
    ),
    auxiliary(
        "2.5.6.17",
        "groupOfUniqueNames",
        &["cn", "uniqueMember"],
        &["description", "o", "ou"],
    ),
];

const fn integer(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::Integer, Family::Integer).single()
}
