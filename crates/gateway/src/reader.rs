//! One snapshot seen through one access view, for the length of one operation.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use jackfield_access::{Denial, Instead, Role};
use jackfield_directory::entry::Entry;
use jackfield_directory::{
    AccessView, Explained, Found, Located, Mark, Node, Order, Query, Snapshot, Stopped,
};
use jackfield_model::{
    DialFormat, Dn, Filter, Id, Kind, KindSet, Registry, Revision, Settings, TenantId, Truth,
    ViewSet,
};

use crate::error::Error;
use crate::registrations::Registered;
use crate::sip::SipSecrets;

/// What one principal sees of a tenant at one revision.
#[derive(Clone)]
pub struct Reader {
    tenant: TenantId,
    snapshot: Arc<Snapshot>,
    view: AccessView,
    dial: DialFormat,
    pub(crate) registered: Option<Registered>,
    pub(crate) sip: Option<SipSecrets>,
}

impl Reader {
    pub(crate) fn new(
        tenant: TenantId,
        snapshot: Arc<Snapshot>,
        view: AccessView,
        dial: DialFormat,
        registered: Option<Registered>,
    ) -> Self {
        Self {
            tenant,
            snapshot,
            view,
            dial,
            registered,
            sip: None,
        }
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// At which revision of the tenant it reads.
    pub fn revision(&self) -> Revision {
        self.snapshot.revision()
    }

    /// The tenant's settings.
    pub fn settings(&self) -> &Settings {
        self.snapshot.settings()
    }

    /// The attributes that the tenant's records have.
    pub fn registry(&self) -> &Arc<Registry> {
        self.snapshot.registry()
    }

    /// The names under which LDAP shows the principal what it may read, beside those of the
    /// standards.
    pub fn views(&self) -> ViewSet {
        self.view.views
    }

    /// A number as the principal dials it; `None` for one that is too long to be dialled.
    pub fn dialled<'w>(&self, written: &'w str) -> Option<Cow<'w, str>> {
        self.settings().numbering.dialled(written, &self.dial)
    }

    /// Refuses who may not know of records of this kind.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, kind: Kind) -> Result<(), Error> {
        if self.view.kinds.contains(kind) {
            return Ok(());
        }
        let denial = Denial {
            rule: "operator_only",
            why: format!(
                "What there is of the kind {} is not for you to see.",
                kind.name()
            ),
            instead: Instead::Operator,
        };
        Err(Error::Forbidden(denial))
    }

    /// Whether there are records of this kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.snapshot.len(kind) > 0
    }

    /// The name of anything in the tree that [`locate`](Self::locate) gave.
    pub fn node_dn(&self, node: &Node) -> String {
        self.snapshot.node_dn(node)
    }

    /// The record with this id, if the principal may know of it.
    pub fn entry(&self, id: Id) -> Option<Entry<'_>> {
        self.snapshot
            .record(id)
            .filter(|record| self.view.sees(record))
            .map(|record| Entry::new(&self.snapshot, &self.view, record))
    }

    /// The record with this number, if the principal may know of it.
    pub fn by_number(&self, number: u32) -> Option<Entry<'_>> {
        self.snapshot
            .numbered(number)
            .filter(|record| self.view.sees(record))
            .map(|record| Entry::new(&self.snapshot, &self.view, record))
    }

    /// Searches.
    ///
    /// # Errors
    /// [`Stopped`] if the query's `stop` said so.
    pub fn search(&self, query: &Query<'_>) -> Result<Found, Stopped> {
        self.snapshot.search(&self.view, query)
    }

    /// Where a record stands in an order.
    pub fn mark(&self, order: Order, number: u32) -> Mark {
        self.snapshot.mark(&self.view, order, number)
    }

    /// How many candidates a search looks at. A search of many belongs on a blocking thread.
    pub fn cost(&self, query: &Query<'_>) -> usize {
        self.snapshot.cost(&self.view, query)
    }

    /// How [`search`](Self::search) goes about a query.
    pub fn explain(&self, query: &Query<'_>) -> Explained {
        self.snapshot.explain(&self.view, query)
    }

    /// What a filter is of one record, if the principal may know of it.
    pub fn truth(&self, filter: &Filter, id: Id) -> Option<Truth> {
        self.snapshot.truth(&self.view, filter, id)
    }

    /// Each role of the role system, with how many active users have it, in the order of the keys.
    pub fn roles(&self) -> impl Iterator<Item = (&Role, usize)> {
        let all = self.snapshot.roles().iter();
        let holders = |role: &Role| {
            let record = self.snapshot.role_record(role.key().as_str());
            record.map_or(0, |record| self.snapshot.holder_count(record))
        };
        all.filter(|_| self.view.kinds.contains(Kind::Role))
            .map(move |role| (role, holders(role)))
    }

    /// The title of the role with this key, and whether it is a custom one.
    pub fn role(&self, key: &str) -> Option<(&str, bool)> {
        let role = self.snapshot.roles().get(key)?;
        Some((role.title(), role.is_custom()))
    }

    /// Whether the user's password is one to be changed at the next login.
    pub fn must_change_password(&self, user: Id) -> bool {
        let mut credentials = self.snapshot.credentials_of(user);
        credentials.any(|credential| credential.must_change)
    }

    /// Whether active users with this role count against the licence.
    pub fn takes_seat(&self, role: &Role) -> bool {
        let seats = &self.snapshot.catalogue().holding.seats;
        seats.contains(role.key())
    }

    /// What a name in the tree means to the principal.
    pub fn locate(&self, dn: &Dn) -> Located {
        let located = self.snapshot.locate(dn);
        let (Located::Found(node) | Located::Missing { matched: node }) = &located else {
            return located;
        };
        let is_hidden = match node {
            Node::Record(id) => self.entry(*id).is_none(),
            Node::Permission(_) => !self.view.permissions,
            Node::Suffix | Node::Container(_) => false,
        };
        match (is_hidden, dn.parent()) {
            (true, Some(parent)) => match self.locate(&parent) {
                Located::Found(matched) | Located::Missing { matched } => {
                    Located::Missing { matched }
                }
                Located::Outside => Located::Outside,
            },
            _ => located,
        }
    }

    /// The entry's name in the tree.
    pub fn dn(&self, entry: Entry<'_>) -> String {
        self.snapshot.dn(entry.record())
    }

    /// Writes the entry's name in the tree.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_dn(&self, entry: Entry<'_>, out: &mut impl fmt::Write) -> fmt::Result {
        self.snapshot.write_dn(entry.record(), out)
    }

    /// The kinds of record that the principal may know of, beside its own record.
    pub fn sees_kinds(&self) -> KindSet {
        self.view.kinds
    }

    /// Whether the principal sees the computed groups, one for each permission.
    pub fn sees_permissions(&self) -> bool {
        self.view.permissions
    }

    /// Every permission of the role system, if the principal may see them.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        let all = self.snapshot.roles().permissions().iter();
        all.filter(|_| self.view.permissions)
            .map(jackfield_access::Permission::as_str)
    }

    /// Gives each user who has a permission.
    pub fn permission_holders(&self, permission: &str, each: &mut dyn FnMut(Entry<'_>)) {
        if self.view.permissions {
            for user in self.snapshot.permission_holders(permission) {
                if self.view.sees(user) {
                    each(Entry::new(&self.snapshot, &self.view, user));
                }
            }
        }
    }
}
