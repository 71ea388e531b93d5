//! Who is in a group, and who was given a role through its group.
//!
//! A membership is an edge, so adding a member costs the same at any size of the group.

use std::collections::HashSet;
use std::sync::Arc;

use jackfield_model::filter::Assertion;
use jackfield_model::path::{PatchKind, PatchOp};
use jackfield_model::rule::Key;
use jackfield_model::schema::attr;
use jackfield_model::{
    AuditChange, Change, Edge, EdgeKind, Filter, Id, Kind, Pending, Record, Value, text,
};
use smol_str::{SmolStr, ToSmolStr as _};

use super::draft::Draft;
use super::{Refusal, action};
use crate::entry::Entry;
use crate::evaluate::evaluate_element;
use crate::view::AccessView;

/// What is to become of a group's members, by their numbers, and of those who are not there yet.
#[derive(Default)]
pub(super) struct Membership {
    pub(super) add: Vec<u32>,
    pub(super) remove: Vec<u32>,
    pub(super) expect: Vec<SmolStr>,
    pub(super) forget: Vec<Pending>,
}

impl Draft<'_> {
    /// Adds members to a group, or gives a role to users.
    pub(super) fn add_members(&mut self, group: &Record, values: &[Value]) -> Result<(), Refusal> {
        let (add, expect) = self.named_members(values)?;
        let change = Membership {
            add,
            expect,
            ..Membership::default()
        };
        self.change_members(group, change)
    }

    /// Makes these the members, and no others; of a role, as far as the actor gave it.
    pub(super) fn replace_members(
        &mut self,
        group: &Record,
        values: &[Value],
    ) -> Result<(), Refusal> {
        let (mut add, expect) = self.named_members(values)?;
        add.sort_unstable();
        let stays = |number: &u32| add.binary_search(number).is_ok();
        let remove: Vec<u32> = match group.kind {
            Kind::Role => {
                let own = self.own_grantees(group).into_iter();
                own.filter_map(|id| self.snapshot.number_of(id)).collect()
            }
            _ => {
                let current = self.snapshot.member_edges().of(group.number.0);
                current.map(|(member, ())| member).collect()
            }
        };
        let remove = remove.into_iter().filter(|n| !stays(n)).collect();
        // Naming what others gave, or nobody, does not give it.
        add.retain(|member| group.kind != Kind::Role || !self.has_role(*member, group));
        let change = Membership {
            remove,
            forget: self.unexpected(group, &expect),
            add,
            expect,
        };
        self.change_members(group, change)
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
                let names: Vec<SmolStr> = op.values.iter().filter_map(member_name).collect();
                self.remove_named(group, &names)
            }
            (PatchKind::Remove, Some(filter)) => match named_by(filter) {
                Some(name) => self.remove_named(group, &[name]),
                None => {
                    let remove = self.selected_members(group, filter);
                    let change = Membership {
                        remove,
                        ..Membership::default()
                    };
                    self.change_members(group, change)
                }
            },
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

    /// Removes those who are called so, there or not.
    fn remove_named(&mut self, group: &Record, names: &[SmolStr]) -> Result<(), Refusal> {
        let named = names.iter().flat_map(|name| self.waiting(group, name));
        let change = Membership {
            remove: names.iter().filter_map(|name| self.member(name)).collect(),
            forget: named.collect(),
            ..Membership::default()
        };
        self.change_members(group, change)
    }

    pub(super) fn change_members(
        &mut self,
        group: &Record,
        mut change: Membership,
    ) -> Result<(), Refusal> {
        let is_role = group.kind == Kind::Role;
        let action = if is_role {
            action::ROLES
        } else {
            action::MEMBERS
        };
        self.try_to(action, group.id);
        self.require_provisioner()?;
        if is_role {
            let (add, remove) = (self.ids(&change.add), self.ids(&change.remove));
            self.change_grantees(group, &add, &remove)?;
            return self.change_expected(group, change.expect, change.forget);
        }
        if !self.writes_attributes(group.id) {
            return Ok(());
        }
        let (mut changes, mut told) = (Vec::new(), Vec::new());
        for (numbers, adds) in [(&mut change.remove, false), (&mut change.add, true)] {
            numbers.sort_unstable();
            numbers.dedup();
            for number in numbers {
                let edges = self.snapshot.member_edges();
                if edges.contains(group.number.0, *number) == adds {
                    continue;
                }
                let Some(member) = self.snapshot.numbered(*number) else {
                    continue;
                };
                self.check_member(group, member, adds)?;
                let edge = Edge {
                    kind: EdgeKind::Member,
                    from: group.id,
                    to: member.id,
                    primary: false,
                };
                told.push(told_of("members", &member.common_name(), adds));
                changes.push(match adds {
                    true => Change::PutEdge(edge),
                    false => Change::RemoveEdge(edge),
                });
            }
        }
        if !changes.is_empty() {
            self.push_all(changes)?;
            self.tell(action::MEMBERS, Some(group), told);
            self.touch(group.id)?;
        }
        self.change_expected(group, change.expect, change.forget)
    }

    fn ids(&self, numbers: &[u32]) -> Vec<Id> {
        let records = numbers.iter().filter_map(|n| self.snapshot.numbered(*n));
        records.map(|record| record.id).collect()
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

    fn selected_members(&self, group: &Arc<Record>, filter: &Filter) -> Vec<u32> {
        if let Some(name) = named_by(filter) {
            return self.member(&name).into_iter().collect();
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
            .filter_map(|value| self.member(&member_name(value)?))
            .collect()
    }

    /// The numbers of those whom a client named, and what it called the others, whom a connection
    /// may name before they are there.
    fn named_members(&self, values: &[Value]) -> Result<(Vec<u32>, Vec<SmolStr>), Refusal> {
        let (mut there, mut expected) = (Vec::with_capacity(values.len()), Vec::new());
        for value in values {
            let name = member_name(value).unwrap_or_default();
            match self.member(&name) {
                Some(number) => there.push(number),
                None if self.may_expect(&name) => expected.push(name),
                None => {
                    return Err(Refusal::InvalidValue {
                        path: "members.value".into(),
                        problem: format!("there is no user or group {name:?}"),
                    });
                }
            }
        }
        Ok((there, expected))
    }

    /// The number of the record with this id, or of the one that the acting connection, and no
    /// other, knows by this name of its own.
    pub(super) fn member(&self, name: &SmolStr) -> Option<u32> {
        let by_id = Id::parse(name).and_then(|id| self.snapshot.number_of(id));
        by_id.or_else(|| {
            let mut own = self.snapshot.links().named(self.connection()?, name);
            let first = own.next()?;
            let number = self.snapshot.number_of(first)?;
            own.next().is_none().then_some(number)
        })
    }
}

/// One member for the audit log.
pub(super) fn told_of(attribute: &str, name: &str, adds: bool) -> AuditChange {
    let name = Some(name.to_owned());
    let (before, after) = if adds { (None, name) } else { (name, None) };
    AuditChange {
        attribute: attribute.to_owned(),
        before,
        after,
    }
}

/// The one member that the filter asks for by its `value`.
pub(super) fn named_by(filter: &Filter) -> Option<SmolStr> {
    match filter {
        Filter::Match(attr::MEMBERS_VALUE, _, Assertion::Equal(Key::Id(id))) => {
            Some(id.to_smolstr())
        }
        Filter::Match(attr::MEMBERS_VALUE, _, Assertion::Equal(Key::Text(text))) => {
            Some(text::case_exact(text))
        }
        _ => None,
    }
}

fn member_name(value: &Value) -> Option<SmolStr> {
    let text = match value {
        Value::Complex(member) => member.text(attr::MEMBERS_VALUE)?,
        other => other.as_str()?,
    };
    Some(text::case_exact(text))
}

#[cfg(test)]
mod tests;
