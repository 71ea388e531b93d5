//! The attribute types: RFC 4512, RFC 4519, RFC 4524, RFC 2798, RFC 4530, RFC 5020, a few that
//! Active Directory made common, and our own.

use jackfield_model::schema::attr;
use jackfield_model::{Kind, KindSet};

use super::build::{
    address, attribute, described, lines, name, number, own, phone, registration, text, time,
    whole_address,
};
use super::{AttributeType, Family, Source, Syntax};

const ANY: KindSet = KindSet::ALL;
const USERS: KindSet = KindSet::of(&[Kind::User]);
const PEOPLE: KindSet = KindSet::of(&[Kind::User, Kind::Contact]);
const CONTACTS: KindSet = KindSet::of(&[Kind::Contact]);
const ROLES: KindSet = KindSet::of(&[Kind::Role]);
const EXTENSIONS: KindSet = KindSet::of(&[Kind::Extension]);
const GROUPS: KindSet = KindSet::of(&[Kind::Group, Kind::Role]);
const MEMBERS: KindSet = KindSet::of(&[Kind::User, Kind::Group]);
const REGISTERS: KindSet = KindSet::of(&[Kind::User, Kind::Extension, Kind::Device]);
const SERVICES: KindSet = KindSet::of(&[Kind::Service, Kind::Device]);

