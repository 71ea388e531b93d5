//! The two servers with the same entries.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use ldap3::{Ldap, LdapConnAsync, Scope, SearchEntry, SearchOptions};

use super::answer::{Answer, Attributes, name_key};
use super::population;
use super::questions::Compare;
use crate::slapd::{self, Slapd};
use crate::{Access, Home, Server};

/// A question of a search.
#[derive(Clone, Debug)]
pub struct Search {
    /// Where it starts.
    pub base: String,
    /// How far it goes.
    pub scope: Scope,
    /// As text.
    pub filter: String,
    /// What of each entry.
    pub attributes: Vec<String>,
    /// Without the values.
    pub types_only: bool,
    /// At most so many, unless 0.
    pub size_limit: i32,
}

/// Both of them.
#[derive(Debug)]
pub struct Pair {
    /// Jackfield.
    pub ours: Client,
    /// slapd.
    pub theirs: Client,
    /// What both hold, as Jackfield shows it.
    pub entries: BTreeMap<String, Attributes>,
    /// What was imported.
    pub ldif: String,
    _server: Server,
    _slapd: (Slapd, slapd::Running),
}

/// A connection to one of them.
#[derive(Debug)]
pub struct Client {
    ldap: Ldap,
    names: BTreeMap<String, String>,
}

impl Pair {
    /// Loads both.
    pub async fn load(people: usize) -> Result<Self> {
        let ldif = population::ldif(people);
        let (server, access) = imported(&ldif)?;
        let base = &access.ldap.base;
        let mut ldap = connect(
            &server.ldap_url(),
            &access.ldap.bind_dn,
            &access.ldap.password,
        )
        .await?;
        let subschema = schema(&mut ldap).await?;
        let names = names(&subschema);
        let wanted = ["*", "+", "member"].map(str::to_owned).to_vec();
        let mut everything = Search::below(base, "(objectClass=*)");
        everything.attributes = wanted;
        let mut ours = Client {
            ldap,
            names: names.clone(),
        };
        let raw = ours.entries(&everything).await?;
        let index = "index objectClass eq";
        let slapd = Slapd::load(base, &slapd_schema(&subschema), index, &dumped(&raw))?;
        let running = slapd.serve()?;
        let url = format!("ldap://{}", running.address());
        let ldap = connect(&url, &slapd.root_dn(), slapd::PASSWORD).await?;
        let entries = ours.search(&everything).await?.entries;
        Ok(Self {
            ours,
            theirs: Client { ldap, names },
            entries,
            ldif,
            _server: server,
            _slapd: (slapd, running),
        })
    }
}

/// A server whose first tenant holds what stands in the LDIF.
fn imported(ldif: &str) -> Result<(Server, Access)> {
    let home = Home::new()?;
    home.without_sample()?;
    let access = home.bootstrap()?;
    let file = home.folder().join("directory.ldif");
    fs::write(&file, ldif)?;
    let file = file.to_string_lossy();
    let arguments = ["import", "--tenant", "acme", "--json", &file];
    let _: serde_json::Value = home.run_json(&arguments)?;
    Ok((home.serve()?, access))
}

async fn connect(url: &str, name: &str, password: &str) -> Result<Ldap> {
    let (connection, mut ldap) = LdapConnAsync::new(url).await?;
    ldap3::drive!(connection);
    ldap.simple_bind(name, password).await?.success()?;
    Ok(ldap)
}

/// The attribute types and object classes that Jackfield publishes.
async fn schema(ldap: &mut Ldap) -> Result<Vec<(&'static str, String)>> {
    let wanted = ["attributeTypes", "objectClasses"];
    let found = ldap.search(
        "cn=subschema",
        Scope::Base,
        "(objectClass=subschema)",
        wanted,
    );
    let (entries, _) = found.await?.success()?;
    let entry = entries.into_iter().next().context("no subschema")?;
    let mut attributes = SearchEntry::construct(entry).attrs;
    let mut all = Vec::new();
    for (name, keyword) in [
        ("attributeTypes", "attributetype"),
        ("objectClasses", "objectclass"),
    ] {
        let values = attributes.remove(name).context(name)?;
        all.extend(values.into_iter().map(|value| (keyword, value)));
    }
    Ok(all)
}

/// What slapd knows by itself.
const BUILT_IN: &[&str] = &[
    "objectClass",
    "structuralObjectClass",
    "createTimestamp",
    "modifyTimestamp",
    "hasSubordinates",
    "subschemaSubentry",
    "entryDN",
    "entryUUID",
    "namingContexts",
    "supportedControl",
    "supportedExtension",
    "supportedLDAPVersion",
    "supportedSASLMechanisms",
    "supportedFeatures",
    "vendorName",
    "vendorVersion",
    "matchingRules",
    "matchingRuleUse",
    "attributeTypes",
    "objectClasses",
    "ldapSyntaxes",
    "name",
    "cn",
    "uid",
    "uidNumber",
    "gidNumber",
    "userPassword",
    "description",
    "seeAlso",
    "distinguishedName",
    "labeledURI",
    "top",
    "subentry",
    "subschema",
];

/// The schema for slapd, which takes no operational attributes from its configuration.
fn slapd_schema(subschema: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (keyword, value) in subschema {
        let known = names_in(value).iter().any(|name| BUILT_IN.contains(name));
        if !known {
            let value = value.replace(" NO-USER-MODIFICATION USAGE directoryOperation", "");
            let _ = writeln!(text, "{keyword} {value}");
        }
    }
    text
}

