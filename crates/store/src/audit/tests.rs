use jackfield_model::{AuditChange, Id, Origin, Outcome, Principal, Timestamp};
use uuid::Uuid;

use super::*;

const KEY: AuditKey = AuditKey::new([7; 32]);
const TENANT: TenantId = TenantId(Uuid::from_u128(1));

fn entry(name: &str) -> AuditEntry {
    AuditEntry {
        at: Timestamp(1_000_000),
        actor: Principal::Person(Id(Uuid::from_u128(9))),
        actor_name: Some("ann".to_owned()),
        origin: Origin::local("cli"),
        action: "user.create".into(),
        target: Some(Id(Uuid::from_u128(8))),
        target_name: name.to_owned(),
        outcome: Outcome::Done,
        changes: vec![AuditChange {
            attribute: "title".to_owned(),
            before: None,
            after: Some("Boss".to_owned()),
        }],
    }
}

fn log() -> Vec<Sealed> {
    let mut chain = Chain::start(&KEY, TENANT);
    ["a", "b", "c"]
        .map(|name| chain.seal(&entry(name), Some(Revision(5))))
        .to_vec()
}

#[test]
fn a_log_as_it_was_written_verifies() {
    let log = log();
    assert_eq!(
        log.iter().map(|sealed| sealed.sequence).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(verify(&KEY, TENANT, &log), Ok(()));
    let mut rest = Chain::after(&KEY, 1, log[0].mac);
    assert_eq!(
        rest.check(&log[1]).and_then(|()| rest.check(&log[2])),
        Ok(())
    );
}

#[test]
fn another_key_or_tenant_breaks_the_first_entry() {
    let log = log();
    let broken = Err(Broken { sequence: 1 });
    assert_eq!(verify(&AuditKey::new([8; 32]), TENANT, &log), broken);
    assert_eq!(verify(&KEY, TenantId(Uuid::from_u128(2)), &log), broken);
}

#[test]
fn every_tampering_breaks_the_log_where_it_was_done() {
    type Tamper = fn(&mut Vec<Sealed>);
    let cases: [(&str, u64, Tamper); 14] = [
        ("dropped first", 1, |log| drop(log.remove(0))),
        ("dropped between", 2, |log| drop(log.remove(1))),
        ("swapped", 2, |log| log.swap(1, 2)),
        ("repeated", 3, |log| log.insert(2, log[1].clone())),
        ("renumbered", 2, |log| log[1].sequence = 5),
        ("hash", 3, |log| log[2].mac[31] ^= 1),
        ("time", 2, |log| log[1].entry.at.0 += 1),
        ("actor", 2, |log| log[1].entry.actor = Principal::Operator),
        ("protocol", 2, |log| {
            log[1].entry.origin = Origin::local("scim");
        }),
        ("action", 2, |log| {
            log[1].entry.action = "user.delete".into();
        }),
        ("target", 2, |log| log[1].entry.target = None),
        ("target name", 2, |log| log[1].entry.target_name.push('x')),
        ("outcome", 2, |log| {
            log[1].entry.outcome = Outcome::Refused("no".to_owned());
        }),
        ("change", 2, |log| {
            log[1].entry.changes[0].before = log[1].entry.changes[0].after.take();
        }),
    ];
    for (what, sequence, tamper) in cases {
        let mut log = log();
        tamper(&mut log);
        assert_eq!(
            verify(&KEY, TENANT, &log),
            Err(Broken { sequence }),
            "{what}"
        );
    }
}

#[test]
fn the_hash_is_hmac_sha_256() {
    // RFC 4231 §4.3, test case 2; its key is padded with zeros like every shorter one.
    let mut key = [0; 32];
    key[..4].copy_from_slice(b"Jefe");
    let mac = Message(b"what do ya want for nothing?".to_vec()).mac(&AuditKey::new(key));
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(hex(&mac), expected);
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn text_cannot_move_from_one_field_to_the_next() {
    let (mut one, mut other) = (entry("ab"), entry("a"));
    one.outcome = Outcome::Refused("c".to_owned());
    other.outcome = Outcome::Refused("bc".to_owned());
    let mac = |entry| Chain::start(&KEY, TENANT).seal(entry, None).mac;
    assert_ne!(mac(&one), mac(&other));
}

#[test]
fn the_key_never_prints() {
    assert_eq!(format!("{KEY:?}"), "AuditKey(…)");
}

#[test]
fn the_revision_and_the_actors_name_are_sealed_and_older_entries_have_none() {
    let mut log = log();
    log[1].revision = Some(Revision(6));
    assert_eq!(verify(&KEY, TENANT, &log), Err(Broken { sequence: 2 }));
    log[1].revision = Some(Revision(5));
    log[2].entry.actor_name = Some("bob".to_owned());
    assert_eq!(verify(&KEY, TENANT, &log), Err(Broken { sequence: 3 }));
    let mut old = entry("old");
    old.actor_name = None;
    let mut chain = Chain::start(&KEY, TENANT);
    let mut sealed = chain.seal(&old, Some(Revision(1)));
    sealed.revision = None;
    assert_eq!(verify(&KEY, TENANT, [&sealed]), Ok(()));
}

#[test]
fn what_is_left_of_a_log_is_proved_by_a_cut_that_only_the_key_can_make() {
    let log = log();
    let cut = Cut::new(&KEY, TENANT, 1, log[0].mac);
    let check = |cut: &Cut, from: usize| {
        let mut chain = Chain::begin(&KEY, TENANT, Some(cut))?;
        log[from..]
            .iter()
            .try_for_each(|sealed| chain.check(sealed))
    };
    assert_eq!(check(&cut, 1), Ok(()));
    assert_eq!(
        check(&cut, 2),
        Err(Broken { sequence: 2 }),
        "one more is missing"
    );
    let forged = Cut::new(&AuditKey::new([8; 32]), TENANT, 2, log[1].mac);
    assert_eq!(check(&forged, 2), Err(Broken { sequence: 1 }));
    let moved = Cut { sequence: 2, ..cut };
    assert_eq!(check(&moved, 2), Err(Broken { sequence: 1 }));
}
