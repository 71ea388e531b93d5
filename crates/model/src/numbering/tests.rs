use std::sync::Arc;

use super::*;
use crate::filter::Substring;

/// A tenant in Berlin whose extensions of three digits stand behind +49 30 555.
fn berlin() -> Arc<Numbering> {
    Arc::new(Numbering {
        country: "49".into(),
        area: "30".into(),
        extensions: vec![ExtensionRange {
            prefix: "+4930555".into(),
            digits: 3,
        }],
        ..Numbering::default()
    })
}

fn north_america() -> Arc<Numbering> {
    Arc::new(Numbering {
        country: "1".into(),
        international: "011".into(),
        trunk: "1".into(),
        national_digits: Some(10),
        ..Numbering::default()
    })
}

#[test]
fn a_number_has_one_canonical_form_however_it_is_written() {
    for (plan, written, canonical) in [
        (berlin(), "+49 30 1234567", Some("+49301234567")),
        (berlin(), "0049301234567", Some("+49301234567")),
        (berlin(), "030 1234567", Some("+49301234567")),
        (berlin(), "(030) 123-4567", Some("+49301234567")),
        (berlin(), "+49 (0)30 123 45 67", Some("+49301234567")),
        (berlin(), "(+49) 30/123.4567", Some("+49301234567")),
        (berlin(), "tel:+49-30-1234567;ext=5", Some("+49301234567")),
        (berlin(), "030\u{2011}1234567 ext 12", Some("+49301234567")),
        (berlin(), "1234567", Some("+49301234567")),
        (berlin(), "201", Some("+4930555201")),
        (berlin(), "110", Some("+4930555110")),
        (berlin(), "4711", Some("4711")),
        (berlin(), "00 1 212 555 0100", Some("+12125550100")),
        (north_america(), "(212) 555-0100", Some("+12125550100")),
        (north_america(), "1-212-555-0100", Some("+12125550100")),
        (north_america(), "011 49 30 1234567", Some("+49301234567")),
        (north_america(), "1234", Some("1234")),
        (Arc::default(), "(030) 123-4567", Some("0301234567")),
        (Arc::default(), "0049 30 1", Some("+49301")),
        (berlin(), "*21#", None),
        (berlin(), "reception", None),
        (berlin(), "", None),
        (berlin(), "ext 12", None),
    ] {
        assert_eq!(plan.canonical(written).as_deref(), canonical, "{written}");
    }
}

#[test]
fn an_extension_is_found_by_its_digits_and_by_its_number_from_outside() {
    assert_eq!(berlin().forms("201").as_slice(), ["201", "+4930555201"]);
    assert_eq!(
        berlin().forms("030 555 201").as_slice(),
        ["+4930555201"],
        "a prefix stands for what it means"
    );
    assert_eq!(Numbering::default().forms("201").as_slice(), ["201"]);
}

fn equal(plan: &Arc<Numbering>, number: &str) -> Dialled {
    Dialled::equal(plan, number)
}

/// `initial*any*any*final`, as a client would write it.
fn parts(plan: &Arc<Numbering>, pattern: &str) -> Dialled {
    let mut pieces: Vec<&str> = pattern.split('*').collect();
    let some = |piece: &str| (!piece.is_empty()).then(|| SmolStr::new(piece));
    let last = pieces.pop().and_then(some);
    let initial = pieces.first().copied().and_then(some);
    let any = pieces.iter().skip(1).copied().filter_map(some).collect();
    Dialled::parts(plan, &Substring { initial, any, last })
}

#[test]
fn a_caller_is_found_by_any_form_of_the_number() {
    let plan = berlin();
    for asked in [
        "+49301234567",
        "0049301234567",
        "0301234567",
        "49301234567",
        "1234567",
    ] {
        for kept in ["+49 30 1234567", "(030) 123-4567", "0049 30/1234567"] {
            assert!(equal(&plan, asked).holds(kept), "{asked} for {kept}");
        }
        assert!(!equal(&plan, asked).holds("+49 40 1234567"), "{asked}");
    }
    assert!(equal(&plan, "+4930555201").holds("201"));
    assert!(
        equal(&plan, "reception").holds("Reception"),
        "as the rule has it"
    );
}

#[test]
fn parts_of_a_number_are_found_in_any_form() {
    let plan = berlin();
    for (pattern, kept, expected) in [
        ("030 12*", "+49 30 1234567", true),
        ("+4930*", "(030) 123-4567", true),
        ("00493*", "030 1234567", true),
        ("20*", "201", true),
        ("0305552*", "201", true),
        ("*4567", "030 123-45 67", true),
        ("*0301234567", "+49 30 1234567", true),
        ("*123*67*", "(030) 123-4567", true),
        ("*(030) 123*", "+49301234567", true),
        ("040*", "+49 30 1234567", false),
        ("*4568", "030 1234567", false),
        ("*recep*", "Reception", true),
    ] {
        assert_eq!(
            parts(&plan, pattern).holds(kept),
            expected,
            "{pattern} for {kept}"
        );
    }
}

