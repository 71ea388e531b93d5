//! A tenant for tests: commands are planned and applied as the writer of a node does it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jackfield_access::{Catalogue, Mandate, RoleDef, RoleKey};
use jackfield_directory::plan::{Declaration, Done, plan, together};
use jackfield_directory::{
    AccessView, Command, Context, Entry, Note, Order, Precondition, Query, Refusal, Snapshot, Start,
};
use jackfield_model::path::{PatchKind, PatchOp, Path};
use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, ChangeSet, Dn, ExtensionRange, Filter, GrantSource, Id, IdSource, Kind,
    KindSet, Numbering, Origin, OwnSchemas, Principal, Record, Registry, Settings, Timestamp,
    Value, Verifier,
};
use uuid::Uuid;

/// The role system with Owner, PBX Admin, PBX User (the baseline) and Reporter, of which each user
/// has one; the Owner must keep a holder.
pub(crate) const OPBX: &str = include_str!("../../../../config/catalogues/opbx.toml");

/// Tenant Admin (must keep a holder) or Tenant User (the baseline), and one custom role.
pub(crate) const TENANT: &str = include_str!("../../../../config/catalogues/tenant.toml");

/// Any number of built-in and custom roles a user; the administrator must keep a holder.
pub(crate) const PBX_STATS: &str = include_str!("../../../../config/catalogues/pbx-stats.toml");

/// One default role a user (Agent is the baseline), or one custom role in its place.
pub(crate) const PBX_IM: &str = include_str!("../../../../config/catalogues/pbx-im.toml");

/// 2026-11-22T00:00:00Z.
const START: i64 = 1_795_305_600_000_000;

/// A tenant, with all change sets that made it.
pub(crate) struct World {
    /// As it is now.
    pub(crate) now: Snapshot,
    /// What made it so, from nothing.
    pub(crate) sets: Vec<ChangeSet>,
    /// What the credential of whoever acts may be used for.
    pub(crate) mandate: Mandate,
    ids: Counter,
    seconds: i64,
}

/// Ids in order.
#[derive(Default)]
struct Counter(AtomicU64);

impl IdSource for Counter {
    fn id(&self) -> Uuid {
        let next = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u64_pair(0x0193_0000_0000_7000, 1 << 63 | next)
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) id: Option<Id>,
    pub(crate) changed: bool,
}

impl World {
    /// A tenant with this role system.
    pub(crate) fn new(catalogue: &str) -> Self {
        let mut world = Self {
            now: Snapshot::empty(),
            sets: Vec::new(),
            mandate: Mandate::default(),
            ids: Counter::default(),
            seconds: 0,
        };
        let declared = declaration(catalogue, &[]);
        world.must(Principal::Config, Command::Declare(Box::new(declared)));
        world
    }

    /// Puts so many nameless contacts in, at no time. Among them, what an index narrows down is
    /// worth its while, so that searches go by the indexes.
    pub(crate) fn crowd(&mut self, how_many: usize) {
        let seconds = self.seconds;
        for _ in 0..how_many {
            self.create(Principal::Operator, Kind::Contact, Attributes::new());
        }
        self.seconds = seconds;
    }

    /// Another one that is as this one is.
    pub(crate) fn fork(&self) -> Self {
        Self {
            now: self.now.clone(),
            sets: self.sets.clone(),
            mandate: self.mandate.clone(),
            ids: Counter(AtomicU64::new(self.ids.0.load(Ordering::Relaxed))),
            seconds: self.seconds,
        }
    }

    /// Does a command, as the writer does: a refused one leaves everything as it was.
    pub(crate) fn run(&mut self, actor: Principal, command: Command) -> Result<Outcome, Refusal> {
        self.run_with(actor, &command, None)
    }

