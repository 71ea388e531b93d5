//! Names with umlauts, asked for as German spells them without: `mueller` for Müller, `groesse` for
//! Größe, in which case folding makes `ss` of `ß` already.

use jackfield_model::filter::{Assertion, Substring};
use jackfield_model::rule::Key;
use jackfield_model::{Filter, MatchingRule};
use smol_str::{SmolStr, StrExt};

/// What two letters stand for.
const SPELLED: [(&str, &str); 3] = [("ae", "ä"), ("oe", "ö"), ("ue", "ü")];

/// Parts with fewer characters are found only by looking at every name.
const FINDABLE: usize = 3;

/// The filter, or what it asks with umlauts, if it asks for a name as a search sees it.
pub(super) fn also(filter: Filter) -> Filter {
    let Filter::Match(attr, MatchingRule::AccentIgnore, assertion) = &filter else {
        return filter;
    };
    match with_umlauts(assertion) {
        // Only what has the umlauts: `mue` does not ask for Murphy.
        Some(other) => Filter::Or(vec![
            Filter::Match(*attr, MatchingRule::CaseIgnore, other),
            filter,
        ]),
        None => filter,
    }
}

fn with_umlauts(assertion: &Assertion) -> Option<Assertion> {
    match assertion {
        Assertion::Equal(Key::Text(name)) if is_spelled(name) => {
            Some(Assertion::Equal(Key::Text(respelled(name))))
        }
        Assertion::Substring(parts) => {
            let mut all = parts.initial.iter().chain(&parts.any).chain(&parts.last);
            if !all.any(is_spelled) {
                return None;
            }
            let with = Substring {
                initial: parts.initial.as_ref().map(respelled),
                any: parts.any.iter().map(respelled).collect(),
                last: parts.last.as_ref().map(respelled),
            };
            let mut others = with.any.iter().chain(&with.last);
            let is_findable =
                with.initial.is_some() || others.any(|part| part.chars().count() >= FINDABLE);
            is_findable.then_some(Assertion::Substring(with))
        }
        _ => None,
    }
}

fn is_spelled(part: &SmolStr) -> bool {
    SPELLED.iter().any(|(letters, _)| part.contains(letters))
}

fn respelled(part: &SmolStr) -> SmolStr {
    let each =
        |part: SmolStr, (letters, umlaut): (&str, &str)| part.replace_smolstr(letters, umlaut);
    SPELLED.into_iter().fold(part.clone(), each)
}

#[cfg(test)]
mod tests {
    use jackfield_model::schema::attr::NAME_FAMILY_NAME as NAME;

    use super::*;

    #[test]
    fn two_letters_for_an_umlaut_ask_for_it_too_where_indexes_can_tell() {
        let asked = |rule, (initial, any): (&str, &str)| {
            let some = |part: &str| (!part.is_empty()).then(|| SmolStr::new(part));
            let parts = Substring {
                initial: some(initial),
                any: some(any).into_iter().collect(),
                last: None,
            };
            Filter::Match(NAME, rule, Assertion::Substring(parts))
        };
        for (typed, expected) in [
            (("mue", ""), Some(("mü", ""))),
            (("groesse", ""), Some(("grösse", ""))),
            (("", "muel"), Some(("", "mül"))),
            (("a", "ue"), Some(("a", "ü"))),
            (("", "mue"), None),
            (("mu", ""), None),
        ] {
            let filter = asked(MatchingRule::AccentIgnore, typed);
            let expected = match expected {
                Some(with) => {
                    let with = asked(MatchingRule::CaseIgnore, with);
                    Filter::Or(vec![with, filter.clone()])
                }
                None => filter.clone(),
            };
            assert_eq!(also(filter), expected, "{typed:?}");
            let exact = asked(MatchingRule::CaseIgnore, typed);
            assert_eq!(also(exact.clone()), exact, "{typed:?}");
        }
    }
}
