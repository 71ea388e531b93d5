//! Who is in a group, and who was given a role through its group.
//!
//! A membership is an edge, so adding a member costs the same at any size of the group.

use std::collections::HashSet;
use std::sync::Arc;

use jackfield_model::filter::Assertion;
use jackfield_model::path::{PatchKind, PatchOp};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{AuditChange, Change, Edge, EdgeKind, Filter, Id, Kind, Record, Value, text};

use super::Refusal;
use super::draft::Draft;
use crate::entry::Entry;
use crate::evaluate::evaluate_element;
use crate::view::AccessView;

impl Draft<'_> {
    /// Adds members to a group, or gives a role to users.
    pub(super) fn add_members(&mut self, group: &Record, values: &[Value]) -> Result<(), Refusal> {
        let ids = self.member_ids(values)?;
        self.change_members(group, &ids, &[])
    }

    /// Makes these the members, and no others; of a role, as far as the actor gave it.
    pub(super) fn replace_members(
        &mut self,
        group: &Record,
        values: &[Value],
    ) -> Result<(), Refusal> {
        let wanted = self.member_ids(values)?;
        let keep: HashSet<Id> = wanted.iter().copied().collect();
        let current: Vec<Id> = match group.kind {
            Kind::Role => self.own_grantees(group),
            _ => self
                .snapshot
                .targets(EdgeKind::Member, group)
                .iter()
                .map(|(r, _)| r.id)
                .collect(),
        };
        let gone: Vec<Id> = current
            .into_iter()
            .filter(|id| !keep.contains(id))
            .collect();
        self.change_members(group, &wanted, &gone)
    }

    /// One patch operation on `members`.
    pub(super) fn patch_members(
        &mut self,
        group: &Arc<Record>,
        op: &PatchOp,
    ) -> Result<(), Refusal> {
        if op.path.sub.is_some_and(|sub| sub != attr::MEMBERS_VALUE) {
            let problem = "members are added and removed, not edited".to_owned();
            return Err(Refusal::Mutability {
                path: op.path.text.clone(),
                problem,
            });
        }
        match (op.kind, &op.path.filter) {
            (PatchKind::Add, None) => self.add_members(group, &op.values),
            (PatchKind::Replace, None) => self.replace_members(group, &op.values),
            (PatchKind::Remove, None) if op.values.is_empty() => self.replace_members(group, &[]),
            (PatchKind::Remove, None) => {
                let gone: Vec<Id> = op.values.iter().filter_map(member_id).collect();
                self.change_members(group, &[], &gone)
            }
            (PatchKind::Remove, Some(filter)) => {
                let gone = self.selected_members(group, filter);
                self.change_members(group, &[], &gone)
            }
            (PatchKind::Add | PatchKind::Replace, Some(filter)) => {
                if self.selected_members(group, filter).is_empty() {
                    return Err(Refusal::NoTarget {
                        path: op.path.text.clone(),
                    });
                }
                let problem = "members are added and removed, not edited".to_owned();
                Err(Refusal::Mutability {
                    path: op.path.text.clone(),
                    problem,
                })
            }
        }
    }

    fn change_members(&mut self, group: &Record, add: &[Id], remove: &[Id]) -> Result<(), Refusal> {
        self.require_provisioner()?;
        if group.kind == Kind::Role {
            return self.change_grantees(group, add, remove);
        }
        if !self.writes_attributes(group.id) {
            return Ok(());
        }
        let edge = |to| Edge {
            kind: EdgeKind::Member,
            from: group.id,
            to,
            primary: false,
        };
        let mut changes = Vec::new();
        let mut told = Vec::new();
        for (ids, adds) in [(remove, false), (add, true)] {
            let mut seen = HashSet::new();
            for id in ids {
                let Some(member) = self.snapshot.record(*id) else {
                    continue;
                };
                if self.snapshot.is_member(group, member) == adds || !seen.insert(*id) {
                    continue;
                }
                self.check_member(group, member, adds)?;
                let name = Some(member.common_name().to_string());
                let attribute = "members".to_owned();
                if adds {
                    changes.push(Change::PutEdge(edge(*id)));
                    told.push(AuditChange {
                        attribute,
                        before: None,
                        after: name,
                    });
                } else {
                    changes.push(Change::RemoveEdge(edge(*id)));
                    told.push(AuditChange {
                        attribute,
                        before: name,
                        after: None,
                    });
                }
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.push_all(changes)?;
        self.tell("group.members", Some(group), told);
        self.touch(group.id)
    }

    fn check_member(&self, group: &Record, member: &Record, adds: bool) -> Result<(), Refusal> {
        let problem = match member.kind {
            Kind::User => return Ok(()),
            Kind::Group if !adds || !self.contains(member, group) => return Ok(()),
            Kind::Group => "a group cannot contain itself",
            _ => "only users and groups can be members",
        };
        Err(Refusal::InvalidValue {
            path: "members.value".into(),
            problem: problem.into(),
        })
    }

    /// Whether `outer` is `inner` or contains it, over any number of groups.
    fn contains(&self, outer: &Record, inner: &Record) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![inner.number.0];
        while let Some(number) = open.pop() {
            if number == outer.number.0 {
                return true;
            }
            if seen.insert(number) {
                open.extend(self.snapshot.member_edges().onto(number));
            }
        }
        false
    }

    fn selected_members(&self, group: &Arc<Record>, filter: &Filter) -> Vec<Id> {
        if let Filter::Match(attr::MEMBERS_VALUE, _, Assertion::Equal(key)) = filter {
            return match key {
                Key::Id(id) => vec![*id],
                Key::Text(text) => Id::parse(text).into_iter().collect(),
                _ => Vec::new(),
            };
        }
        let view = AccessView::everything(self.ctx.actor);
        let members = Entry::new(&self.snapshot, &view, group).attribute(attr::MEMBERS);
        members
            .iter()
            .filter(|value| {
                value
                    .as_complex()
                    .is_some_and(|m| evaluate_element(filter, m).holds())
            })
            .filter_map(member_id)
            .collect()
    }

    /// The members a client named; every one must be there.
    fn member_ids(&self, values: &[Value]) -> Result<Vec<Id>, Refusal> {
        let find = |value: &Value| {
            member_id(value)
                .filter(|id| self.snapshot.record(*id).is_some())
                .ok_or_else(|| {
                    let named = value.as_complex().and_then(|m| m.text(attr::MEMBERS_VALUE));
                    Refusal::InvalidValue {
                        path: "members.value".into(),
                        problem: format!(
                            "there is no user or group {:?}",
                            named.unwrap_or_default()
                        ),
                    }
                })
        };
        values.iter().map(find).collect()
    }
}

fn member_id(value: &Value) -> Option<Id> {
    let text = match value {
        Value::Complex(member) => member.text(attr::MEMBERS_VALUE)?,
        other => other.as_str()?,
    };
    Id::parse(text::case_exact(text).as_str())
}
