//! Entries of other directories as records: the schema's tables, read the other way round.

use std::collections::BTreeSet;

use jackfield_model::schema::{Type, attr};
use jackfield_model::{AttrId, Attributes, Dn, Kind, Registry, Timestamp, Value};

use crate::filter::value::{as_text, lined};
use crate::ldif::Entry;
use crate::schema::{Family, Source, Typed, any_attribute_type};

/// What an entry becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Import {
    /// A record.
    Record(Box<Imported>),
    /// Nothing: it only holds other entries.
    Branch,
    /// Nothing, for this reason.
    Refused(String),
}

/// A record that an entry becomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Its kind.
    pub kind: Kind,
    /// Its attributes; members, passwords and what points at other entries aside.
    pub attributes: Attributes,
    /// The name of the entry that is the person's manager.
    pub manager: Option<Dn>,
    /// The names of entries that are members of the group.
    pub members: Vec<Dn>,
    /// The user names of members of the group, where it says no more of them.
    pub member_names: Vec<String>,
    /// The password, as the other directory keeps it.
    pub password: Option<String>,
    /// The attributes that nothing here stands for.
    pub unknown: BTreeSet<String>,
}

const USERS: [&str; 7] = [
    "inetorgperson",
    "organizationalperson",
    "person",
    "posixaccount",
    "shadowaccount",
    "user",
    "account",
];
const GROUPS: [&str; 4] = ["groupofnames", "groupofuniquenames", "posixgroup", "group"];
const COMPUTED: [&str; 2] = ["pbxRoleGroup", "pbxAccount"];
const BRANCHES: [&str; 7] = [
    "organizationalunit",
    "organization",
    "dcobject",
    "domain",
    "container",
    "builtindomain",
    "country",
];

/// What an entry becomes in a tenant with this registry.
pub fn import(entry: &Entry, registry: &Registry) -> Import {
    let kind = match kind_of(entry) {
        Ok(Some(kind)) => kind,
        Ok(None) => return Import::Branch,
        Err(reason) => return Import::Refused(reason),
    };
    let mut building = Building {
        registry,
        kind,
        bag: Attributes::new(),
        made: Imported {
            kind,
            attributes: Attributes::new(),
            manager: None,
            members: Vec::new(),
            member_names: Vec::new(),
            password: None,
            unknown: BTreeSet::new(),
        },
    };
    for (name, value) in &entry.attributes {
        building.take(name, value);
    }
    building.finish()
}

/// By its object classes; a person without a name to log in by is a contact.
fn kind_of(entry: &Entry) -> Result<Option<Kind>, String> {
    let own: Vec<_> = values(entry, "objectClass").collect();
    let has = |class: &str| own.iter().any(|own| own.eq_ignore_ascii_case(class));
    let any = |classes: &[&str]| classes.iter().any(|class| has(class));
    let has_login = || {
        LOGINS
            .iter()
            .any(|name| values(entry, name).next().is_some())
    };
    if any(&COMPUTED) {
        // Made by the tenant's file or at the command line, and not by anything that is imported.
        Ok(None)
    } else if any(&GROUPS) {
        Ok(Some(Kind::Group))
    } else if has("pbxExtensionObject") {
        Ok(Some(Kind::Extension))
    } else if has("room") {
        Ok(Some(Kind::Desk))
    } else if any(&USERS) {
        Ok(Some(if has_login() && !is_contact(&entry.dn) {
            Kind::User
        } else {
            Kind::Contact
        }))
    } else if any(&BRANCHES) {
        Ok(None)
    } else {
        Err("none of its object classes is one of a person or group".to_owned())
    }
}

/// Whether it stands among the contacts of a tree like this product's, where `uid` is an id.
fn is_contact(dn: &str) -> bool {
    let branch = Dn::parse(dn).ok().and_then(|dn| dn.parent());
    let named = branch.as_ref().and_then(|dn| dn.rdn()?.get("ou"));
    named.is_some_and(|ou| ou.eq_ignore_ascii_case("contacts"))
}

/// What a person logs in by, the best first.
const LOGINS: [&str; 3] = ["uid", "sAMAccountName", "userPrincipalName"];

/// The values of an attribute, whatever its options.
fn values<'e>(entry: &'e Entry, name: &str) -> impl Iterator<Item = std::borrow::Cow<'e, str>> {
    entry
        .attributes
        .iter()
        .filter(move |(own, _)| base_name(own).eq_ignore_ascii_case(name))
        .map(|(_, value)| as_text(value))
}

fn base_name(description: &str) -> &str {
    description.split(';').next().unwrap_or(description)
}

struct Building<'r> {
    registry: &'r Registry,
    kind: Kind,
    bag: Attributes,
    made: Imported,
}

