//! Pages of results (RFC 2696).

use jackfield_ldap::Options;
use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{Scope, SearchEntry};
use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{LdapMsg, LdapOp, LdapResultCode as Code, LdapSearchRequest};

use crate::harness::{SUFFIX, Server};
use crate::raw::{Raw, encoded, search};

#[tokio::test]
async fn pages_together_are_what_one_search_gives() {
    let server = Server::start().await;
    let mut client = server.service().await;
    let names = |entries: Vec<ldap3::ResultEntry>| -> Vec<String> {
        entries
            .into_iter()
            .map(|entry| SearchEntry::construct(entry).dn)
            .collect()
    };
    let whole = client
        .search(SUFFIX, Scope::Subtree, "(&)", ["1.1"])
        .await
        .unwrap();
    let whole = names(whole.0);
    for size in [1, 2, 7, 1000] {
        let adapters: Vec<Box<dyn Adapter<_, _>>> = vec![
            Box::new(EntriesOnly::new()),
            Box::new(PagedResults::new(size)),
        ];
        let mut stream = client
            .streaming_search_with(adapters, SUFFIX, Scope::Subtree, "(&)", vec!["1.1"])
            .await
            .unwrap();
        let mut paged = Vec::new();
        while let Some(entry) = stream.next().await.unwrap() {
            paged.push(entry);
        }
        assert_eq!(stream.finish().await.rc, 0);
        assert_eq!(names(paged), whole, "pages of {size}");
    }
}

/// A page of a search for everything: how many entries came, with what code and cookie.
async fn page(
    raw: &mut Raw,
    (id, op): (i32, LdapOp),
    size: i64,
    cookie: &[u8],
) -> (usize, Code, Option<Vec<u8>>) {
    let control = LdapControl::SimplePagedResults {
        size,
        cookie: cookie.to_vec(),
    };
    raw.octets(&encoded(LdapMsg {
        msgid: id,
        op,
        ctrl: vec![control],
    }))
    .await;
    let mut count = 0;
    loop {
        let message = raw.next().await.unwrap();
        match message.op {
            LdapOp::SearchResultEntry(_) => count += 1,
            LdapOp::SearchResultDone(result) => {
                let cookie = message.ctrl.into_iter().find_map(|control| match control {
                    LdapControl::SimplePagedResults { cookie, .. } => Some(cookie),
                    _ => None,
                });
                return (count, result.code, cookie);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_cookie_is_good_for_its_client_and_its_search_on_any_connection() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let (count, code, cookie) = page(&mut raw, (2, search(SUFFIX)), 3, b"").await;
    assert_eq!((count, code), (3, Code::Success));
    let cookie = cookie.unwrap();
    assert!(!cookie.is_empty());
    let elsewhere = search(&format!("ou=people,{SUFFIX}"));
    let (count, code, _) = page(&mut raw, (3, elsewhere), 3, &cookie).await;
    assert_eq!((count, code), (0, Code::UnwillingToPerform));
    for at in 0..cookie.len() {
        let mut forged = cookie.clone();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let (count, code, _) = page(&mut raw, (4, search(SUFFIX)), 3, &forged).await;
        // The last letter of base64 has bits that say nothing.
        let is_last = at + 1 == cookie.len();
        assert!(
            is_last || (count, code) == (0, Code::UnwillingToPerform),
            "{at}"
        );
    }
    let mut other = Raw::bound(&server).await;
    let (count, code, _) = page(&mut other, (2, search(SUFFIX)), 3, &cookie).await;
    assert_eq!((count, code), (3, Code::Success));
}

#[tokio::test]
async fn the_limit_of_a_client_is_one_for_all_pages() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let limited = || match search(SUFFIX) {
        LdapOp::SearchRequest(request) => LdapOp::SearchRequest(LdapSearchRequest {
            sizelimit: 4,
            ..request
        }),
        other => other,
    };
    let (count, code, cookie) = page(&mut raw, (2, limited()), 3, b"").await;
    assert_eq!((count, code), (3, Code::Success));
    let (count, code, _) = page(&mut raw, (3, limited()), 3, &cookie.unwrap()).await;
    assert_eq!((count, code), (1, Code::SizeLimitExceeded));
}

#[tokio::test]
async fn a_page_of_nothing_ends_the_sequence() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let (.., cookie) = page(&mut raw, (2, search(SUFFIX)), 3, b"").await;
    let cookie = cookie.unwrap();
    let (count, code, end) = page(&mut raw, (3, search(SUFFIX)), 0, &cookie).await;
    assert_eq!((count, code, end), (0, Code::Success, Some(vec![])));
}

#[tokio::test]
async fn a_later_page_shows_what_the_client_may_read_then() {
    let server = Server::start().await;
    let mut raw = Raw::bound(&server).await;
    let (.., cookie) = page(&mut raw, (2, search(SUFFIX)), 3, b"").await;
    let cookie = cookie.unwrap();
    let again = crate::raw::bind(3, &format!("uid=pbx,ou=services,{SUFFIX}"), "wrong");
    raw.send(3, again).await;
    assert_eq!(raw.result(3).await.code, Code::InvalidCredentials);
    let (count, code, _) = page(&mut raw, (4, search(SUFFIX)), 3, &cookie).await;
    assert_eq!((count, code), (0, Code::UnwillingToPerform));
}

#[tokio::test]
async fn the_servers_limit_is_one_for_each_page() {
    let server = Server::with(Options {
        max_entries: 3,
        ..Options::default()
    })
    .await;
    let mut client = server.service().await;
    let whole = client
        .search(SUFFIX, Scope::Subtree, "(&)", ["1.1"])
        .await
        .unwrap();
    assert_eq!((whole.0.len(), whole.1.rc), (3, 4));
    let adapters: Vec<Box<dyn Adapter<_, _>>> = vec![
        Box::new(EntriesOnly::new()),
        Box::new(PagedResults::new(1_000)),
    ];
    let mut stream = client
        .streaming_search_with(adapters, SUFFIX, Scope::Subtree, "(&)", vec!["1.1"])
        .await
        .unwrap();
    let mut count = 0;
    while stream.next().await.unwrap().is_some() {
        count += 1;
    }
    assert_eq!(stream.finish().await.rc, 0);
    assert!(count > 10, "{count}");
}
