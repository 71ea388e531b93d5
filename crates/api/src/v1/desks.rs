//! Desks.

use jackfield_gateway::access::ApiScope;
use jackfield_gateway::{Entry, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind};

use super::project::Shown;
use super::records::{self, Area, Names, names};
use super::said::Said;
use crate::endpoint::Endpoints;
use crate::error::Error;
use crate::shape::desk::{Desk, DeskBody};

struct Desks;

pub(super) fn endpoints() -> Endpoints {
    records::endpoints::<Desks>()
}

impl Area for Desks {
    const KIND: Kind = Kind::Desk;
    const NAMES: Names = names!("desks", "Desk", "Desks", "a desk", "desks");
    const SCOPES: [ApiScope; 2] = [ApiScope::DirectoryRead, ApiScope::DirectoryWrite];
    const NAME: &'static str = "displayName";
    const SEARCHED: &'static [AttrId] = &[attr::COMMON_NAME, attr::DESCRIPTION];
    type Shown = Desk;
    type Said = DeskBody;

    fn shown(_: &Session, _: &Reader, entry: Entry<'_>) -> Option<Desk> {
        let said = Shown(entry);
        let [created, modified] = said.times();
        Some(Desk {
            id: entry.record().id.to_string(),
            display_name: entry.common_name().to_string(),
            description: said.text(attr::DESCRIPTION),
            users: said.holders(),
            created,
            modified,
        })
    }

    fn said(_: &Session, body: DeskBody) -> Result<Said, Error> {
        let mut said = Said::default();
        said.say_texts([
            (attr::DISPLAY_NAME, body.display_name),
            (attr::DESCRIPTION, body.description),
        ]);
        Ok(said)
    }
}
