//! Which provider a request looks like: for an operator who chose another kind, or none.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use jackfield_model::ConnectionKind;

use crate::dialect::Repaired;
use crate::repair::Repair;

/// What providers call themselves in `User-Agent`.
const AGENTS: [(&str, ConnectionKind); 10] = [
    ("okta", ConnectionKind::Okta),
    ("azure", ConnectionKind::Entra),
    ("microsoft", ConnectionKind::Entra),
    ("onelogin", ConnectionKind::OneLogin),
    ("jumpcloud", ConnectionKind::JumpCloud),
    ("google", ConnectionKind::Google),
    ("ping", ConnectionKind::Ping),
    ("keycloak", ConnectionKind::Keycloak),
    ("scim-sdk", ConnectionKind::Keycloak),
    ("authentik", ConnectionKind::Authentik),
];

/// What stands in bodies of one provider alone.
const URNS: [(&str, ConnectionKind); 4] = [
    ("http://schemas.microsoft.com/", ConnectionKind::Entra),
    ("urn:okta:", ConnectionKind::Okta),
    ("urn:scim:schemas:core:2.0", ConnectionKind::OneLogin),
    ("urn:scim:schemas:core:1.0", ConnectionKind::Google),
];

/// What only one provider does, whatever it calls itself.
const HABITS: [(Repair, ConnectionKind); 3] = [
    (Repair::AnyCaseOperation, ConnectionKind::Entra),
    (Repair::ElementComparison, ConnectionKind::Entra),
    (Repair::ReferencedMember, ConnectionKind::Keycloak),
];

/// The provider that a request looks like, by its headers, its query and what was noted when it
/// was read; the surest sign first.
pub(crate) fn suggest(
    headers: &HeaderMap,
    query: &str,
    repaired: &Repaired,
) -> Option<ConnectionKind> {
    if headers.contains_key("adscimversion") || query.contains("aadOptscim062020") {
        return Some(ConnectionKind::Entra);
    }
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default().to_ascii_lowercase();
    let by_agent = AGENTS.iter().find(|(name, _)| agent.contains(name));
    let by_urn = || {
        let ignored = repaired.ignored.iter().map(String::as_str);
        let mut names = ignored.chain(repaired.aliases.iter().copied());
        names.find_map(|name| URNS.iter().find(|(urn, _)| name.starts_with(urn)))
    };
    let by_habit = || {
        let mut habits = HABITS.iter();
        habits.find(|(repair, _)| repaired.repairs.contains(&repair.name()))
    };
    by_agent
        .or_else(by_urn)
        .map(|(_, kind)| *kind)
        .or_else(|| by_habit().map(|(_, kind)| *kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_request_says_by_many_signs_whose_it_is() {
        let nothing = Repaired::default();
        let ignoring = |name: &str| Repaired {
            ignored: vec![name.to_owned()],
            ..Repaired::default()
        };
        let repairing = |repair: Repair| Repaired {
            repairs: vec![repair.name()],
            ..Repaired::default()
        };
        let group = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        for (header, query, repaired, expected) in [
            (None, "", nothing.clone(), None),
            (
                Some(("user-agent", "curl/8.5.0")),
                "",
                nothing.clone(),
                None,
            ),
            (
                Some(("user-agent", "Okta SCIM Client 1.0.0")),
                "",
                nothing.clone(),
                Some(ConnectionKind::Okta),
            ),
            (
                Some(("adscimversion", "2022-12-01")),
                "",
                nothing.clone(),
                Some(ConnectionKind::Entra),
            ),
            (
                None,
                "aadOptscim062020",
                nothing,
                Some(ConnectionKind::Entra),
            ),
            (None, "", ignoring(group), Some(ConnectionKind::Entra)),
            (None, "", ignoring("shoeSize"), None),
            (
                None,
                "",
                repairing(Repair::AnyCaseOperation),
                Some(ConnectionKind::Entra),
            ),
            (None, "", repairing(Repair::EmptyText), None),
        ] {
            let headers = header.map(|(name, value)| {
                (
                    name.parse::<axum::http::HeaderName>().unwrap(),
                    HeaderValue::from_static(value),
                )
            });
            let headers = HeaderMap::from_iter(headers);
            let found = suggest(&headers, query, &repaired);
            assert_eq!(found, expected, "{header:?} {query} {repaired:?}");
        }
    }
}
