use proptest::prelude::*;

use super::*;

/// Characters whose preparation is not plain: cases, marks, spaces, ligatures, hyphens, Hangul.
const TRICKY: &str = "[ a-cA-C\\-\t\u{0}\u{7f}ßẞİıſﬁÅÅåΣςσΐᾳᾴ\u{345}\u{301}\u{308}\u{323}\u{34f}\u{ad}\u{a0}\
    \u{a8}\u{b4}\u{200b}\u{3000}\u{2028}\u{2066}\u{fe0f}Ａ㎒ﷺǅ가\u{1100}\u{1161}\u{2010}\u{1f1e6}\u{20dd}\u{903}]{0,12}";

#[test]
fn passwords_are_one_in_every_composition_and_kind_of_space() {
    for (typed, expected) in [
        ("Secret 1", "Secret 1"),
        ("  ", "  "),
        ("a\u{a0}b\u{3000}c", "a b c"),
        ("ge\u{301}heim", "géheim"),
        ("ＡＢ", "ＡＢ"),
        ("ﬁ", "ﬁ"),
        ("Ä", "Ä"),
    ] {
        assert_eq!(opaque(typed), expected, "{typed:?}");
    }
}

#[test]
fn case_ignore_maps_folds_normalises_and_squeezes() {
    let table = [
        ("", ""),
        (" ", " "),
        (" \t \u{a0}", " "),
        ("smith", "smith"),
        ("  John \t SMITH\r\n", "john smith"),
        ("a\u{0}b\u{7f}c", "abc"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("STRAẞE", "strasse"),
        ("İ", "i\u{307}"),
        ("ſ", "s"),
        ("Muller\u{308}", "muller\u{308}"),
        ("Mu\u{308}ller", "müller"),
        ("MÜLLER", "müller"),
        ("ﬁre", "fire"),
        ("Ａｂｃ１２", "abc12"),
        ("co\u{ad}op", "coop"),
        ("\u{ad}", ""),
        ("zero\u{200b}width", "zerowidth"),
        ("bidi\u{2066}", "bidi"),
        ("non\u{a0}breaking\u{3000} space", "non breaking space"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευσ"),
        ("Οδυσσευς", "οδυσσευσ"),
        ("α\u{345}\u{301}", "άι"),
        ("ά\u{345}", "άι"),
        ("a \u{308}b", "a \u{308}b"),
        (" ¨", " \u{308}"),
        ("\u{e000}\u{fffd}", "\u{e000}\u{fffd}"),
    ];
    for (given, prepared) in table {
        assert_eq!(case_ignore(given), prepared, "{given:?}");
        assert!(eq_case_ignore(given, prepared), "{given:?}");
        with_case_ignore(given, |form| assert_eq!(form, prepared, "{given:?}"));
    }
}

#[test]
fn case_exact_keeps_case_and_nothing_else() {
    let table = [
        ("  John  SMITH ", "John SMITH"),
        ("Straße", "Straße"),
        ("Mu\u{308}ller", "Müller"),
        ("ﬁ ſ", "fi s"),
        ("\t", " "),
    ];
    for (given, prepared) in table {
        assert_eq!(case_exact(given), prepared, "{given:?}");
    }
}

#[test]
fn long_text_takes_the_same_form() {
    let long = "Ab  ".repeat(5000);
    let prepared = "ab ".repeat(5000);
    assert_eq!(case_ignore(&long), prepared.trim_end());
    with_case_ignore(&long, |form| assert_eq!(form, prepared.trim_end()));
    for length in 120..136 {
        let text = "A".repeat(length);
        with_case_ignore(&text, |form| assert_eq!(form, "a".repeat(length)));
    }
}

#[test]
fn telephone_numbers_compare_without_spaces_and_hyphens() {
    let table = [
        ("+49 721 608-0", "+497216080"),
        ("+49\u{a0}721\u{2011}608\u{2212}0", "+497216080"),
        ("\u{ff0b}49 \u{fe63}\u{58a}\u{ff0d}1", "+491"),
        ("Ext 12-A", "ext12a"),
        ("---", ""),
        ("1-\u{301}2", "1-\u{301}2"),
    ];
    for (given, prepared) in table {
        assert_eq!(telephone(given), prepared, "{given:?}");
    }
}

#[test]
fn numeric_strings_compare_without_spaces() {
    for (given, prepared) in [("  123  456  ", "123456"), ("   ", ""), ("1-2", "1-2")] {
        assert_eq!(numeric(given), prepared, "{given:?}");
    }
}

#[test]
fn parts_keep_a_space_where_they_meet_the_rest() {
    let table = [
        (" Foo  Bar  ", "foo bar ", " foo bar ", " foo bar"),
        ("Smith", "smith", "smith", "smith"),
        ("  ", "", " ", ""),
        ("", "", "", ""),
    ];
    for (given, initial, any, last) in table {
        assert_eq!(case_ignore_part(given, Part::Initial), initial, "{given:?}");
        assert_eq!(case_ignore_part(given, Part::Any), any, "{given:?}");
        assert_eq!(case_ignore_part(given, Part::Final), last, "{given:?}");
    }
    assert_eq!(case_exact_part(" Foo  Bar  ", Part::Initial), "Foo Bar ");
}

#[test]
fn fold_accents_leaves_base_letters() {
    let table = [
        ("Müller", "muller"),
        ("ÅNGSTRÖM", "angstrom"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("Nguyễn", "nguyen"),
        ("Søren Łukasz", "soren lukasz"),
        ("Ægir", "aegir"),
        ("कि", "कि"),
        ("plain", "plain"),
    ];
    for (given, folded) in table {
        assert_eq!(fold_accents(given), folded, "{given:?}");
    }
}

#[test]
fn every_character_prepares_to_a_fixed_point() {
    // All planes with characters that change; those above hold ideographs and tags.
    for c in ('\0'..='\u{1FFFF}').chain('\u{2F800}'..='\u{2FA1F}') {
        let text = format!("a{c}b");
        let once = case_ignore(&text);
        assert_eq!(case_ignore(&once), once, "{c:?}");
        let exact = case_exact(&text);
        assert_eq!(case_exact(&exact), exact, "{c:?}");
    }
}

proptest! {
    #[test]
    fn preparing_twice_changes_nothing(text in TRICKY) {
        let once = case_ignore(&text);
        prop_assert_eq!(case_ignore(&once), once);
        let exact = case_exact(&text);
        prop_assert_eq!(case_exact(&exact), exact);
        let bare = fold_accents(&text);
        prop_assert_eq!(fold_accents(&bare), bare);
    }

    #[test]
    fn canonical_equivalents_are_equal(text in TRICKY) {
        let apart = DecomposingNormalizerBorrowed::new_nfd().normalize(&text);
        let together = ComposingNormalizerBorrowed::new_nfc().normalize(&text);
        prop_assert_eq!(case_ignore(&apart), case_ignore(&together));
    }

    #[test]
    fn comparing_agrees_with_preparing(stored in TRICKY, other in TRICKY) {
        let key = case_ignore(&other);
        prop_assert_eq!(eq_case_ignore(&stored, &key), case_ignore(&stored) == key);
        prop_assert!(eq_case_ignore(&stored, &case_ignore(&stored)));
        prop_assert!(with_case_ignore(&stored, |form| form == case_ignore(&stored)));
    }

    #[test]
    fn a_value_contains_its_own_parts(head in "[a-zA-Z]{1,5}", tail in "[a-zA-Z]{1,5}", gap in " {0,3}") {
        let value = case_ignore(&format!("{head}{gap}{tail}"));
        let initial = case_ignore_part(&format!("{head}{gap}"), Part::Initial);
        let last = case_ignore_part(&format!("{gap}{tail}"), Part::Final);
        prop_assert!(value.starts_with(initial.as_str()));
        prop_assert!(value.ends_with(last.as_str()));
    }
}
