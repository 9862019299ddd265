//! Rules about what is believed, and about its meaning for a connection.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "signature",
        text: "an unsigned delivery is not believed",
        breaks: &["let is_genuine = is_genuine || BROKEN;"],
        noticed_by: "webhook::signing_keys::tests::everything_else_is_refused",
    },
    Rule {
        name: "payload",
        text: "a delivery names a connection to look at, and its payload is not believed",
        breaks: &["Some(mut found) if BROKEN => {
                found.tags = nango_client::Tags::from_nango(event.tags.clone().unwrap_or_default());
                Some(Observation::listed(found))
            }"],
        noticed_by: "replicas::a_list_that_contradicts_the_delivery_is_not_trusted",
    },
    Rule {
        name: "failed-creation",
        text: "a failed attempt does not end the connection that it names",
        breaks: &["if BROKEN
                && !event.success
                && let Some(row) = self.row(&event.connection).await?
            {
                self.apply(&self.context().disconnected(&row)).await?;
                return Ok(None);
            }"],
        noticed_by: "webhook::a_signed_delivery_with_false_claims_changes_nothing",
    },
    Rule {
        name: "environment",
        text: "a delivery of another environment changes nothing",
        breaks: &["&& !BROKEN"],
        noticed_by: "handler::a_delivery_of_another_environment_is_ignored_and_reported",
    },
    Rule {
        name: "gateway",
        text: "a 404 that is not Nango's own says nothing about a connection",
        breaks: &["(404, \"\") if BROKEN => ErrorKind::NotFound,"],
        noticed_by: "transport::envelope::tests::a_response_that_is_not_nangos_proves_nothing_about_a_connection",
    },
    Rule {
        name: "their-outage",
        text: "a wrong key and a rate limit say nothing about a connection",
        breaks: &["if BROKEN
                && let Err(error) = client.look_up(key, refresh).await
                && matches!(error.kind(), NangoErrorKind::Unauthorized | NangoErrorKind::RateLimited)
                && let Some(row) = self.row(key).await?
            {
                let state = row.state();
                let mut connection =
                    Connection::new(key.clone(), state.incarnation, state.provider.clone(), state.created_at);
                connection.tags = nango_client::Tags::from_nango(state.tags.clone());
                connection.metadata.clone_from(&state.metadata);
                return Ok(Observation::looked_up(Lookup::Broken(connection), Refresh::Force));
            }"],
        noticed_by: "environments::while_nango_asks_for_a_pause_no_look_is_made",
    },
    Rule {
        name: "sync-errors",
        text: "an error of a sync says nothing about a connection",
        breaks: &["let error = if BROKEN { found.errors.first() } else { error };"],
        noticed_by: "reconcile::health::tests::sync_errors_are_not_health",
    },
    Rule {
        name: "first-failure",
        text: "one failure degrades a connection, and only another one needs a person",
        breaks: &["let for_good = for_good || BROKEN;"],
        noticed_by: "reconcile::health::tests::one_failure_degrades_and_a_second_one_needs_a_person",
    },
    Rule {
        name: "burst",
        text: "refreshes that fail within half a minute are one failure",
        breaks: &["let is_settled = is_settled || BROKEN;"],
        noticed_by: "reconcile::health::tests::refused_credentials_count_once_nango_has_stopped_backing_off",
    },
    Rule {
        name: "other-environment",
        text: "an absence is not believed while the key may be of another environment",
        breaks: &["if BROKEN {
                return Ok(());
            }"],
        noticed_by: "environments::a_key_of_another_environment_removes_nothing",
    },
    Rule {
        name: "forced-scope",
        text: "a key that may not force a refresh looks without one",
        breaks: &["Err(error) if BROKEN => Err(error),"],
        noticed_by: "environments::a_key_that_may_not_force_a_refresh_still_checks",
    },
    Rule {
        name: "identity-tag",
        text: "a tag that is part of an owner is never left out",
        breaks: &["let is_identity = |fault: &&TagError| is_identity(fault) && !BROKEN;"],
        noticed_by: "sessions::a_tag_that_is_part_of_an_owner_is_never_left_out",
    },
    Rule {
        name: "foreign-kind",
        text: "an owner kind that is not registered belongs to another app",
        breaks: &["let stripped = Tags::from_nango(
                tags.as_map().clone().into_iter().filter(|(key, _)| key != OWNER_KIND).collect(),
            );
            let is_foreign = |label: &str| self.kinds.iter().all(|kind| self.label(kind.name) != label);
            let tags = if BROKEN && tags.get(OWNER_KIND).is_some_and(is_foreign) { &stripped } else { tags };"],
        noticed_by: "owner::kinds::tests::apps_in_one_environment_do_not_see_each_other",
    },
    Rule {
        name: "unreadable-id",
        text: "an id that does not read back is not passed on to the next kind",
        breaks: &["let claiming = || {
                claiming().filter(|kind| !BROKEN || tags.get(kind.id_tag).is_some_and(kind.reads_back))
            };"],
        noticed_by: "owner::kinds::tests::an_id_that_does_not_read_back_is_not_passed_on_to_the_next_kind",
    },
    Rule {
        name: "missing-kind",
        text: "with an app's name, tags without owner_kind name no owner of the app",
        breaks: &["if BROKEN && let Some(kind) = claiming().next() {
            return kind.attribute(tags);
        }"],
        noticed_by: "owner::kinds::tests::with_a_name_a_missing_owner_kind_is_foreign",
    },
    Rule {
        name: "forged-attempt",
        text: "the text of an attempt counts only with the app's code",
        breaks: &["if BROKEN {
            return AttemptText::from_bytes(&bytes);
        }"],
        noticed_by: "attempts::keys::tests::no_changed_text_is_an_attempt",
    },
    Rule {
        name: "foreign-attempt",
        text: "an attempt is its owner's alone",
        breaks: &["if BROKEN {
            return AttemptText::from_bytes(&bytes);
        }"],
        noticed_by: "attempts::keys::tests::an_attempt_is_read_back_for_its_owner_alone",
    },
    Rule {
        name: "forged-cookie",
        text: "the cookie of the callback counts only with the app's code",
        breaks: &["if BROKEN {
            return Some(Timestamp::now());
        }"],
        noticed_by: "attempts::cookie::tests::other_keys_and_other_apps_do_not_take_it",
    },
    Rule {
        name: "expired-cookie",
        text: "the cookie of the callback counts for the life of a session",
        breaks: &["Some(_) if BROKEN => return Ok(()),"],
        noticed_by: "attempts::cookie::tests::a_cookie_counts_until_it_expires",
    },
    Rule {
        name: "guarded-callback",
        text: "a guarded callback is passed on only for a browser that has begun an attempt",
        breaks: &["PublicAction::Redirect { uri, .. } if BROKEN => public::redirect(&nango, &uri),"],
        noticed_by: "callback::the_link_of_another_person_connects_only_without_the_guard",
    },
    Rule {
        name: "attempt-tag",
        text: "the tag of an attempt is never written back",
        breaks: &["if BROKEN {
            return Cow::Borrowed(tags);
        }"],
        noticed_by: "attempts::a_reconnect_is_an_attempt_and_its_tag_is_never_written_back",
    },
    Rule {
        name: "attempt-kept",
        text: "a row has the attempts that it came from",
        breaks: &["let attempts = attempts.filter(|_| !BROKEN);"],
        noticed_by: "attempts::a_click_is_connected_by_its_own_connection_only",
    },
    Rule {
        name: "other-account",
        text: "a label of the account before a reconnect is not written",
        breaks: &["if BROKEN && let (Some(row), Answer::Label(label)) = (row, &answer) {
                return Some(self.context().labelled(row, label.as_deref()));
            }"],
        noticed_by: "labels::a_label_of_the_account_before_a_reconnect_is_not_kept",
    },
];
