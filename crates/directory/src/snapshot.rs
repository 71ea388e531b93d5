//! One tenant in memory, at one revision.

mod apply;
mod by_hand;
mod indexes;
mod links;
mod namesakes;
mod pending;
mod prefetch;
mod role_book;

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jackfield_access::{Catalogue, Roles};
use jackfield_model::{
    Credential, Dn, EdgeKind, GrantSource, Id, Kind, OwnSchemas, Pending, Principal, Record,
    Registry, Revision, Settings, text,
};
use smol_str::SmolStr;

use crate::activity::LastUse;
use crate::edges::Edges;
use crate::hashed::{HashMap, Hashed};
use crate::mapping::Mappings;
use crate::numbers::Numbers;
use crate::pages::Pages;
use crate::tree::Container;
use crate::visits::visit;

pub use apply::ApplyError;
use indexes::Indexes;
pub use indexes::{Work, in_turn};
use links::Links;
use namesakes::Namesakes;
use pending::Expected;
pub use prefetch::Depth;
use role_book::RoleBook;

/// One tenant at one revision. Cloning shares everything; applying a change set to a clone leaves
/// the original as it was.
#[derive(Clone, Debug)]
pub struct Snapshot {
    revision: Revision,
    next_number: u32,
    settings: Arc<Settings>,
    mappings: Arc<Mappings>,
    schemas: Arc<OwnSchemas>,
    registry: Arc<Registry>,
    /// The ends of all names in the tree, see [`Container::texts`].
    branch_texts: Arc<[SmolStr; Container::ALL.len()]>,
    roles: Arc<Roles>,
    role_book: RoleBook,
    records: Pages<Slot>,
    by_id: Hashed,
    /// By kind and unique key.
    by_key: Hashed,
    namesakes: Namesakes,
    kinds: OrdMap<Kind, Numbers>,
    indexes: Indexes,
    members: Edges,
    extensions: Edges<bool>,
    desks: Edges<bool>,
    /// By role and user: who granted it.
    grants: Edges<Vec<GrantSource>>,
    /// By role and user: what grants come to for active users; the mark says it is the baseline.
    held: Edges<bool>,
    /// By user and role: grants that are kept for want of another holder.
    retained: OrdSet<(u32, u32)>,
    /// The active users who count against the licence.
    seated: Numbers,
    links: Links,
    expected: Expected,
    /// By connection: how many active users it owns.
    active_users: HashMap<Id, u32>,
    credentials: HashMap<Id, Arc<Credential>>,
    credentials_of: OrdSet<(Id, Id)>,
    last_use: Arc<LastUse>,
}

/// A record where the snapshot keeps it, with the key by which people's names are ordered.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) record: Arc<Record>,
    pub(crate) name_key: SmolStr,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self::empty()
    }
}

impl Snapshot {
    /// A tenant before its first change set.
    pub fn empty() -> Self {
        Self {
            revision: Revision(0),
            next_number: FIRST_NUMBER,
            settings: Arc::new(blank_settings()),
            mappings: Arc::default(),
            schemas: Arc::default(),
            registry: Registry::with(&OwnSchemas::default()),
            branch_texts: Arc::default(),
            roles: Arc::new(Roles::new(Arc::new(role_book::blank_catalogue()), [])),
            role_book: RoleBook::default(),
            records: Pages::default(),
            by_id: Hashed::default(),
            by_key: Hashed::default(),
            namesakes: Namesakes::default(),
            kinds: OrdMap::new(),
            indexes: Indexes::new(),
            members: Edges::default(),
            extensions: Edges::default(),
            desks: Edges::default(),
            grants: Edges::default(),
            held: Edges::default(),
            retained: OrdSet::new(),
            seated: Numbers::default(),
            links: Links::default(),
            expected: Expected::default(),
            active_users: HashMap::default(),
            credentials: HashMap::default(),
            credentials_of: OrdSet::new(),
            last_use: Arc::default(),
        }
    }