impl Building<'_> {
    fn take(&mut self, description: &str, value: &[u8]) {
        let name = base_name(description);
        let text = as_text(value);
        if text.trim().is_empty() {
            return;
        }
        match name.to_ascii_lowercase().as_str() {
            "objectclass" => {}
            "userpassword" => self.made.password = Some(text.into_owned()),
            "member" | "uniquemember" if self.kind == Kind::Group => {
                // `uniqueMember` may have a unique identifier behind the name (RFC 4517 §3.3.21).
                let dn = text.rsplit_once("#'").map_or(&*text, |(dn, _)| dn);
                self.made.members.extend(Dn::parse(dn));
            }
            "memberuid" if self.kind == Kind::Group => {
                self.made.member_names.push(text.into_owned());
            }
            "manager" if self.kind == Kind::User => match Dn::parse(&text) {
                Ok(dn) => self.made.manager = Some(dn),
                Err(_) => drop(self.made.unknown.insert(name.to_owned())),
            },
            "samaccountname" | "userprincipalname" if self.kind == Kind::User => {
                if self.bag.text(attr::USER_NAME).is_none() {
                    self.put(attr::USER_NAME, &text);
                }
            }
            _ => self.mapped(name, &text),
        }
    }

    /// By the table: each source that the kind of record has.
    fn mapped(&mut self, name: &str, text: &str) {
        let Some(attribute) = any_attribute_type(name) else {
            self.made.unknown.insert(name.to_owned());
            return;
        };
        let kind = self.kind;
        let sources = attribute.sources.iter();
        for (_, source) in sources.filter(|(kinds, _)| kinds.contains(kind)) {
            match source {
                Source::Leaf(attr) => self.put(*attr, text),
                Source::NumberAsName => self.put(attr::EXTENSION_NUMBER, text),
                Source::Typed(typed) => self.put_typed(*typed, text),
                // Computed here, whatever it was there.
                _ => {}
            }
        }
    }

    /// Puts a value where it belongs: the attribute itself, or a part of a complex one.
    fn put(&mut self, attr: AttrId, text: &str) {
        let attr = match attr {
            attr::COMMON_NAME if self.bag.text(attr::DISPLAY_NAME).is_some() => return,
            attr::COMMON_NAME => attr::DISPLAY_NAME,
            other => other,
        };
        let Some(def) = self.registry.get(attr) else {
            return;
        };
        let Some(value) = typed_value(def.ty, text) else {
            self.made.unknown.insert(def.name.to_string());
            return;
        };
        match def.parent.and_then(|parent| self.registry.get(parent)) {
            None if def.multi_valued => self.add(attr, value),
            None => self.bag.put(attr, value),
            Some(parent) if parent.multi_valued => {
                let element = Attributes::new().with(attr, value);
                self.add(parent.id, Value::Complex(element));
            }
            Some(parent) => {
                let mut whole = match self.bag.take(parent.id).pop() {
                    Some(Value::Complex(whole)) => whole,
                    _ => Attributes::new(),
                };
                whole.put(attr, value);
                self.bag.put(parent.id, whole);
            }
        }
    }

    /// An element of the type; parts of one address belong to one.
    fn put_typed(&mut self, typed: Typed, text: &str) {
        let text = match typed.lines {
            true => lined(Family::CaseIgnoreList, text.into()),
            false => text.into(),
        };
        let mut elements = self.bag.take(typed.attr);
        let is_address = typed.attr == attr::ADDRESSES;
        let same = elements
            .iter_mut()
            .filter(|_| is_address)
            .find_map(|element| match element {
                Value::Complex(element) if element.text(typed.ty) == Some(typed.kind) => {
                    Some(element)
                }
                _ => None,
            });
        match same {
            Some(address) => address.put(typed.value, &*text),
            None => elements.push(Value::Complex(
                Attributes::new()
                    .with(typed.ty, typed.kind)
                    .with(typed.value, &*text),
            )),
        }
        self.bag.set(typed.attr, elements);
    }

    fn add(&mut self, attr: AttrId, value: Value) {
        let mut all = self.bag.take(attr);
        if !all.contains(&value) {
            all.push(value);
        }
        self.bag.set(attr, all);
    }

    fn finish(mut self) -> Import {
        let named = match self.kind {
            Kind::User => self.bag.text(attr::USER_NAME),
            Kind::Extension => self.bag.text(attr::EXTENSION_NUMBER),
            _ => self.bag.text(attr::DISPLAY_NAME),
        };
        if named.is_none_or(|name| name.trim().is_empty()) {
            return Import::Refused("it has no name".to_owned());
        }
        if self.kind == Kind::User && self.bag.values(attr::ACTIVE).is_empty() {
            // People who could log in there can log in here.
            self.bag.put(attr::ACTIVE, true);
        }
        self.made.attributes = self.bag;
        Import::Record(Box::new(self.made))
    }
}

