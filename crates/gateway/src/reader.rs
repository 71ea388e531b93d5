//! One snapshot seen through one access view, for the length of one operation.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Weak};

use jackfield_access::{Denial, Instead, Role};
use jackfield_directory::entry::Entry;
use jackfield_directory::snapshot::Depth;
use jackfield_directory::{
    AccessView, Explained, Found, Located, Mark, Node, Order, Query, Snapshot, Start, Stopped,
};
use jackfield_model::{
    DialFormat, Dn, Filter, Id, Kind, KindSet, Registry, Revision, Settings, TenantId, Timestamp,
    Truth, ViewSet,
};

use crate::error::Error;
use crate::registrations::Registered;
use crate::sip::SipSecrets;

/// What one principal sees of a tenant at one revision.
#[derive(Clone)]
pub struct Reader {
    snapshot: Arc<Snapshot>,
    terms: Arc<Terms>,
}

/// On what terms a principal reads, and how it is shown what it reads.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) tenant: TenantId,
    pub(crate) view: AccessView,
    pub(crate) dial: DialFormat,
    /// When the login ends that they are for, if that is known.
    pub(crate) until: Option<Timestamp>,
    pub(crate) registered: Option<Registered>,
    pub(crate) sip: Option<SipSecrets>,
}

/// A reader that is kept for the next operation, without what it reads.
pub struct Remembered {
    snapshot: Weak<Snapshot>,
    terms: Arc<Terms>,
}

impl Reader {
    pub(crate) fn new(snapshot: Arc<Snapshot>, terms: Terms) -> Self {
        Self {
            snapshot,
            terms: Arc::new(terms),
        }
    }

    /// Keeps the reader for later, see [`Session::recall`](crate::Session::recall). A state of the
    /// tenant that is over is not kept alive by it.
    pub fn remember(&self) -> Remembered {
        Remembered {
            snapshot: Arc::downgrade(&self.snapshot),
            terms: Arc::clone(&self.terms),
        }
    }

    /// The reader that was kept, for an operation at this moment; `None` if this is not what it
    /// read, or the login has ended.
    pub(crate) fn recalled(
        kept: &Remembered,
        snapshot: Arc<Snapshot>,
        now: Timestamp,
    ) -> Option<Self> {
        let is_same = Arc::as_ptr(&snapshot) == kept.snapshot.as_ptr();
        let is_good = is_same && kept.terms.until.is_none_or(|until| now < until);
        if !is_good {
            return None;
        }
        let mut terms = Arc::clone(&kept.terms);
        if terms.registered.is_some()
            && let Some(registered) = &mut Arc::make_mut(&mut terms).registered
        {
            registered.now = now;
        }
        Some(Self { snapshot, terms })
    }

