//! What the specifications demand and small servers miss, and the tests that hold this one to it.

use std::fs;
use std::path::Path;

/// Each rule, with the tests that guard it: those of this crate, and of `model` for names and text.
const RULES: &[(&str, &[&str])] = &[
    (
        "RFC 4511 §4.1.1: a message that cannot be read ends the session with a notice, a request \
         that cannot be read is answered under its message ID",
        &[
            "what_is_no_message_ends_the_session_with_a_notice",
            "what_is_wrong_inside_a_request_is_answered_under_its_id",
            "a_broken_envelope_ends_the_session",
            "a_broken_filter_is_refused_under_its_message_id",
            "a_broken_write_is_refused_under_its_message_id",
            "broken_controls_are_refused_under_their_message_id",
            "the_notice_of_disconnection_is_unsolicited",
        ],
    ),
    (
        "RFC 4511 §4.1.1.1: message IDs of 1 to 2^31-1, none that goes on",
        &[
            "a_message_id_that_goes_on_cannot_be_used_again",
            "what_is_no_message_ends_the_session_with_a_notice",
        ],
    ),
    (
        "RFC 4511 §4.1.11: a critical control that cannot be heeded stops the operation, others \
         are ignored; controls of responses only when asked for",
        &[
            "an_unknown_control_stops_an_operation_only_if_it_is_critical",
            "only_critical_unknown_controls_stop_an_operation",
            "every_supported_control_fits_an_operation_and_stands_once",
            "the_policy_says_what_is_wrong_only_when_asked",
            "controls_of_operations_without_a_response_are_passed_over",
        ],
    ),
    (
        "RFC 4511 §4.2, RFC 4513 §4: a wrong version is answered; a bind makes the session \
         anonymous at once, waits for what goes on, and lets nothing pass",
        &[
            "a_bind_that_fails_leaves_the_connection_anonymous",
            "a_bind_waits_for_what_goes_on",
            "requests_behind_a_bind_are_served_as_whom_it_made",
            "version_2_binds_where_the_tenant_says_so",
        ],
    ),
    (
        "RFC 4513 §5.1: anonymous, unauthenticated and name/password binds",
        &[
            "names_of_every_form_bind",
            "where_the_tenant_allows_it_anybody_reads_the_phone_book",
        ],
    ),
    (
        "RFC 4511 §4.14, RFC 4513 §3.1.1: StartTLS",
        &[
            "a_client_goes_over_to_tls_and_the_server_stops_offering_it",
            "nothing_may_be_sent_behind_the_request",
            "without_a_certificate_it_is_not_known",
        ],
    ),
    (
        "RFC 4511 §4.5.1.7, RFC 4526: three-valued filters",
        &[
            "filters_are_three_valued",
            "what_cannot_be_asked_is_undefined",
            "unusual_filters_are_filters",
            "chains_bits_languages_and_classes",
        ],
    ),
    (
        "RFC 4511 §4.5.1.8, RFC 3673, RFC 3866, RFC 4529: which attributes are returned",
        &[
            "attributes_are_selected",
            "names_are_answered_as_they_were_asked_and_once",
            "a_supertype_brings_its_subtypes_but_not_over_a_name_of_their_own",
            "stars_and_pluses_add_what_was_not_named",
            "chains_bits_languages_and_classes",
        ],
    ),
    (
        "RFC 4511 §4.5.1.4 to §4.5.1.6: size limit, time limit, typesOnly",
        &[
            "attributes_are_selected",
            "types_only_leaves_the_values_out",
            "a_search_that_takes_too_long_ends_with_its_time",
        ],
    ),
    (
        "RFC 4511 §4.5.1.2, §4.5.1.3 and §4.1.9: scopes, alias modes, matchedDN",
        &[
            "a_service_account_reads_the_tree",
            "every_way_to_follow_aliases_is_taken",
        ],
    ),
    (
        "RFC 4511 §4.11, RFC 3909: abandon and cancel",
        &[
            "an_abandoned_search_says_nothing_more",
            "long_searches_run_side_by_side_and_can_be_abandoned",
            "a_cancelled_search_says_so_and_so_does_the_cancel",
        ],
    ),
    (
        "RFC 4511 §4.12, RFC 4532: extended operations",
        &[
            "writes_and_unknown_extensions_are_refused_with_a_reason",
            "who_am_i_tells_the_name",
        ],
    ),
    (
        "RFC 4511 §5.1: the encoding",
        &[
            "an_element_ends_within_the_one_that_holds_it",
            "a_length_has_one_to_four_octets_after_the_first",
            "numbers_are_signed",
            "numbers_take_as_few_octets_as_they_need",
        ],
    ),
    (
        "RFC 4511 §3.1: several operations at once",
        &[
            "a_small_search_overtakes_a_large_one",
            "long_searches_run_side_by_side_and_can_be_abandoned",
        ],
    ),
    (
        "RFC 4512 §4.4 and §5.1: root DSE and subschema, before a bind too",
        &[
            "the_root_dse_is_read_before_a_bind",
            "the_subschema_is_read_before_a_bind_and_describes_what_entries_show",
            "who_else_is_served_is_not_told_before_a_bind",
        ],
    ),
    (
        "RFC 4514, RFC 4515: names and their escapes",
        &[
            "a_service_account_reads_the_tree",
            "what_must_hold_for_any_name_holds_for_the_corpus",
        ],
    ),
    (
        "RFC 4517, RFC 4518: matching rules and the preparation of text",
        &[
            "numbers_match_as_phones_ask",
            "each_rule_is_found_by_name_and_oid_and_is_the_only_one_of_its_kind",
            "pieces_are_prepared_by_the_rule_and_empty_ones_dropped",
            "a_time_is_asked_to_the_second",
        ],
    ),
    (
        "RFC 2696, RFC 2891, draft-ietf-ldapext-ldapv3-vlv-09: pages, order, list views",
        &[
            "pages_together_are_what_one_search_gives",
            "a_cookie_is_good_once_and_for_the_same_search",
            "a_page_of_nothing_ends_the_sequence",
            "results_are_sorted_as_asked",
            "pages_of_a_sorted_search_are_in_its_order",
            "a_list_view_is_a_part_of_a_sorted_list",
            "scrolling_goes_on_in_the_list_until_something_changes",
        ],
    ),
    (
        "RFC 3062, RFC 3876, RFC 4370, RFC 4527, RFC 4528: password modify, matched values, \
         proxied authorization, read entry, assertion",
        &[
            "people_change_their_password_and_the_session_goes_on",
            "passwords_of_others_are_set_by_those_who_may",
            "assertions_and_matched_values",
            "it_must_be_critical",
            "the_other_ones_rights_count_and_no_own_ones",
            "a_write_tells_what_was_and_what_is_and_holds_to_an_assertion",
        ],
    ),
    (
        "RFC 4513 §5.2, RFC 4616: SASL, each mechanism listed only where it works",
        &[
            "plain_takes_a_name_and_a_password_under_tls_only",
            "external_takes_the_certificate_that_was_assigned",
            "a_certificate_of_another_authority_gets_no_connection",
        ],
    ),
    (
        "Views (docs/guides/views.md): the same records under other names, and only for who has them",
        &[
            "accounts_and_groups_of_unix",
            "accounts_and_groups_of_active_directory",
            "identities_of_active_directory_are_octets_and_are_found_by_octets_and_text",
            "freepbx_reads_active_directory",
            "sip_accounts_of_asterisk_in_both_spellings",
            "sip_accounts_of_h350",
            "sip_accounts_of_freeswitch",
            "the_phone_book_of_grandstream",
            "a_phone_sees_of_a_view_what_the_phone_book_shows",
            "without_a_view_its_names_are_unknown",
            "a_service_account_has_its_own_views_in_place_of_the_tenants",
            "names_of_views_are_looked_up_where_they_are_equal_to_something",
            "every_view_has_its_table_and_no_two_have_one_name",
        ],
    ),
    (
        "Vendors' names of attributes and branches: understood by everybody, answered as asked or by \
         the entry's own name",
        &[
            "every_alias_means_an_attribute_and_hides_none",
            "names_are_answered_as_they_were_asked_and_once",
            "vendors_branches_are_found_and_answered_by_their_own_names",
            "people_bind_by_the_branches_that_vendors_expect",
        ],
    ),
    (
        "Hostile octets cost little: depth, size and number are bounded",
        &[
            "a_deep_filter_is_refused_and_the_session_goes_on",
            "deep_nesting_is_refused_under_its_message_id",
            "a_filter_of_too_many_terms_is_refused_under_its_message_id",
            "a_message_that_is_too_large_is_refused_by_its_header",
            "what_must_hold_for_any_message_holds_for_the_corpus",
            "one_who_does_not_read_holds_up_nobody_else_and_is_cut_off",
        ],
    ),
];

#[test]
fn every_rule_has_tests_that_are_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for part in ["src", "tests"] {
        read(&folder.join(part), &mut sources);
    }
    for (rule, tests) in RULES {
        assert!(!tests.is_empty(), "{rule}");
        for test in *tests {
            let is_there = [format!("fn {test}("), format!("    {test}: \"")]
                .iter()
                .any(|form| sources.contains(form));
            assert!(is_there, "{test}, of: {rule}");
        }
    }
}

fn read(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}
