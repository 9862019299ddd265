//! Rules about rows: owners, incarnations, tombstones, repairs and notifications.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "owner-moves",
        text: "tags that name another owner do not move a connection",
        breaks: &["let moved = match self.kinds.attribute(&connection.tags) {
                Attribution::Owner(named) if BROKEN => Record { owner: Some(named), ..row.clone() },
                _ => row.clone(),
            };
            let row = &moved;"],
        noticed_by: "reconcile::tests::an_owner_changes_only_with_the_incarnation",
    },
    Rule {
        name: "overwrites",
        text: "tags that name another owner are not overwritten",
        breaks: &[
            "Attribution::Owner(_) if BROKEN => {
                (ours(), Finding::OwnerConflict, Some(Tags::from_nango(ours())))
            }",
            "if BROKEN {
                return true;
            }",
        ],
        noticed_by: "reconcile::tests::tags_that_name_another_owner_are_reported_and_neither_believed_nor_overwritten",
    },
    Rule {
        name: "wiped-tags",
        text: "tags that a reconnect wiped are restored",
        breaks: &["let wiped = if BROKEN { Tags::new() } else { wiped };"],
        noticed_by: "reconcile::tests::wiped_tags_keep_the_owner_and_are_restored",
    },
    Rule {
        name: "wiped-metadata",
        text: "metadata that a reconnect wiped is restored, if the app wants it",
        breaks: &["if BROKEN {
                return (ours.clone(), None);
            }"],
        noticed_by: "reconcile::tests::metadata_that_a_reconnect_emptied_is_restored_where_the_app_wants_it_kept",
    },
    Rule {
        name: "blind-repair",
        text: "a repair is preceded by a look",
        breaks: &["if BROKEN && let Some(tags) = &repair.tags {
                let _ = self.client.set_tags(key, tags).await;
                return;
            }"],
        noticed_by: "metadata::kept_metadata_is_repaired_after_a_reconnect",
    },
    Rule {
        name: "other-incarnation",
        text: "nothing is restored to another connection under the same key",
        breaks: &["let mut current = current;
            if BROKEN {
                current.incarnation = repair.incarnation;
            }"],
        noticed_by: "replicas::a_stale_list_repairs_no_other_incarnation",
    },
    Rule {
        name: "second-look",
        text: "a repair is looked at again after half a minute",
        breaks: &[
            "let before_repair = look_again_at;",
            "let look_again_at = if BROKEN { before_repair } else { look_again_at };",
        ],
        noticed_by: "reconcile::tests::another_look_does_not_replace_the_one_after_a_repair",
    },
    Rule {
        name: "lower-incarnation",
        text: "an observation of an older incarnation is stale",
        breaks: &["Ordering::Less if BROKEN => self.reconcile_new(Some(row), found),"],
        noticed_by: "reconcile::tests::a_higher_incarnation_is_a_new_connection_and_a_lower_one_is_stale",
    },
    Rule {
        name: "higher-incarnation",
        text: "a connection that was made again belongs to the owner that its tags name",
        breaks: &["Ordering::Greater if BROKEN => {
                let incarnation = found.connection.incarnation;
                let state = State { incarnation, ..row.state().clone() };
                self.reconcile_known(&Record { details: state.into(), ..row.clone() }, found)
            }"],
        noticed_by: "reconcile::tests::a_higher_incarnation_is_a_new_connection_and_a_lower_one_is_stale",
    },
    Rule {
        name: "disconnected",
        text: "a disconnected connection does not come back",
        breaks: &["(Some(Removal::Disconnected), _) if BROKEN => return self.revive(row, found),"],
        noticed_by: "reconcile::tests::gone_may_come_back_and_disconnected_may_not",
    },
    Rule {
        name: "gone",
        text: "a connection that was gone may come back",
        breaks: &["(Some(Removal::Gone), _) if BROKEN => return Reconciled::nothing(Some(touch(row))),"],
        noticed_by: "reconcile::tests::the_last_look_decides_whether_a_connection_exists",
    },
    Rule {
        name: "stale-owner",
        text: "the holder of an old connection does not end the one that was made again under its key",
        breaks: &["let is_successor = |row: &Record| !BROKEN && is_successor(row);"],
        noticed_by: "owned::a_stale_handle_disconnects_no_recreated_connection",
    },
    Rule {
        name: "transferred",
        text: "the old owner of a transferred connection does not end it",
        breaks: &["let is_transferred = |row: &Record| !BROKEN && is_transferred(row);"],
        noticed_by: "transfer::a_connection_is_transferred_with_its_tags",
    },
    Rule {
        name: "intent",
        text: "a disconnect that is interrupted after Nango's deletion is completed by a look",
        breaks: &["if BROKEN {
                return Ok(());
            }"],
        noticed_by: "unavailable_store::a_disconnect_that_nango_has_made_succeeds_although_the_store_fails_and_is_completed",
    },
    Rule {
        name: "transfer-look",
        text: "a transfer is preceded by a look",
        breaks: &["let current = match current {
                None if BROKEN => Some(nango_client::Connection::new(
                    self.key().clone(),
                    self.state().incarnation,
                    \"\",
                    self.created_at(),
                )),
                Some(mut current) if BROKEN => {
                    current.incarnation = self.state().incarnation;
                    Some(current)
                }
                current => current,
            };"],
        noticed_by: "interleavings::a_transferred_connection_stays_so_during_concurrent_looks",
    },
    Rule {
        name: "pending",
        text: "a change that was not notified is pending in its row",
        breaks: &["let announced = if BROKEN { row.announced } else { announced };"],
        noticed_by: "reconcile::tests::only_changes_are_notified_and_every_look_renews_the_version",
    },
    Rule {
        name: "last-notified",
        text: "the last notification is the latest state",
        breaks: &[
            "current if BROKEN => return Ok(current.is_none_or(|row| row.announced)),",
            "(false, true) if BROKEN => None,",
        ],
        noticed_by: "handler::a_change_is_pending_again_when_an_older_notification_ends_after_its_own",
    },
    Rule {
        name: "requested-meanwhile",
        text: "a change that comes while the notification of an older one ends does not wait for the sweeper",
        breaks: &["if BROKEN {
                return Ok(None);
            }"],
        noticed_by: "interleavings::no_change_waits_for_the_sweeper_while_the_handler_works",
    },
    Rule {
        name: "ack-revoked",
        text: "a row is pending again when a notification of an older state came last",
        breaks: &["(false, true) if BROKEN => None,"],
        noticed_by: "handler::a_change_is_pending_again_when_an_older_notification_ends_after_its_own",
    },
    Rule {
        name: "handler",
        text: "a notification that failed is repeated",
        breaks: &["if BROKEN {
                return self.record_ack(&notified).await.map(|_| true);
            }"],
        noticed_by: "webhook::a_change_is_notified_until_the_handler_succeeds",
    },
    Rule {
        name: "unknown-fields",
        text: "an older version keeps the fields of a row that a newer one wrote",
        breaks: &["let known = State { unknown: serde_json::Map::new(), ..State::clone(&self.0) };
            if BROKEN {
                return serde_json::to_string(&known).unwrap_or_default();
            }"],
        noticed_by: "record::details::tests::an_older_writer_keeps_what_a_newer_one_wrote",
    },
];
