//! Commands at random: from small pools, so that names meet and clash.

use jackfield_directory::{Command, Precondition};
use jackfield_model::path::PatchKind;
use jackfield_model::schema::{Type, attr};
use jackfield_model::{
    AttrId, Attributes, Credential, CredentialKind, Id, Kind, Principal, Registry, Secret,
    Timestamp, Value, Verifier,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use uuid::Uuid;

use crate::world::{OPBX, TENANT, World, declaration, member, op};

/// Names that meet, and names that are hard to write.
const NAMES: [&str; 34] = [
    "anna",
    "Anna",
    "ANNA ",
    "  anna",
    "ben",
    "carl",
    "sales",
    "Sales",
    "Owner",
    "pbx_user",
    "Müller",
    "Mu\u{308}ller",
    "straße",
    "STRASSE",
    "ＡＢＣ",
    "abc",
    "a\u{301}",
    "á",
    "İstanbul",
    "👩\u{200d}👩\u{200d}👧",
    "a,b=c+d",
    "#hash",
    "\\",
    "\"quoted\"",
    "a;b<c>d",
    "x\u{0}y",
    "\u{200b}",
    "",
    " ",
    "cn=x",
    "*",
    "(x)",
    " lead and trail ",
    "new\nline",
];

/// Numbers of telephones and extensions.
#[rustfmt::skip]
const NUMBERS: [&str; 10] = [
    "101", "102", "1-0 1", "+49 30 123-456", "+4930123456", "0049 30 1", "#9", "ext. 5", "１０１",
    "-",
];

#[rustfmt::skip]
const ROLES: [&str; 8] = [
    "owner", "pbx_admin", "pbx_user", "Reporter", "tenant_admin", "tenant_user", "auditor",
    "chess",
];

/// Any of the names, or any text.
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(&NAMES[..]).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| text.chars().take(12).collect()),
    ]
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => name(),
        3 => select(&NUMBERS[..]).prop_map(str::to_owned),
        1 => select(&ROLES[..]).prop_map(str::to_owned),
        1 => select(&["work", "WORK", "home"][..]).prop_map(str::to_owned),
    ]
}

/// A value such as the attribute may have, or, now and then, one that it may not.
fn value(attr: AttrId) -> BoxedStrategy<Value> {
    let registry = Registry::core();
    let fits = match registry.get(attr).map_or(Type::String, |def| def.ty) {
        Type::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Integer => (-5..5i64).prop_map(Value::Int).boxed(),
        Type::DateTime => (0..5i64).prop_map(|at| Value::Time(Timestamp(at))).boxed(),
        Type::Binary => vec(any::<u8>(), 0..4)
            .prop_map(|bytes| Value::Bytes(bytes.into()))
            .boxed(),
        Type::Complex => {
            let sub = select(registry.children(attr).to_vec());
            vec(
                sub.prop_flat_map(|sub| value(sub).prop_map(move |v| (sub, v))),
                0..4,
            )
            .prop_map(|parts| {
                let mut element = Attributes::new();
                for (sub, value) in parts {
                    element.put(sub, value);
                }
                element.into()
            })
            .boxed()
        }
        _ => text().prop_map(|text| text.as_str().into()).boxed(),
    };
    prop_oneof![12 => fits, 1 => any::<bool>().prop_map(Value::Bool)].boxed()
}

#[rustfmt::skip]
const WRITTEN: [AttrId; 16] = [
    attr::USER_NAME, attr::DISPLAY_NAME, attr::NAME, attr::TITLE, attr::ACTIVE, attr::EMAILS,
    attr::PHONE_NUMBERS, attr::EMPLOYEE_NUMBER, attr::DEPARTMENT, attr::EXTENSIONS, attr::DESKS,
    attr::ROLES, attr::EXTERNAL_ID, attr::GROUPS, attr::MUST_CHANGE_PASSWORD, attr::DESCRIPTION,
];

/// What a client sends, with references to records that are resolved when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Bag {
    attributes: Attributes,
    members: Vec<Index>,
    manager: Option<Index>,
    roles: Vec<&'static str>,
    active: Option<bool>,
}

fn bag() -> impl Strategy<Value = Bag> {
    let one = select(&WRITTEN[..])
        .prop_flat_map(|attr| vec(value(attr), 0..3).prop_map(move |values| (attr, values)));
    let members = vec(any::<Index>(), 0..4);
    let roles = vec(select(&ROLES[..]), 0..3);
    let active = option::of(any::<bool>());
    let parts = (
        vec(one, 0..6),
        name(),
        members,
        option::of(any::<Index>()),
        roles,
        active,
    );
    parts.prop_map(|(parts, name, members, manager, roles, active)| {
        let mut attributes = Attributes::new()
            .with(attr::USER_NAME, name.as_str())
            .with(attr::DISPLAY_NAME, name.as_str())
            .with(attr::EXTENSION_NUMBER, name.as_str())
            .with(attr::LOGIN, name.as_str());
        for (attr, values) in parts {
            attributes.set(attr, values);
        }
        Bag {
            attributes,
            members,
            manager,
            roles,
            active,
        }
    })
}

