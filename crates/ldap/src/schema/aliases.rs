//! Names by which phones mean attributes that standards call otherwise.
//!
//! They are answered and searched as what they mean, under the name that was asked for. The
//! subschema does not list them, and a tenant's own attribute of such a name comes first.

/// The attribute that the name means, in any case.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    let mut all = ALIASES.iter();
    let found = all.find(|(alias, _)| alias.eq_ignore_ascii_case(name));
    found.map(|(_, attribute)| *attribute)
}

const ALIASES: &[(&str, &str)] = &[
    ("cellphone", "mobile"),
    ("company", "o"),
    ("department", "ou"),
    ("email", "mail"),
    ("firstName", "givenName"),
    ("gn", "givenName"),
    ("lastName", "sn"),
    ("number", "telephoneNumber"),
    ("other", "otherTelephone"),
];

#[cfg(test)]
mod tests {
    use super::super::attribute_type;
    use super::*;

    #[test]
    fn every_alias_means_an_attribute_and_hides_none() {
        for (alias, attribute) in ALIASES {
            assert!(attribute_type(attribute).is_some(), "{alias}");
            assert!(attribute_type(alias).is_none(), "{alias}");
            assert_eq!(meant(&alias.to_ascii_uppercase()), Some(*attribute));
        }
    }
}
