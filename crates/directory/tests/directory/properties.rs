//! What holds whatever was done.

use jackfield_directory::snapshot::in_turn;
use jackfield_directory::{Command, Container, Located, Node, Snapshot};
use jackfield_model::schema::attr;
use jackfield_model::{Change, ChangeSet, Dn, EdgeKind, Id, Kind, KindSet, Principal, Record};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::questions::{asked, view};
use crate::random::{Life, steps};
use crate::state::{check, lines, records};
use crate::world::{World, search};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_search_finds_what_looking_at_every_record_finds(
        opbx: bool,
        steps in steps(30),
        questions in vec((asked(), view()), 1..24),
    ) {
        let mut life = Life::of(opbx);
        life.world.crowd(40);
        // Indexes are brought up to date when they are asked, or all at once: here by turns.
        for (at, step) in steps.iter().enumerate() {
            life.live(step);
            if let (1, Some((filter, view))) = (at % 3, questions.get(at)) {
                let (filter, view) = (filter.clone().resolve(&life.ids), view.resolve(&life));
                search(&life.world.now, &view, KindSet::ALL, &filter, None);
            }
            if at % 5 == 4 {
                life.world.now.settle();
            }
        }
        let snapshot = &life.world.now;
        for (filter, view) in questions {
            let (filter, view) = (filter.resolve(&life.ids), view.resolve(&life));
            let found = search(snapshot, &view, KindSet::ALL, &filter, None);
            let scanned: Vec<u32> = records(snapshot)
                .flat_map(|r| search(snapshot, &view, KindSet::ALL, &filter, Some(r.id)))
                .collect();
            prop_assert_eq!(found, scanned, "{:?}", filter);
        }
    }

    #[test]
    fn a_tenant_is_what_its_change_sets_make_of_nothing(opbx: bool, steps in steps(40)) {
        let mut life = Life::of(opbx);
        for step in &steps {
            life.live(step);
        }
        let lived = lines(&life.world.now);
        // Each on its own, as another node follows; read back from what the store keeps.
        let mut followed = Snapshot::empty();
        for set in &life.world.sets {
            let kept = serde_json::to_string(set).expect("JSON");
            let set: ChangeSet = serde_json::from_str(&kept).expect("a change set");
            followed.apply(&set).expect("it fits");
        }
        prop_assert_eq!(&lived, &lines(&followed));
        // All at once.
        let mut folded = Snapshot::empty();
        let changes: Vec<&Change> = life.world.sets.iter().flat_map(|set| &set.changes).collect();
        folded.apply_changes(changes).expect("they fit");
        folded.loaded(life.world.now.revision(), life.world.now.next_number(), in_turn);
        prop_assert_eq!(&lived, &lines(&folded));
    }

    #[test]
    fn commands_done_together_come_to_what_they_come_to_one_by_one(
        opbx: bool,
        before in steps(12),
        batch in steps(8),
        who in any::<prop::sample::Index>(),
    ) {
        let mut life = Life::of(opbx);
        for step in &before {
            life.live(step);
        }
        let mut actors = life.connections.clone();
        actors.push(Principal::Operator);
        let actor = *who.get(&actors);
        let commands: Vec<Command> = batch.iter().map(|step| life.command(step).1).collect();
        let (mut whole, mut single) = (life.world.fork(), life.world.fork());
        let outcomes = whole.run_together(actor, &commands);
        if let Some(outcomes) = outcomes {
            for (command, together) in commands.iter().zip(outcomes) {
                let alone = single.run(actor, command.clone()).map(|outcome| outcome.changed);
                single.turn_back();
                prop_assert_eq!(together.map(|done| done.changed), alone, "{:?}", command);
            }
            check(&whole.now);
            for (together, alone) in unversioned(&whole.now).iter().zip(unversioned(&single.now)) {
                prop_assert_eq!(together, &alone);
            }
            let told = |world: &World| {
                let new = world.sets.iter().skip(life.world.sets.len());
                new.flat_map(|set| &set.audit)
                    .map(|entry| (entry.action.clone(), entry.target_name.clone(), entry.changes.clone()))
                    .collect::<Vec<_>>()
            };
            prop_assert_eq!(told(&whole), told(&single));
        } else {
            prop_assert_eq!(whole.sets.len(), life.world.sets.len(), "nothing is done");
        }
    }

    #[test]
    fn every_command_keeps_the_rules(opbx: bool, steps in steps(40)) {
        let mut life = Life::of(opbx);
        let kept = if opbx { "owner" } else { "tenant_admin" };
        for step in &steps {
            let before = life.world.now.clone();
            let (actor, command) = life.command(step);
            let changed = life.live(step);
            let after = &life.world.now;
            check(after);
            let said = format!("{actor:?} {command:?}");
            let role = after.role_record(kept).expect("it is declared");
            prop_assert!(after.holder_count(role) > 0, "{} is without a holder: {}", kept, said);
            if changed {
                prop_assert_eq!(after.revision(), before.revision().next());
            } else {
                prop_assert_eq!(lines(&before), lines(after), "{}", said);
            }
            versions_are_right(&before, after, &said);
            if let Principal::Connection(connection) = actor {
                foreign_grants_stay(&before, after, connection, &said);
            }
        }
    }

    #[test]
    fn the_name_that_is_written_leads_back(opbx: bool, steps in steps(40)) {
        let mut life = Life::of(opbx);
        for step in &steps {
            life.live(step);
        }
        let snapshot = &life.world.now;
        for record in records(snapshot).filter(|r| Container::of(r.kind).is_some()) {
            let name = snapshot.dn(record);
            if record.kind == Kind::Contact || !record.common_name().is_empty() {
                let dn = Dn::parse(&name).expect("a name");
                let found = Located::Found(Node::Record(record.id));
                prop_assert_eq!(snapshot.locate(&dn), found, "{}", name);
            }
        }
    }
}

