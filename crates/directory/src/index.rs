//! The index of one attribute: its values in order, and the trigrams in them.
//!
//! An index gives candidates, never answers: it may give too many, never too few. Every candidate
//! is then tested. Its keys are prepared by the index's own rule, which is at least as coarse as
//! any rule that asks.

mod block;
mod grams;
mod sorted;

use jackfield_model::filter::Substring;
use jackfield_model::rule::Key;
use jackfield_model::{MatchingRule, Value, text};
use smol_str::{SmolStr, format_smolstr};

use block::To;
use grams::{Grams, trigrams};
use sorted::{Posting, Sorted};

/// The index of one attribute.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    rule: MatchingRule,
    /// No key ever had a letter beyond ASCII, so that there are no accents to ignore.
    is_plain: bool,
    values: Sorted,
    /// `None` if substrings are not indexed.
    grams: Option<Grams>,
}

impl Index {
    pub(crate) fn new(rule: MatchingRule, substrings: bool) -> Self {
        Self {
            rule,
            is_plain: true,
            values: Sorted::default(),
            grams: substrings.then(Grams::default),
        }
    }

    pub(crate) fn rule(&self) -> MatchingRule {
        self.rule
    }

    /// Whether values that are equal under `rule` stand under one key here.
    pub(crate) fn serves(&self, rule: MatchingRule) -> bool {
        use MatchingRule::{
            AccentIgnore, CaseExact, CaseIgnore, Integer, Numeric, Telephone, Time,
        };
        let rule = match rule {
            AccentIgnore if self.is_plain => CaseIgnore,
            rule => rule,
        };
        match self.rule {
            Integer | Time => rule == self.rule,
            AccentIgnore => matches!(rule, CaseExact | CaseIgnore | AccentIgnore),
            Telephone => matches!(rule, CaseExact | CaseIgnore | Numeric | Telephone),
            _ => matches!(rule, CaseExact | CaseIgnore),
        }
    }

    /// Whether parts that `rule` prepared are parts of this index's keys, too. Parts whose case
    /// counts are not: they would have to be folded, which depends on what stands beside them.
    pub(crate) fn finds_parts(&self, rule: MatchingRule) -> bool {
        use MatchingRule::{CaseExact, Integer, Time};
        self.serves(rule) && !matches!(rule, CaseExact | Integer | Time)
    }

    /// The key under which `text` stands in this index.
    pub(crate) fn key(&self, text: &str) -> SmolStr {
        self.rule.key(text).unwrap_or_default()
    }

    /// The key under which text stands that `rule` has prepared.
    pub(crate) fn key_of_prepared(&self, rule: MatchingRule, text: &SmolStr) -> SmolStr {
        match rule == self.rule {
            true => text.clone(),
            false => self.key(text),
        }
    }

    /// The key under which what an assertion names stands; `None` if it can stand under none.
    pub(crate) fn key_of(&self, asserted: &Key) -> Option<SmolStr> {
        match (self.rule, asserted) {
            (MatchingRule::Integer, Key::Int(value)) => Some(ordered(*value)),
            (MatchingRule::Time, Key::Time(at)) => Some(ordered(at.0)),
            (MatchingRule::Integer | MatchingRule::Time, _) => None,
            (_, Key::Text(text)) => Some(self.key(text)),
            (_, Key::Id(id)) => Some(self.key(&id.to_string())),
            _ => None,
        }
    }