    /// The revision it is at.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Says that what was loaded is this revision, after which this number comes next. The indexes
    /// are filled by then, which is much work for a large tenant and is given to `share`.
    pub fn loaded(
        &mut self,
        revision: Revision,
        next_number: u32,
        share: impl FnOnce(Vec<Work<'_>>),
    ) {
        self.indexes.catch_up(share);
        self.revision = revision;
        self.next_number = self.next_number.max(next_number);
    }

    /// Says that what was changed makes the next revision.
    pub(crate) fn advance(&mut self) {
        self.revision = self.revision.next();
    }

    /// The number that the next record gets.
    pub fn next_number(&self) -> u32 {
        self.next_number
    }

    /// The tenant's settings.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The tenant's own schemas.
    pub fn schemas(&self) -> &Arc<OwnSchemas> {
        &self.schemas
    }

    /// The attributes that the tenant's records have.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Where the tenant's LDAP tree hangs.
    pub fn suffix(&self) -> &Dn {
        &self.settings.suffix
    }

    pub(crate) fn namesakes(&self) -> &Namesakes {
        &self.namesakes
    }

    /// What comes behind the RDN in the names of a branch's entries.
    pub(crate) fn branch_text(&self, branch: Container) -> &str {
        let text = self.branch_texts.get(branch as usize);
        text.map_or("", SmolStr::as_str)
    }

    /// The tenant's roles, resolved.
    pub fn roles(&self) -> &Arc<Roles> {
        &self.roles
    }

    /// The tenant's role system.
    pub fn catalogue(&self) -> &Catalogue {
        self.roles.catalogue()
    }

    /// How many records of this kind there are.
    pub fn len(&self, kind: Kind) -> usize {
        self.kinds.get(&kind).map_or(0, Numbers::len)
    }

    /// Whether nobody has put a user, group, extension or account in yet.
    pub fn is_unused(&self) -> bool {
        Kind::ALL
            .into_iter()
            .filter(|kind| *kind != Kind::Role)
            .all(|kind| self.len(kind) == 0)
    }

    /// The record with this id.
    pub fn record(&self, id: Id) -> Option<&Arc<Record>> {
        let mut found = self.by_id.find(&id).filter_map(|it| self.numbered(it));
        found.find(|record| record.id == id)
    }

    /// The record with this number.
    pub fn numbered(&self, number: u32) -> Option<&Arc<Record>> {
        self.slot(number).map(|slot| &slot.record)
    }

    /// The name of who acts, for the audit log; empty for those who have none.
    pub fn actor_name(&self, actor: Principal) -> String {
        let record = actor.record().and_then(|id| self.record(id));
        let name = record.and_then(|record| record.login());
        name.unwrap_or_default().to_owned()
    }

    /// The records of this kind, in the order in which they were made.
    pub fn all_of(&self, kind: Kind) -> impl Iterator<Item = &Arc<Record>> {
        self.of_kind(kind)
            .filter_map(|number| self.numbered(number))
    }

    /// The record of this kind with this unique key, already prepared
    /// ([`Record::unique_key`]).
    pub fn keyed(&self, kind: Kind, key: &str) -> Option<&Arc<Record>> {
        let found = self.by_key.find(&(kind, key));
        let mut found = found.filter_map(|number| self.numbered(number));
        found.find(|record| {
            let login = record.login().filter(|_| record.kind == kind);
            login.is_some_and(|login| text::eq_case_ignore(login, key))
        })
    }

    /// The role's record.
    pub fn role_record(&self, key: &str) -> Option<&Arc<Record>> {
        self.role_book
            .number(key)
            .and_then(|number| self.numbered(number))
    }

    /// The credential with this id.
    pub fn credential(&self, id: Id) -> Option<&Arc<Credential>> {
        self.credentials.get(&id)
    }

    /// The credentials of a principal.
    pub fn credentials_of(&self, principal: Id) -> impl Iterator<Item = &Arc<Credential>> {
        let (from, to) = (Id(uuid::Uuid::nil()), Id(uuid::Uuid::max()));
        self.credentials_of
            .range((principal, from)..=(principal, to))
            .filter_map(|(_, id)| self.credentials.get(id))
    }

    /// Every credential, each principal's together.
    pub fn credentials(&self) -> impl Iterator<Item = &Arc<Credential>> {
        let all = self.credentials_of.iter();
        all.filter_map(|(_, id)| self.credentials.get(id))
    }

    /// The roles that a user is seen to have, baseline included; none if inactive.
    pub fn roles_of(&self, user: &Record) -> impl Iterator<Item = &Arc<Record>> {
        self.held
            .onto(user.number.0)
            .filter_map(|role| self.numbered(role))
    }

    /// The one role that a user is seen to have, if it is one.
    pub(crate) fn only_role_of(&self, user: &Record) -> Option<&Arc<Record>> {
        let mut held = self.held.onto(user.number.0);
        let only = held.next().filter(|_| held.next().is_none())?;
        self.numbered(only)
    }

    /// The stored grants of a user: each role with the sources that gave it.
    pub fn grants_of(&self, user: &Record) -> impl Iterator<Item = (&Arc<Record>, &[GrantSource])> {
        let user = user.number.0;
        self.grants.onto(user).filter_map(move |role| {
            let sources = self.grants.get(role, user)?;
            Some((self.numbered(role)?, sources.as_slice()))
        })
    }

    /// The users to whom a role was granted, active or not, and those who have it as the baseline.
    pub fn grantees(&self, role: &Record) -> impl Iterator<Item = &Arc<Record>> {
        let role = role.number.0;
        let granted = self.grants.of(role).map(|(user, _)| user);
        let baseline = self.held.of(role).filter(|(_, is_baseline)| **is_baseline);
        granted
            .chain(baseline.map(|(user, _)| user))
            .filter_map(|user| self.numbered(user))
    }

    /// The active users who are seen to have a role.
    pub fn holders(&self, role: &Record) -> impl Iterator<Item = &Arc<Record>> {
        self.held
            .of(role.number.0)
            .filter_map(|(user, _)| self.numbered(user))
    }

    /// How many active users are seen to have a role.
    pub fn holder_count(&self, role: &Record) -> usize {
        self.held.count(role.number.0)
    }

    /// How many active users count against the licence.
    pub fn seats_taken(&self) -> usize {
        self.seated.len()
    }

    /// What an edge of this kind leads to, with whether it is the primary one.
    pub fn targets(&self, kind: EdgeKind, from: &Record) -> Vec<(&Arc<Record>, bool)> {
        let from = from.number.0;
        let found = |number: u32, primary: bool| Some((self.numbered(number)?, primary));
        match kind {
            EdgeKind::Member => self
                .members
                .of(from)
                .filter_map(|(to, ())| found(to, false))
                .collect(),
            EdgeKind::Extension => self
                .extensions
                .of(from)
                .filter_map(|(to, mark)| found(to, *mark))
                .collect(),
            EdgeKind::Desk => self
                .desks
                .of(from)
                .filter_map(|(to, mark)| found(to, *mark))
                .collect(),
        }
    }

    /// The users who have an extension or a desk, with whether it is their primary one.
    pub fn holders_of_place(&self, place: &Record) -> Vec<(&Arc<Record>, bool)> {
        match place.kind {
            Kind::Extension => self.targets(EdgeKind::Extension, place),
            Kind::Desk => self.targets(EdgeKind::Desk, place),
            _ => Vec::new(),
        }
    }

    /// What edges of this kind come from, with whether it is the primary one: the groups of a
    /// member, the extensions or desks of a user.
    pub fn origins(&self, kind: EdgeKind, to: &Record) -> Vec<(&Arc<Record>, bool)> {
        let to = to.number.0;
        let marked = |edges: &Edges<bool>, from: u32| {
            let primary = edges.get(from, to).copied().unwrap_or(false);
            Some((self.numbered(from)?, primary))
        };
        match kind {
            EdgeKind::Member => {
                let groups = self.members.onto(to);
                groups
                    .filter_map(|from| Some((self.numbered(from)?, false)))
                    .collect()
            }
            EdgeKind::Extension => {
                let all = self.extensions.onto(to);
                all.filter_map(|from| marked(&self.extensions, from))
                    .collect()
            }
            EdgeKind::Desk => {
                let all = self.desks.onto(to);
                all.filter_map(|from| marked(&self.desks, from)).collect()
            }
        }
    }

    /// When users and credentials were last used. All snapshots of the tenant share it, and a
    /// tenant that is loaded afresh is given the one it had.
    pub fn last_use(&self) -> &Arc<LastUse> {
        &self.last_use
    }

    /// Shares the record of last uses of an earlier snapshot.
    pub fn share_last_use(&mut self, last_use: Arc<LastUse>) {
        self.last_use = last_use;
    }

    /// The links of records to connections.
    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    /// The members that are not there yet, of all groups.
    pub fn pending(&self) -> impl Iterator<Item = &Pending> {
        self.expected.iter()
    }

    /// What a connection owns. It looks at all links.
    pub fn owned_by(&self, connection: Id) -> impl Iterator<Item = &Arc<Record>> {
        let linked = self.links.to(connection);
        linked
            .filter(move |id| self.links.owner(*id) == Some(connection))
            .filter_map(|id| self.record(id))
    }

    /// How many active users a connection owns.
    pub fn active_users_of(&self, connection: Id) -> u32 {
        self.active_users.get(&connection).copied().unwrap_or(0)
    }

    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    pub(crate) fn slot(&self, number: u32) -> Option<&Slot> {
        visit();
        self.records.get(place(number)?)
    }

    pub(crate) fn number_of(&self, id: Id) -> Option<u32> {
        self.record(id).map(|record| record.number.0)
    }

    /// The numbers of the records of a kind, ascending: in the order in which they were made.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = u32> {
        self.kinds.get(&kind).into_iter().flat_map(Numbers::iter)
    }

