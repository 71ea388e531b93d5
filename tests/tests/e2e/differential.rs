//! Jackfield and Debian's slapd with the same entries answer the same questions alike.
//!
//! On SQLite only: what is asked is answered from memory, and both stores give the same snapshot.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_tests::differential::accepted::{ACCEPTED, Difference};
use jackfield_tests::differential::answer::{Answer, name_key};
use jackfield_tests::differential::filters::{Leaf, Source, Truth, thought_of};
use jackfield_tests::differential::pair::{Pair, Search};
use jackfield_tests::differential::random::Random;
use jackfield_tests::differential::{population, questions};

const BASE: &str = "dc=acme,dc=example";
const LEAVES: usize = 800;
const FILTERS: usize = 800;
const SEARCHES: usize = 1_500;
const COMPARES: usize = 1_000;

#[tokio::test]
async fn slapd_and_jackfield_answer_alike_but_for_what_is_accepted() {
    if std::env::var("JACKFIELD_TEST_STORE").as_deref() == Ok("postgres") {
        return;
    }
    let mut pair = Pair::load(100).await.unwrap();
    imported_as_it_was(&pair);
    let mut verdict = Verdict::default();
    let mut random = Random::new(0x7e57);
    let source = Source::new(&pair.entries, &[]);
    let mut seen = BTreeSet::new();
    let generated = (0..LEAVES).map(|_| source.leaf(&mut random));
    let leaves: Vec<Leaf> = thought_of()
        .into_iter()
        .chain(generated.collect::<Vec<_>>())
        .filter(|leaf| seen.insert(leaf.clone()))
        .collect();
    let (truths, plain) = ask_leaves(&mut pair, &leaves, &mut verdict).await;
    ask_filters(&mut pair, &leaves, &truths, &mut random, &mut verdict).await;
    for _ in 0..SEARCHES {
        let search = questions::search(&pair.entries, &plain, &mut random);
        ask_search(&mut pair, &search, &mut verdict).await;
    }
    for _ in 0..COMPARES {
        let compare = questions::compare(&pair.entries, &leaves, &mut random);
        let ours = pair.ours.compare(&compare).await.unwrap();
        let theirs = pair.theirs.compare(&compare).await.unwrap();
        if ours != theirs {
            verdict.judge(&Difference::Compared {
                compare: &compare,
                codes: [ours, theirs],
            });
        }
    }
    verdict.give();
}

/// What the LDIF says of people and groups is what Jackfield shows.
fn imported_as_it_was(pair: &Pair) {
    let mut lost = Vec::new();
    for (name, values) in population::entries(&pair.ldif) {
        let name = name_key(&name);
        let in_tree = [",ou=people,", ",ou=groups,"]
            .iter()
            .any(|branch| name.contains(branch));
        let shown = pair.entries.get(&name);
        for (attribute, value) in values.iter().filter(|_| in_tree) {
            let shown = shown.and_then(|shown| shown.get(attribute));
            let is_name = attribute == "member";
            let value = if is_name {
                name_key(value)
            } else {
                value.clone()
            };
            if !shown.is_some_and(|shown| shown.contains(value.as_bytes())) {
                lost.push(format!(
                    "{attribute}: {value} of {name}; there is {shown:?}"
                ));
            }
        }
    }
    assert!(lost.is_empty(), "lost on the way:\n{}", lost.join("\n"));
}

/// What was found to differ.
#[derive(Default)]
struct Verdict {
    explained: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

impl Verdict {
    fn judge(&mut self, difference: &Difference<'_>) {
        match ACCEPTED
            .iter()
            .find(|accepted| (accepted.explains)(difference))
        {
            Some(accepted) => *self.explained.entry(accepted.what).or_default() += 1,
            None => {
                self.unexplained.push(shown(difference));
            }
        }
    }

