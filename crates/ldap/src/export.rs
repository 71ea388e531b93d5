//! Entries as LDIF or as cells of a table, as one reader sees them: what [`import`](crate::import)
//! takes in again, and other directories, too.

use std::fmt::Write as _;

use jackfield_gateway::{Container, Entry, Reader};
use jackfield_model::{Kind, KindSet};

use crate::schema::{AttributeType, Schema, Source};
use crate::selection::Selection;
use crate::{ldif, record, tree};

/// The kinds of record that are exported, in an order in which what is pointed at comes first.
pub const KINDS: [Kind; 8] = [
    Kind::Extension,
    Kind::Desk,
    Kind::User,
    Kind::Contact,
    Kind::Group,
    Kind::Role,
    Kind::Service,
    Kind::Device,
];

/// The columns of a table of people; `import` knows them by these names.
pub const COLUMNS: [&str; 16] = [
    "uid",
    "cn",
    "givenName",
    "sn",
    "mail",
    "telephoneNumber",
    "mobile",
    "homePhone",
    "facsimileTelephoneNumber",
    "title",
    "o",
    "ou",
    "employeeNumber",
    "pbxExtension",
    "pbxDesk",
    "pbxActive",
];

/// Exports entries of one reader.
pub struct Export<'r> {
    reader: &'r Reader,
    selection: Selection,
    columns: Vec<&'static AttributeType>,
}

impl<'r> Export<'r> {
    /// All user attributes that the reader sees, and whether people are active.
    pub fn new(reader: &'r Reader) -> Self {
        let schema = Schema::of(reader);
        let column = |name: &&str| schema.attribute_type(name);
        Self {
            reader,
            columns: COLUMNS.iter().filter_map(column).collect(),
            selection: Selection::resolve(schema, &["*", "pbxActive"]),
        }
    }

    /// The branches of the tree that the reader sees, before what stands in them.
    pub fn branches(&self) -> String {
        let mut out = String::from("version: 1\n\n");
        let suffix = &self.reader.settings().suffix;
        let shown = Container::ALL
            .into_iter()
            .filter(|container| *container != Container::Permissions)
            .filter(|container| tree::shows(self.reader, *container));
        for container in shown {
            let ou = container.ou();
            ldif::write(&mut out, "dn", format!("ou={ou},{suffix}").as_bytes());
            // Writing to a string cannot fail.
            let _ = writeln!(out, "objectClass: organizationalUnit\nou: {ou}\n");
        }
        out
    }

    /// An entry as LDIF.
    pub fn ldif(&self, entry: Entry<'_>, out: &mut String) {
        ldif::write(out, "dn", self.reader.dn(entry).as_bytes());
        for (attribute, name) in self.selection.iter() {
            record::octets(self.reader, entry, attribute, &mut |value| {
                ldif::write(out, name, value);
            });
        }
        out.push('\n');
    }

    /// A person or contact as the cells of [`COLUMNS`]: of several values the first.
    pub fn row(&self, entry: Entry<'_>) -> Vec<String> {
        let is_user = entry.record().kind == Kind::User;
        let cell = |attribute: &&AttributeType| {
            let mut first = None;
            // The id of a contact is no name to log in by.
            if is_user || !has_uuid(attribute) {
                record::texts(self.reader, entry, attribute, &mut |text| {
                    first.get_or_insert(text);
                });
            }
            first.unwrap_or_default()
        };
        self.columns.iter().map(cell).collect()
    }
}

fn has_uuid(attribute: &AttributeType) -> bool {
    let is_uuid = |(_, source): &(KindSet, Source)| matches!(source, Source::Uuid);
    attribute.sources.iter().any(is_uuid)
}