fn typed_value(ty: Type, text: &str) -> Option<Value> {
    match ty {
        Type::String | Type::Reference => Some(text.into()),
        Type::Boolean => match text {
            "TRUE" | "true" => Some(Value::Bool(true)),
            "FALSE" | "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Integer => text.parse().ok().map(Value::Int),
        Type::DateTime => Timestamp::parse_generalized_time(text).map(Value::Time),
        Type::Binary | Type::Complex => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ldif;

    fn imported(ldif: &str) -> Import {
        let entry = ldif::Reader::new(ldif.as_bytes()).next().unwrap().unwrap();
        import(&entry, Registry::core())
    }

    fn record(ldif: &str) -> Imported {
        match imported(ldif) {
            Import::Record(record) => *record,
            other => panic!("{other:?}"),
        }
    }

    fn element(bag: &Attributes, attr: AttrId, at: usize) -> &Attributes {
        bag.values(attr)[at].as_complex().unwrap()
    }

    #[test]
    fn a_person_is_a_user_with_all_that_has_a_place() {
        let person = record(
            "dn: uid=ann,ou=people,dc=old\n\
             objectClass: inetOrgPerson\n\
             uid: ann\ncn: Ann Lee\nsn: Lee\ngivenName: Ann\n\
             mail: ann@acme.example\nmail: lee@acme.example\n\
             telephoneNumber: +49 30 1\nmobile: +49 170 2\n\
             street: High Street 1\nl: Berlin\npostalAddress: High \\5C Street \\24 1$Berlin\n\
             employeeNumber: 7\nuserPassword: {SSHA}x\n\
             manager: uid=bo,ou=people,dc=old\nmemberOf: cn=a,dc=old\nsambaSID: S-1\n",
        );
        let bag = &person.attributes;
        assert_eq!(person.kind, Kind::User);
        assert_eq!(bag.text(attr::USER_NAME), Some("ann"));
        assert_eq!(bag.text(attr::DISPLAY_NAME), Some("Ann Lee"));
        assert_eq!(
            element(bag, attr::NAME, 0).text(attr::NAME_FAMILY_NAME),
            Some("Lee")
        );
        assert_eq!(bag.values(attr::EMAILS).len(), 2);
        let mobile = element(bag, attr::PHONE_NUMBERS, 1);
        assert_eq!(mobile.text(attr::PHONE_NUMBERS_TYPE), Some("mobile"));
        assert_eq!(mobile.text(attr::PHONE_NUMBERS_VALUE), Some("+49 170 2"));
        assert_eq!(bag.values(attr::ADDRESSES).len(), 1);
        let address = element(bag, attr::ADDRESSES, 0);
        assert_eq!(address.text(attr::ADDRESSES_LOCALITY), Some("Berlin"));
        assert_eq!(
            address.text(attr::ADDRESSES_FORMATTED),
            Some("High \\ Street $ 1\nBerlin")
        );
        let manager = person.manager.map(|dn| dn.to_string());
        assert_eq!(manager.as_deref(), Some("uid=bo,ou=people,dc=old"));
        assert_eq!(person.password.as_deref(), Some("{SSHA}x"));
        assert_eq!(Vec::from_iter(person.unknown), ["sambaSID"]);
    }

    #[test]
    fn a_person_without_a_login_is_a_contact_and_active_directory_has_its_own() {
        let contact = record("dn: cn=Taxi,dc=old\nobjectClass: person\ncn: Taxi\nsn: Taxi\n");
        assert_eq!(contact.kind, Kind::Contact);
        let user = record("dn: cn=Bo,dc=old\nobjectClass: user\ncn: Bo\nsAMAccountName: bo\n");
        assert_eq!(user.kind, Kind::User);
        assert_eq!(user.attributes.text(attr::USER_NAME), Some("bo"));
    }

    #[test]
    fn a_group_names_its_members_in_any_of_three_ways() {
        let group = record(
            "dn: cn=sales,dc=old\nobjectClass: groupOfUniqueNames\nobjectClass: posixGroup\n\
             cn: sales\nmember: uid=a,dc=old\nuniqueMember: uid=b,dc=old#'1'B\nmemberUid: c\n",
        );
        assert_eq!(group.kind, Kind::Group);
        assert_eq!(group.attributes.text(attr::DISPLAY_NAME), Some("sales"));
        let names: Vec<_> = group.members.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["uid=a,dc=old", "uid=b,dc=old"]);
        assert_eq!(group.member_names, ["c"]);
    }

    #[test]
    fn branches_become_nothing_and_what_is_strange_is_refused() {
        let unit = "dn: ou=people,dc=old\nobjectClass: organizationalUnit\nou: people\n";
        assert_eq!(imported(unit), Import::Branch);
        for strange in [
            "dn: cn=x\nobjectClass: nisNetgroup\ncn: x\n",
            "dn: cn=x\ncn: x\n",
            "dn: cn=x\nobjectClass: groupOfNames\nmember: uid=a\n",
        ] {
            assert!(matches!(imported(strange), Import::Refused(_)), "{strange}");
        }
    }
}
