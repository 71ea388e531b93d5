//! Many at once: idle connections, and wrong passwords, neither of which slows others.

use std::fs;
use std::time::{Duration, Instant};

use jackfield_tests::Server;
use jackfield_tests::ber::{self, Connection, tag, tlv};
use jackfield_tests::tools::Tools;

const INVALID_CREDENTIALS: u8 = 49;

/// So many that a test may open.
const IDLE: usize = 1_500;

/// How long somebody else's search may take meanwhile, on a machine that is busy with tests.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the server has in memory, in KiB.
fn resident(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let digits = line.unwrap().split_ascii_whitespace().nth(1);
    digits.unwrap().parse().unwrap()
}

#[test]
fn idle_connections_cost_little_and_slow_nobody() {
    let (server, access) = Server::bootstrapped().unwrap();
    let at = server.listeners().ldap;
    let before = resident(&server);
    let open = |_| Connection::open(at).unwrap();
    let mut idle: Vec<Connection> = (0..IDLE).map(open).collect();
    // Each of them is served, the last one, too.
    let who_am_i = tlv(tag::EXTENDED, &tlv(0x80, b"1.3.6.1.4.1.4203.1.11.3"));
    let last = idle.last_mut().unwrap();
    last.send(&ber::message(7, &who_am_i)).unwrap();
    assert_eq!(last.receive().unwrap().unwrap().code(), Some(0));
    let each = resident(&server).saturating_sub(before) / IDLE;
    assert!(each <= 32, "{each} KiB for each connection");

    let begun = Instant::now();
    let tools = Tools::new(&access.ldap).at(&server.ldap_url());
    tools.search(&["(cn=Anna*)", "cn"]).unwrap().expect(0);
    let took = begun.elapsed();
    assert!(took < PATIENCE, "{took:?}");
}

#[test]
fn a_flood_of_wrong_passwords_slows_no_search() {
    let (server, access) = Server::bootstrapped().unwrap();
    let at = server.listeners().ldap;
    let mut flood: Vec<Connection> = (0..60)
        .map(|at_once| {
            let mut connection = Connection::open(at).unwrap();
            let name = format!("nobody{at_once}@acme.example");
            connection.send(&ber::bind(1, &name, "wrong")).unwrap();
            connection
        })
        .collect();
    let begun = Instant::now();
    let tools = Tools::new(&access.ldap).at(&server.ldap_url());
    tools.search(&["(cn=Anna*)", "cn"]).unwrap().expect(0);
    let took = begun.elapsed();
    assert!(took < PATIENCE, "{took:?}");
    for connection in &mut flood {
        let answer = connection.receive().unwrap().unwrap();
        assert_eq!(answer.code(), Some(INVALID_CREDENTIALS));
    }
}

#[test]
fn too_many_wrong_passwords_are_told_to_the_operator_and_without_them() {
    let (server, access) = Server::bootstrapped().unwrap();
    let base = &access.ldap.base;
    let owner = format!("{}@acme.example", access.owner.user_name);
    let guess = |password: &str| Tools::bound(&server.ldap_url(), base, &owner, password).whoami();
    for _ in 0..10 {
        guess("a-wrong-guess").unwrap().expect(49);
    }
    guess(&access.owner.password).unwrap().expect(49);
    let said = server.stderr();
    let told: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("locked"))
        .collect();
    assert_eq!(told.len(), 1, "{said}");
    for part in [
        &*format!("uid={}", access.owner.user_name),
        "127.0.0.1",
        "acme",
    ] {
        assert!(told[0].contains(part), "{part}: {told:?}");
    }
    assert!(!said.contains("a-wrong-guess"), "{said}");
}
