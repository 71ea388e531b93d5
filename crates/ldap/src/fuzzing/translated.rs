//! Our requests in the words of `ldap3_proto`: for the fuzzer, and for the tests of the wire layer.

use ldap3_proto::proto::{
    LdapBindCred, LdapBindRequest, LdapCompareRequest, LdapExtendedRequest, LdapFilter,
    LdapMatchingRuleAssertion, LdapOp, LdapSearchRequest, LdapSubstringFilter, SaslCredentials,
};

use crate::wire::Request;
use crate::wire::request::{Assertion, Authentication, BindRequest, Filter, SearchRequest};

/// A request of ours in the words of `ldap3_proto`; `None` for what it has no words for, such as
/// a password that is no text.
pub(crate) fn translated(request: Request<'_>) -> Option<LdapOp> {
    Some(match request {
        Request::Bind(bind) => LdapOp::BindRequest(translated_bind(bind)?),
        Request::Unbind => LdapOp::UnbindRequest,
        Request::Search(search) => LdapOp::SearchRequest(translated_search(&search)?),
        Request::Modify(modify) => LdapOp::ModifyRequest(modify),
        Request::Add(add) => LdapOp::AddRequest(add),
        Request::Delete(dn) => LdapOp::DelRequest(dn),
        Request::ModifyDn(modify) => LdapOp::ModifyDNRequest(modify),
        Request::Compare(compare) => LdapOp::CompareRequest(LdapCompareRequest {
            dn: compare.entry.to_owned(),
            atype: compare.assertion.attribute.to_owned(),
            val: compare.assertion.value.to_vec(),
        }),
        Request::Abandon(id) => LdapOp::AbandonRequest(id),
        Request::Extended(extended) => LdapOp::ExtendedRequest(LdapExtendedRequest {
            name: extended.name.to_owned(),
            value: extended.value.map(<[u8]>::to_vec),
        }),
    })
}

fn translated_bind(bind: BindRequest<'_>) -> Option<LdapBindRequest> {
    Some(LdapBindRequest {
        version: bind.version,
        dn: bind.name.to_owned(),
        cred: match bind.authentication {
            Authentication::Simple(password) => LdapBindCred::Simple(text(password)?),
            Authentication::Sasl {
                mechanism,
                credentials,
            } => LdapBindCred::SASL(SaslCredentials {
                mechanism: mechanism.to_owned(),
                credentials: credentials.unwrap_or_default().to_vec(),
            }),
            Authentication::Other(_) => LdapBindCred::Unsupported,
        },
    })
}

fn translated_search(search: &SearchRequest<'_>) -> Option<LdapSearchRequest> {
    Some(LdapSearchRequest {
        base: search.base.to_owned(),
        scope: search.scope.clone(),
        aliases: search.deref_aliases.clone(),
        sizelimit: search.size_limit.try_into().ok()?,
        timelimit: search.time_limit_seconds.try_into().ok()?,
        typesonly: search.types_only,
        filter: translated_filter(&search.filter)?,
        attrs: search.attributes.iter().map(ToString::to_string).collect(),
    })
}

fn translated_filter(filter: &Filter<'_>) -> Option<LdapFilter> {
    let both = |it: &Assertion<'_>| Some((it.attribute.to_owned(), text(it.value)?));
    let all = |filters: &[Filter<'_>]| -> Option<Vec<_>> {
        filters.iter().map(translated_filter).collect()
    };
    let piece = |it: Option<&[u8]>| it.map(|it| text(it).ok_or(())).transpose().ok();
    Some(match filter {
        Filter::And(filters) => LdapFilter::And(all(filters)?),
        Filter::Or(filters) => LdapFilter::Or(all(filters)?),
        Filter::Not(filter) => LdapFilter::Not(Box::new(translated_filter(filter)?)),
        Filter::Equality(it) => both(it).map(|(a, v)| LdapFilter::Equality(a, v))?,
        Filter::Substrings {
            attribute,
            initial,
            any,
            last,
        } => LdapFilter::Substring(
            (*attribute).to_owned(),
            LdapSubstringFilter {
                initial: piece(*initial)?,
                any: any.iter().copied().map(text).collect::<Option<_>>()?,
                final_: piece(*last)?,
            },
        ),
        Filter::GreaterOrEqual(it) => both(it).map(|(a, v)| LdapFilter::GreaterOrEqual(a, v))?,
        Filter::LessOrEqual(it) => both(it).map(|(a, v)| LdapFilter::LessOrEqual(a, v))?,
        Filter::Present(attribute) => LdapFilter::Present((*attribute).to_owned()),
        Filter::Approx(it) => both(it).map(|(a, v)| LdapFilter::Approx(a, v))?,
        Filter::Extensible {
            rule,
            attribute,
            value,
            dn_attributes,
        } => LdapFilter::Extensible(LdapMatchingRuleAssertion {
            matching_rule: rule.map(str::to_owned),
            type_: attribute.map(str::to_owned),
            match_value: text(value)?,
            dn_attributes: *dn_attributes,
        }),
        Filter::Unknown(_) => return None,
    })
}

fn text(octets: &[u8]) -> Option<String> {
    String::from_utf8(octets.to_vec()).ok()
}