    /// As [`run`](Self::run), with a password that came along.
    pub(crate) fn run_with(
        &mut self,
        actor: Principal,
        command: &Command,
        password: Option<&Verifier>,
    ) -> Result<Outcome, Refusal> {
        self.seconds += 1;
        let origin = Origin::local("scim");
        let ctx = Context {
            password,
            ..self.context(actor, &origin)
        };
        let planned = plan(&self.now, &ctx, command).map_err(|it| it.refusal)?;
        let changed = planned.set.is_some();
        self.sets.extend(planned.set);
        self.now = planned.snapshot;
        Ok(Outcome {
            id: planned.id,
            changed,
        })
    }

    /// What comes next is done at the same time as what was done last.
    pub(crate) fn turn_back(&mut self) {
        self.seconds -= 1;
    }

    /// Does commands together, as the writer does; `None` if they must be done one by one, and
    /// nothing is done then.
    pub(crate) fn run_together(
        &mut self,
        actor: Principal,
        commands: &[Command],
    ) -> Option<Vec<Result<Done, Refusal>>> {
        self.seconds += 1;
        let origin = Origin::local("scim");
        let ctx = self.context(actor, &origin);
        let commands = commands.iter().map(|command| (command, None));
        let planned = together(&self.now, &ctx, commands)?;
        self.sets.extend(planned.set);
        self.now = planned.snapshot;
        let outcomes = planned.outcomes.into_iter();
        Some(
            outcomes
                .map(|it| it.map_err(|refused| refused.refusal))
                .collect(),
        )
    }

    /// What a command would do otherwise than asked.
    pub(crate) fn notes(&self, actor: Principal, command: &Command) -> Vec<Note> {
        let origin = Origin::local("scim");
        let ctx = self.context(actor, &origin);
        plan(&self.now, &ctx, command).expect("no refusal").notes
    }

    /// What goes with a command of this actor now.
    fn context<'c>(&'c self, actor: Principal, origin: &'c Origin) -> Context<'c> {
        Context {
            actor,
            mandate: &self.mandate,
            origin,
            now: Timestamp(START).plus_seconds(self.seconds),
            ids: &self.ids,
            password: None,
        }
    }

    /// Does a command that nothing stands in the way of.
    #[track_caller]
    pub(crate) fn must(&mut self, actor: Principal, command: Command) -> Outcome {
        let shown = format!("{command:?}");
        self.run(actor, command)
            .unwrap_or_else(|refusal| panic!("{refusal}: {shown}"))
    }

    /// Makes a record.
    #[track_caller]
    pub(crate) fn create(&mut self, actor: Principal, kind: Kind, attributes: Attributes) -> Id {
        let made = self.must(actor, Command::Create { kind, attributes });
        made.id.expect("an id")
    }

    /// Makes a user, by the operator, with these roles.
    #[track_caller]
    pub(crate) fn user(&mut self, name: &str, roles: &[&str]) -> Id {
        self.user_by(Principal::Operator, name, roles)
    }

    /// Makes a user with these roles.
    #[track_caller]
    pub(crate) fn user_by(&mut self, actor: Principal, name: &str, roles: &[&str]) -> Id {
        self.create(actor, Kind::User, with_roles(named(name), roles))
    }

    /// Makes a group.
    #[track_caller]
    pub(crate) fn group(&mut self, actor: Principal, name: &str, members: &[Id]) -> Id {
        let bag = Attributes::new().with(attr::DISPLAY_NAME, name);
        self.create(actor, Kind::Group, with_members(bag, members))
    }

    /// Makes a connection whose ceiling is this: `full`, a role's key, or nothing.
    #[track_caller]
    pub(crate) fn connection(&mut self, name: &str, ceiling: &str) -> Principal {
        let bag = Attributes::new()
            .with(attr::LOGIN, name)
            .with(attr::CEILING, ceiling);
        let id = self.create(Principal::Operator, Kind::Connection, bag);
        Principal::Connection(id)
    }

    /// The record with this id.
    #[track_caller]
    pub(crate) fn record(&self, id: Id) -> &Record {
        self.now.record(id).expect("a record")
    }

