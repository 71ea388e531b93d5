//! Which extensions a user holds and which desks the user is assigned to.

use std::sync::Arc;

use jackfield_model::schema::attr;
use jackfield_model::{
    AttrId, Attributes, AuditChange, Change, Edge, EdgeKind, Kind, Record, Value, text,
};
use smol_str::SmolStr;

use super::draft::Draft;
use super::{Refusal, action, bounds};

impl Draft<'_> {
    /// Makes these the user's extensions. One that is not there yet is made; one that somebody
    /// else holds is refused.
    pub(super) fn set_extensions(
        &mut self,
        user: &Record,
        wanted: Option<Vec<Value>>,
    ) -> Result<(), Refusal> {
        let Some(wanted) = wanted else { return Ok(()) };
        let wanted = names(
            &wanted,
            attr::EXTENSIONS_VALUE,
            Some(attr::EXTENSIONS_PRIMARY),
        );
        self.assign(user, EdgeKind::Extension, &wanted)
    }

    /// Makes these the user's desks. One that is not there yet is made.
    pub(super) fn set_desks(
        &mut self,
        user: &Record,
        wanted: Option<Vec<Value>>,
    ) -> Result<(), Refusal> {
        let Some(wanted) = wanted else { return Ok(()) };
        let wanted = names(&wanted, attr::DESKS_VALUE, None);
        self.assign(user, EdgeKind::Desk, &wanted)
    }

    fn assign(
        &mut self,
        user: &Record,
        kind: EdgeKind,
        wanted: &[(SmolStr, bool)],
    ) -> Result<(), Refusal> {
        if !self.writes_attributes(user.id) {
            return Ok(());
        }
        let (attribute, action) = match kind {
            EdgeKind::Desk => ("desks", action::DESKS),
            EdgeKind::Extension | EdgeKind::Member => ("extensions", action::EXTENSIONS),
        };
        self.try_to(action, user.id);
        let mut edges = Vec::new();
        for (name, primary) in wanted {
            let place = self.place(kind, name)?;
            if kind == EdgeKind::Extension {
                self.check_free(user, &place)?;
            }
            edges.push(Edge {
                kind,
                from: place.id,
                to: user.id,
                primary: *primary,
            });
        }
        let held: Vec<Edge> = self
            .snapshot
            .origins(kind, user)
            .into_iter()
            .map(|(place, primary)| Edge {
                kind,
                from: place.id,
                to: user.id,
                primary,
            })
            .collect();
        let gone = held
            .iter()
            .filter(|old| !edges.iter().any(|new| new.from == old.from));
        let mut changes: Vec<Change> = gone.map(|edge| Change::RemoveEdge(*edge)).collect();
        changes.extend(
            edges
                .iter()
                .filter(|e| !held.contains(e))
                .map(|e| Change::PutEdge(*e)),
        );
        if changes.is_empty() {
            return Ok(());
        }
        let listed = |draft: &Self, edges: &[Edge]| {
            let named = edges.iter().filter_map(|e| draft.snapshot.record(e.from));
            let text = named
                .map(|r| r.common_name().to_string())
                .collect::<Vec<_>>()
                .join(", ");
            Some(text).filter(|text| !text.is_empty())
        };
        let (before, after) = (listed(self, &held), listed(self, &edges));
        self.push_all(changes)?;
        let change = AuditChange {
            attribute: attribute.into(),
            before,
            after,
        };
        self.tell(action, Some(user), vec![change]);
        self.touch(user.id)
    }

    /// The extension or desk of this name, made if it is not there.
    fn place(&mut self, kind: EdgeKind, name: &str) -> Result<Arc<Record>, Refusal> {
        let (kind, attr, named_by): (Kind, AttrId, AttrId) = match kind {
            EdgeKind::Desk => (Kind::Desk, attr::DISPLAY_NAME, attr::DESKS_VALUE),
            EdgeKind::Extension | EdgeKind::Member => (
                Kind::Extension,
                attr::EXTENSION_NUMBER,
                attr::EXTENSIONS_VALUE,
            ),
        };
        if let Some(record) = self.snapshot.keyed(kind, &text::case_ignore(name)) {
            return Ok(Arc::clone(record));
        }
        let mut record = self.new_record(kind);
        record.attributes = Attributes::new().with(attr, name);
        self.check_place(&record).map_err(|refusal| match refusal {
            Refusal::InvalidValue { problem, .. } => {
                let path = self.snapshot.registry().path(named_by).into();
                Refusal::InvalidValue { path, problem }
            }
            other => other,
        })?;
        let record = Arc::new(record);
        self.push(Change::PutRecord(Arc::clone(&record)))?;
        Ok(record)
    }

    fn check_place(&self, place: &Record) -> Result<(), Refusal> {
        self.check_name(place)?;
        let (registry, none) = (self.snapshot.registry(), Attributes::new());
        bounds::check_texts(registry, &none, &place.attributes)
    }

    fn check_free(&self, user: &Record, extension: &Record) -> Result<(), Refusal> {
        let holders = self.snapshot.targets(EdgeKind::Extension, extension);
        match holders.iter().all(|(holder, _)| holder.id == user.id) {
            true => Ok(()),
            false => Err(Refusal::Taken {
                kind: "user",
                attribute: "extension".into(),
            }),
        }
    }
}

/// The names, each once, with which is the primary one: the first, if nothing is said of it.
fn names(values: &[Value], attr: AttrId, primary: Option<AttrId>) -> Vec<(SmolStr, bool)> {
    let mut all: Vec<(SmolStr, bool)> = Vec::new();
    let mut is_said = false;
    for value in values {
        let element = value.as_complex();
        let name = element
            .and_then(|element| element.text(attr))
            .or_else(|| value.as_str());
        let flag = primary.and_then(|primary| element?.flag(primary));
        is_said |= flag.is_some();
        let Some(name) = name.map(SmolStr::new) else {
            continue;
        };
        let key = text::case_ignore(&name);
        if !all
            .iter()
            .any(|(other, _)| text::eq_case_ignore(other, &key))
        {
            let is_first = !all.iter().any(|(_, is_primary)| *is_primary);
            all.push((name, is_first && flag == Some(true)));
        }
    }
    if let (Some(_), false, Some(first)) = (primary, is_said, all.first_mut()) {
        first.1 = true;
    }
    all
}
