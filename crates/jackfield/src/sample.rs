//! Sample people, groups, roles and extensions, for a tenant to look around in.

use anyhow::{Context as _, Result};
use jackfield_gateway::{Command, Session};
use jackfield_model::schema::attr;
use jackfield_model::{Attributes, Id, Kind};

/// One of the sample people.
pub(crate) struct Guest {
    /// The record.
    pub(crate) id: Id,
    /// The given name.
    pub(crate) given_name: &'static str,
}

const GIVEN: [&str; 10] = [
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ida", "Jonas",
];
const FAMILY: [&str; 5] = ["Berg", "Müller", "Novak", "O'Brien", "Søndergård"];
const LOGIN: [&str; 5] = ["berg", "mueller", "novak", "obrien", "sondergard"];
const DEPARTMENTS: [&str; 5] = ["Sales", "Support", "Engineering", "Finance", "Management"];

/// Makes them; gives the first.
pub(crate) async fn fill(operator: &Session) -> Result<Guest> {
    let settings = operator.tenant().settings();
    let domain = settings
        .domains
        .first()
        .map_or("example.invalid", |d| d.as_str())
        .to_owned();
    let mut roles: Vec<(u16, String)> = operator
        .tenant()
        .roles()
        .iter()
        .map(|role| (role.rank(), role.key().to_string()))
        .collect();
    roles.sort_by(|a, b| b.cmp(a));

    let mut members: [Vec<Id>; 5] = Default::default();
    let mut first = None;
    for (number, (family_at, given)) in people().enumerate() {
        let role = match number {
            0 | 1 => roles.first(),
            2..=4 => roles.get(1),
            5 => roles.last(),
            _ => None,
        };
        let attributes = person(
            number,
            family_at,
            given,
            &domain,
            role.map(|(_, key)| key.as_str()),
        );
        let written = operator
            .write(Command::Create {
                kind: Kind::User,
                attributes,
            })
            .await?;
        let id = written.id.context("a sample person is gone again")?;
        first.get_or_insert(Guest {
            id,
            given_name: given,
        });
        if let Some(members) = members.get_mut(number % DEPARTMENTS.len()) {
            members.push(id);
        }
    }
    for (name, members) in DEPARTMENTS.iter().zip(members) {
        let mut attributes = Attributes::new().with(attr::DISPLAY_NAME, *name);
        let member = |id: Id| {
            Attributes::new()
                .with(attr::MEMBERS_VALUE, id.to_string().as_str())
                .into()
        };
        attributes.set(attr::MEMBERS, members.into_iter().map(member).collect());
        operator
            .write(Command::Create {
                kind: Kind::Group,
                attributes,
            })
            .await?;
    }
    first.context("there are no sample people")
}

/// Fifty: the place of the family name, and the given name.
fn people() -> impl Iterator<Item = (usize, &'static str)> {
    (0..FAMILY.len()).flat_map(|family| GIVEN.iter().map(move |given| (family, *given)))
}

fn person(
    number: usize,
    family_at: usize,
    given: &str,
    domain: &str,
    role: Option<&str>,
) -> Attributes {
    let family = FAMILY.get(family_at).copied().unwrap_or_default();
    let login = LOGIN.get(family_at).copied().unwrap_or_default();
    let department = DEPARTMENTS
        .get(number % DEPARTMENTS.len())
        .copied()
        .unwrap_or_default();
    let user_name = format!("{}.{login}", given.to_ascii_lowercase());
    let extension = format!("{}", 2_001 + number);
    let typed = |value_attr, value: &str, type_attr, kind: &str| {
        Attributes::new()
            .with(value_attr, value)
            .with(type_attr, kind)
    };
    let phone = |value: &str, kind: &str| {
        typed(
            attr::PHONE_NUMBERS_VALUE,
            value,
            attr::PHONE_NUMBERS_TYPE,
            kind,
        )
    };
    let mail = typed(
        attr::EMAILS_VALUE,
        &format!("{user_name}@{domain}"),
        attr::EMAILS_TYPE,
        "work",
    )
    .with(attr::EMAILS_PRIMARY, true);
    let mut attributes = Attributes::new()
        .with(attr::USER_NAME, user_name.as_str())
        .with(attr::DISPLAY_NAME, format!("{given} {family}").as_str())
        .with(
            attr::NAME,
            Attributes::new()
                .with(attr::NAME_GIVEN_NAME, given)
                .with(attr::NAME_FAMILY_NAME, family),
        )
        .with(attr::ACTIVE, true)
        .with(attr::EMAILS, mail)
        .with(
            attr::PHONE_NUMBERS,
            phone(&format!("+49 30 5550-{extension}"), "work"),
        )
        .with(
            attr::PHONE_NUMBERS,
            phone(&format!("+49 171 555{:04}", 1_000 + number), "mobile"),
        )
        .with(attr::DEPARTMENT, department)
        .with(
            attr::EXTENSIONS,
            Attributes::new().with(attr::EXTENSIONS_VALUE, extension.as_str()),
        );
    if let Some(role) = role {
        attributes.put(attr::ROLES, Attributes::new().with(attr::ROLES_VALUE, role));
    }
    attributes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn fifty_people_each_with_a_name_of_their_own() {
        let names: HashSet<String> = people()
            .enumerate()
            .map(|(number, (family, given))| {
                let bag = person(number, family, given, "acme.example", None);
                bag.text(attr::USER_NAME).unwrap().to_owned()
            })
            .collect();
        assert_eq!(names.len(), 50);
    }
}
