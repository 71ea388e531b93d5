//! The conversations of each provider, as they stand in `tests/fixtures/scim`.

/// A conversation that is shipped.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// The provider, which is a folder.
    pub provider: &'static str,
    /// The file's name.
    pub name: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

macro_rules! conversations {
    ($($provider:literal: $($name:literal)+;)+) => {
        /// The providers whose conversations are shipped.
        pub const PROVIDERS: [&str; [$($provider),+].len()] = [$($provider),+];

        const ALL: &[Shipped] = &[$($(
            Shipped {
                provider: $provider,
                name: $name,
                text: include_str!(concat!(
                    "../../../../tests/fixtures/scim/", $provider, "/", $name
                )),
            },
        )+)+];
    };
}

conversations! {
    "okta": "entitlements.http" "group-push.http" "import.http" "manager.http" "reassignment.http" "spec-test.http" "user-with-patch.http" "user-with-put.http";
    "entra": "collection.http" "connection-test.http" "group-flagged.http" "group.http" "manager.http" "roles.http" "user-flagged.http" "user.http" "validator.http";
    "google": "user.http";
    "onelogin": "group.http" "user.http";
    "jumpcloud": "group.http" "test-connection.http";
    "ping": "group.http" "user.http";
    "keycloak": "group.http" "import.http" "roles.http" "user.http";
    "authentik": "group.http" "user.http";
    "rauthy": "user-and-group.http";
}

/// The conversations of a provider, in their order.
pub fn shipped(provider: &str) -> impl Iterator<Item = &'static Shipped> {
    ALL.iter()
        .filter(move |conversation| conversation.provider == provider)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::conversation::Conversation;

    #[test]
    fn every_file_is_shipped_and_can_be_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/scim");
        let mut there = BTreeSet::new();
        for provider in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if provider.path().is_dir() {
                for file in fs::read_dir(provider.path()).unwrap().map(Result::unwrap) {
                    there.insert((provider.file_name(), file.file_name()));
                }
            }
        }
        let shipped = ALL.iter().map(|c| (c.provider.into(), c.name.into()));
        assert_eq!(there, shipped.collect());
        for conversation in ALL {
            let (provider, name) = (conversation.provider, conversation.name);
            let read = Conversation::read(conversation.text);
            read.unwrap_or_else(|mistake| panic!("{provider}/{name}: {mistake}"));
        }
    }
    /// What each provider says to a server.
    const STEPS: [&str; 15] = [
        "connection test",
        "match",
        "create",
        "update",
        "disable",
        "re-enable",
        "delete",
        "group create",
        "group rename",
        "group add",
        "group remove",
        "replace with `[]`",
        "import paging",
        "manager",
        "roles",
    ];

    #[test]
    fn each_step_of_each_provider_is_pinned_or_said_not_to_be_sent() {
        let text = include_str!("../../../../docs/SCIM.md");
        let cells = |row: &'static str| -> Vec<&str> {
            let row = row.trim_matches(['|', ' ']);
            row.split('|').map(str::trim).collect()
        };
        let head = text.lines().find(|line| line.starts_with("| Step |"));
        let providers = &cells(head.unwrap())[1..];
        let missing = PROVIDERS.iter().filter(|name| !providers.contains(name));
        assert_eq!(missing.collect::<Vec<_>>(), [&"rauthy"]);
        let mut named = BTreeSet::new();
        for step in STEPS {
            let begin = format!("| {step} |");
            let row = text.lines().find(|line| line.starts_with(&begin));
            let row = cells(row.unwrap_or_else(|| panic!("{step} is missing")));
            assert_eq!(row.len(), providers.len() + 1, "{step}");
            for (provider, cell) in providers.iter().zip(&row[1..]) {
                if let Some(source) = cell.strip_prefix("no ") {
                    let source = text.split_once(&format!("\n- {source} "));
                    let said = source.and_then(|(_, rest)| rest.split("\n- ").next());
                    assert!(said.is_some_and(|said| said.contains("https://")), "{cell}");
                } else if *cell != "unpublished" {
                    for name in cell.split(' ') {
                        let file = format!("{name}.http");
                        let is_there = shipped(provider).any(|it| it.name == file);
                        assert!(is_there, "{provider}, {step}: {file}");
                        named.insert((*provider, file));
                    }
                }
            }
        }
        assert!(named.len() > 20, "{named:?}");
    }
}