    fn give(self) {
        let never: Vec<&str> = ACCEPTED
            .iter()
            .map(|accepted| accepted.what)
            .filter(|what| !self.explained.contains_key(what))
            .collect();
        let many = self.unexplained.len();
        let first: Vec<String> = self.unexplained.into_iter().take(40).collect();
        let first = first.join("\n");
        assert_eq!(many, 0, "unexplained, the first of {many}:\n{first}");
        assert!(never.is_empty(), "accepted and never seen: {never:?}");
    }
}

fn shown(difference: &Difference<'_>) -> String {
    let text = |values: Option<&BTreeSet<Vec<u8>>>| -> Vec<String> {
        let values = values.into_iter().flatten();
        values
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect()
    };
    match difference {
        Difference::Truth {
            leaf,
            entry: (name, has),
            truth,
        } => {
            let values = text(has.get(&leaf.attribute));
            format!("{leaf} of {name}, which has {values:?}: {truth:?}")
        }
        Difference::Values {
            search,
            name,
            attribute,
            values: [ours, theirs],
        } => {
            let (ours, theirs) = (
                ours.map(|all| text(Some(all))),
                theirs.map(|all| text(Some(all))),
            );
            format!("{attribute} of {name}: {ours:?}, {theirs:?} in {search:?}")
        }
        Difference::Outcome { search, ends } => format!("{ends:?} of {search:?}"),
        Difference::Compared { compare, codes } => format!("{codes:?} of {compare:?}"),
    }
}

/// Asks each question by itself and negated, which tells what is true, false and Undefined.
///
/// Gives what Jackfield said, and the questions that both answer alike.
async fn ask_leaves(
    pair: &mut Pair,
    leaves: &[Leaf],
    verdict: &mut Verdict,
) -> (Vec<Truth>, Vec<Leaf>) {
    let (mut truths, mut plain) = (Vec::new(), Vec::new());
    for leaf in leaves {
        let both = tokio::join!(truth(&mut pair.ours, leaf), truth(&mut pair.theirs, leaf));
        let (ours, theirs) = both;
        for (name, attributes) in pair.entries.iter().filter(|_| ours != theirs) {
            let of = |truth: &Truth| {
                let fails = truth.fails.contains(name).then_some(false);
                truth.holds.contains(name).then_some(true).or(fails)
            };
            let both = [of(&ours), of(&theirs)];
            if both[0] != both[1] {
                let entry = (name.as_str(), attributes);
                verdict.judge(&Difference::Truth {
                    leaf,
                    entry,
                    truth: both,
                });
            }
        }
        if ours == theirs {
            plain.push(leaf.clone());
        }
        truths.push(ours);
    }
    (truths, plain)
}

async fn truth(client: &mut jackfield_tests::differential::pair::Client, leaf: &Leaf) -> Truth {
    let negated = format!("(!{leaf})");
    Truth {
        holds: client.find(BASE, &leaf.to_string()).await.unwrap(),
        fails: client.find(BASE, &negated).await.unwrap(),
    }
}

/// Whole filters are true of what their questions come to.
async fn ask_filters(
    pair: &mut Pair,
    leaves: &[Leaf],
    truths: &[Truth],
    random: &mut Random,
    verdict: &mut Verdict,
) {
    let everything: BTreeSet<String> = pair.entries.keys().cloned().collect();
    for _ in 0..FILTERS {
        let filter = Source::filter(leaves.len(), 4, random);
        let expected = filter.truth(truths, &everything).holds;
        let text = filter.text(leaves);
        let ours = pair.ours.find(BASE, &text).await.unwrap();
        if ours != expected {
            let extra: Vec<_> = ours.symmetric_difference(&expected).collect();
            verdict.unexplained.push(format!("{text}: {extra:?}"));
        }
    }
}

async fn ask_search(pair: &mut Pair, search: &Search, verdict: &mut Verdict) {
    let ours = pair.ours.search(search).await.unwrap();
    let mut theirs = pair.theirs.search(search).await.unwrap();
    let end = |answer: &Answer| (answer.code, answer.matched.clone(), answer.entries.len());
    if end(&ours) != end(&theirs) {
        let ends = [&ours, &theirs].map(|it| (it.code, it.matched.as_str(), it.entries.len()));
        verdict.judge(&Difference::Outcome { search, ends });
        return;
    }
    if ours.code == 4 {
        // Which of them come first is a server's own matter.
        let all = Search {
            size_limit: 0,
            ..search.clone()
        };
        theirs = pair.theirs.search(&all).await.unwrap();
    }
    compare_entries(search, &ours, &theirs, verdict);
}

fn compare_entries(search: &Search, ours: &Answer, theirs: &Answer, verdict: &mut Verdict) {
    for (name, attributes) in &ours.entries {
        let Some(others) = theirs.entries.get(name) else {
            verdict
                .unexplained
                .push(format!("{name} is not there: {search:?}"));
            continue;
        };
        let all: BTreeSet<&String> = attributes.keys().chain(others.keys()).collect();
        for attribute in all {
            let values = [attributes.get(attribute), others.get(attribute)];
            if values[0] != values[1] {
                verdict.judge(&Difference::Values {
                    search,
                    name,
                    attribute,
                    values,
                });
            }
        }
    }
}
