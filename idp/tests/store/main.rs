//! The stores' contracts, each on SQLite and on a real PostgreSQL: what must hold when many write at once, and what
//! must be read back as it was written.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails by panicking"
)]

mod agencies;
mod audit_log;
mod browsers;
mod collisions;
mod contract;
mod conversations;
mod counters;
mod doors;
mod grants;
mod issued;
mod leaving;
mod notices;
mod officials;
mod people;
mod postgres;
mod rescue;
mod session;
mod signing;
mod upstreams;

use std::sync::Arc;

use idp::{
    keys::{Seal, SealingKey},
    store::Database,
    world::SystemChance,
};

/// A migrated database and what its stores need.
struct Place {
    store: Database,
    seal: Seal,
    chance: Arc<SystemChance>,
    _kept: Option<tempfile::TempDir>,
}

impl Place {
    async fn at(url: &str, kept: Option<tempfile::TempDir>) -> Self {
        let store = Database::open(url).await.unwrap();
        store.migrate().await.unwrap();
        let key = SealingKey::from_base64(&data_encoding::BASE64.encode(&[3; 32])).unwrap();
        let chance = Arc::new(SystemChance::default());
        Self {
            store,
            seal: Seal::new(&key).unwrap(),
            chance,
            _kept: kept,
        }
    }
}

async fn sqlite() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/idp.db", folder.path().display());
    Place::at(&url, Some(folder)).await
}

/// The same contract on both engines.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::contract::$name(&super::sqlite().await).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(url) = super::postgres::database() {
                    super::contract::$name(&super::Place::at(&url, None).await).await;
                }
            })+
        }
    };
}

on_both!(
    a_code_is_redeemed_by_exactly_one_of_many,
    a_refresh_token_is_spent_by_exactly_one_of_many_and_retried_once,
    an_interaction_moves_once_for_each_version,
    the_oldest_idle_conversations_give_way,
    a_pushed_request_is_answered_by_exactly_one_of_many,
    row_94_audit_records_of_many_writers_form_one_chain_without_gaps,
    a_changed_audit_record_is_found,
    a_removed_last_audit_record_is_found,
    charges_of_many_are_all_counted,
    a_session_is_found_until_it_ends,
    a_session_goes_on_under_its_new_cookie_only,
    all_sessions_of_a_citizen_end_and_no_others,
    counters_with_failures_are_not_swept,
    a_counter_of_few_failures_is_forgotten_after_a_quiet_time,
    a_pause_is_noted_once,
    a_client_is_read_as_it_was_written_and_not_twice,
    a_consent_is_given_grown_and_withdrawn,
    the_sealed_secret_before_is_there_as_long_as_it_is_good,
    what_a_disabled_client_got_for_itself_is_dead_for_good,
    an_aged_session_is_ended_by_exactly_one_of_many_sweeps,
    what_counts_once_counts_for_exactly_one_of_many_until_it_is_too_old,
    what_is_not_committed_did_not_happen,
    migrating_again_and_at_once_is_safe,
    of_many_successors_of_a_key_one_is_kept,
    a_signing_key_is_read_as_it_was_written_advanced_revoked_and_destroyed_once,
    row_97_a_citizen_is_read_as_written_and_found_by_number_only,
    a_number_is_enrolled_once_by_many,
    a_password_is_replaced_only_if_it_is_still_the_one_that_was_read,
    a_step_is_spent_by_exactly_one_of_many_and_none_before_it,
    a_ceremony_is_taken_by_exactly_one_of_many,
    an_expired_ceremony_is_not_given_out_and_is_swept,
    a_passkey_is_found_by_its_credential_until_it_is_removed,
    a_passkeys_counter_only_grows,
    a_copy_is_news_once,
    what_a_citizen_could_show_is_read_from_what_they_have,
    row_61_a_recovery_code_is_spent_by_exactly_one_of_many_and_by_nobody_else,
    a_new_set_of_recovery_codes_voids_the_one_before,
    a_recovery_is_read_as_it_was_written_and_ends_by_its_age,
    a_sent_code_is_spent_by_exactly_one_of_many,
    a_recovery_goes_on_elsewhere_for_exactly_one_of_many,
    a_recovery_is_completed_by_one_of_many_or_cancelled,
    of_idle_recoveries_the_oldest_give_way_and_none_with_something_shown,
    an_account_is_frozen_by_exactly_one_of_many_and_held_by_none,
    a_notice_is_claimed_by_exactly_one_of_many,
    a_letter_is_claimed_by_exactly_one_of_many_and_read_as_it_was_written,
    a_letter_is_put_back_only_by_whoever_has_it,
    a_link_of_a_notice_is_taken_by_exactly_one_of_many_and_not_after_its_end,
    a_claim_runs_out_when_its_node_is_gone,
    a_notice_is_taken_out_once_and_put_in_once,
    an_initial_token_is_spent_as_often_as_it_says,
    an_initial_token_is_read_as_written_until_it_ends,
    a_client_is_changed_disabled_given_secrets_and_removed,
    a_citizens_token_is_read_as_it_was_written,
    a_citizens_token_dies_with_its_family_or_its_session,
    a_clients_own_token_lives_until_it_is_revoked_by_its_client,
    a_token_without_a_row_is_revoked_once_and_forgotten_after_its_end,
    a_device_is_read_as_it_was_written_until_it_is_decided,
    a_device_is_redeemed_by_exactly_one_of_many,
    a_device_keeps_its_pace,
    a_role_is_given_by_exactly_one_of_many_and_again_after_its_end,
    row_75_an_invitation_is_accepted_by_exactly_one_of_many_and_not_after_its_end,
    a_record_is_open_for_its_official_alone_until_it_closes,
    closed_records_and_used_invitations_are_swept,
    row_100_a_proposal_is_approved_by_exactly_one_of_many_who_are_somebody_else,
    row_100_a_proposal_is_carried_out_once_by_nobody_who_approved_it,
    a_proposal_that_was_refused_is_over,
    row_100_a_proposal_about_nobody_wants_other_eyes_as_well,
    row_74_an_activation_is_opened_by_exactly_one_of_many_browsers,
    row_74_a_lapsed_activation_is_opened_again_by_its_own_browser_alone,
    row_74_an_activation_is_finished_by_exactly_one_of_many_while_it_is_held,
    a_new_activation_code_takes_the_place_of_the_one_before,
    tries_at_activation_codes_are_counted_by_slot_and_forgotten_with_it,
    activations_that_ended_or_expired_are_swept_and_no_others,
    an_address_is_confirmed_by_exactly_one_of_many_with_its_last_code,
    row_58_another_letter_does_not_forgive_wrong_codes,
    an_address_is_taken_away_once_and_waiting_ones_only_by_time,
    an_address_that_counted_elsewhere_is_kept,
    an_auditor_finds_records_by_citizen_event_and_time,
    a_browser_is_first_then_known_until_it_was_away_too_long,
    of_many_browsers_the_last_twenty_are_kept,
    an_upstreams_answer_is_taken_by_exactly_one_of_many,
    an_upstreams_answer_fits_its_question_in_everything,
);
