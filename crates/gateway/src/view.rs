//! What each principal may read: the one place where it is said.

use std::net::IpAddr;

use jackfield_access::{ApiScope, ApiScopes};
use jackfield_directory::view::{AccessView, AttrSet, oneself, phone_book};
use jackfield_directory::{Container, Snapshot};
use jackfield_model::schema::attr;
use jackfield_model::{
    DialFormat, Kind, KindSet, Principal, Record, Registry, Settings, Value, View, ViewSet,
};

use crate::error::Error;

const PHONE_BOOK: KindSet = KindSet::of(&[Kind::User, Kind::Contact, Kind::Extension]);
const COLLEAGUES: KindSet = KindSet::of(&[
    Kind::User,
    Kind::Contact,
    Kind::Extension,
    Kind::Group,
    Kind::Role,
    Kind::Desk,
]);

/// The scope of a service account that reads the whole tenant, permission groups too.
pub(crate) const ALL: &str = "all";

const PERMISSIONS: &str = "permissions";

/// What the principal may read now; `token` is what the token of the HTTP API is for, by which it
/// came, and `from` is from where.
///
/// # Errors
/// [`Error::LoginRequired`] for nobody in particular, unless the tenant lets them read its phone
/// book; [`Error::InvalidCredentials`] for a principal that is no longer there or active.
pub(crate) fn resolve(
    snapshot: &Snapshot,
    principal: Principal,
    token: Option<ApiScopes>,
    from: Option<IpAddr>,
) -> Result<AccessView, Error> {
    let record = admitted(snapshot, principal)?;
    let view = |kinds, attributes, own, permissions| AccessView {
        principal,
        kinds,
        attributes,
        own,
        permissions,
        baseline: true,
        views: views(snapshot, principal),
    };
    let registry = snapshot.registry();
    match (principal, record) {
        (Principal::System | Principal::Config | Principal::Operator, _) => {
            Ok(AccessView::everything(principal))
        }
        (Principal::Connection(_), _) => Ok(AccessView::everything(principal)),
        (Principal::Person(_), Some(person)) => {
            let sees_users = &snapshot.catalogue().needs.view_user;
            let attributes = match snapshot.effective_of(person).allows(sees_users) {
                true => AttrSet::ALL,
                false => phone_book(registry),
            };
            let kinds = token.map_or(COLLEAGUES, |scopes| {
                COLLEAGUES.intersection(readable(scopes))
            });
            Ok(view(kinds, attributes, oneself(registry), false))
        }
        (Principal::Service(_), Some(_)) if let Some(scopes) = token => {
            let permissions = scopes.contains(ApiScope::UsersRead);
            let all = AttrSet::ALL;
            Ok(view(readable(scopes), all, all, permissions))
        }
        (Principal::Service(_), Some(service)) => {
            let kinds = branches(service);
            let permissions = has_scope(service, ALL) || has_scope(service, PERMISSIONS);
            let set = read_by(registry, service, AttrSet::ALL);
            Ok(view(kinds, set, set, permissions))
        }
        (Principal::Device(_), Some(device)) => {
            let set = read_by(registry, device, phone_book(registry));
            let kinds = match device.attributes.values(attr::SCOPES) {
                [] => PHONE_BOOK,
                _ => PHONE_BOOK.intersection(branches(device)),
            };
            Ok(view(kinds, set, set, false))
        }
        (Principal::Anonymous, _) if is_open(snapshot.settings(), from) => {
            Ok(view(PHONE_BOOK, phone_book(registry), AttrSet::NONE, false))
        }
        (Principal::Anonymous, _) => Err(Error::LoginRequired),
        (Principal::Person(_) | Principal::Service(_) | Principal::Device(_), None) => {
            Err(Error::InvalidCredentials)
        }
    }
}

/// The record of the principal, if it has one and may do anything at all now.
///
/// # Errors
/// [`Error::InvalidCredentials`] for one that is no longer there or active.
pub(crate) fn admitted(
    snapshot: &Snapshot,
    principal: Principal,
) -> Result<Option<&Record>, Error> {
    if snapshot.settings().suspended && !is_program(principal) {
        return Err(Error::InvalidCredentials);
    }
    let Some(id) = principal.record() else {
        return Ok(None);
    };
    let record = snapshot.record(id).filter(|record| record.is_active());
    record
        .map(|record| Some(&**record))
        .ok_or(Error::InvalidCredentials)
}

