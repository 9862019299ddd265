//! Rules about looks: their time, and the one that counts.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "stale",
        text: "a change is applied to the version that was read, or not at all",
        breaks: &["let row = if BROKEN { self.row(change.key()).await? } else { None };
            let forced = match (row, change.next()) {
                (Some(row), Some(next)) => Some(Change::put(Some(row.version), next.clone())),
                _ => None,
            };
            let change = forced.as_ref().unwrap_or(change);"],
        noticed_by: "interleavings::a_stale_look_of_one_instance_never_overwrites_a_newer_one_of_another",
    },
    Rule {
        name: "row-first",
        text: "the row is read before the look",
        breaks: &["let mut row = if BROKEN { self.row(key).await? } else { row };"],
        noticed_by: "interleavings::a_stale_look_of_one_instance_never_overwrites_a_newer_one_of_another",
    },
    Rule {
        name: "renewal",
        text: "a look that changes nothing renews the version all the same",
        breaks: &["&& !(BROKEN
                && change.next().zip(row.as_ref()).is_some_and(|(next, row)| {
                    next.is_renewal_of(row)
                }))"],
        noticed_by: "interleavings::the_later_of_two_deliveries_wins",
    },
    Rule {
        name: "late-comer",
        text: "a caller that arrives during a look shares the next one",
        breaks: &["let number = number - u64::from(BROKEN);"],
        noticed_by: "engine::single_flight::tests::a_caller_that_arrives_during_a_look_shares_the_next_one",
    },
    Rule {
        name: "absence",
        text: "absence from a list is not believed before the connection was looked up by its id",
        breaks: &["None if BROKEN => Some(Observation::Missing),"],
        noticed_by: "replicas::absence_from_a_list_removes_nothing",
    },
    Rule {
        name: "contradiction",
        text: "a list that contradicts the delivery is not believed before the connection was looked up by its id",
        breaks: &["Some(found) if BROKEN => Some(Observation::listed(found)),"],
        noticed_by: "replicas::a_list_that_contradicts_the_delivery_is_not_trusted",
    },
    Rule {
        name: "lag",
        text: "a change because of a list is looked at once more",
        breaks: &["let repeat = repeat && !BROKEN;"],
        noticed_by: "reconcile::tests::an_observation_that_may_lag_is_repeated_when_it_changed_something",
    },
    Rule {
        name: "mark",
        text: "a delivery whose look failed leaves a mark",
        breaks: &["if BROKEN {
                return Ok(());
            }"],
        noticed_by: "handler::events_are_counted",
    },
    Rule {
        name: "unknown-last",
        text: "marks of unknown connections hold no others up",
        breaks: &["if BROKEN {
                due.truncate(BATCH);
            }"],
        noticed_by: "marks::marks_of_unknown_connections_come_last_however_many_there_are",
    },
    Rule {
        name: "store-unavailable",
        text: "a delivery is not acknowledged while the store is unavailable",
        breaks: &["ErrorKind::Store if BROKEN => Ok(()),"],
        noticed_by: "unavailable_store::an_unavailable_store_answers_503_and_nango_retries",
    },
    Rule {
        name: "marked-since",
        text: "a mark that comes during a look does not make the look fail",
        breaks: &["if BROKEN {
                return Ok(None);
            }"],
        noticed_by: "marks::a_mark_during_a_look_neither_fails_the_look_nor_is_lost",
    },
    Rule {
        name: "kept-mark",
        text: "a look that began before a mark does not remove the mark",
        breaks: &["if BROKEN {
                *row = Some(marked);
                continue;
            }"],
        noticed_by: "marks::a_mark_during_a_look_neither_fails_the_look_nor_is_lost",
    },
    Rule {
        name: "postponed",
        text: "a look that failed is made again after a pause",
        breaks: &["if BROKEN {
            return Ok(());
        }"],
        noticed_by: "marks::the_next_look_after_a_failure_is_in_the_row",
    },
];
