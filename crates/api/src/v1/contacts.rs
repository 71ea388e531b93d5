//! Contacts: the outside numbers of the phone book.

use jackfield_gateway::access::ApiScope;
use jackfield_gateway::{Entry, Reader, Session};
use jackfield_model::schema::attr;
use jackfield_model::{AttrId, Kind};

use super::project::{EMAIL, PHONE, Shown};
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
        let [created, modified] = said.times();
        Some(Contact {
            id: entry.record().id.to_string(),
            display_name: entry.common_name().to_string(),
            name: said.name(),
            emails: said.addresses(attr::EMAILS, EMAIL),
            phone_numbers: said.addresses(attr::PHONE_NUMBERS, PHONE),
            addresses: said.postal(),
            title: said.text(attr::TITLE),
            department: said.text(attr::DEPARTMENT),
            organization: said.text(attr::ORGANIZATION),
            description: said.text(attr::DESCRIPTION),
            created,
            modified,
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
