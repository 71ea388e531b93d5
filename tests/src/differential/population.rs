//! The LDIF that is imported: entries with all that is awkward, and many ordinary ones.

use std::fmt::Write as _;

use super::random::Random;

/// People and groups that were thought of, as another directory would write them.
pub const AWKWARD: &str = include_str!("population/awkward.ldif");

const GIVEN: &[&str] = &[
    "Anna",
    "Jürgen",
    "Zoë",
    "José",
    "Søren",
    "Łukasz",
    "Maria",
    "Jean-Luc",
    "Ann Marie",
    "O’Neil",
    "Đorđe",
    "İpek",
    "Ana",
    "ANNA",
    "anna",
];
const FAMILY: &[&str] = &[
    "Müller",
    "Mueller",
    "Muller",
    "Straße",
    "Strasse",
    "de la Cruz",
    "O'Brien",
    "Ångström",
    "Smith",
    "Smithson",
    "Smith  Jones",
    "Nuñez",
    "Çelik",
    "МАРКОВ",
    "Марков",
    "田中",
    "Lee",
];
const TITLES: &[&str] = &[
    "Head of R&D (Berlin)",
    "clerk",
    "Clerk",
    "C* team",
    "back\\slash",
    "Sales, East",
];

/// Everything, with so many people beside the awkward ones.
pub fn ldif(people: usize) -> String {
    let mut random = Random::new(0x1a2b);
    let mut ldif = AWKWARD.to_owned();
    for number in 0..people {
        person(&mut ldif, number, &mut random);
    }
    for number in 0..people / 12 {
        let _ = write!(
            ldif,
            "\ndn: cn=Group {number},ou=groups,dc=acme,dc=example\nobjectClass: groupOfNames\n\
             cn: Group {number}\ndescription: Number {number} of the groups\n"
        );
        for _ in 0..random.below(9) {
            let member = random.below(people);
            let _ = writeln!(
                ldif,
                "member: uid=p{member:03},ou=people,dc=acme,dc=example"
            );
        }
    }
    ldif
}

/// The entries of the LDIF with their values; those in Base64 are left out.
pub fn entries(ldif: &str) -> Vec<(String, Vec<(String, String)>)> {
    let unfolded = ldif.replace("\n ", "");
    let blocks = unfolded
        .split("\n\n")
        .filter(|block| block.trim_start().starts_with("dn: "));
    let entries = blocks.map(|block| {
        let lines = block
            .trim_start()
            .lines()
            .filter_map(|line| line.split_once(": "));
        let mut lines = lines.filter(|(name, _)| !name.ends_with(':'));
        let name = lines.next().map_or("", |(_, name)| name).to_owned();
        let values = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
        (name, values.collect())
    });
    entries.collect()
}

fn person(ldif: &mut String, number: usize, random: &mut Random) {
    let (given, family) = (*random.one_of(GIVEN), *random.one_of(FAMILY));
    let _ = write!(
        ldif,
        "\ndn: uid=p{number:03},ou=people,dc=acme,dc=example\nobjectClass: inetOrgPerson\n\
         uid: p{number:03}\ncn: {given} {family}\nsn: {family}\ngivenName: {given}\n"
    );
    let mut sometimes = |line: String| {
        if !random.once_in(3) {
            ldif.push_str(&line);
        }
    };
    sometimes(format!("mail: P{number:03}@Acme.example\n"));
    sometimes(format!("employeeNumber: {:04}\n", number * 7 % 90));
    sometimes(format!("title: {}\n", TITLES[number % TITLES.len()]));
    sometimes(format!("ou: Department {}\n", number % 9));
    sometimes("o: Acme\n".to_owned());
    sometimes(format!(
        "l: {}\n",
        ["Berlin", "München", "Zürich"][number % 3]
    ));
    sometimes(format!("telephoneNumber: {}\n", phone(number)));
    sometimes(format!("mobile: {}\n", phone(number * 5 + 1)));
    sometimes(format!("homePhone: {}\n", phone(number * 3 + 2)));
    sometimes(format!("facsimileTelephoneNumber: +49 30 9 {number}\n"));
    sometimes(format!(
        "postalAddress: Street {number}$1011{} Berlin\n",
        number % 10
    ));
}

/// One number in one of the forms in which people write them.
fn phone(number: usize) -> String {
    let (area, local) = (200 + number % 7, 1_000 + number % 400);
    match number % 8 {
        0 => format!("+49 30 {area} {local}"),
        1 => format!("+49-30-{area}{local}"),
        2 => format!("0049 30 {area}{local}"),
        3 => format!("030 {area} {local}"),
        4 => format!("(030) {area}-{local}"),
        5 => format!("{local}"),
        6 => format!("+4930{area}{local}"),
        _ => format!("+1 212 555 {local}"),
    }
}
