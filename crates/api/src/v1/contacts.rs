//! Contacts: the outside numbers of the phone book.

use jackfield_gateway::access::ApiScope;
use jackfield_gateway::{Entry, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind};

use super::project::Shown;
use super::records::{self, Area, Names, names};
use super::said::Said;
use crate::endpoint::Endpoints;
use crate::error::Error;
use crate::shape::contact::{Contact, ContactBody};

struct Contacts;

pub(super) fn endpoints() -> Endpoints {
    records::endpoints::<Contacts>()
}

impl Area for Contacts {
    const KIND: Kind = Kind::Contact;
    const NAMES: Names = names!("contacts", "Contact", "Contacts", "a contact", "contacts");
    const SCOPES: [ApiScope; 2] = [ApiScope::DirectoryRead, ApiScope::DirectoryWrite];
    const NAME: &'static str = "displayName";
    const SEARCHED: &'static [AttrId] = &[
        attr::COMMON_NAME,
        attr::EMAILS_VALUE,
        attr::PHONE_NUMBERS_VALUE,
        attr::ORGANIZATION,
    ];
    type Shown = Contact;
    type Said = ContactBody;

    fn shown(_: &Session, _: &Reader, entry: Entry<'_>) -> Option<Contact> {
        let said = Shown(entry);
        Some(Contact {
            person: said.person(),
            description: said.text(attr::DESCRIPTION),
        })
    }

    fn said(_: &Session, body: ContactBody) -> Result<Said, Error> {
        let mut said = Said::default();
        said.say_texts([
            (attr::DISPLAY_NAME, body.display_name),
            (attr::TITLE, body.title),
            (attr::DEPARTMENT, body.department),
            (attr::ORGANIZATION, body.organization),
            (attr::DESCRIPTION, body.description),
        ]);
        said.say_name(body.name);
        said.say_addresses(body.emails, body.phone_numbers, body.addresses);
        Ok(said)
    }
}