impl Bag {
    fn resolve(&self, ids: &[Id]) -> Attributes {
        let mut bag = self.attributes.clone();
        for index in &self.members {
            bag = bag.with(attr::MEMBERS, member(*index.get(ids)));
        }
        if let Some(index) = &self.manager {
            let id = index.get(ids).to_string();
            bag.put(
                attr::MANAGER,
                Attributes::new().with(attr::MANAGER_VALUE, &*id),
            );
        }
        for role in &self.roles {
            bag = bag.with(
                attr::ROLES,
                Attributes::new().with(attr::ROLES_VALUE, *role),
            );
        }
        if let Some(active) = self.active {
            bag.put(attr::ACTIVE, active);
        }
        bag
    }
}

#[rustfmt::skip]
const PATHS: [&str; 30] = [
    "title", "displayName", "userName", "active", "name", "name.givenName", "emails",
    "emails[type eq \"work\"]", "emails[type eq \"work\"].value", "emails[primary eq true].primary",
    "emails.primary", "emails[value pr]", "phoneNumbers[type eq \"home\"].value", "roles",
    "roles[value eq \"owner\"]", "roles.value", "extensions", "extensions[value eq \"101\"]",
    "extensions[value eq \"102\"].primary", "desks", "externalId", "members", "members.value",
    "members[type eq \"User\"]", "manager", "manager.value", "groups", "meta", "id", "password",
];

/// One patch operation, with references to records that are resolved when it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Op {
    kind: PatchKind,
    path: &'static str,
    values: Vec<Value>,
    members: Vec<Index>,
    create_missing: bool,
}

fn patch_op() -> impl Strategy<Value = Op> {
    const KINDS: [PatchKind; 3] = [PatchKind::Add, PatchKind::Remove, PatchKind::Replace];
    let path = select(&PATHS[..]);
    let path_and_values = path.prop_flat_map(|path| {
        let target = op(PatchKind::Add, path, &[]).path;
        vec(value(target.sub.unwrap_or(target.attr)), 0..3).prop_map(move |v| (path, v))
    });
    let members = vec(any::<Index>(), 0..3);
    (select(&KINDS[..]), path_and_values, members, any::<bool>()).prop_map(
        |(kind, (path, values), members, create_missing)| Op {
            kind,
            path,
            values,
            members,
            create_missing,
        },
    )
}

/// Who acts.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Operator,
    Connection(Index),
    Person(Index),
    Service,
}

/// One command, before it is known which records there are.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Create(Who, Kind, Bag),
    Put(Who, Index, Bag, Vec<AttrId>),
    Patch(Who, Index, Vec<Op>),
    Delete(Who, Index),
    AddPassword(Who, Index),
    RemoveCredential(Who, Index),
    Declare(bool, bool),
    Suspend(bool),
}

/// Commands of a tenant's life.
pub(crate) fn steps(how_many: usize) -> impl Strategy<Value = Vec<Step>> {
    let who = || {
        prop_oneof![
            6 => Just(Who::Operator),
            8 => any::<Index>().prop_map(Who::Connection),
            2 => any::<Index>().prop_map(Who::Person),
            1 => Just(Who::Service),
        ]
    };
    const KINDS: [Kind; 10] = [
        Kind::User,
        Kind::User,
        Kind::User,
        Kind::Group,
        Kind::Group,
        Kind::Contact,
        Kind::Extension,
        Kind::Desk,
        Kind::Device,
        Kind::Role,
    ];
    let keep = vec(select(&WRITTEN[..]), 0..3);
    let step = prop_oneof![
        8 => (who(), select(&KINDS[..]), bag()).prop_map(|(w, k, b)| Step::Create(w, k, b)),
        5 => (who(), any::<Index>(), bag(), keep).prop_map(|(w, i, b, k)| Step::Put(w, i, b, k)),
        8 => (who(), any::<Index>(), vec(patch_op(), 1..3))
            .prop_map(|(w, i, ops)| Step::Patch(w, i, ops)),
        3 => (who(), any::<Index>()).prop_map(|(w, i)| Step::Delete(w, i)),
        1 => (who(), any::<Index>()).prop_map(|(w, i)| Step::AddPassword(w, i)),
        1 => (who(), any::<Index>()).prop_map(|(w, i)| Step::RemoveCredential(w, i)),
        1 => any::<(bool, bool)>().prop_map(|(a, b)| Step::Declare(a, b)),
        1 => any::<bool>().prop_map(Step::Suspend),
    ];
    vec(step, 1..how_many)
}

/// A tenant in which random commands are done.
pub(crate) struct Life {
    pub(crate) world: World,
    pub(crate) ids: Vec<Id>,
    pub(crate) connections: Vec<Principal>,
    catalogue: &'static str,
    credentials: Vec<Id>,
}

