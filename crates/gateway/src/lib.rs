//! The application: authenticate, authorise, search, write, audit. The only door to the directory.
//!
//! Protocols hand in what their clients say and get back records, decisions and errors of one
//! closed vocabulary ([`Error`]). Every read takes the reader's access view, every write the
//! acting principal; the program itself acts as a named system principal. This crate knows no
//! wire format and no database, and no protocol knows what is behind it.
//!
//! | module | holds |
//! | --- | --- |
//! | [`gateway`] | starting; the tenants: loaded, declared, found by a name, followed |
//! | [`tenant`] | one tenant: its published snapshot and its writer |
//! | [`session`] | a principal in a tenant: reading and writing |
//! | [`reader`] | one snapshot seen through one access view |
//! | `search` | searches of much, beside the threads that serve others |
//! | `names` | which tenant a name belongs to |
//! | `planning`, `writer` | what a command would change; the one writer of a tenant |
//! | `load` | a tenant loaded from the store |
//! | `beside` | work that others must not wait for |
//! | `rehearsal` | writes that are planned and never committed |
//! | `registrations` | where phones are registered, in memory |
//! | `certificate` | clients that log in by a certificate |
//! | `people`, `proxy` | whom a name means, whose a password is; acting for somebody else |
//! | `shown` | credentials as HTTP has them |
//! | [`authenticate`], [`bind`] | tokens and client secrets; names and passwords |
//! | [`api_login`], [`api_token`] | how clients of the HTTP API log in; their accounts and tokens |
//! | `ask` | whether a person may read something, by the tenant's catalogue |
//! | [`check`] | whether users may do something, and by which roles |
//! | [`rate`], `lockout` | how fast clients may come; how many wrong passwords they may show |
//! | [`metrics`] | what is counted, for whoever watches the node |
//! | [`keys`] | the public keys of those whose assertions are trusted |
//! | [`client`], [`issue`] | the clients of the token endpoint, and what it issues |
//! | `access_token`, `assertion` | the tokens themselves, and what clients prove themselves by |
//! | `view` | what each principal may read: the one place |
//! | [`administer`] | what the command line does: connections, tokens, accounts |
//! | [`exchanges`] | what provisioning clients asked for, kept for a while |
//! | [`oversee`] | what the operator oversees of connections: who is held, who is waited for |
//! | [`audit`] | the audit log, as people read it |
//! | [`report`] | what deserves a look |
//! | [`roles`] | roles as people see and change them, who has them and why, previews |
//! | [`secret`] | tokens and machine secrets, and how they are checked |
//! | [`sip`] | SIP secrets: made, taken, told |
//! | [`sealing`] | secrets that others must be told again, under keys of their own |
//! | `seal` | texts that clients keep for the server |
//! | [`password`] | people's passwords, hashed on a bounded pool |
//! | [`error`] | what can go wrong |
//! | `testing` | a gateway for tests |

mod access_token;
pub mod administer;
pub mod api_login;
pub mod api_token;
mod ask;
mod assertion;
pub mod audit;
pub mod authenticate;
mod beside;
pub mod bind;
mod certificate;
pub mod check;
pub mod client;
pub mod error;
pub mod exchanges;
pub mod gateway;
pub mod issue;
pub mod keys;
mod load;
mod lockout;
pub mod metrics;
mod names;
pub mod oversee;
pub mod password;
mod people;
mod planning;
mod proxy;
pub mod rate;
pub mod reader;
mod registrations;
mod rehearsal;
pub mod report;
pub mod roles;
mod seal;
pub mod sealing;
mod search;
pub mod secret;
pub mod session;
mod shown;
pub mod sip;
pub mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
mod view;
mod writer;

pub use bind::{Bind, Name, serves};
pub use client::ClientId;
pub use error::Error;
pub use exchanges::{Deeds, ExchangeQuery, Exchanges, Keeping};
pub use gateway::{Dependencies, Gateway, Options};
pub use issue::{Issued, Proof, TokenRequest};
pub use jackfield_access as access;
pub use jackfield_directory as directory;
pub use jackfield_directory::{
    Command, Container, Entry, Found, GROUP_KINDS, Located, Mark, Node, Note, Order, Precondition,
    Query, RoleCommand, Start, Stopped, ValueRef,
};
pub use lockout::{LockedAccount, Lockout};
pub use metrics::Metrics;
pub use rate::{Rate, Rates};
pub use reader::{Reader, Remembered};
pub use registrations::Registration;
pub use seal::Unsealed;
pub use sealing::SealKeys;
pub use search::Search;
pub use session::{Done, Session, Underway, Written};
pub use shown::Shown;
pub use sip::{SipAccount, SipSecret};
pub use tenant::Tenant;
