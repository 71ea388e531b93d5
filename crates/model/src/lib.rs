//! The words of Jackfield: what a tenant, a record, a filter and a change set are.
//!
//! Every other crate speaks in these types. This crate does no I/O, knows no wire format, no
//! database and no async runtime, and never reads a clock or a source of randomness: both are
//! passed in ([`Clock`], [`IdSource`]).
//!
//! | module | holds |
//! | --- | --- |
//! | [`ids`] | identifiers: records, tenants, revisions, numbers, kinds of record |
//! | [`time`] | timestamps, and the clock and id source that are passed in |
//! | [`text`] | string preparation (RFC 4518): the one place where equality of text is decided |
//! | [`dn`] | distinguished names (RFC 4514) |
//! | [`rule`] | matching rules (RFC 4517) over normalised keys |
//! | [`value`] | attribute values and the bag that a record keeps them in |
//! | [`schema`] | attribute definitions (RFC 7643 §7) and the registry of a tenant |
//! | [`record`] | users, groups, roles and the other kinds of record |
//! | [`numbering`] | telephone numbers in canonical form |
//! | [`filter`] | the filter both protocols compile to, and three-valued logic |
//! | [`path`] | attribute paths and patch operations (RFC 7644 §3.5.2) |
//! | [`principal`] | who is acting |
//! | [`connection`] | kinds of connection |
//! | [`trust`] | whose assertions prove who a client is |
//! | [`change`] | change sets: everything one write does, as data |
//! | [`guard`] | the guard against accidents: how far a connection's users may fall in a while |
//! | [`exchange`] | requests of provisioning clients and what came of them |
//! | [`settings`] | what a tenant's file declares |
//! | [`sip`] | what is the same for all SIP accounts of a tenant |
//! | [`mapping`] | rules that give the members of groups their roles |
//! | [`template`] | text that is made of a record's attributes |
//! | [`views`] | the names under which LDAP clients find records |

pub mod change;
pub mod connection;
pub mod dn;
pub mod exchange;
pub mod filter;
pub mod guard;
pub mod ids;
pub mod mapping;
pub mod numbering;
pub mod path;
pub mod principal;
pub mod record;
pub mod rule;
pub mod schema;
pub mod settings;
pub mod sip;
pub mod template;
pub mod text;
pub mod time;
pub mod trust;
pub mod value;
pub mod views;

pub use change::{
    AuditChange, AuditEntry, Change, ChangeSet, Credential, CredentialKind, Edge, EdgeKind, Grant,
    GrantSource, Link, Outcome, Pending, Secret, Verifier,
};
pub use connection::ConnectionKind;
pub use dn::Dn;
pub use exchange::{Deed, Exchange, SentBody};
pub use filter::{Filter, Truth};
pub use guard::{Guard, Watch};
pub use ids::{Id, Kind, KindSet, Number, Revision, TenantId, TenantName};
pub use mapping::{GroupMatch, MappingRule};
pub use numbering::{DialFormat, Dialled, ExtensionRange, InvalidDialFormat, Numbering};
pub use principal::{Origin, Principal};
pub use record::Record;
pub use rule::MatchingRule;
pub use schema::own::OwnSchemas;
pub use schema::{AttrDef, AttrId, Registry};
pub use settings::Settings;
pub use sip::{PasswordForm, Sip};
pub use time::{Clock, IdSource, Timestamp};
pub use trust::{Trust, TrustedKeys};
pub use value::{Attributes, Value};
pub use views::{View, ViewSet};
