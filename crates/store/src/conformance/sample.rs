//! What the rules write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jackfield_model::schema::own::{OwnAttribute, OwnSchema};
use jackfield_model::schema::{Type, attr};
use jackfield_model::{
    Attributes, AuditChange, AuditEntry, Change, ChangeSet, Credential, CredentialKind, Edge,
    EdgeKind, Grant, GrantSource, Id, Kind, Link, Number, Origin, Outcome, OwnSchemas, Pending,
    Principal, Record, Revision, Secret, Settings, TenantId, Timestamp, Verifier,
};
use uuid::Uuid;

use super::Place;
use crate::{Error, Result, Store};

/// A tenant in a store, and where it is.
pub(super) struct Tenant {
    pub(super) store: Arc<dyn Store>,
    pub(super) id: TenantId,
    pub(super) revision: Revision,
}

impl Tenant {
    /// Tenant 1, called `acme`, in a store that is opened at the place.
    pub(super) async fn at(place: &dyn Place) -> Self {
        Self::create(place.open().await, 1, "acme").await
    }

    pub(super) async fn create(store: Arc<dyn Store>, number: u128, name: &str) -> Self {
        let id = TenantId(Uuid::from_u128(number));
        let head = store
            .create_tenant(id, &name.parse().unwrap(), Timestamp(0))
            .await
            .unwrap();
        Self {
            store,
            id,
            revision: head.revision,
        }
    }

    /// Commits one change set.
    pub(super) async fn apply(&mut self, changes: Vec<Change>) -> Result<Revision> {
        self.apply_sets(&[set(changes)]).await
    }

    pub(super) async fn apply_sets(&mut self, sets: &[ChangeSet]) -> Result<Revision> {
        self.revision = self.store.apply(self.id, self.revision, sets).await?;
        Ok(self.revision)
    }

    /// Commits one change set, which must fail on this key and change nothing.
    pub(super) async fn refuse(&mut self, changes: Vec<Change>, taken: (&str, &str)) {
        let before = super::state::State::load(&*self.store, self.id).await;
        match self.apply(changes).await {
            Err(Error::Duplicate { space, key }) => {
                assert_eq!((space.as_str(), key.as_str()), taken);
            }
            other => panic!("{taken:?} was not refused: {other:?}"),
        }
        assert_eq!(
            super::state::State::load(&*self.store, self.id).await,
            before
        );
    }
}

pub(super) fn id(number: u32) -> Id {
    Id(Uuid::from_u128(u128::from(number) << 32 | 7))
}

pub(super) fn set(changes: Vec<Change>) -> ChangeSet {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    ChangeSet {
        id: Uuid::from_u128(next.into()),
        at: Timestamp(1_700_000_000_000_001),
        actor: Principal::Operator,
        changes,
        audit: vec![entry("user.create", Outcome::Done)],
    }
}

/// A change set as it is kept: what was told about it is in the audit log.
pub(super) fn kept(set: &ChangeSet) -> ChangeSet {
    ChangeSet {
        audit: Vec::new(),
        ..set.clone()
    }
}

pub(super) fn entry(action: &str, outcome: Outcome) -> AuditEntry {
    AuditEntry {
        at: Timestamp(1_700_000_000_000_002),
        actor: Principal::Person(id(900)),
        actor_name: Some("Bo\0b".to_owned()),
        origin: Origin {
            protocol: "scim".into(),
            address: Some([192, 0, 2, 7].into()),
        },
        action: action.into(),
        target: Some(id(1)),
        target_name: "Ali\0ce".to_owned(),
        outcome,
        changes: vec![AuditChange {
            attribute: "title".to_owned(),
            before: None,
            after: Some("\u{1F4DE}".to_owned()),
        }],
    }
}

