//! What must not be the same in two tenants: suffixes and domains.

use std::collections::HashMap;

use jackfield_model::Dn;
use smol_str::SmolStr;

use super::TenantFile;
use crate::document::Document;

/// A tenant's file on its way, with the name of the file.
pub(crate) type Candidate<'t> = (String, TenantFile, Document<'t>);

/// Reports each suffix that is, or lies within, that of another tenant, and each domain that is
/// stated before: neither would say any more which tenant is meant.
pub(crate) fn check_shared(tenants: &mut [Candidate<'_>]) {
    check_suffixes(tenants);
    check_domains(tenants);
}

fn check_suffixes(tenants: &mut [Candidate<'_>]) {
    let mut taken: HashMap<SmolStr, String> = HashMap::new();
    for (name, file, _) in &*tenants {
        // The root stands in for a suffix that is none.
        if !file.suffix.is_root() {
            taken
                .entry(file.suffix.key())
                .or_insert_with(|| name.clone());
        }
    }
    for (name, TenantFile { suffix, .. }, document) in tenants {
        let above = std::iter::successors(Some(suffix.clone()), Dn::parent);
        let mut others = above.filter_map(|dn| {
            let other = taken.get(&dn.key()).filter(|other| *other != name)?;
            Some((other, dn == *suffix))
        });
        let Some((other, is_same)) = others.next() else {
            continue;
        };
        let relation = if is_same { "is" } else { "lies within" };
        document.problem(
            "suffix",
            format!("`{suffix}` {relation} the suffix of tenant `{other}`"),
            "a suffix apart from those of all other tenants".to_owned(),
        );
    }
}

fn check_domains(tenants: &mut [Candidate<'_>]) {
    let mut taken: HashMap<String, String> = HashMap::new();
    for (name, file, document) in tenants {
        for (index, domain) in file.domains.iter().enumerate() {
            if let Some(other) = taken.insert(domain.to_ascii_lowercase(), name.clone()) {
                let message = if other == *name {
                    format!("domain `{domain}` comes twice")
                } else {
                    format!("domain `{domain}` is that of tenant `{other}`")
                };
                document.problem(&format!("domains[{index}]"), message, None);
            }
        }
    }
}
