//! `tenants/*.toml`: what an operator says about one tenant.

mod guard;
mod mapping;
mod numbering;
mod password;
mod schema;
mod shared;
mod sip;
mod views;

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::IpNet;
use jackfield_access::password::Stricter;
use jackfield_access::{Catalogue, RoleDef, RoleKey};
use jackfield_model::{Dn, Guard, Numbering, OwnSchemas, Settings, TenantName, View};
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use self::guard::GuardTable;
use self::numbering::NumberingTable;
use self::sip::SipTable;
use self::views::ViewName;
use crate::document::{Document, one_of};
use crate::format;

use mapping::Mapping;
use schema::SchemaTable;
pub(crate) use shared::check_shared;

/// What one tenant's file says.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantConfig {
    /// Its name: the name of its file.
    pub name: TenantName,
    /// Its settings.
    pub settings: Settings,
    /// Its own schemas.
    pub schemas: OwnSchemas,
    /// Its role system, with the password policy of its own.
    pub catalogue: Arc<Catalogue>,
    /// The roles of its own, by their keys.
    pub custom_roles: BTreeMap<RoleKey, RoleDef>,
    /// Whether it begins with sample people, groups, roles and extensions.
    pub sample: bool,
}

/// One tenant: an organization on the phone system. The file is named after it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantFile {
    /// The organization's name.
    #[schemars(length(min = 1))]
    title: String,
    /// Where its LDAP tree hangs, such as `dc=acme,dc=example`.
    #[schemars(with = "String", extend("format" = format::DN))]
    suffix: Dn,
    /// The domains of its mail addresses; a bind name that is one finds its tenant by them.
    #[serde(default)]
    domains: Vec<String>,
    /// The role system: the name of a file in the folder of catalogues, without `.toml`.
    #[schemars(length(min = 1))]
    catalogue: String,
    /// Whether anybody may read the phone book over LDAP, without a name and a password, from
    /// anywhere.
    #[serde(default)]
    anonymous_phone_book: bool,
    /// The networks from which anybody may do that.
    #[serde(default)]
    #[schemars(schema_with = "format::networks")]
    anonymous_networks: Vec<IpNet>,
    /// Whether phones may bind that speak version 2 of LDAP only.
    #[serde(default)]
    ldap_version_2: bool,
    /// The names under which LDAP clients find its records, beside those of the standards.
    #[serde(default)]
    views: Vec<ViewName>,
    /// How telephone numbers are dialled where it is.
    numbering: Option<NumberingTable>,
    /// What is the same for all its SIP accounts.
    #[serde(default)]
    sip: SipTable,
    /// Whether an empty tenant begins with 50 sample people, groups, roles and extensions.
    #[serde(default)]
    sample: bool,
    /// Roles of its own, as far as the catalogue permits: `[role.<key>]`, in the form of the
    /// catalogue's own.
    #[serde(default)]
    role: BTreeMap<RoleKey, RoleDef>,
    /// Attributes of its own, in schemas of its own: `[schema.<name>]`.
    #[serde(default)]
    schema: BTreeMap<String, SchemaTable>,
    /// Which roles the members of which groups have: `[mapping.<name>]`.
    #[serde(default)]
    mapping: BTreeMap<String, Mapping>,
    /// How many active users the licence allows in the roles that take a seat; any number if it is
    /// not said.
    seats: Option<u32>,
    /// When a connection is held that disables or deletes its users.
    guard: Option<GuardTable>,
    /// What it demands of passwords beyond its role system.
    #[serde(default)]
    password_policy: Stricter,
    /// For how many days entries of the audit log are kept: at least 1; for ever if it is not said.
    #[schemars(range(min = 1))]
    audit_days: Option<u32>,
}

/// The catalogues there are: nothing for one that has mistakes in it.
pub(crate) type Catalogues = BTreeMap<String, Option<Arc<Catalogue>>>;

impl TenantFile {
    /// The tenant of this name, as far as its file gives one.
    pub(crate) fn resolve(
        self,
        name: TenantName,
        catalogues: &Catalogues,
        document: &mut Document<'_>,
    ) -> Option<TenantConfig> {
        self.check_domains(document);
        let catalogue = self.catalogue(catalogues, document);
        if let Some(catalogue) = &catalogue {
            for problem in catalogue.validate_custom(&self.role) {
                document.problem(&problem.path, problem.message, problem.expected);
            }
        }
        let catalogue =
            catalogue.map(|own| password::stricter(own, &self.password_policy, document));
        let schemas = schema::schemas(self.schema, document);
        let mappings = mapping::rules(&self.mapping, catalogue.as_deref(), &self.role, document);
        let domains: Vec<SmolStr> = self
            .domains
            .iter()
            .map(|domain| domain.to_ascii_lowercase().into())
            .collect();
        let sip = self.sip.resolve(&domains, document);
        let dial = self.numbering.as_ref().map(|table| table.dial.clone());
        Some(TenantConfig {
            name,
            settings: Settings {
                title: self.title,
                suffix: self.suffix,
                domains,
                catalogue: self.catalogue.into(),
                anonymous_phone_book: self.anonymous_phone_book,
                anonymous_networks: self.anonymous_networks,
                dial: dial.unwrap_or_default(),
                ldap_version_2: self.ldap_version_2,
                mappings,
                seats: self.seats,
                guard: self.guard.map(Guard::from).unwrap_or_default(),
                audit_days: self.audit_days,
                sip,
                views: self.views.into_iter().map(View::from).collect(),
                numbering: Arc::new(self.numbering.map(Numbering::from).unwrap_or_default()),
                ..Settings::default()
            },
            schemas,
            catalogue: catalogue?,
            custom_roles: self.role,
            sample: self.sample,
        })
    }

    fn check_domains(&self, document: &mut Document<'_>) {
        for (index, domain) in self.domains.iter().enumerate() {
            if !is_domain(domain) {
                let message = format!("`domains` cannot have \"{domain}\"");
                let expected = "a domain such as acme.example, in ASCII".to_owned();
                document.problem(&format!("domains[{index}]"), message, expected);
            }
        }
    }

    fn catalogue(
        &self,
        catalogues: &Catalogues,
        document: &mut Document<'_>,
    ) -> Option<Arc<Catalogue>> {
        let known = catalogues.get(&self.catalogue);
        if known.is_none() {
            let message = format!("there is no catalogue `{}`", self.catalogue);
            let expected = match catalogues.is_empty() {
                true => format!("a file {}.toml in the folder of catalogues", self.catalogue),
                false => one_of(catalogues.keys()),
            };
            document.problem("catalogue", message, expected);
        }
        known?.clone()
    }
}

/// Whether the text is a domain name of several labels (RFC 1035 §2.3.1, RFC 1123 §2.1).
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_several_labels() {
        for domain in [
            "acme.example",
            "Sub.Acme-1.example",
            "xn--mnchen-3ya.example",
        ] {
            assert!(is_domain(domain), "{domain}");
        }
        for text in [
            "",
            "acme",
            "acme..example",
            ".example",
            "-a.example",
            "münchen.example",
        ] {
            assert!(!is_domain(text), "{text}");
        }
    }
}