/// A record whose number and id are both made from `number`.
pub(super) fn record(kind: Kind, number: u32, login: &str) -> Record {
    let attr = match kind {
        Kind::User => attr::USER_NAME,
        Kind::Extension => attr::EXTENSION_NUMBER,
        Kind::Role => attr::ROLE_KEY,
        Kind::Service | Kind::Device | Kind::Connection => attr::LOGIN,
        Kind::Group | Kind::Desk | Kind::Contact => attr::DISPLAY_NAME,
    };
    Record {
        id: id(number),
        kind,
        number: Number(number),
        created: Timestamp(1_600_000_000_000_003),
        modified: Timestamp(1_600_000_000_000_004),
        version: 1,
        attributes: Attributes::new().with(attr, login),
    }
}

pub(super) fn put(kind: Kind, number: u32, login: &str) -> Change {
    Change::PutRecord(Arc::new(record(kind, number, login)))
}

pub(super) fn user(number: u32, login: &str) -> Change {
    put(Kind::User, number, login)
}

pub(super) fn delete(number: u32) -> Change {
    Change::DeleteRecord(id(number))
}

pub(super) fn touch(number: u32, version: u64) -> Change {
    let modified = Timestamp(1_650_000_000_000_000 + i64::try_from(version).unwrap());
    Change::Touch {
        id: id(number),
        modified,
        version,
    }
}

pub(super) fn edge(kind: EdgeKind, from: u32, to: u32) -> Edge {
    Edge {
        kind,
        from: id(from),
        to: id(to),
        primary: false,
    }
}

pub(super) fn grant(user: u32, role: u32, source: GrantSource) -> Grant {
    Grant {
        user: id(user),
        role: id(role),
        source,
    }
}

pub(super) fn link(record: u32, connection: u32, owner: bool) -> Link {
    let external_id = Some(format!("x-{record}").into());
    Link {
        record: id(record),
        connection: id(connection),
        external_id,
        owner,
    }
}

pub(super) fn pending(group: u32, connection: u32, name: &str) -> Pending {
    Pending {
        group: id(group),
        connection: id(connection),
        name: name.into(),
    }
}

pub(super) fn credential(number: u32, principal: u32) -> Credential {
    let verifier = |scheme: &str| Verifier {
        scheme: scheme.into(),
        value: Secret::new("v\0"),
    };
    Credential {
        id: id(number),
        principal: id(principal),
        kind: CredentialKind::Token,
        verifiers: vec![verifier("hmac-sha256"), verifier("argon2id")],
        label: "Entra".to_owned(),
        scopes: vec!["scim".into()],
        ceiling: None,
        networks: vec!["192.0.2.0/24".into()],
        created: Timestamp(5),
        expires: Some(Timestamp(i64::MAX)),
        must_change: true,
        trust: None,
    }
}

pub(super) fn settings(title: &str) -> Change {
    Change::PutSettings(Box::new(Settings {
        title: title.to_owned(),
        suffix: "dc=acme,dc=example".parse().unwrap(),
        domains: vec!["acme.example".into()],
        catalogue: "opbx".into(),
        anonymous_phone_book: false,
        ..Settings::default()
    }))
}

/// A schema of the tenant's own with one attribute of this name.
pub(super) fn schemas(name: &str) -> Change {
    let attribute = OwnAttribute {
        number: 3,
        ..OwnAttribute::new(name, Type::DateTime)
    };
    Change::PutSchemas(OwnSchemas(vec![OwnSchema {
        urn: "urn:acme:hr".into(),
        name: name.into(),
        description: name.into(),
        kind: Kind::User,
        attributes: vec![attribute],
    }]))
}

/// Text that databases are known to spoil.
pub(super) fn hard_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "a\0b\0",
        "\u{1}\u{7f}\u{80}\u{9f}",
        "'; DROP TABLE tenant; --",
        "\\0 \\u0000 \"",
        "%_*?",
        "$1",
        "{}",
        "null",
        "Straße",
        "İı",
        "é",
        "e\u{301}",
        "ﬁ ﬀ",
        "Ａ",
        "\u{feff}x\u{200b}",
        "\u{fffd}\u{ffff}\u{10ffff}",
        "\u{202e}abc",
        "שלום مرحبا",
        "日本語",
        "👩‍👩‍👧‍👦",
        "a\r\nb\tc ",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("ü".repeat(1 << 19));
    texts
}
