//! A written number, as what is dialled.

use smol_str::SmolStr;

use super::joined;

/// What is dialled when a written number is.
pub(super) struct Dialling {
    pub(super) is_international: bool,
    pub(super) digits: SmolStr,
}

impl Dialling {
    /// Reads a number, whole or in part (RFC 3966 §3, ITU-T E.123): separators do not count, nor
    /// does the `(0)` that is left out from abroad, nor what follows when the line is open.
    pub(super) fn read(written: &str) -> Option<Self> {
        let written = written.trim();
        let written = match written.split_at_checked(4) {
            Some((scheme, number)) if scheme.eq_ignore_ascii_case("tel:") => number,
            _ => written,
        };
        let (is_international, rest) = match written.trim_start_matches(['(', ' ']) {
            stripped if stripped.starts_with('+') => (true, stripped.trim_start_matches('+')),
            _ => (false, written),
        };
        let mut digits = String::with_capacity(rest.len());
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '0'..='9' => digits.push(c),
                '(' if is_international && rest.get(at..at + 3) == Some("(0)") => {
                    chars.nth(1);
                }
                ' '
                | '-'
                | '.'
                | '/'
                | '('
                | ')'
                | '\t'
                | '\u{a0}'
                | '\u{58a}'
                | '\u{2010}'..='\u{2015}'
                | '\u{202f}'
                | '\u{2212}' => {}
                // An extension, a pause or a parameter.
                ';' | ',' | 'x' | 'X' | 'e' | 'E' | 'p' | 'P' | 'w' | 'W' if !digits.is_empty() => {
                    break;
                }
                _ => return None,
            }
        }
        (!digits.is_empty()).then(|| Self {
            is_international,
            digits: digits.into(),
        })
    }

    /// The digits, behind the `+` that they were written with.
    pub(super) fn plain(self) -> SmolStr {
        if self.is_international {
            joined(&["+", &self.digits])
        } else {
            self.digits
        }
    }
}