impl Life {
    pub(crate) fn new(catalogue: &'static str) -> Self {
        let mut world = World::new(catalogue);
        let connections = vec![
            world.connection("okta", "full"),
            world.connection("entra", "full"),
            world.connection("small", ""),
        ];
        let owner = match catalogue {
            OPBX => "owner",
            _ => "tenant_admin",
        };
        let first = world.user("first", &[owner]);
        let mut ids: Vec<Id> = ["owner", "pbx_admin", "reporter", "tenant_admin"]
            .into_iter()
            .filter_map(|key| Some(world.now.role_record(key)?.id))
            .collect();
        ids.push(first);
        ids.extend(connections.iter().filter_map(|c| c.record()));
        Self {
            world,
            ids,
            connections,
            catalogue,
            credentials: Vec::new(),
        }
    }

    /// Of which catalogue it is, at random.
    pub(crate) fn of(opbx: bool) -> Self {
        Self::new(if opbx { OPBX } else { TENANT })
    }

    /// Who acts and what is done.
    pub(crate) fn command(&self, step: &Step) -> (Principal, Command) {
        let target = |index: &Index| {
            let id = *index.get(&self.ids);
            let kind = self.world.now.record(id).map_or(Kind::User, |r| r.kind);
            (
                id,
                if kind == Kind::Role {
                    Kind::Group
                } else {
                    kind
                },
            )
        };
        let expect = Precondition::None;
        match step {
            Step::Create(who, kind, bag) => {
                let (kind, attributes) = (*kind, bag.resolve(&self.ids));
                (self.who(who), Command::Create { kind, attributes })
            }
            Step::Put(who, index, bag, keep) => {
                let (id, kind) = target(index);
                let command = Command::Replace {
                    id,
                    kind,
                    attributes: bag.resolve(&self.ids),
                    keep: keep.clone(),
                    expect,
                };
                (self.who(who), command)
            }
            Step::Patch(who, index, ops) => {
                let (id, kind) = target(index);
                let resolved = |spec: &Op| {
                    let mut op = op(spec.kind, spec.path, &spec.values);
                    op.missing = (spec.create_missing && op.path.attr == attr::EMAILS)
                        .then(|| Attributes::new().with(attr::EMAILS_TYPE, "Work"));
                    let members = spec
                        .members
                        .iter()
                        .map(|i| member(*i.get(&self.ids)).into());
                    if op.path.attr == attr::MEMBERS {
                        op.values = members.collect();
                    }
                    op
                };
                let ops = ops.iter().map(resolved).collect();
                let command = Command::Patch {
                    id,
                    kind,
                    ops,
                    expect,
                };
                (self.who(who), command)
            }
            Step::Delete(who, index) => {
                let (id, kind) = target(index);
                (self.who(who), Command::Delete { id, kind, expect })
            }
            Step::AddPassword(who, index) => {
                let count = u128::try_from(self.world.sets.len()).unwrap_or(0);
                let credential = Credential {
                    id: Id(Uuid::from_u128(0xc0ed << 64 | count)),
                    principal: *index.get(&self.ids),
                    kind: CredentialKind::Password,
                    verifiers: vec![Verifier {
                        scheme: "argon2id".into(),
                        value: Secret::new("$argon2id$…"),
                    }],
                    label: String::new(),
                    scopes: Vec::new(),
                    ceiling: None,
                    networks: Vec::new(),
                    created: Timestamp(0),
                    expires: None,
                    must_change: false,
                    trust: None,
                };
                (self.who(who), Command::AddCredential(credential))
            }
            Step::RemoveCredential(who, index) => {
                let id = match self.credentials.is_empty() {
                    true => Id(Uuid::nil()),
                    false => *index.get(&self.credentials),
                };
                (self.who(who), Command::RemoveCredential(id))
            }
            Step::Declare(auditor, chess) => {
                let mut custom = Vec::new();
                custom.extend(auditor.then_some(("auditor", "Auditor")));
                custom.extend(chess.then_some(("chess", "Chess Club")));
                let declared = declaration(self.catalogue, &custom);
                (Principal::Config, Command::Declare(Box::new(declared)))
            }
            Step::Suspend(suspended) => (Principal::Config, Command::Suspend(*suspended)),
        }
    }

    /// Does a command; says whether anything changed.
    pub(crate) fn live(&mut self, step: &Step) -> bool {
        let (actor, command) = self.command(step);
        if let Command::AddCredential(credential) = &command {
            self.credentials.push(credential.id);
        }
        let Ok(outcome) = self.world.run(actor, command) else {
            return false;
        };
        if let Some(id) = outcome.id.filter(|id| !self.ids.contains(id)) {
            self.ids.push(id);
        }
        outcome.changed
    }

    fn who(&self, who: &Who) -> Principal {
        match who {
            Who::Operator => Principal::Operator,
            Who::Connection(index) => *index.get(&self.connections),
            Who::Person(index) => Principal::Person(*index.get(&self.ids)),
            Who::Service => Principal::Service(Id(Uuid::nil())),
        }
    }
}
