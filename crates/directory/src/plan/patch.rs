//! Changing parts of a record (RFC 7644 §3.5.2).

use std::collections::BTreeSet;
use std::slice;
use std::sync::Arc;

use jackfield_model::path::{PatchKind, PatchOp};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Attributes, Kind, Principal, Record, Registry, Value};

use super::authority::OPERATOR;
use super::draft::Draft;
use super::groups::check_role_title;
use super::members::named_by;
use super::{Note, Refusal, bounds, patch_values, scope};
use crate::entry::Entry;
use crate::view::AccessView;

/// How many values all operations of one patch look at, at most: each of them looks at every value
/// of its attribute, and everybody who writes waits for the plan. One operation may look at more.
pub const MOST_VISITED: usize = 1_000_000;

/// Relations that a patch may touch as if they were attributes of a user.
const RELATIONS: [AttrId; 4] = [
    attr::ROLES,
    attr::EXTENSIONS,
    attr::DESKS,
    attr::EXTERNAL_ID,
];

pub(super) fn patch(
    draft: &mut Draft<'_>,
    record: &Arc<Record>,
    ops: &[PatchOp],
) -> Result<(), Refusal> {
    let mut bag = record.attributes.clone();
    let touched: Vec<AttrId> = RELATIONS
        .into_iter()
        .filter(|attr| ops.iter().any(|op| op.path.attr == *attr))
        .collect();
    for attr in &touched {
        bag.set(*attr, seen(draft, record, *attr));
    }
    if ops
        .iter()
        .any(|op| is_own_attribute(draft.snapshot.registry(), op.path.attr))
    {
        draft.authorise_unchanged(record)?;
    }
    let mut visited = 0;
    for op in ops {
        let values = looked_at(draft, record, &bag, op);
        visited += values;
        if visited > MOST_VISITED.max(values) {
            let path = op.path.text.clone();
            let problem = format!("the operations look at more than {MOST_VISITED} values");
            return Err(Refusal::InvalidValue { path, problem });
        }
        let done = carry_out(draft, record, &mut bag, op);
        done.map_err(|refusal| as_written(draft, slice::from_ref(op), refusal))?;
    }
    let patched: BTreeSet<AttrId> = ops.iter().map(|op| op.path.attr).collect();
    for attr in patched {
        patch_values::each_once(draft.snapshot.registry(), &mut bag, attr);
    }
    let adopts = !scope::is_about_roles(ops);
    let stored = store(draft, record, bag, &touched, adopts);
    stored.map_err(|refusal| as_written(draft, ops, refusal))
}

/// How many values an operation looks at; those that name members look at these alone.
fn looked_at(draft: &Draft<'_>, record: &Record, bag: &Attributes, op: &PatchOp) -> usize {
    match (op.path.attr, &op.path.filter) {
        (attr::MEMBERS, Some(filter)) if has_members(record) && named_by(filter).is_none() => {
            let members = draft.snapshot.member_edges().of(record.number.0).count();
            members + draft.snapshot.grantees(record).count()
        }
        (attr::MEMBERS, _) => 0,
        (attr, _) => bag.values(attr).len(),
    }
}

/// Carries out one operation: on the bag, or, if it is about members, at once.
fn carry_out(
    draft: &mut Draft<'_>,
    record: &Arc<Record>,
    bag: &mut Attributes,
    op: &PatchOp,
) -> Result<(), Refusal> {
    match op.path.attr {
        attr::MEMBERS if has_members(record) => draft.patch_members(record, op)?,
        // What is computed is not kept; the password came beside the command.
        attr if is_computed(draft.snapshot.registry(), attr) => {}
        attr::DISPLAY_NAME if record.kind == Kind::Role => {
            check_role_title(record, op.values.first().and_then(Value::as_str))?;
        }
        _ => {
            check_required(record, op)?;
            let registry = draft.snapshot.registry();
            let is_made = patch_values::apply(registry, bag, op)?;
            bounds::check_count(registry, op.path.attr, &record.attributes, bag)?;
            if is_made {
                draft.note(Note::ElementMade);
            }
        }
    }
    Ok(())
}

