//! What follows from the changes of a command, in the same change set: roles that mapping rules
//! give and take, the last holder's grant that is kept, and whether the seats suffice.
//!
//! A rule is the operator's own word. Ceilings of connections and forbidden transitions, which
//! bind others, do not apply to what it gives.

use std::collections::BTreeSet;
use std::sync::Arc;

use jackfield_access::NoSeat;
use jackfield_model::{AuditChange, Change, EdgeKind, Grant, GrantSource, Id, Kind, Record};
use smol_str::SmolStr;

use super::draft::Draft;
use super::{Refusal, action};
use crate::mapping::Mapped;

pub(super) fn settle(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let users = affected(draft);
    if !users.is_empty() {
        remap(draft, users)?;
    }
    release(draft)?;
    check_seats(draft)
}

/// The users for whom the rules may give something else than before.
fn affected(draft: &Draft<'_>) -> BTreeSet<u32> {
    let (base, now) = (draft.base, &draft.snapshot);
    let mut users = BTreeSet::new();
    if base.mappings().is_empty() && now.mappings().is_empty() {
        return users;
    }
    if is_everybody(draft) {
        let groups = now
            .all_of(Kind::Group)
            .filter(|group| !now.rules_about(group).is_empty());
        for group in groups {
            now.users_within(group.number.0, &mut users);
        }
        users.extend(now.mapped_users());
        return users;
    }
    for change in draft.changes() {
        match change {
            Change::PutEdge(edge) if edge.kind == EdgeKind::Member => {
                reached(
                    now.number_of(edge.from)
                        .is_some_and(|from| now.is_mapped(from)),
                    draft,
                    edge.to,
                    &mut users,
                );
            }
            Change::RemoveEdge(edge) if edge.kind == EdgeKind::Member => {
                reached(
                    base.number_of(edge.from)
                        .is_some_and(|from| base.is_mapped(from)),
                    draft,
                    edge.to,
                    &mut users,
                );
            }
            Change::PutRecord(record) if record.kind == Kind::Group => {
                reached(
                    is_matched_otherwise(draft, record.id),
                    draft,
                    record.id,
                    &mut users,
                );
            }
            Change::PutLink(link) => {
                reached(
                    is_matched_otherwise(draft, link.record),
                    draft,
                    link.record,
                    &mut users,
                );
            }
            Change::RemoveLink { record, .. } => {
                reached(
                    is_matched_otherwise(draft, *record),
                    draft,
                    *record,
                    &mut users,
                );
            }
            _ => {}
        }
    }
    users
}

fn reached(is_mapped: bool, draft: &Draft<'_>, id: Id, users: &mut BTreeSet<u32>) {
    if let (true, Some(number)) = (is_mapped, draft.snapshot.number_of(id)) {
        draft.snapshot.users_within(number, users);
    }
}

/// Whether the rules themselves are others, or mean others.
fn is_everybody(draft: &Draft<'_>) -> bool {
    let (base, now) = (draft.base, &draft.snapshot);
    let roles = |snapshot: &crate::Snapshot| -> Vec<SmolStr> {
        let all = snapshot.roles().iter();
        all.map(|role| role.key().as_str().into()).collect()
    };
    let connection_renamed = |change: &Change| match change {
        Change::PutRecord(record) if record.kind == Kind::Connection => base
            .record(record.id)
            .is_some_and(|before| before.login() != record.login()),
        _ => false,
    };
    base.mappings().rules() != now.mappings().rules()
        || base.catalogue().holding != now.catalogue().holding
        || !Arc::ptr_eq(base.roles(), now.roles()) && roles(base) != roles(now)
        || draft.changes().iter().any(connection_renamed)
}

fn is_matched_otherwise(draft: &Draft<'_>, id: Id) -> bool {
    let rules = |snapshot: &crate::Snapshot| {
        let record = snapshot.record(id);
        record
            .map(|record| snapshot.rules_about(record))
            .unwrap_or_default()
    };
    rules(draft.base) != rules(&draft.snapshot)
}

/// One user's grants by rules, as they are to become.
struct Turn {
    user: Arc<Record>,
    before: Option<String>,
    gained: Vec<Mapped>,
    lost: Vec<Mapped>,
}

/// Gives everybody what the rules give, then takes from everybody what they give no more: so a
/// role that changes hands keeps a holder.
fn remap(draft: &mut Draft<'_>, users: BTreeSet<u32>) -> Result<(), Refusal> {
    let mut turns: Vec<Turn> = users
        .into_iter()
        .filter_map(|user| turn(draft, user))
        .collect();
    let mut roles = BTreeSet::new();
    let mut changes = Vec::new();
    for Turn { user, gained, .. } in &turns {
        for Mapped { role, rule } in gained {
            let grant = grant(user.id, *role, GrantSource::Mapping(rule.clone()));
            changes.push(Change::Grant(grant));
            roles.insert(*role);
        }
    }
    draft.push_all(changes)?;
    for turn in &mut turns {
        for mapped in std::mem::take(&mut turn.lost) {
            roles.insert(mapped.role);
            if take(draft, &turn.user, &mapped)? {
                turn.lost.push(mapped);
            }
        }
    }
    for turn in turns {
        tell(draft, turn);
    }
    roles.into_iter().try_for_each(|role| draft.touch(role))
}

