//! Asterisk (`asterisk.ldap-schema` of its distribution), and the other spelling that its
//! `res_ldap.conf.sample` has, which no schema describes: it stands under our own arc.
//!
//! An extension is a line of the dial plan that calls it (`AsteriskExtension`, `AstExtension`) and a
//! mailbox (`AsteriskVoiceMail`), whose password is not kept, and so not shown. With a secret that
//! the reader is told it is a SIP account (`AsteriskSIPUser`, `AstAccount`). People have the numbers of theirs, by which
//! other software finds the account. Where accounts are registered is known without the view.

use std::sync::LazyLock;

use jackfield_model::schema::attr;
use jackfield_model::template::Part;
use jackfield_model::{Kind, KindSet, View};

use super::super::build::{own, single, sip_secret, text};
use super::super::classes::auxiliary;
use super::super::{AttributeType, ObjectClass, SecretForm, Source, by_name};
use super::Published;

const USERS: KindSet = KindSet::of(&[Kind::User]);
const EXTENSIONS: KindSet = KindSet::of(&[Kind::Extension]);

pub(super) static PUBLISHED: Published = Published {
    view: View::Asterisk,
    attributes: ATTRIBUTES,
    classes: CLASSES,
    entries: &[(
        EXTENSIONS,
        &["AsteriskExtension", "AsteriskVoiceMail", "AstExtension"],
    )],
    accounts: &["AsteriskSIPUser", "AstAccount"],
    names: LazyLock::new(|| by_name(ATTRIBUTES)),
};

const NUMBER: Source = Source::Leaf(attr::EXTENSION_NUMBER);
const CONTEXT: Source = Source::Composed(&[Part::SipContext]);
const CALLED: Source = Source::Composed(&[Part::Text("SIP/"), Part::Leaf(attr::EXTENSION_NUMBER)]);
const CALLER: Source = Source::Composed(&[
    Part::QuotedName,
    Part::Text(" <"),
    Part::Leaf(attr::EXTENSION_NUMBER),
    Part::Text(">"),
]);
const HASH: &[(KindSet, Source)] = &[(EXTENSIONS, Source::SipSecret(SecretForm::Ha1))];
const MAILBOX: Source = Source::Composed(&[
    Part::Leaf(attr::EXTENSION_NUMBER),
    Part::Text("@"),
    Part::SipContext,
]);

static ATTRIBUTES: &[AttributeType] = &[
    single(
        "1.3.6.1.4.1.22736.5.4.39",
        &["AstAccountName"],
        &[(EXTENSIONS, Source::Account(&NUMBER))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.14",
        &["AstAccountType"],
        &[(EXTENSIONS, Source::Account(&Source::Constant("friend")))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.26",
        &["AstAccountHost"],
        &[(EXTENSIONS, Source::Account(&Source::Constant("dynamic")))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.8",
        &["AstAccountContext"],
        &[(EXTENSIONS, Source::Account(&CONTEXT))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.7",
        &["AstAccountCallerID"],
        &[(EXTENSIONS, Source::Account(&CALLER))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.9",
        &["AstAccountMailbox"],
        &[(EXTENSIONS, Source::Account(&MAILBOX))],
    ),
    sip_secret(
        "1.3.6.1.4.1.22736.5.4.38",
        &["AstAccountSecret"],
        &[(EXTENSIONS, Source::SipSecret(SecretForm::Clear))],
    ),
    sip_secret(
        "1.3.6.1.4.1.22736.5.4.34",
        &["AstAccountRealmedPassword"],
        HASH,
    ),
    sip_secret("1.3.6.1.4.1.22736.5.4.10", &["AstMD5secret"], HASH),
    // Which codecs a telephone system allows is for it to say.
    single(
        "1.3.6.1.4.1.22736.5.4.35",
        &["AstAccountAllowedCodec"],
        &[(EXTENSIONS, Source::Account(&Source::Constant("all")))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.1",
        &["AstContext"],
        &[(EXTENSIONS, CONTEXT)],
    ),
    text("1.3.6.1.4.1.22736.5.4.2", &["AstExtension"]).from(&[
        (EXTENSIONS, NUMBER),
        (USERS, Source::Leaf(attr::EXTENSIONS_VALUE)),
    ]),
    single(
        "1.3.6.1.4.1.22736.5.4.3",
        &["AstPriority"],
        &[(EXTENSIONS, Source::Constant("1"))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.4",
        &["AstApplication"],
        &[(EXTENSIONS, Source::Constant("Dial"))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.5",
        &["AstApplicationData"],
        &[(EXTENSIONS, CALLED)],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.51",
        &["AstVoicemailMailbox"],
        &[(EXTENSIONS, NUMBER)],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.58",
        &["AstVoicemailContext"],
        &[(EXTENSIONS, CONTEXT)],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.53",
        &["AstVoicemailFullname"],
        &[(EXTENSIONS, Source::Composed(&[Part::Name]))],
    ),
    single(
        "1.3.6.1.4.1.22736.5.4.54",
        &["AstVoicemailEmail"],
        &[(EXTENSIONS, Source::Composed(&[Part::Mail]))],
    ),
    single(
        own!("1.20"),
        &["AstExtensionContext"],
        &[(EXTENSIONS, CONTEXT)],
    ),
    single(
        own!("1.21"),
        &["AstExtensionExten"],
        &[(EXTENSIONS, NUMBER)],
    ),
    single(
        own!("1.22"),
        &["AstExtensionPriority"],
        &[(EXTENSIONS, Source::Constant("1"))],
    ),
    single(
        own!("1.23"),
        &["AstExtensionApplication"],
        &[(EXTENSIONS, Source::Constant("Dial"))],
    ),
    single(
        own!("1.24"),
        &["AstExtensionApplicationData"],
        &[(EXTENSIONS, CALLED)],
    ),
];

static CLASSES: &[ObjectClass] = &[
    auxiliary(
        "1.3.6.1.4.1.22736.5.2.1",
        "AsteriskExtension",
        &["cn"],
        &[
            "AstContext",
            "AstExtension",
            "AstPriority",
            "AstApplication",
            "AstApplicationData",
        ],
    ),
    auxiliary(
        "1.3.6.1.4.1.22736.5.2.3",
        "AsteriskSIPUser",
        &["cn"],
        ACCOUNT,
    ),
    auxiliary(
        "1.3.6.1.4.1.22736.5.2.5",
        "AsteriskVoiceMail",
        &["cn"],
        &[
            "AstVoicemailContext",
            "AstVoicemailEmail",
            "AstVoicemailFullname",
            "AstVoicemailMailbox",
        ],
    ),
    auxiliary(
        own!("2.20"),
        "AstExtension",
        &["cn"],
        &[
            "AstExtensionContext",
            "AstExtensionExten",
            "AstExtensionPriority",
            "AstExtensionApplication",
            "AstExtensionApplicationData",
        ],
    ),
    auxiliary(own!("2.21"), "AstAccount", &["cn"], ACCOUNT),
];

const ACCOUNT: &[&str] = &[
    "AstAccountAllowedCodec",
    "AstAccountCallerID",
    "AstAccountContext",
    "AstAccountHost",
    "AstAccountMailbox",
    "AstAccountName",
    "AstAccountRealmedPassword",
    "AstAccountSecret",
    "AstAccountType",
    "AstMD5secret",
];
