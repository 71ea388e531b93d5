//! FreeSWITCH (`fsaccount.schema` beside its `mod_xml_ldap`): an extension whose SIP secret the
//! reader is told is an `FSAccount`.
//!
//! deviates: all its attributes are compared without case here, as text.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::template::Part;
use jackfield_model::{Kind, KindSet, View};

use super::super::build::{single, sip_secret};
use super::super::classes::auxiliary;
use super::super::{AttributeType, ObjectClass, SecretForm, Source, by_name};
use super::Published;

const EXTENSIONS: KindSet = KindSet::of(&[Kind::Extension]);

pub(super) static PUBLISHED: Published = Published {
    view: View::FreeSwitch,
    attributes: ATTRIBUTES,
    classes: CLASSES,
    entries: &[],
    accounts: &["FSAccount"],
    names: LazyLock::new(|| by_name(ATTRIBUTES)),
};

const NUMBER: &[(KindSet, Source)] = &[(
    EXTENSIONS,
    Source::Account(&Source::Leaf(attr::EXTENSION_NUMBER)),
)];
const NAME: &[(KindSet, Source)] = &[(
    EXTENSIONS,
    Source::Account(&Source::Composed(&[Part::Name])),
)];

/// Wherever the account is registered, with what FreeSWITCH needs to tell its calls apart.
const DIAL: &str = "{^^:sip_invite_domain=${dialed_domain}:presence_id=${dialed_user}@\
                    ${dialed_domain}}${sofia_contact(*/${dialed_user}@${dialed_domain})}";

static ATTRIBUTES: &[AttributeType] = &[
    single("1.3.6.1.4.1.27880.1003.1.1.1", &["fsUid"], NUMBER),
    single("1.3.6.1.4.1.27880.1003.1.1.3", &["fsNumberAlias"], NUMBER),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.4",
        &["fsDialString"],
        &[(EXTENSIONS, Source::Account(&Source::Constant(DIAL)))],
    ),
    sip_secret(
        "1.3.6.1.4.1.27880.1003.1.1.5",
        &["fsPassword"],
        &[(EXTENSIONS, Source::SipSecret(SecretForm::Clear))],
    ),
    sip_secret(
        "1.3.6.1.4.1.27880.1003.1.1.8",
        &["fsA1Hash"],
        &[(EXTENSIONS, Source::SipSecret(SecretForm::Ha1))],
    ),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.12",
        &["fsVmMailTo"],
        &[(
            EXTENSIONS,
            Source::Account(&Source::Composed(&[Part::Mail])),
        )],
    ),
    single("1.3.6.1.4.1.27880.1003.1.1.22", &["fsAccountCode"], NUMBER),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.23",
        &["fsUserContext"],
        &[(
            EXTENSIONS,
            Source::Account(&Source::Composed(&[Part::SipContext])),
        )],
    ),
    single("1.3.6.1.4.1.27880.1003.1.1.24", &["fsVmMailbox"], NUMBER),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.27",
        &["fsEffectiveCallerIDNumber"],
        NUMBER,
    ),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.28",
        &["fsEffectiveCallerIDName"],
        NAME,
    ),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.29",
        &["fsOutboundCallerIDNumber"],
        &[(
            EXTENSIONS,
            Source::Account(&Source::Composed(&[Part::PublicNumber])),
        )],
    ),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.30",
        &["fsOutboundCallerIDName"],
        NAME,
    ),
    single(
        "1.3.6.1.4.1.27880.1003.1.1.31",
        &["fsDomainName"],
        &[(
            EXTENSIONS,
            Source::Account(&Source::Composed(&[Part::SipDomain])),
        )],
    ),
];

static CLASSES: &[ObjectClass] = &[auxiliary(
    "1.3.6.1.4.1.27880.1003.2.1",
    "FSAccount",
    &[],
    &[
        "fsA1Hash",
        "fsAccountCode",
        "fsDialString",
        "fsDomainName",
        "fsEffectiveCallerIDName",
        "fsEffectiveCallerIDNumber",
        "fsNumberAlias",
        "fsOutboundCallerIDName",
        "fsOutboundCallerIDNumber",
        "fsPassword",
        "fsUid",
        "fsUserContext",
        "fsVmMailTo",
        "fsVmMailbox",
    ],
)];