fn turn(draft: &Draft<'_>, user: u32) -> Option<Turn> {
    let snapshot = &draft.snapshot;
    let user = Arc::clone(snapshot.numbered(user)?);
    let wanted = snapshot.mapped_roles(&user);
    let current: BTreeSet<Mapped> = snapshot
        .grants_of(&user)
        .flat_map(|(role, sources)| sources.iter().map(move |source| (role.id, source)))
        .filter_map(|(role, source)| match source {
            GrantSource::Mapping(rule) => Some(Mapped {
                role,
                rule: rule.clone(),
            }),
            _ => None,
        })
        .collect();
    let turn = Turn {
        before: draft.titles(&user),
        gained: wanted.difference(&current).cloned().collect(),
        lost: current.difference(&wanted).cloned().collect(),
        user,
    };
    (!turn.gained.is_empty() || !turn.lost.is_empty()).then_some(turn)
}

/// Takes a grant, unless it is that of a role's last holder; says whether it did.
fn take(draft: &mut Draft<'_>, user: &Record, mapped: &Mapped) -> Result<bool, Refusal> {
    let Mapped { role, rule } = mapped;
    let source = GrantSource::Mapping(rule.clone());
    let is_last = draft.is_last_grant(user, *role, &source);
    draft.push(Change::Revoke(grant(user.id, *role, source)))?;
    if !is_last {
        return Ok(true);
    }
    let retained = GrantSource::Retained(rule.clone());
    draft.push(Change::Grant(grant(user.id, *role, retained)))?;
    let change = AuditChange {
        attribute: "mapping".into(),
        before: Some(rule.to_string()),
        after: Some("retained: nobody else holds the role".into()),
    };
    draft.tell("role.retain", Some(user), vec![change]);
    Ok(false)
}

fn tell(draft: &mut Draft<'_>, turn: Turn) {
    let Turn {
        user,
        before,
        gained,
        lost,
    } = turn;
    if gained.is_empty() && lost.is_empty() {
        return;
    }
    let names = |mapped: &[Mapped]| {
        let names: BTreeSet<&str> = mapped.iter().map(|mapped| mapped.rule.as_str()).collect();
        let listed = names.into_iter().collect::<Vec<_>>().join(", ");
        Some(listed).filter(|text| !text.is_empty())
    };
    let roles = AuditChange {
        attribute: "roles".into(),
        before,
        after: draft.titles(&user),
    };
    let mapping = AuditChange {
        attribute: "mapping".into(),
        before: names(&lost),
        after: names(&gained),
    };
    draft.tell(action::ROLES, Some(&user), vec![roles, mapping]);
}

/// Lets go of grants that were kept for want of another holder, once there is one, or once the
/// user has the role otherwise.
fn release(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    for (user, role) in draft.snapshot.retained() {
        let snapshot = &draft.snapshot;
        let (Some(user), Some(role)) = (
            snapshot.numbered(user).cloned(),
            snapshot.numbered(role).cloned(),
        ) else {
            continue;
        };
        let sources = snapshot
            .grant_edges()
            .get(role.number.0, user.number.0)
            .cloned()
            .unwrap_or_default();
        for source in sources {
            let is_retained = matches!(source, GrantSource::Retained(_));
            if !is_retained || draft.is_last_grant(&user, role.id, &source) {
                continue;
            }
            let before = draft.titles(&user);
            draft.push(Change::Revoke(grant(user.id, role.id, source)))?;
            let change = AuditChange {
                attribute: "roles".into(),
                before,
                after: draft.titles(&user),
            };
            draft.tell("role.release", Some(&user), vec![change]);
            draft.touch(role.id)?;
        }
    }
    Ok(())
}

/// Refuses what takes more seats than the licence has. Whoever has one keeps it.
fn check_seats(draft: &Draft<'_>) -> Result<(), Refusal> {
    let (before, after) = (draft.base.seats_taken(), draft.snapshot.seats_taken());
    match draft.snapshot.settings().seats {
        Some(limit) if after > before && after > usize::try_from(limit).unwrap_or(usize::MAX) => {
            let roles = draft.snapshot.roles();
            Err(Refusal::NoSeat(NoSeat::of(roles, limit)))
        }
        _ => Ok(()),
    }
}

fn grant(user: Id, role: Id, source: GrantSource) -> Grant {
    Grant { user, role, source }
}
