//! Insignificant spaces (RFC 4518 §2.6.1) as an iterator, so that comparing needs no allocation.

use std::iter::Peekable;

use super::{Part, is_mark};

/// What becomes of the spaces at the ends.
#[derive(Clone, Copy)]
pub(super) struct Blank {
    leading: bool,
    trailing: bool,
    /// Text of nothing but spaces becomes one space.
    alone: bool,
}

impl Blank {
    /// A value, or an assertion that is compared with a whole value.
    pub(super) const VALUE: Self = Self {
        leading: false,
        trailing: false,
        alone: true,
    };

    /// One part of a substring assertion: the end that meets the rest of the value keeps a space.
    pub(super) fn part(place: Part) -> Self {
        match place {
            Part::Initial => Self {
                leading: false,
                trailing: true,
                alone: false,
            },
            Part::Any => Self {
                leading: true,
                trailing: true,
                alone: true,
            },
            Part::Final => Self {
                leading: true,
                trailing: false,
                alone: false,
            },
        }
    }
}

/// Makes each run of insignificant spaces one space, or none at an end that keeps none.
pub(super) struct Squeeze<I: Iterator<Item = char>> {
    chars: Peekable<I>,
    blank: Blank,
    /// Something other than a space has been given out.
    begun: bool,
    /// What follows a space that was given out.
    held: Option<char>,
}

impl<I: Iterator<Item = char>> Squeeze<I> {
    pub(super) fn new(chars: I, blank: Blank) -> Self {
        Self {
            chars: chars.peekable(),
            blank,
            begun: false,
            held: None,
        }
    }
}

impl<I: Iterator<Item = char>> Iterator for Squeeze<I> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(c) = self.held.take() {
            return Some(c);
        }
        let mut spaced = false;
        while let Some(c) = self.chars.next() {
            if c == ' ' && !self.chars.peek().is_some_and(|next| is_mark(*next)) {
                spaced = true;
                continue;
            }
            let keep = spaced && (self.begun || self.blank.leading);
            self.begun = true;
            if !keep {
                return Some(c);
            }
            self.held = Some(c);
            return Some(' ');
        }
        let keep = if self.begun {
            self.blank.trailing
        } else {
            self.blank.alone
        };
        (spaced && keep).then_some(' ')
    }
}
