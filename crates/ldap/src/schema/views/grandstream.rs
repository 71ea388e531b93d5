//! The phone book of Grandstream's telephone systems, whose names their phones are set up for. No
//! standard has them, and no schema is published: they stand under our own arc.
//!
//! `Department` is understood as an alias, as by everybody.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::{Kind, KindSet, View};

use super::super::build::{number, own, phone, text};
use super::super::classes::auxiliary;
use super::super::{AttributeType, ObjectClass, Source, by_name};
use super::Published;

const USERS: KindSet = KindSet::of(&[Kind::User]);
const CONTACTS: KindSet = KindSet::of(&[Kind::Contact]);
const PEOPLE: KindSet = KindSet::of(&[Kind::User, Kind::Contact]);

pub(super) static PUBLISHED: Published = Published {
    view: View::Grandstream,
    attributes: ATTRIBUTES,
    classes: CLASSES,
    entries: &[(PEOPLE, &["grandstreamContact"])],
    accounts: &[],
    names: LazyLock::new(|| by_name(ATTRIBUTES)),
};

static ATTRIBUTES: &[AttributeType] = &[
    phone(own!("1.30"), &["AccountNumber"]).from(&[
        (USERS, Source::Leaf(attr::EXTENSIONS_VALUE)),
        (CONTACTS, number("work", true)),
    ]),
    name(
        own!("1.31"),
        &["CallerIDName"],
        &[(PEOPLE, Source::Leaf(attr::COMMON_NAME))],
    ),
    name(
        own!("1.32"),
        &["FirstName"],
        &[(PEOPLE, Source::Leaf(attr::NAME_GIVEN_NAME))],
    ),
    name(
        own!("1.33"),
        &["LastName"],
        &[(PEOPLE, Source::Leaf(attr::NAME_FAMILY_NAME))],
    ),
    phone(own!("1.34"), &["MobileNumber"]).from(&[(PEOPLE, number("mobile", false))]),
    phone(own!("1.35"), &["HomeNumber"]).from(&[(PEOPLE, number("home", false))]),
    phone(own!("1.36"), &["Fax"]).from(&[(PEOPLE, number("fax", false))]),
    text(own!("1.37"), &["Email"]).from(&[(PEOPLE, Source::Leaf(attr::EMAILS_VALUE))]),
];

static CLASSES: &[ObjectClass] = &[auxiliary(
    own!("2.30"),
    "grandstreamContact",
    &[],
    &[
        "AccountNumber",
        "CallerIDName",
        "Email",
        "Fax",
        "FirstName",
        "HomeNumber",
        "LastName",
        "MobileNumber",
    ],
)];

const fn name(
    oid: &'static str,
    names: &'static [&'static str],
    sources: &'static [(KindSet, Source)],
) -> AttributeType {
    text(oid, names).without_accents().from(sources)
}
