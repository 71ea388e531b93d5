//! Syntaxes (RFC 4517 §3.3, RFC 4530 §2.1).

/// The form of an attribute's values (RFC 4517 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Syntax {
    /// §3.3.1
    AttributeTypeDescription,
    /// §3.3.3
    Boolean,
    /// §3.3.6
    DirectoryString,
    /// §3.3.9
    Dn,
    /// §3.3.11
    FacsimileTelephoneNumber,
    /// §3.3.13
    GeneralizedTime,
    /// §3.3.15
    Ia5String,
    /// §3.3.16
    Integer,
    /// §3.3.18
    LdapSyntaxDescription,
    /// §3.3.19
    MatchingRuleDescription,
    /// §3.3.20
    MatchingRuleUseDescription,
    /// §3.3.24
    ObjectClassDescription,
    /// §3.3.25
    OctetString,
    /// §3.3.26
    Oid,
    /// §3.3.28
    PostalAddress,
    /// §3.3.31
    TelephoneNumber,
    /// RFC 4530 §2.1
    Uuid,
}

impl Syntax {
    /// Every syntax, as the subschema lists them.
    pub(crate) const ALL: [Self; 17] = [
        Self::AttributeTypeDescription,
        Self::Boolean,
        Self::DirectoryString,
        Self::Dn,
        Self::FacsimileTelephoneNumber,
        Self::GeneralizedTime,
        Self::Ia5String,
        Self::Integer,
        Self::LdapSyntaxDescription,
        Self::MatchingRuleDescription,
        Self::MatchingRuleUseDescription,
        Self::ObjectClassDescription,
        Self::OctetString,
        Self::Oid,
        Self::PostalAddress,
        Self::TelephoneNumber,
        Self::Uuid,
    ];

    /// Its numeric OID and its description.
    pub(crate) fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::AttributeTypeDescription => {
                ("1.3.6.1.4.1.1466.115.121.1.3", "Attribute Type Description")
            }
            Self::Boolean => ("1.3.6.1.4.1.1466.115.121.1.7", "Boolean"),
            Self::DirectoryString => ("1.3.6.1.4.1.1466.115.121.1.15", "Directory String"),
            Self::Dn => ("1.3.6.1.4.1.1466.115.121.1.12", "DN"),
            Self::FacsimileTelephoneNumber => (
                "1.3.6.1.4.1.1466.115.121.1.22",
                "Facsimile Telephone Number",
            ),
            Self::GeneralizedTime => ("1.3.6.1.4.1.1466.115.121.1.24", "Generalized Time"),
            Self::Ia5String => ("1.3.6.1.4.1.1466.115.121.1.26", "IA5 String"),
            Self::Integer => ("1.3.6.1.4.1.1466.115.121.1.27", "INTEGER"),
            Self::LdapSyntaxDescription => {
                ("1.3.6.1.4.1.1466.115.121.1.54", "LDAP Syntax Description")
            }
            Self::MatchingRuleDescription => {
                ("1.3.6.1.4.1.1466.115.121.1.30", "Matching Rule Description")
            }
            Self::MatchingRuleUseDescription => (
                "1.3.6.1.4.1.1466.115.121.1.31",
                "Matching Rule Use Description",
            ),
            Self::ObjectClassDescription => {
                ("1.3.6.1.4.1.1466.115.121.1.37", "Object Class Description")
            }
            Self::OctetString => ("1.3.6.1.4.1.1466.115.121.1.40", "Octet String"),
            Self::Oid => ("1.3.6.1.4.1.1466.115.121.1.38", "OID"),
            Self::PostalAddress => ("1.3.6.1.4.1.1466.115.121.1.41", "Postal Address"),
            Self::TelephoneNumber => ("1.3.6.1.4.1.1466.115.121.1.50", "Telephone Number"),
            Self::Uuid => ("1.3.6.1.1.16.1", "UUID"),
        }
    }

    /// Its numeric OID.
    pub(crate) fn oid(self) -> &'static str {
        self.described().0
    }
}
