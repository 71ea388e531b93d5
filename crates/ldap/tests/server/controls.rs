//! Controls (RFC 4511 §4.1.11), and operations that are not served.

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapAddRequest, LdapDerefAliases, LdapModifyDNRequest, LdapMsg, LdapOp, LdapResultCode as Code,
    LdapSearchRequest,
};

use crate::harness::{SUFFIX, Server};
use crate::raw::{Raw, encoded, extended, search};

fn with_control(id: i32, op: LdapOp, oid: &str, criticality: bool) -> Vec<u8> {
    let control = LdapControl::Unknown {
        oid: oid.to_owned(),
        criticality,
        value: None,
    };
    encoded(LdapMsg {
        msgid: id,
        op,
        ctrl: vec![control],
    })
}

#[tokio::test]
async fn an_unknown_control_stops_an_operation_only_if_it_is_critical() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    for (id, oid, critical, code) in [
        (2, "1.2.3.4", true, Code::UnavailableCriticalExtension),
        (3, "1.2.3.4", false, Code::Success),
        // ManageDsaIT
        (4, "2.16.840.1.113730.3.4.2", true, Code::Success),
    ] {
        raw.octets(&with_control(id, search(SUFFIX), oid, critical))
            .await;
        let (entries, result) = raw.entries(id).await;
        assert_eq!(result.code, code, "{oid}");
        assert_eq!(entries > 0, code == Code::Success, "{oid}");
    }
}

#[tokio::test]
async fn writes_and_unknown_extensions_are_refused_with_a_reason() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let dn = format!("uid=alice,ou=people,{SUFFIX}");
    let ops = [
        LdapOp::AddRequest(LdapAddRequest {
            dn: dn.clone(),
            attributes: vec![],
        }),
        LdapOp::DelRequest(dn.clone()),
        LdapOp::ModifyDNRequest(LdapModifyDNRequest {
            dn,
            newrdn: "uid=eve".to_owned(),
            deleteoldrdn: true,
            new_superior: None,
        }),
    ];
    for (id, op) in (2..).zip(ops) {
        raw.send(id, op).await;
        let result = raw.result(id).await;
        assert_eq!(result.code, Code::UnwillingToPerform);
        assert!(!result.message.is_empty());
    }
    for (id, name) in [(10, "1.2.3.4"), (11, "1.3.6.1.4.1.1466.20037")] {
        raw.send(id, extended(name)).await;
        assert_eq!(raw.result(id).await.code, Code::ProtocolError, "{name}");
    }
}

#[tokio::test]
async fn controls_of_operations_without_a_response_are_passed_over() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    raw.octets(&with_control(2, LdapOp::AbandonRequest(9), "1.2.3.4", true))
        .await;
    raw.send(3, search(SUFFIX)).await;
    assert_eq!(raw.entries(3).await.1.code, Code::Success);
    raw.octets(&with_control(4, LdapOp::UnbindRequest, "1.2.3.4", true))
        .await;
    assert!(raw.next().await.is_none());
}

#[tokio::test]
async fn every_way_to_follow_aliases_is_taken() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let mut counts = Vec::new();
    for (id, aliases) in (2..).zip([
        LdapDerefAliases::Never,
        LdapDerefAliases::InSearching,
        LdapDerefAliases::FindingBaseObj,
        LdapDerefAliases::Always,
    ]) {
        let LdapOp::SearchRequest(everything) = search(SUFFIX) else {
            unreachable!()
        };
        let op = LdapOp::SearchRequest(LdapSearchRequest {
            aliases,
            ..everything
        });
        raw.send(id, op).await;
        let (count, result) = raw.entries(id).await;
        assert_eq!(result.code, Code::Success);
        counts.push(count);
    }
    // There are no aliases.
    assert!(counts.iter().all(|count| *count == counts[0] && *count > 0));
}