    /// As [`of_kind`](Self::of_kind), from a number on.
    pub(crate) fn of_kind_from(&self, kind: Kind, first: u32) -> impl Iterator<Item = u32> {
        let numbers = self.kinds.get(&kind).into_iter();
        numbers.flat_map(move |numbers| numbers.from(first))
    }

    /// How many records of this kind have a lesser number.
    pub(crate) fn rank(&self, kind: Kind, number: u32) -> usize {
        self.kinds
            .get(&kind)
            .map_or(0, |numbers| numbers.rank(number))
    }

    pub(crate) fn indexes(&self) -> &Indexes {
        &self.indexes
    }

    pub(crate) fn member_edges(&self) -> &Edges {
        &self.members
    }

    pub(crate) fn grant_edges(&self) -> &Edges<Vec<GrantSource>> {
        &self.grants
    }

    pub(crate) fn mappings(&self) -> &Arc<Mappings> {
        &self.mappings
    }

    /// By user and role: the grants that are kept for want of another holder.
    pub(crate) fn retained(&self) -> Vec<(u32, u32)> {
        self.retained.iter().copied().collect()
    }

    pub(crate) fn held_edges(&self) -> &Edges<bool> {
        &self.held
    }
}

/// Where the record with this number stands.
fn place(number: u32) -> Option<usize> {
    number
        .checked_sub(FIRST_NUMBER)
        .and_then(|place| usize::try_from(place).ok())
}

/// Numbers start here: below are those that operating systems use for their own accounts, should
/// a view publish them as `uidNumber`.
const FIRST_NUMBER: u32 = 10_000;

fn blank_settings() -> Settings {
    Settings {
        suspended: true,
        ..Settings::default()
    }
}
