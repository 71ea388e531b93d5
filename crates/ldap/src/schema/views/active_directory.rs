//! Active Directory, for software that knows no other directory ([MS-ADSC], [MS-ADA1] to
//! [MS-ADA3]).
//!
//! deviates: the classes are auxiliary, since an entry has a structural class already. `name` and
//! `distinguishedName` are attributes of their own here, not the supertypes of RFC 4519.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::template::Part;
use jackfield_model::{Kind, KindSet, View};

use super::super::build::{attribute, own, text};
use super::super::classes::auxiliary;
use super::super::{AttributeType, Category, Family, ObjectClass, Source, Syntax, by_name};
use super::Published;

const USERS: KindSet = KindSet::of(&[Kind::User]);
const CONTACTS: KindSet = KindSet::of(&[Kind::Contact]);
const PEOPLE: KindSet = KindSet::of(&[Kind::User, Kind::Contact]);
const GROUPS: KindSet = KindSet::of(&[Kind::Group, Kind::Role]);
const ACCOUNTS: KindSet = USERS.union(GROUPS);
const SHOWN: KindSet = PEOPLE.union(GROUPS);

pub(super) static PUBLISHED: Published = Published {
    view: View::ActiveDirectory,
    attributes: ATTRIBUTES,
    classes: CLASSES,
    entries: &[
        (USERS, &["user"]),
        (CONTACTS, &["contact"]),
        (GROUPS, &["group"]),
    ],
    accounts: &[],
    names: LazyLock::new(|| by_name(ATTRIBUTES)),
};

const PERSON: Category = Category {
    name: "Person",
    classes: &[
        "person",
        "organizationalPerson",
        "inetOrgPerson",
        "user",
        "contact",
    ],
};

const GROUP: Category = Category {
    name: "Group",
    classes: &["group"],
};

static ATTRIBUTES: &[AttributeType] = &[
    attribute("2.5.4.49", &["distinguishedName"], Syntax::Dn, Family::Dn)
        .single()
        .from(&[(SHOWN, Source::EntryDn)]),
    text("1.2.840.113556.1.4.1", &["name"])
        .without_accents()
        .single()
        .from(&[(SHOWN, Source::Leaf(attr::COMMON_NAME))]),
    text("1.2.840.113556.1.4.221", &["sAMAccountName"])
        .single()
        .from(&[
            (USERS, Source::Leaf(attr::USER_NAME)),
            (GROUPS, Source::Leaf(attr::COMMON_NAME)),
        ]),
    text("1.2.840.113556.1.4.656", &["userPrincipalName"])
        .single()
        .from(&[(
            USERS,
            Source::Composed(&[Part::Leaf(attr::USER_NAME), Part::AtDomain]),
        )]),
    octets("1.2.840.113556.1.4.2", &["objectGUID"]).from(&[(SHOWN, Source::Guid)]),
    octets("1.2.840.113556.1.4.146", &["objectSid"]).from(&[(ACCOUNTS, Source::Sid)]),
    // That of the group of everybody, `Domain Users` ([MS-DTYP] §2.4.2.4).
    integer("1.2.840.113556.1.4.98", &["primaryGroupID"]).from(&[(USERS, Source::Constant("513"))]),
    integer("1.2.840.113556.1.4.1412", &["primaryGroupToken"])
        .from(&[(GROUPS, Source::Leaf(attr::NUMBER))]),
    attribute(
        "1.2.840.113556.1.4.782",
        &["objectCategory"],
        Syntax::Dn,
        Family::Category,
    )
    .single()
    .from(&[
        (PEOPLE, Source::Category(&PERSON)),
        (GROUPS, Source::Category(&GROUP)),
    ]),
    integer("1.2.840.113556.1.4.8", &["userAccountControl"])
        .from(&[(USERS, Source::AccountControl)]),
    // SAM_USER_OBJECT and SAM_GROUP_OBJECT ([MS-SAMR] §2.2.1.9).
    integer("1.2.840.113556.1.4.302", &["sAMAccountType"]).from(&[
        (USERS, Source::Constant("805306368")),
        (GROUPS, Source::Constant("268435456")),
    ]),
    // GROUP_TYPE_ACCOUNT_GROUP and GROUP_TYPE_SECURITY_ENABLED ([MS-ADTS] §2.2.12).
    integer("1.2.840.113556.1.4.750", &["groupType"])
        .from(&[(GROUPS, Source::Constant("-2147483646"))]),
    time("1.2.840.113556.1.2.2", &["whenCreated"]).from(&[(SHOWN, Source::WhenCreated)]),
    time("1.2.840.113556.1.2.3", &["whenChanged"]).from(&[(SHOWN, Source::WhenChanged)]),
    text("1.2.840.113556.1.2.146", &["company"])
        .single()
        .from(&[(PEOPLE, Source::Leaf(attr::ORGANIZATION))]),
    text("1.2.840.113556.1.2.141", &["department"])
        .single()
        .from(&[(PEOPLE, Source::Leaf(attr::DEPARTMENT))]),
    // Of the root DSE ([MS-ADTS] §3.1.1.3.2). Clients expect them without having asked.
    time(own!("1.10"), &["currentTime"]),
    attribute(
        own!("1.11"),
        &["defaultNamingContext"],
        Syntax::Dn,
        Family::Dn,
    )
    .single(),
    attribute(
        "1.2.840.113556.1.4.619",
        &["dnsHostName"],
        Syntax::DirectoryString,
        Family::CaseIgnore,
    )
    .single(),
    attribute(
        own!("1.12"),
        &["rootDomainNamingContext"],
        Syntax::Dn,
        Family::Dn,
    )
    .single(),
    attribute(
        own!("1.13"),
        &["supportedCapabilities"],
        Syntax::Oid,
        Family::Oid,
    ),
];

static CLASSES: &[ObjectClass] = &[
    auxiliary(
        "1.2.840.113556.1.5.9",
        "user",
        &["sAMAccountName", "objectSid"],
        &[
            "company",
            "department",
            "distinguishedName",
            "name",
            "objectCategory",
            "objectGUID",
            "primaryGroupID",
            "sAMAccountType",
            "userAccountControl",
            "userPrincipalName",
            "whenChanged",
            "whenCreated",
        ],
    ),
    auxiliary(
        "1.2.840.113556.1.5.15",
        "contact",
        &["cn"],
        &[
            "company",
            "department",
            "distinguishedName",
            "name",
            "objectCategory",
            "objectGUID",
            "whenChanged",
            "whenCreated",
        ],
    ),
    auxiliary(
        "1.2.840.113556.1.5.8",
        "group",
        &["groupType", "sAMAccountName", "objectSid"],
        &[
            "distinguishedName",
            "member",
            "name",
            "objectCategory",
            "objectGUID",
            "primaryGroupToken",
            "sAMAccountType",
            "whenChanged",
            "whenCreated",
        ],
    ),
];

const fn integer(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::Integer, Family::Integer).single()
}

const fn octets(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::OctetString, Family::Octets).single()
}

const fn time(oid: &'static str, names: &'static [&'static str]) -> AttributeType {
    attribute(oid, names, Syntax::GeneralizedTime, Family::Time).single()
}