    /// The record of a role.
    #[track_caller]
    pub(crate) fn role(&self, key: &str) -> Id {
        self.now.role_record(key).expect("a role").id
    }

    /// The keys of the roles that a user is seen to have.
    pub(crate) fn roles_of(&self, user: Id) -> Vec<String> {
        let roles = self.now.roles_of(self.record(user));
        let mut keys: Vec<String> = roles.filter_map(|r| r.login().map(str::to_owned)).collect();
        keys.sort_unstable();
        keys
    }

    /// Each grant of a user, as `role by source`.
    pub(crate) fn grants_of(&self, user: Id) -> Vec<String> {
        let mut all = Vec::new();
        for (role, sources) in self.now.grants_of(self.record(user)) {
            for source in sources {
                let source = match source {
                    GrantSource::Connection(id) => self.record(*id).login().unwrap_or("?"),
                    GrantSource::Operator => "operator",
                    GrantSource::Config => "config",
                    GrantSource::Person(_) => "person",
                    GrantSource::Mapping(_) => "mapping",
                    GrantSource::Retained(_) => "retained",
                };
                all.push(format!("{} by {source}", role.login().unwrap_or("?")));
            }
        }
        all.sort_unstable();
        all
    }

    /// The names of those whom the role's group shows as members.
    pub(crate) fn grantees(&self, role: &str) -> Vec<String> {
        names(self.now.grantees(self.record(self.role(role))))
    }

    /// The names of those who hold the role now.
    pub(crate) fn holders(&self, role: &str) -> Vec<String> {
        names(self.now.holders(self.record(self.role(role))))
    }

    /// The names of a group's members.
    pub(crate) fn members(&self, group: Id) -> Vec<String> {
        let targets = self
            .now
            .targets(jackfield_model::EdgeKind::Member, self.record(group));
        names(targets.into_iter().map(|(record, _)| record))
    }

    /// The values of an attribute as a principal that may read everything sees them.
    pub(crate) fn values(&self, reader: Principal, id: Id, attr: AttrId) -> Vec<Value> {
        let view = AccessView::everything(reader);
        let record = self.now.record(id).expect("a record");
        Entry::new(&self.now, &view, record)
            .attribute(attr)
            .into_owned()
    }
}

/// Searches a snapshot, among all records or for one.
pub(crate) fn search(
    snapshot: &Snapshot,
    view: &AccessView,
    kinds: KindSet,
    filter: &Filter,
    only: Option<Id>,
) -> Vec<u32> {
    let query = Query {
        kinds,
        only,
        filter,
        order: Order::Number,
        start: Start::FIRST,
        limit: usize::MAX,
        count: true,
        stop: &|| false,
    };
    snapshot.search(view, &query).expect("not stopped").numbers
}

/// What the file of a tenant with this role system and these roles of its own would declare.
pub(crate) fn declaration(catalogue: &str, custom: &[(&str, &str)]) -> Declaration {
    let catalogue: Catalogue = toml::from_str(catalogue).expect("a catalogue");
    Declaration {
        settings: Settings {
            title: "Acme".into(),
            suffix: Dn::parse("dc=acme,dc=example").expect("a name"),
            domains: vec!["acme.example".into()],
            catalogue: catalogue.key.clone(),
            anonymous_phone_book: false,
            numbering: numbering(),
            ..Settings::default()
        },
        schemas: OwnSchemas::default(),
        catalogue,
        custom_roles: custom
            .iter()
            .map(|(key, title)| {
                let def = RoleDef {
                    title: (*title).into(),
                    permissions: vec!["*:view".into()],
                    ..RoleDef::default()
                };
                (RoleKey::from(*key), def)
            })
            .collect(),
    }
}

fn names<'r>(records: impl Iterator<Item = &'r std::sync::Arc<Record>>) -> Vec<String> {
    let mut names: Vec<String> = records
        .filter_map(|record| record.login().map(str::to_owned))
        .collect();
    names.sort_unstable();
    names
}

