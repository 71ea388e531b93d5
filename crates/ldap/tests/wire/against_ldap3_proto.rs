//! What `ldap3_proto` writes, read by us.

use jackfield_ldap::wire::{Limits, Request};
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapAddRequest, LdapBindCred, LdapBindRequest, LdapCompareRequest, LdapDerefAliases,
    LdapExtendedRequest, LdapFilter, LdapMatchingRuleAssertion, LdapModify, LdapModifyDNRequest,
    LdapModifyRequest, LdapModifyType, LdapMsg, LdapOp, LdapPartialAttribute, LdapSearchRequest,
    LdapSearchScope, LdapSubstringFilter, SaslCredentials,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::translated::translated;
use crate::{encoded, frame};

fn string() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Zäß€ ,=*-]{0,12}", "[a-z0-9]{120,140}"]
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..20)
}

fn substrings() -> impl Strategy<Value = LdapSubstringFilter> {
    (
        option::of(string()),
        vec(string(), 0..4),
        option::of(string()),
    )
        .prop_map(|(initial, any, final_)| LdapSubstringFilter {
            initial,
            any,
            final_,
        })
        .prop_filter("a piece", |it| {
            it.initial.is_some() || !it.any.is_empty() || it.final_.is_some()
        })
}

fn extensible() -> impl Strategy<Value = LdapMatchingRuleAssertion> {
    (
        option::of(string()),
        option::of(string()),
        string(),
        any::<bool>(),
    )
        .prop_filter("a rule or an attribute", |it| {
            it.0.is_some() || it.1.is_some()
        })
        .prop_map(
            |(matching_rule, type_, match_value, dn_attributes)| LdapMatchingRuleAssertion {
                matching_rule,
                type_,
                match_value,
                dn_attributes,
            },
        )
}

fn filter() -> impl Strategy<Value = LdapFilter> {
    let item = prop_oneof![
        (string(), string()).prop_map(|(a, v)| LdapFilter::Equality(a, v)),
        (string(), substrings()).prop_map(|(a, v)| LdapFilter::Substring(a, v)),
        (string(), string()).prop_map(|(a, v)| LdapFilter::GreaterOrEqual(a, v)),
        (string(), string()).prop_map(|(a, v)| LdapFilter::LessOrEqual(a, v)),
        string().prop_map(LdapFilter::Present),
        (string(), string()).prop_map(|(a, v)| LdapFilter::Approx(a, v)),
        extensible().prop_map(LdapFilter::Extensible),
    ];
    item.prop_recursive(6, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(LdapFilter::And),
            vec(inner.clone(), 0..4).prop_map(LdapFilter::Or),
            inner.prop_map(|filter| LdapFilter::Not(Box::new(filter))),
        ]
    })
}

fn search() -> impl Strategy<Value = LdapSearchRequest> {
    let scope = prop_oneof![
        Just(LdapSearchScope::Base),
        Just(LdapSearchScope::OneLevel),
        Just(LdapSearchScope::Subtree),
        Just(LdapSearchScope::Children),
    ];
    let aliases = prop_oneof![
        Just(LdapDerefAliases::Never),
        Just(LdapDerefAliases::InSearching),
        Just(LdapDerefAliases::FindingBaseObj),
        Just(LdapDerefAliases::Always),
    ];
    let limits = (0..=i32::MAX, 0..=i32::MAX, any::<bool>());
    (
        string(),
        scope,
        aliases,
        limits,
        filter(),
        vec(string(), 0..5),
    )
        .prop_map(
            |(base, scope, aliases, (sizelimit, timelimit, typesonly), filter, attrs)| {
                LdapSearchRequest {
                    base,
                    scope,
                    aliases,
                    sizelimit,
                    timelimit,
                    typesonly,
                    filter,
                    attrs,
                }
            },
        )
}

fn bind() -> impl Strategy<Value = LdapBindRequest> {
    let cred = prop_oneof![
        string().prop_map(LdapBindCred::Simple),
        (string(), octets()).prop_map(|(mechanism, credentials)| {
            LdapBindCred::SASL(SaslCredentials {
                mechanism,
                credentials,
            })
        }),
    ];
    (1..=127_i64, string(), cred).prop_map(|(version, dn, cred)| LdapBindRequest {
        version,
        dn,
        cred,
    })
}

fn attribute() -> impl Strategy<Value = LdapPartialAttribute> {
    (string(), vec(octets(), 0..4)).prop_map(|(atype, vals)| LdapPartialAttribute { atype, vals })
}

fn modify() -> impl Strategy<Value = LdapModifyRequest> {
    let operation = prop_oneof![
        Just(LdapModifyType::Add),
        Just(LdapModifyType::Delete),
        Just(LdapModifyType::Replace),
        Just(LdapModifyType::Increment),
    ];
    let change = (operation, attribute()).prop_map(|(operation, modification)| LdapModify {
        operation,
        modification,
    });
    (string(), vec(change, 0..4)).prop_map(|(dn, changes)| LdapModifyRequest { dn, changes })
}

fn modify_dn() -> impl Strategy<Value = LdapModifyDNRequest> {
    (string(), string(), any::<bool>(), option::of(string())).prop_map(
        |(dn, newrdn, deleteoldrdn, new_superior)| LdapModifyDNRequest {
            dn,
            newrdn,
            deleteoldrdn,
            new_superior,
        },
    )
}

/// Any request that `ldap3_proto` can write.
pub(crate) fn operation() -> impl Strategy<Value = LdapOp> {
    prop_oneof![
        bind().prop_map(LdapOp::BindRequest),
        Just(LdapOp::UnbindRequest),
        search().prop_map(LdapOp::SearchRequest),
        modify().prop_map(LdapOp::ModifyRequest),
        (string(), vec(attribute(), 0..4))
            .prop_map(|(dn, attributes)| { LdapOp::AddRequest(LdapAddRequest { dn, attributes }) }),
        string().prop_map(LdapOp::DelRequest),
        modify_dn().prop_map(LdapOp::ModifyDNRequest),
        (string(), string(), octets()).prop_map(|(dn, atype, val)| {
            LdapOp::CompareRequest(LdapCompareRequest { dn, atype, val })
        }),
        (0..=i32::MAX).prop_map(LdapOp::AbandonRequest),
        (string(), option::of(octets())).prop_map(|(name, value)| {
            LdapOp::ExtendedRequest(LdapExtendedRequest { name, value })
        }),
    ]
}

pub(crate) fn controls() -> impl Strategy<Value = Vec<LdapControl>> {
    let control = ("[0-9.]{1,30}", any::<bool>(), option::of(octets())).prop_map(
        |(oid, criticality, value)| LdapControl::Unknown {
            oid,
            criticality,
            value,
        },
    );
    vec(control, 0..4)
}

proptest! {
    #[test]
    fn we_read_what_it_writes(op in operation(), ctrl in controls(), msgid in 1..=i32::MAX) {
        let message = LdapMsg { msgid, op, ctrl };
        let frame = frame(&encoded(message.clone()));
        let controls = frame.controls.clone().unwrap().into_iter().map(|it| LdapControl::Unknown {
            oid: it.oid.to_string(),
            criticality: it.critical,
            value: it.value.map(|value| value.to_vec()),
        });
        let request = Request::decode(&frame, &Limits::default()).unwrap();
        prop_assert_eq!(frame.id, message.msgid);
        prop_assert_eq!(controls.collect::<Vec<_>>(), message.ctrl);
        prop_assert_eq!(translated(request), Some(message.op));
    }
}
