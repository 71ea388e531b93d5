//! Everything that can be seen of a snapshot, as lines to compare.

use std::collections::HashSet;

use jackfield_directory::{AccessView, Entry, Snapshot};
use jackfield_model::schema::attr;
use jackfield_model::{EdgeKind, Id, Kind, Principal, Record, Registry};

/// What the snapshot shows, line by line. Two snapshots that answer alike have the same lines.
pub(crate) fn lines(snapshot: &Snapshot) -> Vec<String> {
    let mut all = vec![
        format!("revision {}", snapshot.revision()),
        format!("next number {}", snapshot.next_number()),
        format!("{:?}", snapshot.settings()),
        format!("{:?}", snapshot.catalogue()),
    ];
    for kind in Kind::ALL {
        all.push(format!("{} {}", kind.name(), snapshot.len(kind)));
    }
    all.extend(snapshot.pending().map(|pending| format!("{pending:?}")));
    for record in records(snapshot) {
        let name = format!("{} {}", record.kind.name(), record.number.0);
        all.push(format!("{name} {record:?}"));
        all.push(format!("{name} is {}", snapshot.dn(record)));
        let keyed = record
            .unique_key()
            .and_then(|key| snapshot.keyed(record.kind, &key));
        all.push(format!("{name} keyed {:?}", keyed.map(|found| found.id)));
        all.extend(attributes(snapshot, record).map(|line| format!("{name} {line}")));
        all.extend(relations(snapshot, record).map(|line| format!("{name} {line}")));
    }
    all
}

/// Every record, by number.
pub(crate) fn records(snapshot: &Snapshot) -> impl Iterator<Item = &Record> {
    (0..snapshot.next_number()).filter_map(|number| Some(&**snapshot.numbered(number)?))
}

fn attributes<'s>(snapshot: &'s Snapshot, record: &'s Record) -> impl Iterator<Item = String> + 's {
    let connections = records(snapshot)
        .filter(|other| other.kind == Kind::Connection)
        .map(|connection| Principal::Connection(connection.id));
    let mut all = Vec::new();
    for reader in connections.chain([Principal::System]) {
        let view = AccessView::everything(reader);
        let Some(shared) = snapshot.record(record.id) else {
            continue;
        };
        let entry = Entry::new(snapshot, &view, shared);
        for def in Registry::core().iter().filter(|def| def.parent.is_none()) {
            let is_own = def.id == attr::EXTERNAL_ID;
            if is_own != (reader == Principal::System) {
                let values = entry.attribute(def.id);
                all.push(format!("{} for {}: {values:?}", def.name, reader.kind()));
            }
        }
    }
    all.into_iter()
}

fn relations<'s>(snapshot: &'s Snapshot, record: &'s Record) -> impl Iterator<Item = String> + 's {
    let ids = |found: Vec<(&std::sync::Arc<Record>, bool)>| {
        found
            .iter()
            .map(|(r, primary)| (r.id, *primary))
            .collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for kind in [EdgeKind::Member, EdgeKind::Extension, EdgeKind::Desk] {
        all.push(format!(
            "{kind:?} to {:?}",
            ids(snapshot.targets(kind, record))
        ));
        all.push(format!(
            "{kind:?} from {:?}",
            ids(snapshot.origins(kind, record))
        ));
    }
    for (role, sources) in snapshot.grants_of(record) {
        let mut sources = sources.to_vec();
        sources.sort_unstable();
        all.push(format!("granted {} by {sources:?}", role.id));
    }
    let roles: Vec<Id> = snapshot.roles_of(record).map(|role| role.id).collect();
    let grantees: Vec<Id> = snapshot.grantees(record).map(|user| user.id).collect();
    let holders: Vec<Id> = snapshot.holders(record).map(|user| user.id).collect();
    all.push(format!("has {roles:?}"));
    all.push(format!("granted to {grantees:?}"));
    all.push(format!(
        "held by {holders:?} ({})",
        snapshot.holder_count(record)
    ));
    for credential in snapshot.credentials_of(record.id) {
        all.push(format!("proves itself with {credential:?}"));
    }
    all.into_iter()
}

/// What must hold of counts and relations, whatever was done.
pub(crate) fn check(snapshot: &Snapshot) {
    for pending in snapshot.pending() {
        let group = snapshot.record(pending.group).map(|group| group.kind);
        assert!(
            matches!(group, Some(Kind::Group | Kind::Role)),
            "{pending:?}"
        );
        assert!(snapshot.record(pending.connection).is_some(), "{pending:?}");
    }
    for kind in Kind::ALL {
        let there = records(snapshot).filter(|record| record.kind == kind);
        assert_eq!(there.count(), snapshot.len(kind), "{}", kind.name());
    }
    for connection in records(snapshot).filter(|record| record.kind == Kind::Connection) {
        let owned = snapshot.owned_by(connection.id);
        let active = owned.filter(|user| user.kind == Kind::User && user.is_active());
        let counted = snapshot.active_users_of(connection.id);
        assert_eq!(Ok(counted), u32::try_from(active.count()));
    }
    for record in records(snapshot) {
        for kind in [EdgeKind::Member, EdgeKind::Extension, EdgeKind::Desk] {
            let targets = snapshot.targets(kind, record);
            for (to, primary) in &targets {
                let back = snapshot.origins(kind, to);
                let found = back
                    .iter()
                    .any(|(from, p)| from.id == record.id && p == primary);
                assert!(
                    found,
                    "{kind:?} {} to {} is found from one end",
                    record.id, to.id
                );
            }
            for (from, _) in snapshot.origins(kind, record) {
                let there = snapshot.targets(kind, from);
                assert!(there.iter().any(|(to, _)| to.id == record.id));
            }
            if kind == EdgeKind::Extension {
                assert!(targets.len() <= 1, "{} has two holders", record.id);
            }
        }
        let primaries = snapshot.origins(EdgeKind::Extension, record);
        let primary = primaries.iter().filter(|(_, primary)| *primary).count();
        assert!(primary <= 1, "{} has two first extensions", record.id);
        assert_eq!(
            snapshot.holders(record).count(),
            snapshot.holder_count(record)
        );
        for holder in snapshot.holders(record) {
            assert!(holder.is_active(), "{} holds a role", holder.id);
            assert!(snapshot.roles_of(holder).any(|role| role.id == record.id));
        }
        assert!(record.version <= snapshot.revision().0);
        assert!(record.number.0 < snapshot.next_number());
        assert!(
            !is_inside_itself(snapshot, record),
            "{} contains itself",
            record.id
        );
    }
}

fn is_inside_itself(snapshot: &Snapshot, group: &Record) -> bool {
    let members = |of: &Record| -> Vec<Id> {
        let targets = snapshot.targets(EdgeKind::Member, of);
        targets.iter().map(|(record, _)| record.id).collect()
    };
    let mut open = members(group);
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if id == group.id {
            return true;
        }
        if let (true, Some(record)) = (seen.insert(id), snapshot.record(id)) {
            open.extend(members(record));
        }
    }
    false
}
