//! Searches of every shape, comparisons, and names: the generated ones and those thought of.

use std::collections::BTreeMap;

use ldap3::Scope;

use super::answer::Attributes;
use super::filters::Leaf;
use super::pair::Search;
use super::random::Random;

/// Names of which most mean nothing, and some are none.
pub const NAMES: &[&str] = &[
    "",
    "dc=acme,dc=example",
    "DC=ACME,DC=EXAMPLE",
    " dc = acme , dc = example ",
    "0.9.2342.19200300.100.1.25=acme,dc=example",
    "dc=example",
    "dc=com",
    "o=elsewhere",
    "ou=people,dc=acme,dc=example",
    "OU=People,dc=acme,dc=example",
    "2.5.4.11=people,dc=acme,dc=example",
    "ou=people;dc=acme;dc=example",
    "ou=nowhere,dc=acme,dc=example",
    "ou=nowhere,ou=people,dc=acme,dc=example",
    "uid=nobody,ou=people,dc=acme,dc=example",
    "uid=x,uid=nobody,ou=people,dc=acme,dc=example",
    "uid=x,uid=many,ou=people,dc=acme,dc=example",
    "uid=MANY,ou=people,dc=acme,dc=example",
    "userid=many,ou=people,dc=acme,dc=example",
    "cn=Many Values,ou=people,dc=acme,dc=example",
    "uid=m\\c3\\bcller,ou=people,dc=acme,dc=example",
    "uid=müller,ou=people,dc=acme,dc=example",
    "uid=MÜLLER,ou=people,dc=acme,dc=example",
    "uid=muller,ou=people,dc=acme,dc=example",
    "uid=#6d616e79,ou=people,dc=acme,dc=example",
    "uid=#04046d616e79,ou=people,dc=acme,dc=example",
    "uid=comma\\, esq.,ou=people,dc=acme,dc=example",
    "uid=comma\\2c esq.,ou=people,dc=acme,dc=example",
    "uid=comma\\2C  ESQ.,ou=people,dc=acme,dc=example",
    "uid=\\63omma\\, esq.,ou=people,dc=acme,dc=example",
    "uid=\"comma, esq.\",ou=people,dc=acme,dc=example",
    "uid=comma, esq.,ou=people,dc=acme,dc=example",
    "uid=\\#hash,ou=people,dc=acme,dc=example",
    "uid=\\23hash,ou=people,dc=acme,dc=example",
    "uid=#hash,ou=people,dc=acme,dc=example",
    "uid=plus+equals=,ou=people,dc=acme,dc=example",
    "uid=plus\\+equals\\=,ou=people,dc=acme,dc=example",
    "uid=plus\\2bequals=,ou=people,dc=acme,dc=example",
    "uid=many+cn=Many Values,ou=people,dc=acme,dc=example",
    "uid=many\\,ou=people,dc=acme,dc=example",
    "uid=many\\",
    "uid=many\\zz,ou=people,dc=acme,dc=example",
    "uid=many\\ ,ou=people,dc=acme,dc=example",
    "uid=\\ many,ou=people,dc=acme,dc=example",
    "uid=,ou=people,dc=acme,dc=example",
    "=many,ou=people,dc=acme,dc=example",
    "many,ou=people,dc=acme,dc=example",
    "uid=many,,ou=people,dc=acme,dc=example",
    ",uid=many,ou=people,dc=acme,dc=example",
    "uid=many,ou=people,dc=acme,dc=example,",
    "uid=many+,ou=people,dc=acme,dc=example",
    "shoeSize=38,ou=people,dc=acme,dc=example",
    "1.2.3.4=38,ou=people,dc=acme,dc=example",
    "1..2=38,ou=people,dc=acme,dc=example",
    "u id=many,ou=people,dc=acme,dc=example",
    "uid_x=many,ou=people,dc=acme,dc=example",
    "uid;lang-en=many,ou=people,dc=acme,dc=example",
    "ou=roles,dc=acme,dc=example",
    "cn=PBX User,ou=roles,dc=acme,dc=example",
    "cn=pbx  user,ou=roles,dc=acme,dc=example",
    "cn=Sales\\, East,ou=groups,dc=acme,dc=example",
];