    /// As much of another state of the tenant.
    pub(crate) fn of(&self, snapshot: Arc<Snapshot>) -> Self {
        Self {
            snapshot,
            terms: Arc::clone(&self.terms),
        }
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(crate) fn terms_mut(&mut self) -> &mut Terms {
        Arc::make_mut(&mut self.terms)
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.terms.tenant
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
        self.terms.view.views
    }

    /// A number as the principal dials it; `None` for one that is too long to be dialled.
    pub fn dialled<'w>(&self, written: &'w str) -> Option<Cow<'w, str>> {
        self.settings().numbering.dialled(written, &self.terms.dial)
    }

    /// The digits that the principal is shown before what is no extension; none for most.
    pub fn outside_line(&self) -> &str {
        self.terms.dial.outside()
    }

    /// Refuses who may not know of records of this kind.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require(&self, kind: Kind) -> Result<(), Error> {
        if self.terms.view.kinds.contains(kind) {
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

    /// How many records of this kind there are, those too that the principal does not see: to look
    /// at each would be dear.
    pub fn count(&self, kind: Kind) -> usize {
        self.snapshot.len(kind)
    }

    /// The name of anything in the tree that [`locate`](Self::locate) gave.
    pub fn node_dn(&self, node: &Node) -> String {
        self.snapshot.node_dn(node)
    }

    /// The record with this id, if the principal may know of it.
    pub fn entry(&self, id: Id) -> Option<Entry<'_>> {
        self.snapshot
            .record(id)
            .filter(|record| self.terms.view.sees(record))
            .map(|record| Entry::new(&self.snapshot, &self.terms.view, record))
    }

    /// The record with this number, if the principal may know of it.
    pub fn by_number(&self, number: u32) -> Option<Entry<'_>> {
        self.snapshot
            .numbered(number)
            .filter(|record| self.terms.view.sees(record))
            .map(|record| Entry::new(&self.snapshot, &self.terms.view, record))
    }

    /// Searches.
    ///
    /// # Errors
    /// [`Stopped`] if the query's `stop` said so.
    pub fn search(&self, query: &Query<'_>) -> Result<Found, Stopped> {
        self.snapshot.search(&self.terms.view, query)
    }

    /// Where a record stands in an order.
    pub fn mark(&self, order: Order, number: u32) -> Mark {
        self.snapshot.mark(&self.terms.view, order, number)
    }

    /// As [`search`](Self::search), if it has no more than `most` records to look at: `None`
    /// otherwise, at once. A search of many belongs on a blocking thread.
    ///
    /// # Errors
    /// As `search`.
    pub fn search_among(&self, query: &Query<'_>, most: usize) -> Result<Option<Found>, Stopped> {
        self.snapshot.search_among(&self.terms.view, query, most)
    }

    /// How [`search`](Self::search) goes about a query.
    pub fn explain(&self, query: &Query<'_>) -> Explained {
        self.snapshot.explain(&self.terms.view, query)
    }

    /// What a filter is of one record, if the principal may know of it.
    pub fn truth(&self, filter: &Filter, id: Id) -> Option<Truth> {
        self.snapshot.truth(&self.terms.view, filter, id)
    }

    /// Each role of the role system, with how many active users have it, in the order of the keys.
    pub fn roles(&self) -> impl Iterator<Item = (&Role, usize)> {
        let all = self.snapshot.roles().iter();
        let holders = |role: &Role| {
            let record = self.snapshot.role_record(role.key().as_str());
            record.map_or(0, |record| self.snapshot.holder_count(record))
        };
        all.filter(|_| self.terms.view.kinds.contains(Kind::Role))
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
            Node::Permission(_) => !self.terms.view.permissions,
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

    /// Every record of these kinds that the principal sees, in the order in which they were made.
    pub fn every(&self, kinds: KindSet) -> impl Iterator<Item = Entry<'_>> {
        let query = Query {
            kinds,
            only: None,
            filter: &Filter::Const(Truth::True),
            order: Order::Number,
            start: Start::FIRST,
            limit: usize::MAX,
            count: false,
            stop: &|| false,
        };
        let found = self.search(&query).map(|found| found.numbers);
        let numbers = found.unwrap_or_default().into_iter();
        numbers.filter_map(|number| self.by_number(number))
    }

    /// Brings the records with these numbers, which are about to be written, near.
    pub fn prefetch(&self, numbers: &[u32]) {
        self.snapshot.prefetch(numbers, Depth::Values);
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
        self.terms.view.kinds
    }

    /// Whether the principal sees the computed groups, one for each permission.
    pub fn sees_permissions(&self) -> bool {
        self.terms.view.permissions
    }

    /// Every permission of the role system, if the principal may see them.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        let all = self.snapshot.roles().permissions().iter();
        all.filter(|_| self.terms.view.permissions)
            .map(jackfield_access::Permission::as_str)
    }

    /// Gives each user who has a permission.
    pub fn permission_holders(&self, permission: &str, each: &mut dyn FnMut(Entry<'_>)) {
        if self.terms.view.permissions {
            for user in self.snapshot.permission_holders(permission) {
                if self.terms.view.sees(user) {
                    each(Entry::new(&self.snapshot, &self.terms.view, user));
                }
            }
        }
    }
}
