//! The people that both servers hold, and the questions about them.
//!
//! Surnames are shared by exactly [`GROUP`] people, and so are middle names, crosswise; no name is a
//! part of another. So a prefix search by surname and a contains search by middle name have exactly
//! [`GROUP`] results, on a directory of any size.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

/// How many people share a surname, and a middle name.
pub const GROUP: usize = 50;
/// How many people are in a team.
pub const TEAM: usize = 100;
/// The group with everybody in it.
pub const EVERYBODY: &str = "everybody";
const CONSONANTS: &[u8] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8] = b"aeiou";
const SYLLABLES: usize = CONSONANTS.len() * VOWELS.len();
const GIVEN: &[&str] = &[
    "Anna", "Ben", "Clara", "David", "Emil", "Frida", "Georg", "Hanna", "Ida", "Jonas",
];

/// So many people, numbered from 0.
#[derive(Clone, Copy, Debug)]
pub struct People {
    count: usize,
}

impl People {
    /// A multiple of [`TEAM`]. Up to half a million the first two syllables of a name are its own:
    /// an index of short pieces then finds no one else, which is fair to every server.
    pub fn new(count: usize) -> Result<Self> {
        let most = GROUP * SYLLABLES * SYLLABLES * SYLLABLES / 2;
        ensure!(
            count > 0 && count.is_multiple_of(TEAM),
            "{count} is no multiple of {TEAM}"
        );
        ensure!(count <= most, "{count} is more than {most}");
        Ok(Self { count })
    }

    /// Any number, whose names need not be told apart by pieces of them.
    pub fn unlimited(count: usize) -> Self {
        Self { count }
    }

    pub fn count(self) -> usize {
        self.count
    }

    pub fn groups(self) -> usize {
        self.count / GROUP
    }

    pub fn teams(self) -> usize {
        self.count / TEAM
    }

    pub fn surname(group: usize) -> String {
        capital(&code(group))
    }

    /// Longer than a surname by a vowel, so that none is part of one.
    pub fn middle_name(group: usize) -> String {
        capital(&format!("o{}", code(group)))
    }

    pub fn person(self, number: usize) -> Person {
        Person {
            uid: format!("p{number:06}"),
            given: GIVEN[number % GIVEN.len()],
            middle: Self::middle_name(number % self.groups().max(1)),
            surname: Self::surname(number / GROUP),
            phone: format!("+49 30 {:03} {:04}", 200 + number / 10_000, number % 10_000),
            mobile: format!("+49 170 {number:07}"),
            number,
        }
    }
}

/// The name of a team.
pub fn team(number: usize) -> String {
    format!("team {number:05}")
}

/// A name of three syllables; of the first 10,000 the first two are the group's own.
fn code(group: usize) -> String {
    // Spread, so that neighbours do not begin alike.
    let (spread, turn) = (
        group * 7_919 % (SYLLABLES * SYLLABLES),
        group / (SYLLABLES * SYLLABLES),
    );
    let syllables = [
        spread / SYLLABLES,
        spread % SYLLABLES,
        (spread * 31 + 17 + turn * 37) % SYLLABLES,
    ];
    syllables
        .iter()
        .flat_map(|s| [CONSONANTS[s / VOWELS.len()], VOWELS[s % VOWELS.len()]])
        .map(char::from)
        .collect()
}

fn capital(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_uppercase() + rest
}

pub struct Person {
    pub uid: String,
    given: &'static str,
    middle: String,
    surname: String,
    pub phone: String,
    mobile: String,
    number: usize,
}

impl Person {
    fn full_name(&self) -> String {
        format!("{} {} {}", self.given, self.middle, self.surname)
    }

    pub fn scim(&self) -> Value {
        let full = self.full_name();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": self.uid,
            "name": {
                "givenName": self.given,
                "middleName": self.middle,
                "familyName": self.surname,
                "formatted": full,
            },
            "displayName": full,
            "emails": [
                {"value": format!("{}@acme.example", self.uid), "type": "work", "primary": true},
            ],
            "phoneNumbers": [
                {"value": self.phone, "type": "work"},
                {"value": self.mobile, "type": "mobile"},
            ],
            "active": true,
        })
    }

    /// What slapd holds, which finds members by an attribute of theirs.
    pub fn ldif(&self, base: &str) -> String {
        let team = team(self.number / TEAM);
        let entry = self.entry(base);
        format!(
            "{entry}memberOf: cn={team},ou=groups,{base}\nmemberOf: cn={EVERYBODY},ou=groups,{base}\n\n"
        )
    }

    /// As LDIF, without its end.
    pub fn entry(&self, base: &str) -> String {
        let Self {
            uid,
            given,
            surname,
            phone,
            mobile,
            ..
        } = self;
        let full = self.full_name();
        format!(
            "dn: uid={uid},ou=people,{base}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {full}\n\
             sn: {surname}\ngivenName: {given}\ndisplayName: {full}\nmail: {uid}@acme.example\n\
             telephoneNumber: {phone}\nmobile: {mobile}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_and_a_part_belong_to_exactly_one_group() {
        let people = People::new(10_000).unwrap();
        let names: Vec<(String, String)> = (0..people.count())
            .map(|number| people.person(number))
            .map(|person| {
                (
                    person.surname.to_lowercase(),
                    person.full_name().to_lowercase(),
                )
            })
            .collect();
        for group in 0..people.groups() {
            let surname = People::surname(group).to_lowercase();
            let begins = names
                .iter()
                .filter(|(sn, _)| sn.starts_with(&surname))
                .count();
            let middle = People::middle_name(group).to_lowercase();
            let contains = names.iter().filter(|(_, cn)| cn.contains(&middle)).count();
            assert_eq!((begins, contains), (GROUP, GROUP), "{surname} {middle}");
        }
    }
}