const SELECTIONS: &[&[&str]] = &[
    &[],
    &["*"],
    &["+"],
    &["*", "+"],
    &["1.1"],
    &["1.1", "cn"],
    &["cn"],
    &["CN", "cn"],
    &["commonName", "surname", "gn", "mobileTelephoneNumber"],
    &["2.5.4.3", "0.9.2342.19200300.100.1.3"],
    &["name"],
    &["name", "cn"],
    &["distinguishedName"],
    &["cn", "sn", "telephoneNumber", "mobile", "homePhone"],
    &["telephoneNumber", "other", "moblie"],
    &["shoeSize"],
    &["objectClass", "structuralObjectClass"],
    &["entryDN", "hasSubordinates", "subschemaSubentry"],
    &["entryUUID", "createTimestamp", "modifyTimestamp"],
    &["memberOf", "pbxRole", "pbxPermission"],
    &["member"],
    &["*", "member"],
    &["*", "entryUUID"],
    &["@person"],
    &["@inetOrgPerson", "entryDN"],
    &["@noSuchClass"],
    &["@groupOfNames"],
    &["cn;lang-en"],
    &["cn;lang-en", "sn"],
    &["cn;binary"],
    &["userPassword", "uid"],
    &["postalAddress", "homePostalAddress", "labeledURI"],
];

/// A comparison.
#[derive(Clone, Debug)]
pub struct Compare {
    /// The entry.
    pub name: String,
    /// The attribute.
    pub attribute: String,
    /// The value.
    pub value: String,
}

/// A search of any shape; its filter is one of the questions.
pub fn search(
    entries: &BTreeMap<String, Attributes>,
    leaves: &[Leaf],
    random: &mut Random,
) -> Search {
    let names: Vec<&String> = entries.keys().collect();
    let base = match random.below(4) {
        0 => (*random.one_of(NAMES)).to_owned(),
        1 => (*random.one_of(&names)).clone(),
        2 => (*random.one_of(&["dc=acme,dc=example", "ou=people,dc=acme,dc=example"])).to_owned(),
        _ => {
            let branches = [
                "people",
                "groups",
                "roles",
                "permissions",
                "contacts",
                "extensions",
            ];
            format!("ou={},dc=acme,dc=example", random.one_of(&branches))
        }
    };
    let filter = match random.below(3) {
        0 => random.one_of(leaves).to_string(),
        1 => (*random.one_of(&["(&)", "(|)", "(cn=a*)", "(sn=*)"])).to_owned(),
        _ => "(objectClass=*)".to_owned(),
    };
    let selection = *random.one_of(SELECTIONS);
    let scope = *random.one_of(&[Scope::Base, Scope::OneLevel, Scope::Subtree]);
    Search {
        // The root DSE tells what a server can do, which is not the same.
        scope: if base.is_empty() {
            Scope::Subtree
        } else {
            scope
        },
        base,
        filter,
        attributes: selection.iter().map(|name| (*name).to_owned()).collect(),
        types_only: random.once_in(5),
        size_limit: *random.one_of(&[0, 0, 0, 1, 2, 10, 100_000]),
    }
}

/// A comparison, of a value that is there in half of all cases.
pub fn compare(
    entries: &BTreeMap<String, Attributes>,
    leaves: &[Leaf],
    random: &mut Random,
) -> Compare {
    let all: Vec<(&String, &Attributes)> = entries.iter().collect();
    let (name, attributes) = *random.one_of(&all);
    let name = if random.once_in(8) {
        (*random.one_of(&NAMES[1..])).to_owned()
    } else {
        name.clone()
    };
    let attributes: Vec<(&String, String)> = attributes
        .iter()
        .flat_map(|(attribute, values)| values.iter().map(move |value| (attribute, value)))
        .filter_map(|(attribute, value)| Some((attribute, String::from_utf8(value.clone()).ok()?)))
        .collect();
    let leaf = random.one_of(leaves);
    if random.once_in(2) && !leaf.attribute.is_empty() {
        let value = leaf.value.concat();
        return Compare {
            name,
            attribute: leaf.attribute.clone(),
            value,
        };
    }
    let (attribute, value) = random.one_of(&attributes).clone();
    let value = match random.below(4) {
        0 => value.to_uppercase(),
        1 => format!("{value}x"),
        _ => value,
    };
    Compare {
        name,
        attribute: attribute.clone(),
        value,
    }
}