/// Every attribute type, in the order in which an entry shows them.
pub(crate) static ATTRIBUTES: &[AttributeType] = &[
    attribute("2.5.4.0", &["objectClass"], Syntax::Oid, Family::Oid)
        .from(&[(ANY, Source::ObjectClass)]),
    text("2.5.4.41", &["name"]),
    name("2.5.4.3", &["cn", "commonName"])
        .without_accents()
        .from(&[
            (ANY, Source::Leaf(attr::COMMON_NAME)),
            (EXTENSIONS, Source::NumberAsName),
        ]),
    text("0.9.2342.19200300.100.1.1", &["uid", "userid"]).from(&[
        (USERS, Source::Leaf(attr::USER_NAME)),
        (SERVICES, Source::Leaf(attr::LOGIN)),
        (CONTACTS, Source::Uuid),
    ]),
    name("2.5.4.4", &["sn", "surname"])
        .without_accents()
        // Every person has one (RFC 4519 §3.12), and phones look for companies by it, too.
        .from(&[
            (PEOPLE, Source::Leaf(attr::NAME_FAMILY_NAME)),
            (PEOPLE, Source::CommonNameWithout(attr::NAME_FAMILY_NAME)),
        ]),
    name("2.5.4.42", &["givenName"])
        .without_accents()
        .from(&[(PEOPLE, Source::Leaf(attr::NAME_GIVEN_NAME))]),
    text("2.16.840.1.113730.3.1.241", &["displayName"])
        .without_accents()
        .single()
        .from(&[(PEOPLE, Source::Leaf(attr::DISPLAY_NAME))]),
    name("2.5.4.12", &["title"]).from(&[(PEOPLE, Source::Leaf(attr::TITLE))]),
    text("2.5.4.13", &["description"]).from(&[(ANY, Source::Leaf(attr::DESCRIPTION))]),
    // deviates: addresses with other letters than those of ASCII, and numbers such as `*97`, which
    // other ways than LDAP lead to, are shown as they are, outside the syntaxes of these.
    attribute(
        "0.9.2342.19200300.100.1.3",
        &["mail", "rfc822Mailbox"],
        Syntax::Ia5String,
        Family::CaseIgnoreIa5,
    )
    .from(&[(PEOPLE, Source::Leaf(attr::EMAILS_VALUE))]),
    phone("2.5.4.20", &["telephoneNumber"]).from(&[
        (PEOPLE, number("work", true)),
        (EXTENSIONS, Source::Leaf(attr::EXTENSION_NUMBER)),
    ]),
    phone(
        "0.9.2342.19200300.100.1.41",
        &["mobile", "mobileTelephoneNumber"],
    )
    .from(&[(PEOPLE, number("mobile", false))]),
    phone(
        "0.9.2342.19200300.100.1.20",
        &["homePhone", "homeTelephoneNumber"],
    )
    .from(&[(PEOPLE, number("home", false))]),
    attribute(
        "2.5.4.23",
        &["facsimileTelephoneNumber", "fax"],
        Syntax::FacsimileTelephoneNumber,
        Family::Telephone,
    )
    .from(&[(PEOPLE, number("fax", false))]),
    phone(
        "0.9.2342.19200300.100.1.42",
        &["pager", "pagerTelephoneNumber"],
    )
    .from(&[(PEOPLE, number("pager", false))]),
    phone("1.2.840.113556.1.2.18", &["otherTelephone"]).from(&[(PEOPLE, number("other", false))]),
    text("1.2.840.113556.1.4.721", &["ipPhone"])
        .from(&[(USERS, Source::Leaf(attr::EXTENSIONS_VALUE))]),
    text(own!("1.1"), &["pbxExtension"]).from(&[
        (USERS, Source::Leaf(attr::EXTENSIONS_VALUE)),
        (EXTENSIONS, Source::Leaf(attr::EXTENSION_NUMBER)),
    ]),
    text(own!("1.2"), &["pbxDesk"]).from(&[(USERS, Source::Leaf(attr::DESKS_VALUE))]),
    text(own!("1.3"), &["pbxRole"]).from(&[
        (USERS, Source::Leaf(attr::ROLES_VALUE)),
        (ROLES, Source::Leaf(attr::ROLE_KEY)),
    ]),
    name("2.5.4.10", &["o", "organizationName"])
        .from(&[(PEOPLE, Source::Leaf(attr::ORGANIZATION))]),
    name("2.5.4.11", &["ou", "organizationalUnitName"])
        .from(&[(PEOPLE, Source::Leaf(attr::DEPARTMENT))]),
    text("2.16.840.1.113730.3.1.2", &["departmentNumber"])
        .from(&[(PEOPLE, Source::Leaf(attr::DEPARTMENT))]),
    text("2.16.840.1.113730.3.1.3", &["employeeNumber"])
        .single()
        .from(&[(USERS, Source::Leaf(attr::EMPLOYEE_NUMBER))]),
    text("2.16.840.1.113730.3.1.4", &["employeeType"])
        .from(&[(USERS, Source::Leaf(attr::USER_TYPE))]),
    text("2.16.840.1.113730.3.1.39", &["preferredLanguage"])
        .single()
        .from(&[(PEOPLE, Source::Leaf(attr::PREFERRED_LANGUAGE))]),
    attribute(
        "1.3.6.1.4.1.250.1.57",
        &["labeledURI"],
        Syntax::DirectoryString,
        Family::CaseExact,
    )
    .from(&[(PEOPLE, Source::Leaf(attr::PROFILE_URL))]),
    text("2.5.4.9", &["street", "streetAddress"])
        .from(&[(PEOPLE, address(attr::ADDRESSES_STREET_ADDRESS))]),
    name("2.5.4.7", &["l", "localityName"]).from(&[(PEOPLE, address(attr::ADDRESSES_LOCALITY))]),
    name("2.5.4.8", &["st", "stateOrProvinceName"])
        .from(&[(PEOPLE, address(attr::ADDRESSES_REGION))]),
    text("2.5.4.17", &["postalCode"]).from(&[(PEOPLE, address(attr::ADDRESSES_POSTAL_CODE))]),
    text("0.9.2342.19200300.100.1.43", &["co", "friendlyCountryName"])
        .from(&[(PEOPLE, address(attr::ADDRESSES_COUNTRY))]),
    lines("2.5.4.16", &["postalAddress"]).from(&[(PEOPLE, whole_address("work", true))]),
    lines("0.9.2342.19200300.100.1.39", &["homePostalAddress"])
        .from(&[(PEOPLE, whole_address("home", false))]),
    attribute("2.5.4.49", &["distinguishedName"], Syntax::Dn, Family::Dn),
    attribute(
        "0.9.2342.19200300.100.1.10",
        &["manager"],
        Syntax::Dn,
        Family::Dn,
    )
    .from(&[(
        USERS,
        Source::References {
            attr: attr::MANAGER,
            ids: attr::MANAGER_VALUE,
        },
    )]),
    attribute("2.5.4.31", &["member"], Syntax::Dn, Family::Dn)
        .sup("distinguishedName")
        .from(&[(
            GROUPS,
            Source::References {
                attr: attr::HOLDERS,
                ids: attr::HOLDERS,
            },
        )]),
    // The same for software that asks for it; it is not told twice who is in a group.
    attribute("2.5.4.50", &["uniqueMember"], Syntax::Dn, Family::Dn)
        .by_name()
        .from(&[(
            GROUPS,
            Source::References {
                attr: attr::HOLDERS,
                ids: attr::HOLDERS,
            },
        )]),
    attribute(
        "1.2.840.113556.1.2.102",
        &["memberOf"],
        Syntax::Dn,
        Family::Dn,
    )
    .from(&[(
        MEMBERS,
        Source::References {
            attr: attr::GROUPS,
            ids: attr::GROUPS_VALUE,
        },
    )]),
    // Where a phone is registered, by the names of Asterisk's schema.
    registration("1.3.6.1.4.1.22736.5.4.25", &["AstAccountFullContact"])
        .from(&[(REGISTERS, Source::Registration("AstAccountFullContact"))]),
    registration("1.3.6.1.4.1.22736.5.4.46", &["AstAccountIPAddress"])
        .from(&[(REGISTERS, Source::Registration("AstAccountIPAddress"))]),
    registration("1.3.6.1.4.1.22736.5.4.30", &["AstAccountPort"])
        .from(&[(REGISTERS, Source::Registration("AstAccountPort"))]),
    registration(
        "1.3.6.1.4.1.22736.5.4.49",
        &["AstAccountLastQualifyMilliseconds", "AstAccountLastMs"],
    )
    .from(&[(
        REGISTERS,
        Source::Registration("AstAccountLastQualifyMilliseconds"),
    )]),
    registration(
        "1.3.6.1.4.1.22736.5.4.48",
        &["AstAccountRegistrationServer"],
    )
    .from(&[(
        REGISTERS,
        Source::Registration("AstAccountRegistrationServer"),
    )]),
    registration("1.3.6.1.4.1.22736.5.4.61", &["AstAccountUserAgent"])
        .from(&[(REGISTERS, Source::Registration("AstAccountUserAgent"))]),
    registration(
        "1.3.6.1.4.1.22736.5.4.16",
        &["AstAccountExpirationTimestamp"],
    )
    .from(&[(
        REGISTERS,
        Source::Registration("AstAccountExpirationTimestamp"),
    )]),
    registration(
        "1.3.6.1.4.1.22736.5.4.17",
        &["AstAccountRegistrationContext"],
    )
    .from(&[(
        REGISTERS,
        Source::Registration("AstAccountRegistrationContext"),
    )]),
    registration("1.3.6.1.4.1.22736.5.4.18", &["AstAccountRegistrationExten"]).from(&[(
        REGISTERS,
        Source::Registration("AstAccountRegistrationExten"),
    )]),
    registration("1.3.6.1.4.1.22736.5.4.47", &["AstAccountDefaultUser"])
        .from(&[(REGISTERS, Source::Registration("AstAccountDefaultUser"))]),
    // Written and never read (RFC 4519 §2.41).
    attribute(
        "2.5.4.35",
        &["userPassword"],
        Syntax::OctetString,
        Family::Octets,
    ),
    // What organizations and their units have, and no record.
    attribute(
        "0.9.2342.19200300.100.1.25",
        &["dc", "domainComponent"],
        Syntax::Ia5String,
        Family::CaseIgnoreIa5,
    )
    .single(),
    // Operational ones: RFC 4512 §3.4 and §4.2, RFC 4530, RFC 5020.
    attribute("1.3.6.1.1.16.4", &["entryUUID"], Syntax::Uuid, Family::Uuid)
        .single()
        .operational()
        .from(&[(ANY, Source::Uuid)]),
    attribute("1.3.6.1.1.20", &["entryDN"], Syntax::Dn, Family::Dn)
        .single()
        .operational()
        .from(&[(ANY, Source::EntryDn)]),
    time("2.5.18.1", &["createTimestamp"]).from(&[(ANY, Source::Created)]),
    time("2.5.18.2", &["modifyTimestamp"]).from(&[(ANY, Source::Modified)]),
    attribute(
        "2.5.21.9",
        &["structuralObjectClass"],
        Syntax::Oid,
        Family::Oid,
    )
    .single()
    .operational()
    .from(&[(ANY, Source::StructuralClass)]),
    attribute("2.5.18.10", &["subschemaSubentry"], Syntax::Dn, Family::Dn)
        .single()
        .operational()
        .from(&[(ANY, Source::Subschema)]),
    attribute(
        "2.5.18.9",
        &["hasSubordinates"],
        Syntax::Boolean,
        Family::Boolean,
    )
    .single()
    .operational()
    .from(&[(ANY, Source::Constant("FALSE"))]),
    attribute(
        "1.3.6.1.4.1.453.16.2.103",
        &["numSubordinates"],
        Syntax::Integer,
        Family::Integer,
    )
    .single()
    .operational()
    .by_name()
    .from(&[(ANY, Source::Constant("0"))]),
    text(own!("1.4"), &["pbxPermission"])
        .operational()
        .from(&[(USERS, Source::Permissions), (ROLES, Source::Permissions)]),
    attribute(
        own!("1.6"),
        &["pbxActive"],
        Syntax::Boolean,
        Family::Boolean,
    )
    .single()
    .operational()
    .from(&[(USERS, Source::Leaf(attr::ACTIVE))]),
    // As they are written, where others are shown as they are dialled.
    phone(own!("1.5"), &["pbxWrittenNumber"])
        .operational()
        .from(&[(PEOPLE, Source::Leaf(attr::PHONE_NUMBERS_VALUE))]),
    // The root DSE: RFC 4512 §5.1, RFC 3045.
    attribute(
        "1.3.6.1.4.1.1466.101.120.5",
        &["namingContexts"],
        Syntax::Dn,
        Family::Dn,
    )
    .operational(),
    attribute(
        "1.3.6.1.4.1.1466.101.120.13",
        &["supportedControl"],
        Syntax::Oid,
        Family::Oid,
    )
    .operational(),
    attribute(
        "1.3.6.1.4.1.1466.101.120.7",
        &["supportedExtension"],
        Syntax::Oid,
        Family::Oid,
    )
    .operational(),
    attribute(
        "1.3.6.1.4.1.4203.1.3.5",
        &["supportedFeatures"],
        Syntax::Oid,
        Family::Oid,
    )
    .operational(),
    attribute(
        "1.3.6.1.4.1.1466.101.120.15",
        &["supportedLDAPVersion"],
        Syntax::Integer,
        Family::Integer,
    )
    .operational(),
    attribute(
        "1.3.6.1.4.1.1466.101.120.14",
        &["supportedSASLMechanisms"],
        Syntax::DirectoryString,
        Family::CaseIgnore,
    )
    .operational(),
    attribute(
        "1.3.6.1.1.4",
        &["vendorName"],
        Syntax::DirectoryString,
        Family::CaseExact,
    )
    .single()
    .operational(),
    attribute(
        "1.3.6.1.1.5",
        &["vendorVersion"],
        Syntax::DirectoryString,
        Family::CaseExact,
    )
    .single()
    .operational(),
    // The subschema: RFC 4512 §4.2.
    described(
        "2.5.21.5",
        &["attributeTypes"],
        Syntax::AttributeTypeDescription,
    ),
    described(
        "2.5.21.6",
        &["objectClasses"],
        Syntax::ObjectClassDescription,
    ),
    described(
        "2.5.21.4",
        &["matchingRules"],
        Syntax::MatchingRuleDescription,
    ),
    described(
        "2.5.21.8",
        &["matchingRuleUse"],
        Syntax::MatchingRuleUseDescription,
    ),
    described(
        "1.3.6.1.4.1.1466.101.120.16",
        &["ldapSyntaxes"],
        Syntax::LdapSyntaxDescription,
    ),
];

#[cfg(test)]
mod tests {
    use jackfield_model::Registry;

    use super::*;

    #[test]
    fn typed_sources_name_sub_attributes_of_their_attribute() {
        let parent = |attr| Registry::core().get(attr).and_then(|def| def.parent);
        for (_, source) in ATTRIBUTES.iter().flat_map(|attribute| attribute.sources) {
            if let Source::Typed(typed) = source {
                assert_eq!(
                    (parent(typed.ty), parent(typed.value)),
                    (Some(typed.attr), Some(typed.attr))
                );
            }
        }
    }
}
