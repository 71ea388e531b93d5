//! What a search found, in the order in which it is sent.

use std::ops::Range;

use crate::synthetic::Synthetic;

/// So many records are brought near at once, before they are written.
const AHEAD: usize = 16;

/// What a search found: records by their numbers, and among them entries that no record stands
/// behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results {
    /// Each with how many of the records come before it, which never falls.
    synthetic: Vec<(usize, Synthetic)>,
    numbers: Vec<u32>,
    /// How many of each were given by [`next`](Self::next).
    given: (usize, usize),
}

/// One of the results.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hit<'r> {
    /// An entry that no record stands behind.
    Synthetic(&'r Synthetic),
    /// The record with this number.
    Record(u32),
}

impl Results {
    /// The entries first, then the records.
    pub(crate) fn new(synthetic: Vec<Synthetic>, numbers: Vec<u32>) -> Self {
        Self {
            synthetic: synthetic.into_iter().map(|entry| (0, entry)).collect(),
            numbers,
            given: (0, 0),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.synthetic.len() + self.numbers.len()
    }

    /// How many of them no record stands behind.
    pub(crate) fn synthetic_len(&self) -> usize {
        self.synthetic.len()
    }

    /// The last of the records.
    pub(crate) fn last_number(&self) -> Option<u32> {
        self.numbers.last().copied()
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> Option<Hit<'_>> {
        let (entries, records) = self.given;
        match self.synthetic.get(entries) {
            Some((before, entry)) if *before <= records => {
                self.given.0 += 1;
                Some(Hit::Synthetic(entry))
            }
            _ => {
                let number = self.numbers.get(records)?;
                self.given.1 += 1;
                Some(Hit::Record(*number))
            }
        }
    }

    /// Some records, from the one that was given last on; none if that was among those that this
    /// gave for an earlier one.
    pub(crate) fn coming(&self) -> &[u32] {
        let (_, given) = self.given;
        match given.checked_sub(1) {
            Some(last) if last.is_multiple_of(AHEAD) => {
                let coming = self.numbers.get(last..).unwrap_or_default();
                coming.get(..AHEAD).unwrap_or(coming)
            }
            _ => &[],
        }
    }

    /// All of them, from the first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Hit<'_>> {
        let mut entries = self.synthetic.iter().peekable();
        let mut numbers = self.numbers.iter().enumerate().peekable();
        std::iter::from_fn(move || {
            let at = numbers.peek().map_or(self.numbers.len(), |(at, _)| *at);
            match entries.next_if(|(before, _)| *before <= at) {
                Some((_, entry)) => Some(Hit::Synthetic(entry)),
                None => numbers.next().map(|(_, number)| Hit::Record(*number)),
            }
        })
    }

    /// How many come before the first that is not less, where those that are come first.
    pub(crate) fn partition_point(&self, is_less: impl Fn(Hit<'_>) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            if self.at(middle).is_some_and(&is_less) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    fn at(&self, position: usize) -> Option<Hit<'_>> {
        let mut entries = self.synthetic.iter().enumerate();
        let is_before = |(at, (before, _)): &(usize, &(usize, Synthetic))| before + at < position;
        let passed = entries.by_ref().take_while(is_before).count();
        match self.synthetic.get(passed) {
            Some((before, entry)) if before + passed == position => Some(Hit::Synthetic(entry)),
            _ => self
                .numbers
                .get(position - passed)
                .map(|number| Hit::Record(*number)),
        }
    }

    /// Those at these positions; fewer, where there are no more.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let hits = self.iter().skip(range.start);
        hits.take(range.len()).collect()
    }

    /// Takes out those from this position on.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        let rest = self.slice(at..self.len());
        *self = self.slice(0..at);
        rest
    }

    /// Leaves the first so many.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.len() {
            *self = self.slice(0..len);
        }
    }
}

impl<'r> FromIterator<Hit<'r>> for Results {
    fn from_iter<I: IntoIterator<Item = Hit<'r>>>(hits: I) -> Self {
        let mut results = Self::default();
        for hit in hits {
            match hit {
                Hit::Record(number) => results.numbers.push(number),
                Hit::Synthetic(entry) => {
                    let before = results.numbers.len();
                    results.synthetic.push((before, entry.clone()));
                }
            }
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use jackfield_model::Dn;
    use jackfield_model::dn::Rdn;

    use super::*;

    fn shown(hits: impl Iterator<Item = String>) -> String {
        hits.collect::<Vec<_>>().join(" ")
    }

    fn name(hit: Hit<'_>) -> String {
        match hit {
            Hit::Synthetic(entry) => entry.dn().to_string(),
            Hit::Record(number) => number.to_string(),
        }
    }

    #[test]
    fn each_record_comes_near_once_before_it_is_given() {
        let numbers: Vec<u32> = (0..).take(2 * AHEAD + 3).collect();
        let mut results = Results::new(Vec::new(), numbers.clone());
        assert!(results.coming().is_empty(), "nothing was asked for");
        let (mut near, mut given) = (Vec::new(), Vec::new());
        while let Some(Hit::Record(number)) = results.next() {
            near.extend_from_slice(results.coming());
            assert!(near.contains(&number));
            given.push(number);
        }
        assert_eq!((&near, &given), (&numbers, &numbers));
    }

    #[test]
    fn every_cut_keeps_the_order() {
        let entry = |name: &str| Synthetic::new(Dn::from(Rdn::new("cn", name)), &["top"], 0);
        let (a, b, c) = (entry("a"), entry("b"), entry("c"));
        let hits = [
            Hit::Record(7),
            Hit::Synthetic(&a),
            Hit::Synthetic(&b),
            Hit::Record(3),
            Hit::Record(9),
            Hit::Synthetic(&c),
        ];
        let all: Results = hits.into_iter().collect();
        let expected: Vec<String> = hits.into_iter().map(name).collect();
        for at in 0..=all.len() {
            let mut first = all.clone();
            let rest = first.split_off(at);
            assert_eq!((first.len(), rest.len()), (at, hits.len() - at));
            let mut given = Vec::new();
            for mut part in [first, rest] {
                while let Some(hit) = part.next() {
                    given.push(name(hit));
                }
            }
            assert_eq!(given, expected, "{at}");
        }
        assert_eq!(shown(all.slice(1..3).iter().map(name)), "cn=a cn=b");
        assert_eq!(shown(all.slice(5..9).iter().map(name)), "cn=c");
        for at in 0..all.len() {
            assert_eq!(all.at(at).map(name).as_ref(), expected.get(at), "{at}");
        }
        let plain = Results::new(vec![a.clone()], vec![1, 2]);
        assert_eq!(shown(plain.iter().map(name)), "cn=a 1 2");
    }
}