    /// The key under which a value stands; `None` if it stands under none.
    pub(crate) fn key_of_value(&self, value: &Value) -> Option<SmolStr> {
        match (self.rule, value) {
            (MatchingRule::Integer, Value::Int(value)) => Some(ordered(*value)),
            (MatchingRule::Time, Value::Time(at)) => Some(ordered(at.to_millis_precision().0)),
            (MatchingRule::Integer | MatchingRule::Time, _) => None,
            (_, value) => value.as_str().map(|text| self.key(text)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.len() == 0
    }

    /// Fills an empty index with very many keys, each with its number: faster than one after the
    /// other.
    pub(crate) fn fill(&mut self, mut keys: Vec<(SmolStr, u32)>) {
        if self.grams.is_some() {
            keys.sort_by_key(|(_, number)| *number);
            self.grams = Some(Grams::of(&keys));
        }
        keys.sort_unstable();
        self.is_plain = keys.iter().all(|(key, _)| key.is_ascii());
        self.values = keys.into_iter().collect();
    }

    pub(crate) fn insert(&mut self, key: &SmolStr, number: u32) {
        self.is_plain &= key.is_ascii();
        self.values.insert(key, number);
        if let Some(grams) = &mut self.grams {
            grams.insert(key, number);
        }
    }

    /// Takes `number` from under `key`. `remaining` are the number's other keys, whose trigrams
    /// stay.
    pub(crate) fn remove(&mut self, key: &SmolStr, number: u32, remaining: &[SmolStr]) {
        self.values.remove(key, number);
        if let Some(grams) = &mut self.grams {
            grams.remove(key, number, remaining);
        }
    }

    /// Takes in all that was only written down: makes searches for parts a little faster.
    pub(crate) fn catch_up(&mut self) {
        if let Some(grams) = &mut self.grams {
            grams.catch_up();
        }
    }

    /// The numbers under this text.
    pub(crate) fn equal(&self, text: &str, out: &mut Vec<u32>) {
        self.under(&self.key(text), out);
    }

    /// The numbers under this key.
    pub(crate) fn under(&self, key: &SmolStr, out: &mut Vec<u32>) {
        if let Some(posting) = self.values.get(key) {
            posting.extend(out);
        }
    }

    /// The numbers under this key, if they are no more than `most`.
    pub(crate) fn few(&self, key: &SmolStr, most: usize, out: &mut Vec<u32>) -> Option<()> {
        let posting = self.values.get(key);
        let few = posting.is_none_or(|posting| posting.len() <= most);
        few.then(|| posting.into_iter().for_each(|posting| posting.extend(out)))
    }

    /// How many numbers stand under this key.
    pub(crate) fn count_under(&self, key: &SmolStr) -> usize {
        self.values.get(key).map_or(0, Posting::len)
    }

    /// The numbers whose values are not less than one key and not greater than another.
    pub(crate) fn range(&self, from: Option<&SmolStr>, to: Option<&SmolStr>, out: &mut Vec<u32>) {
        let to = to.map_or(To::End, |to| To::Including(to));
        for posting in self.values.range(from.map_or("", |from| from), to) {
            posting.extend(out);
        }
    }

    /// The numbers that may have these parts in a value.
    pub(crate) fn substring(&self, parts: &Substring, out: &mut Vec<u32>) {
        match self.wanted(parts) {
            Wanted::Grams { all, parts, grams } => all.find(&grams, &parts, out),
            Wanted::Prefix(prefix) => {
                for posting in self.values.range(&prefix, To::Prefix(&prefix)) {
                    posting.extend(out);
                }
            }
            Wanted::Scan => {
                let parts = self.parts(parts);
                for posting in self.values.filter(|key| parts.matches(key)) {
                    posting.extend(out);
                }
            }
        }
    }

    /// About how many [`substring`](Self::substring) gives; for a scan, what it looks at.
    pub(crate) fn count_substring(&self, parts: &Substring) -> usize {
        match self.wanted(parts) {
            Wanted::Grams { all, grams, .. } => all.count(&grams),
            Wanted::Prefix(prefix) => {
                let found = self.values.range(&prefix, To::Prefix(&prefix));
                found.take(1_000).map(Posting::len).sum()
            }
            Wanted::Scan => self.values.len(),
        }
    }

    /// Every number, in the order of names, from the name with this [`name_key`] on; for an index
    /// of names.
    pub(crate) fn in_order(&self, from: &str) -> impl Iterator<Item = Vec<u32>> {
        // Digits, which come behind everything else.
        let (zero, behind) = ("0", ":");
        let (digits_from, others_from) = match from.strip_prefix(char::MAX) {
            Some(digits) => (digits, None),
            None => (zero, Some(from)),
        };
        let others = others_from.into_iter().flat_map(|from| {
            let before = self.values.range(from.min(zero), To::Before(zero));
            before.chain(self.values.range(from.max(behind), To::End))
        });
        let digits = self.values.range(digits_from.max(zero), To::Before(behind));
        others.chain(digits).map(|posting| {
            let mut numbers = Vec::with_capacity(posting.len());
            posting.extend(&mut numbers);
            numbers
        })
    }

    /// The parts as this index's rule has them: coarser rules drop what they ignore.
    fn parts(&self, parts: &Substring) -> Substring {
        let part = |text: &SmolStr| match self.rule {
            MatchingRule::Telephone | MatchingRule::Numeric => self.key(text),
            // One that begins inside a letter finds more than it should.
            MatchingRule::AccentIgnore => {
                text::without_accents(text.trim_start_matches(text::is_accent).into())
            }
            _ => text.clone(),
        };
        let kept = |text: SmolStr| Some(text).filter(|text| !text.is_empty());
        Substring {
            initial: parts.initial.as_ref().map(part).and_then(kept),
            any: parts
                .any
                .iter()
                .map(part)
                .filter(|text| !text.is_empty())
                .collect(),
            last: parts.last.as_ref().map(part).and_then(kept),
        }
    }

    fn wanted(&self, parts: &Substring) -> Wanted<'_> {
        let parts = self.parts(parts);
        let pure_prefix = parts.any.is_empty() && parts.last.is_none();
        let all = match (&parts.initial, &self.grams) {
            (Some(initial), _) if pure_prefix => return Wanted::Prefix(initial.clone()),
            (_, None) => return Wanted::Scan,
            (_, Some(all)) => all,
        };
        let texts = parts.initial.iter().chain(&parts.any).chain(&parts.last);
        let mut grams: Vec<u64> = texts.flat_map(|part| trigrams(part)).collect();
        grams.sort_unstable();
        grams.dedup();
        match (grams.is_empty(), &parts.initial) {
            (false, _) => Wanted::Grams { all, parts, grams },
            (true, Some(initial)) => Wanted::Prefix(initial.clone()),
            (true, None) => Wanted::Scan,
        }
    }
}

/// Where to look for parts of values.
enum Wanted<'i> {
    /// Where all these trigrams are.
    Grams {
        all: &'i Grams,
        parts: Substring,
        grams: Vec<u64>,
    },
    Prefix(SmolStr),
    Scan,
}

