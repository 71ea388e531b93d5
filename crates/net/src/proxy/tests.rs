use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::harness::{echo, is_served, limits, start};
use crate::{Connection, Limits};

/// Only 127.0.0.1 is a proxy.
fn behind_a_proxy() -> Limits {
    Limits {
        proxies: Arc::from(["127.0.0.1/32".parse().unwrap()]),
        ..limits()
    }
}

/// A header of version 2 with this command, family and body.
fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    header.extend([0x20 | command, family]);
    header.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    header.extend(body);
    header
}

#[tokio::test]
async fn a_trusted_proxy_says_who_the_client_is() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let server = start(behind_a_proxy(), move |mut connection: Connection| {
        let sender = sender.clone();
        async move {
            let next = connection.read_u8().await.unwrap();
            sender.send((connection.peer_addr(), next)).unwrap();
        }
    });
    let v4 = [192, 0, 2, 7, 10, 0, 0, 1, 0xC3, 0x50, 1, 133];
    let mut v6 = [0; 36];
    v6[..16].copy_from_slice(
        &"2001:db8::7"
            .parse::<std::net::Ipv6Addr>()
            .unwrap()
            .octets(),
    );
    v6[32..34].copy_from_slice(&50_000_u16.to_be_bytes());
    let mut with_tlv = v4.to_vec();
    with_tlv.extend([0x04, 0, 1, 0]);
    for (header, client) in [
        (
            b"PROXY TCP4 192.0.2.7 10.0.0.1 50000 389\r\n".to_vec(),
            Some("192.0.2.7:50000"),
        ),
        (
            b"PROXY TCP6 2001:db8::7 ::1 50000 389\r\n".to_vec(),
            Some("[2001:db8::7]:50000"),
        ),
        (b"PROXY UNKNOWN\r\n".to_vec(), None),
        (v2(1, 0x11, &v4), Some("192.0.2.7:50000")),
        (v2(1, 0x11, &with_tlv), Some("192.0.2.7:50000")),
        (v2(1, 0x21, &v6), Some("[2001:db8::7]:50000")),
        (v2(0, 0x00, &[]), None),
    ] {
        let mut proxy = server.connect().await;
        let expected = client.map_or(proxy.local_addr().unwrap(), |text| text.parse().unwrap());
        proxy.write_all(&header).await.unwrap();
        proxy.write_all(b"!").await.unwrap();
        assert_eq!(seen.recv().await.unwrap(), (expected, b'!'), "{header:?}");
    }
}

#[tokio::test]
async fn what_is_no_header_closes_the_connection() {
    let server = start(behind_a_proxy(), echo);
    let endless = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
    let huge = [&v2(1, 0x11, &[])[..14], &[0xFF, 0xFF], &[0; 64]].concat();
    for header in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"PROXY TCP4 nobody 10.0.0.1 1 2\r\n".to_vec(),
        endless,
        huge,
        v2(1, 0x11, &[1, 2, 3]),
        v2(7, 0x11, &[0; 12]),
    ] {
        let mut proxy = server.connect().await;
        proxy.write_all(&header).await.unwrap();
        assert!(!is_served(&mut proxy).await, "{header:?}");
    }
}

#[tokio::test]
async fn what_cannot_begin_a_header_is_not_waited_for() {
    let server = start(behind_a_proxy(), echo);
    for start in [&b"\x30"[..], b"\x16\x03", b"PROXX", b"\r\n\r\n\0\r\nNO"] {
        let mut proxy = server.connect().await;
        proxy.write_all(start).await.unwrap();
        let begun = tokio::time::Instant::now();
        assert_eq!(proxy.read(&mut [0]).await.unwrap_or(0), 0);
        assert!(
            begun.elapsed() < limits().handshake_timeout / 2,
            "{start:?}"
        );
    }
}

#[tokio::test]
async fn nobody_else_is_believed() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let server = start(behind_a_proxy(), move |mut connection: Connection| {
        let sender = sender.clone();
        async move {
            let mut first = [0; 5];
            connection.read_exact(&mut first).await.unwrap();
            sender.send((connection.peer_addr().ip(), first)).unwrap();
        }
    });
    let mut liar = server.connect_from("127.0.0.2").await;
    liar.write_all(b"PROXY TCP4 192.0.2.7 10.0.0.1 50000 389\r\n")
        .await
        .unwrap();
    let own = Ipv4Addr::new(127, 0, 0, 2).into();
    assert_eq!(seen.recv().await.unwrap(), (own, *b"PROXY"));
}

#[tokio::test]
async fn clients_are_counted_by_their_own_addresses() {
    let limits = Limits {
        max_connections_per_source: 1,
        ..behind_a_proxy()
    };
    let server = start(limits, echo);
    let connect = async |client: &str| {
        let mut proxy = server.connect().await;
        let header = format!("PROXY TCP4 {client} 10.0.0.1 50000 389\r\n");
        proxy.write_all(header.as_bytes()).await.unwrap();
        proxy
    };
    let mut first = connect("192.0.2.1").await;
    assert!(is_served(&mut first).await);
    assert!(!is_served(&mut connect("192.0.2.1").await).await);
    assert!(is_served(&mut connect("192.0.2.2").await).await);
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_says_nothing_is_not_waited_for() {
    let server = start(behind_a_proxy(), echo);
    let mut proxy = server.connect().await;
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(proxy.read(&mut [0]).await.unwrap(), 0);
}