/// How numbers are shown to the principal, which dials them.
pub(crate) fn dialling(snapshot: &Snapshot, principal: Principal) -> DialFormat {
    let own = |account: &Record| account.attributes.text(attr::DIALS)?.parse().ok();
    match principal {
        Principal::Anonymous => snapshot.settings().dial.clone(),
        Principal::Device(id) => {
            let own = snapshot.record(id).and_then(|device| own(device));
            own.unwrap_or_else(|| snapshot.settings().dial.clone())
        }
        Principal::Service(id) => {
            let own = snapshot.record(id).and_then(|service| own(service));
            own.unwrap_or_default()
        }
        // Who edits a number must see it as it is written.
        _ => DialFormat::Written,
    }
}

/// Whether a service account or device was given this scope.
pub(crate) fn has_scope(account: &Record, scope: &str) -> bool {
    let scopes = account.attributes.values(attr::SCOPES).iter();
    scopes.filter_map(Value::as_str).any(|own| own == scope)
}

/// The kinds of record in the branches that an account was given.
fn branches(account: &Record) -> KindSet {
    if has_scope(account, ALL) {
        return KindSet::ALL;
    }
    let all = Container::ALL.into_iter();
    all.filter(|container| has_scope(account, container.ou()))
        .fold(KindSet::NONE, |all, container| all.union(container.kinds()))
}

/// What an account reads: what was named for it, as far as it may.
fn read_by(registry: &Registry, account: &Record, all: AttrSet) -> AttrSet {
    let named = account.attributes.values(attr::READS).iter();
    let mut named = named.filter_map(Value::as_str).peekable();
    match named.peek() {
        None => all,
        Some(_) => AttrSet::named(registry, named).intersection(&all),
    }
}

/// Whether anybody may read the phone book from there.
fn is_open(settings: &Settings, from: Option<IpAddr>) -> bool {
    let from = from.map(|from| from.to_canonical());
    settings.anonymous_phone_book
        || from.is_some_and(|from| {
            let networks = settings.anonymous_networks.iter();
            networks.into_iter().any(|network| network.contains(&from))
        })
}

/// The kinds of record that a token lets its holder read.
fn readable(scopes: ApiScopes) -> KindSet {
    const READABLE: [(ApiScope, KindSet); 4] = [
        // With what stands in a user: groups, roles, extensions, desks.
        (ApiScope::UsersRead, COLLEAGUES),
        (ApiScope::RolesRead, KindSet::of(&[Kind::Role])),
        (
            ApiScope::DirectoryRead,
            KindSet::of(&[Kind::Group, Kind::Extension, Kind::Desk, Kind::Contact]),
        ),
        (
            ApiScope::AccountsRead,
            KindSet::of(&[Kind::Service, Kind::Device, Kind::Connection]),
        ),
    ];
    let named = READABLE.iter().filter(|(scope, _)| scopes.contains(*scope));
    named.fold(KindSet::NONE, |all, (_, kinds)| all.union(*kinds))
}

/// What a service account or device has for views of its own that are none.
pub(crate) const NO_VIEWS: &str = "none";

/// Under which names LDAP shows the principal what it may read: a service account's or device's
/// own views, else the tenant's.
pub(crate) fn views(snapshot: &Snapshot, principal: Principal) -> ViewSet {
    let (Principal::Service(id) | Principal::Device(id)) = principal else {
        return snapshot.settings().views;
    };
    let own = snapshot
        .record(id)
        .map_or(&[][..], |record| record.attributes.values(attr::VIEWS));
    match own {
        [] => snapshot.settings().views,
        own => {
            let names = own.iter().filter_map(Value::as_str);
            names.filter_map(View::from_name).collect()
        }
    }
}

fn is_program(principal: Principal) -> bool {
    matches!(
        principal,
        Principal::System | Principal::Config | Principal::Operator
    )
}