/// The key by which a name is put in order. Names that begin with a digit come last: an extension
/// that is called by its number stands behind the people whose number it is, for phones show the
/// first that they get.
pub(crate) fn name_key(name: &str) -> SmolStr {
    let key = text::fold_accents(name);
    match key.starts_with(|first: char| first.is_ascii_digit()) {
        true => format_smolstr!("{}{key}", char::MAX),
        false => key,
    }
}

/// Text that is in the order of the numbers.
fn ordered(value: i64) -> SmolStr {
    format_smolstr!("{:016x}", value.cast_unsigned() ^ (1 << 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::new(MatchingRule::CaseIgnore, true);
        for (number, name) in [
            (1, "anna berg"),
            (2, "anton"),
            (70_000, "hannah"),
            (4, "anna berg"),
        ] {
            index.insert(&name.into(), number);
        }
        index
    }

    fn parts(initial: &str, any: &str) -> Substring {
        let part = |text: &str| Some(SmolStr::new(text)).filter(|text| !text.is_empty());
        Substring {
            initial: part(initial),
            any: part(any).into_iter().collect(),
            last: None,
        }
    }

    fn found(index: &Index, parts: &Substring) -> Vec<u32> {
        let mut out = Vec::new();
        index.substring(parts, &mut out);
        out.sort_unstable();
        out
    }

    #[test]
    fn values_are_found_whole_by_prefix_and_by_substring() {
        let index = index();
        let mut equal = Vec::new();
        index.equal("Anna  BERG", &mut equal);
        assert_eq!(equal, [1, 4]);
        assert_eq!(found(&index, &parts("an", "")), [1, 2, 4]);
        assert_eq!(found(&index, &parts("", "anna")), [1, 4, 70_000]);
        assert_eq!(
            found(&index, &parts("", "nn")),
            [1, 4, 70_000],
            "too short for a trigram"
        );
        assert!(found(&index, &parts("", "zzz")).is_empty());
    }

    #[test]
    fn filling_is_the_same_as_inserting() {
        let names = ["anna berg", "anna", "hannah", "a", "", "berg"];
        let keys = (0..200_000).step_by(997).zip(names.into_iter().cycle());
        let keys: Vec<(SmolStr, u32)> = keys.map(|(at, name)| (name.into(), at)).collect();
        let mut one = Index::new(MatchingRule::CaseIgnore, true);
        for (key, at) in &keys {
            one.insert(key, *at);
        }
        one.catch_up();
        let mut other = Index::new(MatchingRule::CaseIgnore, true);
        other.fill(keys.into_iter().rev().collect());
        for asked in [
            parts("an", ""),
            parts("", "ann"),
            parts("", "berg"),
            parts("", "a"),
        ] {
            assert_eq!(found(&one, &asked), found(&other, &asked), "{asked:?}");
            assert_eq!(one.count_substring(&asked), other.count_substring(&asked));
        }
        let all = |index: &Index| index.in_order("").collect::<Vec<_>>();
        assert_eq!(all(&one), all(&other));
    }

    #[test]
    fn removing_a_value_leaves_the_trigrams_of_the_others() {
        let mut index = index();
        index.insert(&"hanna".into(), 1);
        index.remove(&"anna berg".into(), 1, &["hanna".into()]);
        index.catch_up();
        assert_eq!(found(&index, &parts("", "anna")), [1, 4, 70_000]);
        assert_eq!(found(&index, &parts("", "berg")), [4]);
    }

    #[test]
    fn parts_are_found_at_once_and_after_many_changes() {
        let mut index = index();
        let name = |number: u32| SmolStr::from(format!("person {number:04} of many"));
        let has = |index: &Index, number| found(index, &parts("", &name(number))).contains(&number);
        for number in 100..2_000 {
            index.insert(&name(number), number);
            assert!(has(&index, number), "{number}");
            if number % 3 == 0 {
                index.remove(&name(number), number, &[]);
            }
        }
        for number in 100..2_000 {
            // What went may be found a while longer, as every candidate is tested.
            assert!(has(&index, number) || number % 3 == 0, "{number}");
        }
        index.catch_up();
        assert!((100..2_000).all(|number| has(&index, number) == (number % 3 != 0)));
    }

    #[test]
    fn names_that_are_numbers_come_last() {
        let names = ["", "(none)", "Émile", "Zoë", "ölaf", "201", "3M"];
        let mut index = Index::new(MatchingRule::AccentIgnore, false);
        for (number, name) in (0..).zip(names) {
            index.insert(&index.key(name), number);
        }
        let listed: Vec<u32> = index.in_order("").flatten().collect();
        let mut sorted: Vec<u32> = (0..7).collect();
        sorted.sort_by_key(|number| name_key(names[*number as usize]));
        assert_eq!(listed, sorted);
        assert_eq!(listed, [0, 1, 2, 4, 3, 5, 6]);
    }

    #[test]
    fn numbers_stand_in_their_own_order() {
        let mut index = Index::new(MatchingRule::Integer, false);
        for (number, value) in (0..).zip([i64::MIN, -1, 0, 1, 10, i64::MAX]) {
            let key = index.key_of_value(&Value::Int(value)).unwrap();
            assert_eq!(index.key_of(&Key::Int(value)), Some(key.clone()));
            index.insert(&key, number);
        }
        let mut all = Vec::new();
        index.range(None, None, &mut all);
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        assert!(index.serves(MatchingRule::Integer) && !index.serves(MatchingRule::CaseIgnore));
        assert_eq!(index.key_of(&Key::Text("1".into())), None);
    }

    #[test]
    fn accents_are_ignored_by_an_index_of_numbers_until_one_has_an_accent() {
        let mut index = Index::new(MatchingRule::Telephone, true);
        index.insert(&index.key("20-01"), 1);
        assert!(index.serves(MatchingRule::AccentIgnore));
        assert!(index.finds_parts(MatchingRule::AccentIgnore));
        index.insert(&index.key("é"), 2);
        assert!(!index.serves(MatchingRule::AccentIgnore), "`e` finds it");
        assert!(index.serves(MatchingRule::CaseIgnore));
        let mut filled = Index::new(MatchingRule::Telephone, true);
        filled.fill(vec![("é".into(), 1)]);
        assert!(!filled.serves(MatchingRule::AccentIgnore));
    }

    #[test]
    fn a_telephone_index_takes_parts_with_spaces() {
        let mut index = Index::new(MatchingRule::Telephone, true);
        index.insert(&index.key("+49 30 123-456"), 1);
        assert_eq!(found(&index, &parts("+49 30", "")), [1]);
        assert_eq!(found(&index, &parts("", "30 12")), [1]);
    }
}