/// A user of this name.
pub(crate) fn named(name: &str) -> Attributes {
    Attributes::new().with(attr::USER_NAME, name)
}

/// The bag with these roles, too.
pub(crate) fn with_roles(bag: Attributes, roles: &[&str]) -> Attributes {
    roles.iter().fold(bag, |bag, role| {
        bag.with(
            attr::ROLES,
            Attributes::new().with(attr::ROLES_VALUE, *role),
        )
    })
}

/// The bag with these members, too.
pub(crate) fn with_members(bag: Attributes, members: &[Id]) -> Attributes {
    members
        .iter()
        .fold(bag, |bag, id| bag.with(attr::MEMBERS, member(*id)))
}

/// The bag with these extensions, too.
pub(crate) fn with_extensions(bag: Attributes, numbers: &[&str]) -> Attributes {
    numbers.iter().fold(bag, |bag, number| {
        let extension = Attributes::new().with(attr::EXTENSIONS_VALUE, *number);
        bag.with(attr::EXTENSIONS, extension)
    })
}

/// A member as a client names it.
pub(crate) fn member(id: Id) -> Attributes {
    Attributes::new().with(attr::MEMBERS_VALUE, &*id.to_string())
}

/// A patch operation; `path` is `attr`, `attr.sub` or `attr[filter]` with an optional `.sub`.
pub(crate) fn op(kind: PatchKind, path: &str, values: &[Value]) -> PatchOp {
    let (attr, rest) = path.split_at(path.find(['[', '.']).unwrap_or(path.len()));
    let attr = Registry::core().child(None, attr).expect("an attribute");
    let (filter, rest) = match rest.strip_prefix('[').and_then(|r| r.rsplit_once(']')) {
        Some((filter, rest)) => (
            Some(crate::notation::filter_of(Some(attr), filter).expect("a filter")),
            rest,
        ),
        None => (None, rest),
    };
    let sub = rest.strip_prefix('.').map(|sub| {
        Registry::core()
            .child(Some(attr), sub)
            .expect("a sub-attribute")
    });
    PatchOp {
        kind,
        path: Path {
            attr,
            filter,
            sub,
            text: path.to_owned(),
        },
        values: values.to_vec(),
        missing: None,
    }
}

/// A PATCH of a record.
pub(crate) fn patch(id: Id, kind: Kind, ops: Vec<PatchOp>) -> Command {
    Command::Patch {
        id,
        kind,
        ops,
        expect: Precondition::None,
    }
}

/// A PUT of a record, of which nothing else is kept but what it has by others' doing.
pub(crate) fn put(id: Id, kind: Kind, attributes: Attributes) -> Command {
    let relations = [attr::EXTENSIONS, attr::DESKS].into_iter();
    let unnamed = relations.filter(|attr| attributes.values(*attr).is_empty());
    let keep: Vec<AttrId> = unnamed.collect();
    put_keeping(id, kind, attributes, &keep)
}

/// A PUT of a record that leaves out some attributes, which stay.
pub(crate) fn put_keeping(id: Id, kind: Kind, attributes: Attributes, keep: &[AttrId]) -> Command {
    Command::Replace {
        id,
        kind,
        attributes,
        keep: keep.to_vec(),
        expect: Precondition::None,
    }
}

/// A DELETE of a record.
pub(crate) fn delete(id: Id, kind: Kind) -> Command {
    Command::Delete {
        id,
        kind,
        expect: Precondition::None,
    }
}

/// A role as a client names it.
pub(crate) fn role(key: &str) -> Value {
    Attributes::new().with(attr::ROLES_VALUE, key).into()
}

/// A tenant in Berlin, whose extensions of three digits stand behind +49 30 555.
pub(crate) fn numbering() -> Arc<Numbering> {
    Arc::new(Numbering {
        country: "49".into(),
        area: "30".into(),
        extensions: vec![ExtensionRange {
            prefix: "+4930555".into(),
            digits: 3,
        }],
        ..Numbering::default()
    })
}
