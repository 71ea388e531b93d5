//! Many at once: idle connections, and wrong passwords, neither of which slows others.

use std::fs;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use jackfield_tests::ber::{self, Connection, tag, tlv};
use jackfield_tests::home::LdapAccess;
use jackfield_tests::tools::Tools;
use jackfield_tests::{Access, Home, Server, wait};
use toml::Table;

const INVALID_CREDENTIALS: u8 = 49;

/// As many as are promised.
const IDLE: usize = 10_000;

/// How many searches are measured.
const SEARCHES: u32 = 1_000;

/// How long somebody else's search may take meanwhile, on a machine that is busy with tests.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the server has in memory, in KiB.
fn resident(server: &Server) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let digits = line.unwrap().split_ascii_whitespace().nth(1);
    digits.unwrap().parse().unwrap()
}

/// The processor time that the server has used, in ticks.
fn used(server: &Server) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let (_, behind_name) = stat.rsplit_once(") ").unwrap();
    let fields = behind_name.split(' ').skip(11).take(2);
    fields.map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Lets this process, and those that it starts, have so many files open; says whether it may.
fn may_open(files: usize) -> bool {
    let raise = Command::new("prlimit")
        .arg(format!("--nofile={files}:"))
        .args(["--pid", &std::process::id().to_string()])
        .status();
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_ascii_whitespace().nth(3)?.parse().ok());
    let may = soft.is_some_and(|soft: usize| soft >= files);
    if !may {
        eprintln!("SKIPPED: {files} open files are not permitted ({soft:?}; prlimit: {raise:?})");
    }
    may
}

/// Searches for one entry, one after the other; the processor time that they took, in ticks.
fn searched(server: &Server, access: &Access) -> u64 {
    let mut connection = Connection::open(server.listeners().ldap).unwrap();
    let LdapAccess {
        base,
        bind_dn,
        password,
        ..
    } = &access.ldap;
    connection.send(&ber::bind(1, bind_dn, password)).unwrap();
    assert_eq!(connection.receive().unwrap().unwrap().code(), Some(0));
    let before = used(server);
    let filter = ber::equality("uid", access.owner.user_name.as_bytes());
    for id in 2..2 + SEARCHES {
        connection
            .send(&ber::search(id, base, &filter, &["cn"]))
            .unwrap();
        let entry = connection.receive().unwrap().unwrap();
        assert_eq!(entry.tag, tag::ENTRY);
        assert_eq!(connection.receive().unwrap().unwrap().code(), Some(0));
    }
    used(server) - before
}

#[test]
fn idle_connections_cost_little_and_slow_nobody() {
    if !may_open(IDLE + 1_000) {
        return;
    }
    let home = Home::new().unwrap();
    home.edit_config(|config| {
        let limits = Table::from_iter([("connections_per_source".to_owned(), 20_000.into())]);
        config.insert("limits".to_owned(), limits.into());
    })
    .unwrap();
    let server = home.serve().unwrap();
    let access = server.bootstrap().unwrap();
    let at = server.listeners().ldap;
    let alone = searched(&server, &access);
    let before = resident(&server);
    let mut idle: Vec<TcpStream> = (0..IDLE).map(|_| TcpStream::connect(at).unwrap()).collect();
    // Each of them is served, the last one, too.
    let mut last = Connection::over(idle.pop().unwrap()).unwrap();
    let who_am_i = tlv(tag::EXTENDED, &tlv(0x80, b"1.3.6.1.4.1.4203.1.11.3"));
    last.send(&ber::message(7, &who_am_i)).unwrap();
    assert_eq!(last.receive().unwrap().unwrap().code(), Some(0));
    let all = resident(&server).saturating_sub(before);

    let begun = Instant::now();
    let among = searched(&server, &access);
    let took = begun.elapsed();
    eprintln!(
        "{IDLE} idle connections: {all} KiB; {SEARCHES} searches: {alone} ticks before, {among} \
         with them, in {took:?}"
    );
    assert!(all / IDLE <= 32, "{all} KiB for {IDLE} connections");
    assert!(among <= 3 * alone.max(10), "{among} ticks, {alone} alone");
    assert!(took < 10 * PATIENCE, "{took:?}");
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
    // All of it waits for the threads that hash, and nobody else does.
    let begun = Instant::now();
    searched(&server, &access);
    let took = begun.elapsed();
    eprintln!("{SEARCHES} searches during a flood of binds: {took:?}");
    assert!(took < 10 * PATIENCE, "{took:?}");
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

    let home = server.home();
    let lockouts = |rest: &[&str]| -> serde_json::Value {
        let words = [&["lockouts"], rest, &["--tenant", "acme", "--json"]].concat();
        home.run_json(&words).unwrap()
    };
    let listed = lockouts(&["list"]);
    assert_eq!(listed[0]["account"], *access.owner.user_name, "{listed}");
    assert_eq!(listed[0]["network"], "127.0.0.1");
    assert_eq!(lockouts(&["lift", &owner])["lifted"], 1);
    assert_eq!(lockouts(&["list"]), serde_json::json!([]));
    let is_let_in = || {
        let tried = guess(&access.owner.password).unwrap();
        (tried.code == 0).then_some(())
    };
    wait::until(is_let_in).expect("the running server heeds it");
}
