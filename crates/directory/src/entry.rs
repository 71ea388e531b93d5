//! A record as one principal sees it: stored and derived attributes alike, and nothing that the
//! principal may not read.

pub(crate) mod composed;
mod derived;

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, EdgeKind, Id, Kind, Record, Registry, Timestamp, Value, text,
};

use crate::snapshot::Snapshot;
use crate::view::{AccessView, AttrSet};

/// One record, seen by one principal.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    snapshot: &'a Snapshot,
    view: &'a AccessView,
    record: &'a Arc<Record>,
}

/// One value of a leaf attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRef<'v> {
    /// Text.
    Str(&'v str),
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A moment.
    Time(Timestamp),
    /// Octets.
    Bytes(&'v [u8]),
    /// A record.
    Id(Id),
}

impl<'v> ValueRef<'v> {
    /// The value, unless it is complex.
    pub fn of(value: &'v Value) -> Option<Self> {
        Some(match value {
            Value::Str(text) => Self::Str(text),
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Time(at) => Self::Time(*at),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::Complex(_) => return None,
        })
    }
}

/// Whether to give the next value.
pub type Flow = ControlFlow<()>;

impl<'a> Entry<'a> {
    /// The record, as the view shows it.
    pub fn new(snapshot: &'a Snapshot, view: &'a AccessView, record: &'a Arc<Record>) -> Self {
        Self {
            snapshot,
            view,
            record,
        }
    }

    /// The record with its identity and times. Its attributes are read through the accessors
    /// here, which obey the view.
    pub fn record(&self) -> &'a Record {
        self.record
    }

    /// The attributes of the top level that the record itself has.
    pub fn held(&self) -> AttrSet {
        let held = self.record.attributes.iter();
        held.map(|(attr, _)| attr).collect()
    }

    /// Whether the principal may read this attribute of this record.
    pub fn may_read(&self, attr: AttrId) -> bool {
        self.view.may_read(self.record, attr)
    }

    /// The values of an attribute of the top level, stored or derived, without what only a
    /// protocol can make (`$ref`, `meta.location`).
    pub fn attribute(&self, attr: AttrId) -> Cow<'a, [Value]> {
        if !self.may_read(attr) {
            return Cow::Borrowed(&[]);
        }
        self.unchecked(attr)
    }

    /// Gives each value of a leaf: an attribute of the top level that is not complex, or a
    /// sub-attribute over all elements, the primary element's first.
    pub fn leaf(&self, attr: AttrId, each: &mut dyn FnMut(ValueRef<'_>) -> Flow) -> Flow {
        if !self.may_read(attr) {
            return Flow::Continue(());
        }
        self.unchecked_leaf(attr, each)
    }

    /// The values of a leaf of an attribute of the top level that only the record itself has (no
    /// derived one): as [`leaf`](Self::leaf) gives them, by a shorter way.
    pub fn stored(&self, top: AttrId, leaf: AttrId) -> impl Iterator<Item = ValueRef<'a>> {
        let values = match self.may_read(leaf) {
            true => self.record.attributes.values(top),
            false => &[],
        };
        parts(self.snapshot.registry(), values, top, leaf)
    }

    /// The elements of a multi-valued complex attribute of the record's own whose `type` is `kind`
    /// (which is compared ignoring case), and, with `or_untyped`, those that have none.
    pub fn elements<'k>(
        &self,
        attr: AttrId,
        kind: &'k str,
        or_untyped: bool,
    ) -> impl Iterator<Item = &'a Attributes> + use<'a, 'k> {
        let of = self.snapshot.registry().type_of(attr);
        let values = match of.is_some() && self.may_read(attr) {
            true => self.record.attributes.values(attr),
            false => &[],
        };
        let fits = move |element: &&Attributes| match of.and_then(|of| element.text(of)) {
            Some(own) => own == kind || text::eq_case_ignore(own, kind),
            None => or_untyped,
        };
        values.iter().filter_map(Value::as_complex).filter(fits)
    }

    /// The name people see; empty if it may not be read.
    pub fn common_name(&self) -> Cow<'a, str> {
        match self.may_read(attr::COMMON_NAME) {
            true => self.record.common_name(),
            false => Cow::default(),
        }
    }

    /// Gives each record that an attribute points at: `MEMBERS`, `HOLDERS`, `GROUPS` (the groups, then the
    /// roles), `MANAGER`, `EXTENSIONS`, `DESKS`.
    pub fn references(&self, attr: AttrId, each: &mut dyn FnMut(Entry<'a>) -> Flow) -> Flow {
        if !self.may_read(attr) {
            return Flow::Continue(());
        }
        self.each_reference(attr, &mut |record| each(Self { record, ..*self }))
    }

    /// What `make` makes of the members of a group or the holders of a role, one after the other:
    /// made once, and kept for all who see the same of them until that changes. `None` where they
    /// are few, for who does not see all kinds of members, and where groups are among them, whose
    /// names depend on those of others.
    pub fn kept_members(&self, make: &mut dyn FnMut(Entry<'a>, &mut Vec<u8>)) -> Option<Arc<[u8]>> {
        let kinds = self.view.kinds;
        let sees_all = kinds.contains(Kind::User) && kinds.contains(Kind::Group);
        if !sees_all || !self.may_read(attr::HOLDERS) {
            return None;
        }
        let (snapshot, number) = (self.snapshot, self.record.number.0);
        let kept = match self.record.kind {
            Kind::Group => snapshot.member_edges().kept(number)?,
            Kind::Role => snapshot.held_edges().kept(number)?,
            _ => return None,
        };
        kept.get(self.view.attributes.contains(attr::ACTIVE), || {
            let mut octets = Vec::new();
            let made = self.references(attr::HOLDERS, &mut |member| {
                if member.record.kind != Kind::User {
                    return Flow::Break(());
                }
                make(member, &mut octets);
                Flow::Continue(())
            });
            made.is_continue().then(|| octets.into())
        })
    }

    /// The key of the role that a user has for want of another.
    pub fn baseline_role(&self) -> Option<&'a str> {
        let is_shown = self.record.kind == Kind::User && self.may_read(attr::ROLES);
        let effective = is_shown.then(|| self.snapshot.effective_of(self.record))?;
        effective.baseline().map(|role| role.key().as_str())
    }

    /// How many members a group or role has.
    pub fn member_count(&self) -> usize {
        match self.record.kind {
            Kind::Group => self.snapshot.member_edges().count(self.record.number.0),
            Kind::Role => self.snapshot.grantees(self.record).count(),
            _ => 0,
        }
    }

    /// Gives each permission: a user's by the roles that act, or a role's own.
    pub fn permissions(&self, each: &mut dyn FnMut(&str)) {
        if !self.may_read(attr::PERMISSIONS) {
            return;
        }
        let _ = self.unchecked_leaf(attr::PERMISSIONS, &mut |value| {
            if let ValueRef::Str(text) = value {
                each(text);
            }
            Flow::Continue(())
        });
    }

    /// Another record, seen by the same principal.
    pub(crate) fn of(&self, record: &'a Arc<Record>) -> Self {
        Self { record, ..*self }
    }

    pub(crate) fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// Whether the reader may know of this other record.
    pub(crate) fn sees(&self, other: &Record) -> bool {
        self.view.sees(other)
    }

    /// Gives each record that an attribute points at and that the reader may know of.
    fn each_reference(&self, attr: AttrId, each: &mut dyn FnMut(&'a Arc<Record>) -> Flow) -> Flow {
        let (snapshot, record) = (self.snapshot, self.record);
        let mut each = |other: &'a Arc<Record>| match self.sees(other) {
            true => each(other),
            false => Flow::Continue(()),
        };
        match attr {
            attr::MEMBERS if record.kind == Kind::Role => {
                snapshot.grantees(record).try_for_each(each)
            }
            attr::HOLDERS if record.kind == Kind::Role => {
                snapshot.holders(record).try_for_each(each)
            }
            attr::HOLDERS if matches!(record.kind, Kind::Extension | Kind::Desk) => {
                let holders = snapshot.holders_of_place(record).into_iter();
                holders.map(|(holder, _)| holder).try_for_each(each)
            }
            attr::MEMBERS | attr::HOLDERS => {
                let members = snapshot.member_edges().of(record.number.0);
                members
                    .filter_map(|(to, ())| snapshot.numbered(to))
                    .try_for_each(each)
            }
            attr::GROUPS => {
                let groups = snapshot.member_edges().onto(record.number.0);
                groups
                    .filter_map(|from| snapshot.numbered(from))
                    .try_for_each(&mut each)?;
                snapshot.roles_of(record).try_for_each(each)
            }
            attr::MANAGER => {
                let manager = record
                    .attributes
                    .first(attr::MANAGER)
                    .and_then(Value::as_complex);
                let id = manager
                    .and_then(|m| m.text(attr::MANAGER_VALUE))
                    .and_then(Id::parse);
                id.and_then(|id| snapshot.record(id))
                    .into_iter()
                    .try_for_each(each)
            }
            attr::EXTENSIONS => self
                .assigned(EdgeKind::Extension)
                .try_for_each(|(r, _)| each(r)),
            attr::DESKS => self.assigned(EdgeKind::Desk).try_for_each(|(r, _)| each(r)),
            _ => Flow::Continue(()),
        }
    }

    /// The user's extensions or desks, the primary one first.
    fn assigned(&self, kind: EdgeKind) -> impl Iterator<Item = (&'a Arc<Record>, bool)> {
        let mut all = self.snapshot.origins(kind, self.record);
        all.sort_by_key(|(_, primary)| !primary);
        all.into_iter()
    }
}

/// Each value of a leaf in the values of its attribute of the top level, the primary element's first.
fn parts<'v>(
    registry: &Registry,
    values: &'v [Value],
    top: AttrId,
    leaf: AttrId,
) -> impl Iterator<Item = ValueRef<'v>> + use<'v> {
    let primary = match values.len() {
        0 | 1 => None,
        _ => registry.primary_of(top),
    };
    let is_primary = move |value: &&Value| {
        let primary = value.as_complex().zip(primary);
        primary.is_some_and(|(element, primary)| element.flag(primary) == Some(true))
    };
    let first = values.iter().filter(move |value| is_primary(value));
    let others = values.iter().filter(move |value| !is_primary(value));
    let of_leaf = move |value: &'v Value| match value.as_complex() {
        Some(element) => element.values(leaf),
        None if leaf == top => std::slice::from_ref(value),
        None => &[],
    };
    first
        .chain(others)
        .flat_map(of_leaf)
        .filter_map(ValueRef::of)
}