/// What a snapshot shows but for versions, with records called by their numbers.
fn unversioned(snapshot: &Snapshot) -> Vec<String> {
    let named: Vec<(String, String)> = records(snapshot)
        .map(|record| (record.id.to_string(), format!("record {}", record.number.0)))
        .collect();
    let plain = |line: String| {
        let line = named
            .iter()
            .fold(line, |line, (id, name)| line.replace(id, name));
        ["version: ", r#"W/\""#, "revision "]
            .into_iter()
            .fold(line, |line, before| without_number(&line, before))
    };
    lines(snapshot).into_iter().map(plain).collect()
}

/// The text without the numbers that stand behind something.
fn without_number(text: &str, before: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(before);
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

/// What changed says so by its version, and what says so changed.
fn versions_are_right(before: &Snapshot, after: &Snapshot, said: &str) {
    for record in records(after) {
        let Some(old) = before.record(record.id) else {
            assert_eq!(record.version, after.revision().0, "{said}");
            continue;
        };
        let differs = shown(before, old) != shown(after, record);
        let is_current =
            record.version == after.revision().0 && before.revision() != after.revision();
        assert!(
            !differs || is_current,
            "{} kept its version: {said}",
            record.id
        );
        assert!(is_current || old.version == record.version, "{said}");
    }
}

/// What a record's version stands for: its own attributes and relations, not what others' changes
/// or the reader make of them.
fn shown(snapshot: &Snapshot, record: &Record) -> String {
    let ends = |kind, from_here| {
        let found = match from_here {
            true => snapshot.targets(kind, record),
            false => snapshot.origins(kind, record),
        };
        let mut ids: Vec<(Id, bool)> = found.iter().map(|(r, primary)| (r.id, *primary)).collect();
        ids.sort_unstable();
        ids
    };
    let relations = match record.kind {
        Kind::Group => format!("{:?}", ends(EdgeKind::Member, true)),
        Kind::User => format!(
            "{:?} {:?}",
            ends(EdgeKind::Extension, false),
            ends(EdgeKind::Desk, false)
        ),
        Kind::Role => format!("{:?}", granted(snapshot, record)),
        _ => String::new(),
    };
    format!("{:?} {relations}", record.attributes)
}

/// The users to whom the role was granted.
fn granted(snapshot: &Snapshot, role: &Record) -> Vec<Id> {
    let holds = |user: &&Record| snapshot.grants_of(user).any(|(own, _)| own.id == role.id);
    records(snapshot)
        .filter(holds)
        .map(|user| user.id)
        .collect()
}

fn foreign_grants_stay(before: &Snapshot, after: &Snapshot, connection: Id, said: &str) {
    let foreign = |snapshot: &Snapshot, user: &Record| {
        let mut all = Vec::new();
        for (role, sources) in snapshot.grants_of(user) {
            let own = jackfield_model::GrantSource::Connection(connection);
            all.extend(
                sources
                    .iter()
                    .filter(|s| **s != own)
                    .map(|s| (role.id, s.clone())),
            );
        }
        all.sort_unstable();
        all
    };
    for user in records(before).filter(|record| record.kind == Kind::User) {
        if let Some(now) = after.record(user.id) {
            assert_eq!(foreign(before, user), foreign(after, now), "{said}");
        }
    }
}

#[test]
fn a_long_list_by_name_leaves_nobody_out() {
    use jackfield_directory::{AccessView, Order, Query, Start};
    use jackfield_model::{Attributes, Filter, Truth};
    let mut life = Life::of(true);
    for n in 0..2_100u32 {
        let bag = match n % 7 {
            0 => Attributes::new(),
            1 => Attributes::new().with(attr::DISPLAY_NAME, "the same"),
            2 => Attributes::new().with(attr::DISPLAY_NAME, format!("{}", n % 50).as_str()),
            3 => Attributes::new().with(attr::DISPLAY_NAME, format!("#{}", n % 90).as_str()),
            _ => {
                Attributes::new().with(attr::DISPLAY_NAME, format!("n{}", n * 37 % 1_000).as_str())
            }
        };
        life.world.create(Principal::Operator, Kind::Contact, bag);
    }
    let view = AccessView::everything(Principal::System);
    let page = |count, start| {
        let query = Query {
            kinds: KindSet::of(&[Kind::Contact]),
            only: None,
            filter: &Filter::Const(Truth::True),
            order: Order::Name,
            start,
            limit: 150,
            count,
            stop: &|| false,
        };
        life.world
            .now
            .search(&view, &query)
            .expect("not stopped")
            .numbers
    };
    let mut mark = None;
    for offset in (0..2_100).step_by(150) {
        let counted = page(true, Start::At(offset));
        assert_eq!(page(false, Start::At(offset)), counted, "from {offset}");
        // Found by the place where the page before it ended.
        let start = mark.map_or(Start::FIRST, Start::After);
        assert_eq!(
            page(false, start),
            counted,
            "behind the one before {offset}"
        );
        let last = counted.last().expect("a full page");
        mark = Some(life.world.now.mark(&view, Order::Name, *last));
    }
}

/// A page that is found by its place is the page that is found by counting, whatever the order.
#[test]
fn pages_by_place_are_those_by_count() {
    use jackfield_directory::{AccessView, Order, Query, Start};
    use jackfield_model::{Attributes, Filter, Truth};
    let mut life = Life::of(true);
    for n in 0..200u32 {
        let bag = match n % 5 {
            0 => Attributes::new(),
            1 => Attributes::new().with(attr::DISPLAY_NAME, "the same"),
            _ => Attributes::new().with(attr::DISPLAY_NAME, format!("n{}", n * 37 % 60).as_str()),
        };
        // No two desks have one name.
        let is_desk = n % 5 == 2 && n < 60;
        let kind = [Kind::Contact, Kind::Desk][usize::from(is_desk)];
        life.world.create(Principal::Operator, kind, bag);
    }
    let view = AccessView::everything(Principal::System);
    let all = Filter::Const(Truth::True);
    // As true, but the directory cannot know.
    let tested = Filter::Or(vec![Filter::Present(attr::ID)]);
    let by = |descending| Order::By {
        attr: attr::DISPLAY_NAME,
        descending,
    };
    for order in [Order::Number, Order::Name, by(false), by(true)] {
        for filter in [&all, &tested] {
            let page = |start, limit| {
                let query = Query {
                    kinds: KindSet::of(&[Kind::Contact, Kind::Desk]),
                    only: None,
                    filter,
                    order,
                    start,
                    limit,
                    count: true,
                    stop: &|| false,
                };
                life.world.now.search(&view, &query).expect("not stopped")
            };
            let whole = page(Start::FIRST, usize::MAX);
            assert_eq!((whole.numbers.len(), whole.skipped), (200, 0));
            for at in [0, 1, 42, 199] {
                let mark = || life.world.now.mark(&view, order, whole.numbers[at]);
                let after = page(Start::After(mark()), 7);
                assert_eq!(after, page(Start::At(at + 1), 7), "{order:?} after {at}");
                let before = page(Start::Before(mark()), 7);
                let from = at.saturating_sub(7);
                assert_eq!(
                    before,
                    page(Start::At(from), at - from),
                    "{order:?} before {at}"
                );
            }
            assert!(page(Start::At(500), 7).numbers.is_empty());
        }
    }
}
