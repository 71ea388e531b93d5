//! What each principal may read: the one place where it is said.

use jackfield_access::{ApiScope, ApiScopes};
use jackfield_directory::view::{AccessView, AttrSet, oneself, phone_book};
use jackfield_directory::{Container, Snapshot};
use jackfield_model::schema::attr;
use jackfield_model::{Kind, KindSet, Principal, Value, View, ViewSet};

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

/// What the principal may read now; `token` is what the token of the HTTP API is for, by which it
/// came.
///
/// # Errors
/// [`Error::LoginRequired`] for nobody in particular, unless the tenant lets them read its phone
/// book; [`Error::InvalidCredentials`] for a principal that is no longer there or active.
pub(crate) fn resolve(
    snapshot: &Snapshot,
    principal: Principal,
    token: Option<ApiScopes>,
) -> Result<AccessView, Error> {
    if snapshot.settings().suspended && !is_program(principal) {
        return Err(Error::InvalidCredentials);
    }
    let record = match principal.record() {
        None => None,
        Some(id) => Some(
            snapshot
                .record(id)
                .filter(|record| record.is_active())
                .ok_or(Error::InvalidCredentials)?,
        ),
    };
    let view = |kinds, attributes, own, permissions| AccessView {
        principal,
        kinds,
        attributes,
        own,
        permissions,
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
            let scopes = service.attributes.values(attr::SCOPES);
            let has = |scope: &str| {
                scopes
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|own| own == scope)
            };
            let named = Container::ALL
                .into_iter()
                .filter(|container| has(container.ou()));
            let kinds = match has(ALL) {
                true => KindSet::ALL,
                false => named.fold(KindSet::NONE, |all, container| all.union(container.kinds())),
            };
            let permissions = has(ALL) || has(Container::Permissions.ou());
            Ok(view(kinds, AttrSet::ALL, AttrSet::ALL, permissions))
        }
        (Principal::Device(_), _) => {
            let set = phone_book(registry);
            Ok(view(PHONE_BOOK, set, set, false))
        }
        (Principal::Anonymous, _) if snapshot.settings().anonymous_phone_book => {
            Ok(view(PHONE_BOOK, phone_book(registry), AttrSet::NONE, false))
        }
        (Principal::Anonymous, _) => Err(Error::LoginRequired),
        (Principal::Person(_) | Principal::Service(_), None) => Err(Error::InvalidCredentials),
    }
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