/// What phones type is the beginning of what somebody would dial.
#[test]
fn a_beginning_without_prefixes_is_that_of_a_local_or_national_number_or_an_extension() {
    let new_york = Arc::new(Numbering {
        area: "212".into(),
        ..north_america().as_ref().clone()
    });
    let nowhere = Arc::new(Numbering::default());
    for (plan, pattern, kept, expected) in [
        (berlin(), "123*", "+49 30 1234567", true),
        (berlin(), "123 45*", "(030) 123-4567", true),
        (berlin(), "1*2*3*", "0049 30 1234567", true),
        (berlin(), "123*67", "+49 30 1234567", true),
        (berlin(), "555*", "201", true),
        (berlin(), "123*", "+49 40 1234567", false),
        (berlin(), "30*", "+49 30 1234567", false),
        // Country code and number without `+`, as some trunks announce a caller.
        (berlin(), "49*", "+49 30 1234567", true),
        (berlin(), "4930*", "030 1234567", true),
        (berlin(), "49305552*", "201", true),
        (berlin(), "4930123*67", "(030) 123-4567", true),
        (berlin(), "4930*", "+49 40 1234567", false),
        (berlin(), "4*", "+49 30 1234567", false),
        // An extension, by its number from outside.
        (berlin(), "20*", "+49 30 555 201", true),
        (berlin(), "201*", "030 555 201", true),
        (berlin(), "20*", "+49 40 555 201", false),
        (berlin(), "2010*", "+49 30 555 2010", false),
        // Where every national number has as many digits, it is told without the trunk prefix.
        (north_america(), "212555*", "+1 212 555 0100", true),
        (north_america(), "1212*", "(212) 555-0100", true),
        (north_america(), "(212) 5*", "1-212-555-0100", true),
        (north_america(), "555*", "+1 212 555 0100", false),
        (new_york.clone(), "555*", "+1 212 555 0100", true),
        (new_york.clone(), "212*", "+1 212 555 0100", true),
        (new_york, "555*", "+1 718 555 0100", false),
        (nowhere.clone(), "555*", "+49 30 555 201", false),
        (nowhere, "030*", "+49 30 555 201", false),
    ] {
        let holds = parts(&plan, pattern).holds(kept);
        assert_eq!(holds, expected, "{pattern} for {kept}");
    }
}

#[test]
fn a_number_is_found_as_it_is_shown_behind_the_digits_of_a_line_to_the_outside() {
    let denmark = Arc::new(Numbering {
        country: "45".into(),
        trunk: "".into(),
        national_digits: Some(8),
        ..Numbering::default()
    });
    for (plan, asked, kept, expected) in [
        (berlin(), "90301234567", "+49 30 1234567", true),
        (berlin(), "9 030 123-4567", "1234567", true),
        (berlin(), "9030123*", "+49 30 1234567", true),
        (berlin(), "90*", "+49 30 1234567", true),
        (berlin(), "90301*67", "+49 30 1234567", true),
        (berlin(), "9*0*3*0*1*", "+49 30 1234567", true),
        (berlin(), "900442079460000", "+44 20 7946 0000", true),
        (berlin(), "90044*", "+44 20 7946 0000", true),
        (berlin(), "80301234567", "+49 30 1234567", false),
        (berlin(), "+90301234567", "+49 30 1234567", false),
        // Extensions are shown by themselves.
        (berlin(), "9201", "201", false),
        (berlin(), "201", "201", true),
        (denmark.clone(), "932123456", "+45 32 12 34 56", true),
        (denmark.clone(), "93212*", "+45 32 12 34 56", true),
        (denmark, "90044*", "+44 20 7946 0000", true),
        (north_america(), "912125550100", "(212) 555-0100", true),
        (north_america(), "91212*", "(212) 555-0100", true),
    ] {
        let dialled = match asked.contains('*') {
            true => parts(&plan, asked),
            false => equal(&plan, asked),
        };
        assert!(
            !expected || asked == "201" || !dialled.holds(kept),
            "{asked}"
        );
        let holds = dialled.or_outside("9").holds(kept);
        assert_eq!(holds, expected, "{asked} for {kept}");
    }
    let usual = equal(&berlin(), "0301234567");
    assert_eq!(usual.clone().or_outside(""), usual, "for all others");
}

#[test]
fn single_digits_between_wildcards_are_a_sequence() {
    let plan = berlin();
    for (pattern, kept, expected) in [
        ("0*3*0*1*2*3*4*5*6*7*", "+49 30 1234567", true),
        ("0*3*0*1*2*", "030 12345", true),
        ("0*3*0*1*2*", "0307 192", false),
        ("*1*2*3*", "030 9912399", true),
        ("*1*2*3*", "030 1929399", false),
        ("*5*6*7", "030 1234567", true),
    ] {
        assert_eq!(
            parts(&plan, pattern).holds(kept),
            expected,
            "{pattern} for {kept}"
        );
    }
}
