//! Names that are taken. Of groups, two may share one only if different connections own them, or
//! if the one that makes the second wants to be served by the letter: RFC 7643 §4.2 lets names
//! repeat.

use std::slice;

use jackfield_model::schema::attr;
use jackfield_model::{Kind, Record, text};

use super::Refusal;
use super::draft::Draft;

impl Draft<'_> {
    /// The kind of another record that has this key among those that share a branch of the tree,
    /// and so its names, with this one.
    pub(super) fn namesake(&self, record: &Record, key: &str) -> Option<Kind> {
        let kinds = match &record.kind {
            Kind::Service | Kind::Device => &[Kind::Service, Kind::Device],
            kind => slice::from_ref(kind),
        };
        let has_it = |kind: &&Kind| {
            let found = self.snapshot.keyed(**kind, key);
            found.is_some_and(|it| it.id != record.id)
        };
        kinds.iter().find(has_it).copied()
    }

    /// Whether a group of this name would be taken for one that is there: a role, a group without
    /// an owner, or one of the acting connection's own.
    pub(super) fn is_group_name_taken(&self, record: &Record, name: &str) -> bool {
        if record.kind != Kind::Group || self.is_strict() {
            return false;
        }
        let mut numbers = Vec::new();
        for index in self.snapshot.indexes().of(attr::DISPLAY_NAME) {
            index.equal(name, &mut numbers);
        }
        let connection = self.connection();
        numbers
            .into_iter()
            .filter_map(|number| self.snapshot.numbered(number))
            .any(|other| {
                let is_alike = matches!(other.kind, Kind::Group | Kind::Role);
                let mut links = self.snapshot.links().of(other.id);
                let is_foreign =
                    links.any(|link| link.owner && Some(link.connection) != connection);
                other.id != record.id && is_alike && !is_foreign
            })
    }
}

/// Refuses another title for a role: it stands in the catalogue or the tenant's file.
pub(super) fn check_role_title(role: &Record, title: Option<&str>) -> Result<(), Refusal> {
    let own = role.common_name();
    match title {
        Some(title) if text::case_ignore(title) != text::case_ignore(&own) => {
            Err(Refusal::Mutability {
                path: "displayName".into(),
                problem: "a role is named by its definition".into(),
            })
        }
        _ => Ok(()),
    }
}
