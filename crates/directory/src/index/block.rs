//! Some keys that follow one another, packed: what they begin with alike is there once.

use smol_str::SmolStr;

/// Keys in order, each with its number.
#[derive(Debug)]
pub(super) struct Block {
    /// What all begin with, then what each has behind that, one after the other.
    text: Box<str>,
    shared: u32,
    keys: Box<[Packed]>,
}

#[derive(Clone, Copy, Debug)]
struct Packed {
    /// Where in the text it ends.
    end: u32,
    number: u32,
}

/// How many keys a block has at the most.
pub(super) const MOST: usize = 64;
/// How much text a block has when it is divided, if it has several keys.
const LONG: usize = 4_096;

/// Where keys of a range end.
#[derive(Clone, Copy, Debug)]
pub(super) enum To<'a> {
    /// Nowhere.
    End,
    /// Behind this key.
    Including(&'a str),
    /// Before this key.
    Before(&'a str),
    /// Behind all that begin so, of those that are not less.
    Prefix(&'a str),
}

impl Block {
    /// Of keys in order.
    pub(super) fn of(keys: &[(SmolStr, u32)]) -> Self {
        let shared = match (keys.first(), keys.last()) {
            (Some((first, _)), Some((last, _))) => alike(first, last),
            _ => "",
        };
        let rest = |key: &SmolStr| key.len() - shared.len();
        let long = keys.iter().map(|(key, _)| rest(key)).sum::<usize>();
        let mut packing = Packing::new(shared, long, keys.len());
        for (key, number) in keys {
            packing.push(key.get(shared.len()..).unwrap_or_default(), *number);
        }
        packing.finish()
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it should be divided.
    pub(super) fn is_large(&self) -> bool {
        self.len() > MOST || (self.len() > 1 && self.text.len() > LONG)
    }

    /// The number of the key at this place.
    pub(super) fn number(&self, at: usize) -> Option<u32> {
        self.keys.get(at).map(|key| key.number)
    }

    /// The key at this place.
    pub(super) fn key(&self, at: usize) -> SmolStr {
        SmolStr::from_iter([self.shared(), self.rest(at)])
    }

    /// The first part of all keys.
    pub(super) fn shared(&self) -> &str {
        self.text.get(..index(self.shared)).unwrap_or_default()
    }

    /// The second part of the key at this place.
    pub(super) fn rest(&self, at: usize) -> &str {
        self.text
            .get(self.begin(at)..self.begin(at + 1))
            .unwrap_or_default()
    }

    /// Where the key is, or belongs.
    pub(super) fn find(&self, key: &str) -> Result<usize, usize> {
        let at = self.lower(key);
        match self.key_is(at, key) {
            true => Ok(at),
            false => Err(at),
        }
    }

    /// The place of the first key behind the range.
    pub(super) fn end(&self, to: To<'_>) -> usize {
        match to {
            To::End => self.len(),
            To::Before(key) => self.lower(key),
            To::Including(key) => {
                let at = self.lower(key);
                at + usize::from(self.key_is(at, key))
            }
            To::Prefix(prefix) => match prefix.strip_prefix(self.shared()) {
                Some(behind) => {
                    let behind = behind.as_bytes();
                    self.first(|rest| rest > behind && !rest.starts_with(behind))
                }
                None if self.shared().starts_with(prefix) => self.len(),
                None => self.lower(prefix),
            },
        }
    }

    /// The same with one more key in this place.
    pub(super) fn with(&self, at: usize, key: &str, number: u32) -> Self {
        let shared = match self.keys.is_empty() {
            true => key,
            false => alike(self.shared(), key),
        };
        let lost = self.shared().get(shared.len()..).unwrap_or_default();
        let room = self.text.len() + lost.len() * self.len() + key.len();
        let mut packing = Packing::new(shared, room, self.len() + 1);
        packing.copy(self, lost, 0, at);
        packing.push(key.get(shared.len()..).unwrap_or_default(), number);
        packing.copy(self, lost, at, self.len());
        packing.finish()
    }

    /// The same with another number in this place.
    pub(super) fn with_number(&self, at: usize, number: u32) -> Self {
        let mut keys = self.keys.clone();
        if let Some(key) = keys.get_mut(at) {
            key.number = number;
        }
        Self {
            text: self.text.clone(),
            shared: self.shared,
            keys,
        }
    }

    /// The same without the key in this place.
    pub(super) fn without(&self, at: usize) -> Self {
        let mut packing = Packing::new(self.shared(), self.text.len(), self.len());
        packing.copy(self, "", 0, at);
        packing.copy(self, "", at + 1, self.len());
        packing.finish()
    }

    /// The keys from one place to before another.
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        let all: Vec<(SmolStr, u32)> = (from..to)
            .filter_map(|at| Some((self.key(at), self.number(at)?)))
            .collect();
        Self::of(&all)
    }

    /// The place of the first key that is not less.
    fn lower(&self, key: &str) -> usize {
        let shared = self.shared().as_bytes();
        match key.as_bytes().strip_prefix(shared) {
            Some(behind) => self.first(|rest| rest >= behind),
            None if shared > key.as_bytes() => 0,
            None => self.len(),
        }
    }

    fn key_is(&self, at: usize, key: &str) -> bool {
        at < self.len() && key.strip_prefix(self.shared()) == Some(self.rest(at))
    }

    /// The first place at which something holds of the second part that holds behind it, too.
    fn first(&self, holds: impl Fn(&[u8]) -> bool) -> usize {
        let text = self.text.as_bytes();
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            let rest = text.get(self.begin(middle)..self.begin(middle + 1));
            match holds(rest.unwrap_or_default()) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low
    }

    /// Where in the text the second part of the key at this place begins.
    fn begin(&self, at: usize) -> usize {
        let before = at.checked_sub(1).and_then(|before| self.keys.get(before));
        index(before.map_or(self.shared, |before| before.end))
    }
}

/// A block while it is put together.
struct Packing {
    text: String,
    shared: u32,
    keys: Vec<Packed>,
}

impl Packing {
    fn new(shared: &str, room: usize, count: usize) -> Self {
        let mut text = String::with_capacity(shared.len() + room);
        text.push_str(shared);
        Self {
            shared: offset(text.len()),
            text,
            keys: Vec::with_capacity(count),
        }
    }

    fn push(&mut self, rest: &str, number: u32) {
        self.text.push_str(rest);
        let end = offset(self.text.len());
        self.keys.push(Packed { end, number });
    }

    /// Takes keys from another block, which share less than they did by what is `lost`.
    fn copy(&mut self, block: &Block, lost: &str, from: usize, to: usize) {
        if !lost.is_empty() {
            for (at, key) in block.keys.iter().enumerate().take(to).skip(from) {
                self.text.push_str(lost);
                self.push(block.rest(at), key.number);
            }
            return;
        }
        let (begin, new) = (block.begin(from), self.text.len());
        let text = block.text.get(begin..block.begin(to));
        self.text.push_str(text.unwrap_or_default());
        let keys = block.keys.get(from..to).unwrap_or_default();
        self.keys.extend(keys.iter().map(|key| Packed {
            end: offset(index(key.end) - begin + new),
            number: key.number,
        }));
    }

    fn finish(self) -> Block {
        Block {
            text: Box::from(self.text.as_str()),
            shared: self.shared,
            keys: Box::from(self.keys.as_slice()),
        }
    }
}

/// What both begin with.
fn alike<'a>(one: &'a str, other: &str) -> &'a str {
    let both = one.char_indices().zip(other.chars());
    let differs = both.map(|((at, a), b)| (at, a == b)).find(|(_, is)| !is);
    let end = match differs {
        Some((at, _)) => at,
        None => one.len().min(other.len()),
    };
    one.get(..end).unwrap_or_default()
}

fn index(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Texts of four gigabytes are found nowhere.
fn offset(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
