//! SIP accounts as ITU-T H.350 and H.350.4 have them (RFC 3944): an extension is a `commObject`, with
//! a `SIPIdentity` where it has a secret that the reader is told.
//!
//! deviates: the classes are auxiliary, since an entry has a structural class already. Call
//! preferences and service levels are not kept, and so not shown.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::template::Part;
use jackfield_model::{Kind, KindSet, View};

use super::super::build::{sip_secret, text};
use super::super::classes::auxiliary;
use super::super::{AttributeType, ObjectClass, SecretForm, Source, by_name};
use super::Published;

const EXTENSIONS: KindSet = KindSet::of(&[Kind::Extension]);

pub(super) static PUBLISHED: Published = Published {
    view: View::H350,
    attributes: ATTRIBUTES,
    classes: CLASSES,
    entries: &[(EXTENSIONS, &["commObject"])],
    accounts: &["SIPIdentity"],
    names: LazyLock::new(|| by_name(ATTRIBUTES)),
};

const NUMBER: Source = Source::Leaf(attr::EXTENSION_NUMBER);
const SERVER: Source = Source::Composed(&[Part::SipDomain]);
const ADDRESS: Source = Source::Composed(&[
    Part::Text("sip:"),
    Part::Leaf(attr::EXTENSION_NUMBER),
    Part::Text("@"),
    Part::SipDomain,
]);

static ATTRIBUTES: &[AttributeType] = &[
    text("0.0.8.350.1.1.2.1.1", &["commUniqueId"]).from(&[(EXTENSIONS, Source::Uuid)]),
    text("0.0.8.350.1.1.6.1.1", &["SIPIdentitySIPURI"])
        .from(&[(EXTENSIONS, Source::Account(&ADDRESS))]),
    text("0.0.8.350.1.1.6.1.2", &["SIPIdentityRegistrarAddress"])
        .from(&[(EXTENSIONS, Source::Account(&SERVER))]),
    text("0.0.8.350.1.1.6.1.3", &["SIPIdentityProxyAddress"])
        .from(&[(EXTENSIONS, Source::Account(&SERVER))]),
    sip_secret(
        "0.0.8.350.1.1.6.1.5",
        &["SIPIdentityPassword"],
        &[(EXTENSIONS, Source::SipSecret(SecretForm::H350))],
    ),
    text("0.0.8.350.1.1.6.1.6", &["SIPIdentityUserName"])
        .from(&[(EXTENSIONS, Source::Account(&NUMBER))]),
];

static CLASSES: &[ObjectClass] = &[
    auxiliary("0.0.8.350.1.1.2.2.1", "commObject", &["commUniqueId"], &[]),
    auxiliary(
        "0.0.8.350.1.1.6.2.1",
        "SIPIdentity",
        &[],
        &[
            "SIPIdentityPassword",
            "SIPIdentityProxyAddress",
            "SIPIdentityRegistrarAddress",
            "SIPIdentitySIPURI",
            "SIPIdentityUserName",
        ],
    ),
];
