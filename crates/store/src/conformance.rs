//! The suite that every backend must pass: one rule, one test, the same on all.
//!
//! A backend's tests say where a store can be opened ([`Place`]) and take all rules at once with
//! [`conformance!`](crate::conformance!).
//!
//! | module | its rules are about |
//! | --- | --- |
//! | [`whole`] | what is kept beside the tenants, and closing |
//! | [`tenants`] | tenants beside each other |
//! | [`commits`] | compare-and-set, atomicity, locks |
//! | [`keys`] | what must be unique, and what it compares |
//! | [`values`] | what reads back |
//! | [`following`] | loading, change rows, restarts |
//! | [`auditing`] | the audit log, and activity |
//! | [`exchanging`] | requests of provisioning clients |

#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the rules are tests: their names say what they guard, and they fail by panicking"
)]

pub mod auditing;
pub mod commits;
pub mod exchanging;
pub mod following;
pub mod keys;
mod sample;
mod state;
pub mod tenants;
pub mod values;
pub mod whole;

use std::sync::Arc;

use async_trait::async_trait;

use crate::Store;
use crate::audit::AuditKey;

/// The key with which a [`Place`] opens its stores.
pub const AUDIT_KEY: AuditKey = AuditKey::new([0x5a; 32]);

/// Where a store is kept; empty at first, and a test's own.
#[async_trait]
pub trait Place: Send + Sync {
    /// Opens the store that is kept here, with [`AUDIT_KEY`]. Whoever opens it twice has what two
    /// processes would have.
    async fn open(&self) -> Arc<dyn Store>;
}

/// Makes a test of every rule.
///
/// `$place` is an async function that returns an `Option` of a [`Place`]; `None` skips the test.
#[macro_export]
macro_rules! conformance {
    ($place:ident) => {
        $crate::conformance! { @rules $place
            whole {
                the_first_value_of_a_name_is_kept
                a_kept_value_is_replaced_alone_and_for_good
                concurrent_processes_keep_one_value
                closing_waits_for_what_is_under_way
                a_closed_store_is_unavailable_and_others_go_on
            }
            tenants {
                a_new_tenant_is_empty
                tenants_are_listed_in_the_byte_order_of_their_names
                a_tenant_name_or_id_is_taken_once
                a_tenant_that_is_not_there_is_told_apart
                tenants_do_not_see_each_other
                a_deleted_tenant_takes_everything_of_its_own_with_it
            }
            commits {
                each_change_set_makes_one_revision
                a_stale_revision_is_refused_and_writes_nothing
                a_refused_change_set_takes_its_neighbours_back
                concurrent_writers_lose_nothing
                concurrent_processes_lose_nothing
                a_change_set_is_found_by_its_id
                a_change_set_is_not_committed_twice
                who_holds_the_lock_catches_up_and_commits
                a_lock_keeps_writers_waiting_but_not_readers
                a_dropped_lock_writes_nothing_and_lets_others_go_on
            }
            keys {
                unique_keys_compare_prepared_forms_byte_by_byte
                a_key_is_unique_among_its_kind
                groups_and_contacts_may_share_a_name
                a_key_can_be_used_again_in_the_change_set_that_frees_it
                long_keys_are_told_apart
                a_number_is_never_used_again
                an_extension_has_one_holder_at_most
                a_record_has_one_owner_at_most
            }
            values {
                what_may_be_used_once_is_used_once_until_it_expires
                a_lockout_is_told_until_it_is_lifted_or_another_begins_after_it
                text_reads_back_exactly
                every_type_of_value_reads_back
                times_keep_their_microseconds
                sources_and_credentials_read_back
            }
            following {
                a_load_equals_the_fold_of_the_changes
                any_order_of_changes_has_the_effect_of_one_after_the_other
                change_sets_come_back_complete_and_in_order
                a_touch_changes_times_only
                what_relates_records_comes_after_them
                a_load_is_of_one_revision
                a_restart_keeps_everything
                old_change_sets_are_gone_and_the_newest_are_kept
                of_wide_change_sets_fewer_are_kept
                a_revision_that_is_not_there_yet_is_gone
            }
            auditing {
                entries_are_numbered_and_chained_from_the_first_on
                refusals_are_chained_with_what_was_done
                concurrent_entries_make_one_chain
                the_log_is_read_in_pages
                a_log_that_was_cut_still_proves_the_rest
                a_log_that_is_trimmed_while_it_is_checked_is_not_broken
                entries_know_their_revision_and_refusals_have_none
                a_deleted_record_leaves_a_tombstone
                later_activity_wins
                of_what_is_gone_no_activity_is_left
                activity_makes_no_revision
            }
            exchanging {
                an_exchange_reads_back_exactly
                exchanges_are_found_by_who_when_and_how_they_ended
                the_newest_exchanges_of_a_connection_stay
                exchanges_belong_to_one_tenant_and_go_with_it
                exchanges_make_no_revision
            }
        }
    };
    (@rules $place:ident $($group:ident { $($rule:ident)* })*) => { $(
        mod $group { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                if let Some(place) = super::$place().await {
                    $crate::conformance::$group::$rule(&place).await;
                }
            }
        )* }
    )* };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_rule_is_on_the_list() {
        let (list, _) = include_str!("conformance.rs")
            .split_once("cfg(test)")
            .unwrap();
        for group in [
            include_str!("conformance/auditing.rs"),
            include_str!("conformance/commits.rs"),
            include_str!("conformance/exchanging.rs"),
            include_str!("conformance/following.rs"),
            include_str!("conformance/keys.rs"),
            include_str!("conformance/tenants.rs"),
            include_str!("conformance/values.rs"),
            include_str!("conformance/whole.rs"),
        ] {
            for rule in group.split("\npub async fn ").skip(1) {
                let (rule, _) = rule.split_once('(').unwrap();
                assert!(list.contains(&format!(" {rule}\n")), "{rule}");
            }
        }
    }
}