/// Keeps what became of the record, and of those relations that were touched. Whoever gives roles
/// only does not make the record its own by that.
fn store(
    draft: &mut Draft<'_>,
    record: &Arc<Record>,
    mut bag: Attributes,
    touched: &[AttrId],
    adopts: bool,
) -> Result<(), Refusal> {
    let mut relation = |attr| touched.contains(&attr).then(|| bag.take(attr));
    let roles = relation(attr::ROLES);
    let extensions = relation(attr::EXTENSIONS);
    let desks = relation(attr::DESKS);
    let external_id = relation(attr::EXTERNAL_ID);
    if roles.is_some() {
        bag.set(attr::ROLES, record.attributes.values(attr::ROLES).to_vec());
    }
    if record.kind != Kind::Role {
        draft.store(record, bag)?;
    }
    let external_id = match external_id {
        Some(values) => values.first().and_then(Value::as_str).map(Into::into),
        None => draft.external_id(record.id),
    };
    if adopts {
        draft.link(record.id, external_id)?;
    }
    match record.kind {
        Kind::User => draft.relate(record, roles, extensions, desks),
        _ => Ok(()),
    }
}

/// The refusal, with its path as the last of these operations has it that is about the attribute:
/// so the client learns which one it was.
fn as_written(draft: &Draft<'_>, ops: &[PatchOp], mut refusal: Refusal) -> Refusal {
    let registry = draft.snapshot.registry();
    if let Refusal::InvalidValue { path, .. } | Refusal::Mutability { path, .. } = &mut refusal {
        let is_about = |op: &&PatchOp| {
            let rest = path.strip_prefix(&*registry.path(op.path.attr));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some(op) = ops.iter().rfind(is_about) {
            path.clone_from(&op.path.text);
        }
    }
    refusal
}

/// What the actor sees of a relation.
fn seen(draft: &Draft<'_>, record: &Arc<Record>, attr: AttrId) -> Vec<Value> {
    if attr == attr::ROLES {
        return draft.granted_roles(record);
    }
    let view = AccessView::everything(draft.ctx.actor);
    Entry::new(&draft.snapshot, &view, record)
        .attribute(attr)
        .into_owned()
}

fn is_computed(registry: &Registry, attr: AttrId) -> bool {
    let is_derived = registry.get(attr).is_none_or(|def| def.derived);
    is_derived && !RELATIONS.contains(&attr)
}

/// Whether the record itself has the attribute, and no relation of it.
fn is_own_attribute(registry: &Registry, attr: AttrId) -> bool {
    !is_computed(registry, attr) && !RELATIONS.contains(&attr) && attr != attr::MEMBERS
}

/// Of what else it is computed: nothing has members but groups and roles.
fn has_members(record: &Record) -> bool {
    matches!(record.kind, Kind::Group | Kind::Role)
}

fn check_required(record: &Record, op: &PatchOp) -> Result<(), Refusal> {
    let required = match record.kind {
        Kind::Role => attr::DISPLAY_NAME,
        kind => Record::naming(kind),
    };
    let clears = op.kind == PatchKind::Remove || op.values.is_empty();
    if op.path.attr == required && clears {
        let problem = "it is required".to_owned();
        return Err(Refusal::Mutability {
            path: op.path.text.clone(),
            problem,
        });
    }
    Ok(())
}

impl Draft<'_> {
    /// Whether the program itself acts, or a service account in the operator's place: for them
    /// nothing is foreign.
    pub(super) fn is_system(&self) -> bool {
        match self.ctx.actor {
            Principal::System | Principal::Config | Principal::Operator => true,
            Principal::Service(_) => self.acts_as() == Some(OPERATOR),
            Principal::Person(_)
            | Principal::Connection(_)
            | Principal::Device(_)
            | Principal::Anonymous => false,
        }
    }
}