/// Every name and OID of an attribute type, in lower case, with its first name.
fn names(subschema: &[(&str, String)]) -> BTreeMap<String, String> {
    let types = subschema
        .iter()
        .filter(|(keyword, _)| *keyword == "attributetype");
    let all = types.flat_map(|(_, value)| {
        let names = names_in(value);
        let first = names.first().copied().unwrap_or_default().to_owned();
        let oid = value.split(' ').nth(1).unwrap_or_default();
        let every = names.into_iter().chain([oid]).map(str::to_lowercase);
        every
            .map(move |name| (name, first.clone()))
            .collect::<Vec<_>>()
    });
    all.collect()
}

/// RFC 4512 §4.1: the names in a description.
fn names_in(description: &str) -> Vec<&str> {
    let names = description
        .split_once(" NAME ")
        .map_or("", |(_, rest)| rest);
    let end = if names.starts_with('(') { ')' } else { ' ' };
    let names = names.split(end).next().unwrap_or_default();
    names.split('\'').skip(1).step_by(2).collect()
}

/// LDIF for slapd, without what it makes up itself.
fn dumped(entries: &[SearchEntry]) -> String {
    const COMPUTED: [&str; 3] = ["entryDN", "subschemaSubentry", "hasSubordinates"];
    let mut ldif = String::new();
    let mut entries: Vec<&SearchEntry> = entries.iter().collect();
    entries.sort_by_key(|entry| name_key(&entry.dn).split(',').count());
    for entry in entries {
        let _ = writeln!(ldif, "dn:: {}", base64(entry.dn.as_bytes()));
        let texts = entry.attrs.iter().map(|(name, values)| {
            let values = values.iter().map(|value| value.clone().into_bytes());
            (name, values.collect::<Vec<_>>())
        });
        let octets = entry
            .bin_attrs
            .iter()
            .map(|(name, values)| (name, values.clone()));
        for (name, values) in texts.chain(octets) {
            let name = name.as_str();
            for value in values.iter().filter(|_| !COMPUTED.contains(&name)) {
                let _ = writeln!(ldif, "{name}:: {}", base64(value));
            }
        }
        ldif.push('\n');
    }
    ldif
}

/// RFC 4648 §4.
fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in octets.chunks(3) {
        let all = [0, 1, 2].map(|at| group.get(at).copied().unwrap_or(0));
        let bits = all
            .iter()
            .fold(0_usize, |bits, octet| bits << 8 | usize::from(*octet));
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let is_there = at <= group.len();
            let letter = char::from(ALPHABET[bits >> shift & 63]);
            text.push(if is_there { letter } else { '=' });
        }
    }
    text
}

impl Search {
    /// Everything below a name that satisfies the filter, without attributes.
    pub fn below(base: &str, filter: &str) -> Self {
        Self {
            base: base.to_owned(),
            scope: Scope::Subtree,
            filter: filter.to_owned(),
            attributes: vec!["1.1".to_owned()],
            types_only: false,
            size_limit: 0,
        }
    }
}

impl Client {
    /// Asks.
    pub async fn search(&mut self, search: &Search) -> Result<Answer> {
        let (raw, result) = self.ask(search).await?;
        let mut answer = Answer {
            code: result.rc,
            matched: name_key(&result.matched),
            ..Answer::default()
        };
        for entry in raw {
            let key = name_key(&entry.dn);
            let attributes = self.attributes(entry);
            ensure!(
                answer.entries.insert(key.clone(), attributes).is_none(),
                "{key} came twice: {search:?}"
            );
        }
        Ok(answer)
    }

    /// The names that a filter finds in the whole tree.
    pub async fn find(&mut self, base: &str, filter: &str) -> Result<BTreeSet<String>> {
        let answer = self.search(&Search::below(base, filter)).await?;
        ensure!(answer.code == 0, "{filter}: {}", answer.code);
        Ok(answer.entries.into_keys().collect())
    }

    /// The result code of a comparison.
    pub async fn compare(&mut self, compare: &Compare) -> Result<u32> {
        let Compare {
            name,
            attribute,
            value,
        } = compare;
        Ok(self.ldap.compare(name, attribute, value).await?.0.rc)
    }

    async fn entries(&mut self, search: &Search) -> Result<Vec<SearchEntry>> {
        let (entries, result) = self.ask(search).await?;
        result.success()?;
        Ok(entries)
    }

    async fn ask(&mut self, search: &Search) -> Result<(Vec<SearchEntry>, ldap3::LdapResult)> {
        let options = SearchOptions::new()
            .typesonly(search.types_only)
            .sizelimit(search.size_limit);
        let ldap = self.ldap.with_search_options(options);
        let asked = ldap.search(
            &search.base,
            search.scope,
            &search.filter,
            search.attributes.clone(),
        );
        let found = asked.await.with_context(|| format!("{search:?}"))?;
        let entries = found.0.into_iter().map(SearchEntry::construct).collect();
        Ok((entries, found.1))
    }

    fn attributes(&self, entry: SearchEntry) -> Attributes {
        let texts = entry.attrs.into_iter().map(|(name, values)| {
            let values = values.into_iter().map(String::into_bytes).collect();
            (name, values)
        });
        let mut all = Attributes::new();
        for (name, values) in texts.chain(entry.bin_attrs) {
            let values: Vec<Vec<u8>> = values;
            let first = self
                .names
                .get(&name.to_lowercase())
                .cloned()
                .unwrap_or(name);
            let is_name = NAMES.contains(&first.as_str());
            let values = values
                .into_iter()
                .map(|value| match String::from_utf8(value) {
                    Ok(text) if is_name => name_key(&text).into_bytes(),
                    Ok(text) => text.into_bytes(),
                    Err(octets) => octets.into_bytes(),
                });
            all.entry(first).or_default().extend(values);
        }
        all
    }
}

/// Attributes whose values are names.
const NAMES: &[&str] = &[
    "member",
    "memberOf",
    "manager",
    "entryDN",
    "subschemaSubentry",
];
