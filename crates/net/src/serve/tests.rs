use std::future;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::*;
use crate::harness::{echo, is_served, limits, start};

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once_and_a_closed_one_makes_room() {
    let server = start(
        Limits {
            max_connections: 2,
            ..limits()
        },
        echo,
    );
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert!(is_served(&mut first).await);
    assert!(is_served(&mut second).await);
    assert!(!is_served(&mut server.connect().await).await);

    first.shutdown().await.unwrap();
    assert_eq!(first.read(&mut [0]).await.unwrap(), 0);
    assert!(is_served(&mut server.connect().await).await);
    assert!(is_served(&mut second).await);
    let refused: Vec<_> = server.traffic.refused().collect();
    assert_eq!(refused, [("full", 1), ("source_full", 0), ("proxy", 0)]);
    assert_eq!(server.traffic.accepted(), 3);
}

#[tokio::test]
async fn one_source_cannot_take_the_places_of_others() {
    let server = start(
        Limits {
            max_connections_per_source: 1,
            ..limits()
        },
        echo,
    );
    let mut greedy = server.connect_from("127.0.0.1").await;
    assert!(is_served(&mut greedy).await);
    assert!(!is_served(&mut server.connect_from("127.0.0.1").await).await);
    assert!(is_served(&mut server.connect_from("127.0.0.2").await).await);
    let refused: Vec<_> = server.traffic.refused().collect();
    assert_eq!(refused, [("full", 0), ("source_full", 1), ("proxy", 0)]);
}

#[tokio::test]
async fn a_panic_ends_its_connection_alone_and_gives_its_place_back() {
    let server = start(
        Limits {
            max_connections: 2,
            ..limits()
        },
        echo,
    );
    let (mut calm, mut doomed) = (server.connect().await, server.connect().await);
    assert!(is_served(&mut calm).await);
    doomed.write_all(b"!").await.unwrap();
    assert_eq!(doomed.read(&mut [0]).await.unwrap(), 0);
    assert!(is_served(&mut calm).await);
    assert!(is_served(&mut server.connect().await).await);
}

#[tokio::test]
async fn a_panic_before_the_first_await_is_caught_as_well() {
    let server = start(limits(), |connection| {
        assert_ne!(connection.peer_addr().ip(), Ipv4Addr::new(127, 0, 0, 2));
        echo(connection)
    });
    assert!(!is_served(&mut server.connect_from("127.0.0.2").await).await);
    assert!(is_served(&mut server.connect().await).await);
}

#[tokio::test]
async fn a_handler_knows_both_ends_and_its_listener() {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let server = start(limits(), move |connection| {
        let listener = Arc::clone(connection.listener());
        let ends = (connection.peer_addr(), connection.local_addr().unwrap());
        sender.send((ends, listener, connection.is_tls())).unwrap();
        future::ready(())
    });
    let client = server.connect().await;
    let ends = (client.local_addr().unwrap(), client.peer_addr().unwrap());
    assert_eq!(seen.recv().await.unwrap(), (ends, Arc::from("test"), false));
}

#[tokio::test]
async fn vectored_writes_reach_the_socket_in_one() {
    let server = start(limits(), |mut connection| async move {
        assert!(connection.is_write_vectored());
        let slices = [io::IoSlice::new(b"one "), io::IoSlice::new(b"two")];
        assert_eq!(connection.write_vectored(&slices).await.unwrap(), 7);
    });
    let mut received = String::new();
    server
        .connect()
        .await
        .read_to_string(&mut received)
        .await
        .unwrap();
    assert_eq!(received, "one two");
}

#[tokio::test]
async fn a_stop_closes_the_port_and_lets_connections_finish() {
    let server = start(limits(), |mut connection| async move {
        connection.write_all(b"ready").await.unwrap();
        connection.shutdown().clone().cancelled().await;
        connection.write_all(b"goodbye").await.unwrap();
    });
    let mut client = server.connect().await;
    client.read_exact(&mut [0; 5]).await.unwrap();

    let address = server.address;
    server.stop().await;
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "goodbye");
    assert!(TcpStream::connect(address).await.is_err());
}

// Time is paused: with nothing left to do but wait, the grace is over at once.
#[tokio::test(start_paused = true)]
async fn what_does_not_drain_within_the_grace_is_cut() {
    let (sender, mut started) = mpsc::unbounded_channel();
    let server = start(limits(), move |connection| {
        let sender = sender.clone();
        async move {
            sender.send(()).unwrap();
            future::pending::<()>().await;
            drop(connection);
        }
    });
    let mut client = server.connect().await;
    started.recv().await.unwrap();

    let before = tokio::time::Instant::now();
    server.stop().await;
    assert!(before.elapsed() >= limits().grace);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn dropping_the_loop_drops_its_connections() {
    let server = start(limits(), echo);
    let mut client = server.connect().await;
    assert!(is_served(&mut client).await);
    server.stopped.abort();
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_that_cancels_its_own_token_stops_no_other() {
    let server = start(limits(), |connection| {
        if connection.peer_addr().ip() == Ipv4Addr::new(127, 0, 0, 2) {
            connection.shutdown().cancel();
        }
        echo(connection)
    });
    assert!(!is_served(&mut server.connect_from("127.0.0.2").await).await);
    assert!(is_served(&mut server.connect().await).await);
}

#[test]
fn a_large_handler_makes_no_large_task() {
    async fn large(_: Connection) {
        let held = [0_u8; 10_000];
        future::pending::<()>().await;
        std::hint::black_box(held);
    }
    let task = run(future::pending(), Arc::new(large), CancellationToken::new());
    assert!(size_of_val(&task) < 2_000);
}
