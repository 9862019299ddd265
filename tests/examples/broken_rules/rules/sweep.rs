//! Rules about conclusions from lists, in a sweep and in a look at one owner.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "second-reading",
        text: "a sweep applies a list that was read after the rows, not one that was read before",
        breaks: &["let early = verdict.reconciled.change.clone().filter(|_| BROKEN && verdict.differs());
            if let Some(change) = early {
                self.apply(std::slice::from_ref(&change)).await?;
                continue;
            }"],
        noticed_by: "interleavings::a_sweep_never_overwrites_a_newer_state",
    },
    Rule {
        name: "unlisted",
        text: "a connection that was on no page is looked up by its id before it is taken for gone",
        breaks: &["if BROKEN {
                let missing = |row: &crate::record::Record| {
                    engine.context().reconcile(Some(row), &Observation::Missing).change
                };
                let _ = engine.update(key, None, |row| row.and_then(missing)).await?;
                return Ok(true);
            }"],
        noticed_by: "sweep::a_connection_that_moves_to_another_page_between_two_readings_is_looked_up",
    },
    Rule {
        name: "unreadable",
        text: "a connection whose row of the list cannot be read is not taken for missing",
        breaks: &["let mut page = page;
            if BROKEN {
                page.unreadable.clear();
            }"],
        noticed_by: "unreadable::an_unreadable_connection_counts_as_listed_and_disturbs_no_other",
    },
    Rule {
        name: "mass-removal",
        text: "a sweep that would remove many connections removes none",
        breaks: &["let live = if BROKEN { usize::MAX } else { live };"],
        noticed_by: "sweep::mass_removals_are_withheld_until_allowed",
    },
    Rule {
        name: "dry-run",
        text: "a dry run writes nothing",
        breaks: &["if BROKEN {
                self.options.dry_run = false;
            }"],
        noticed_by: "sweep::each_kind_of_drift_is_found_and_corrected",
    },
    Rule {
        name: "sync-reading",
        text: "a look at an owner applies a list that was read after the rows, not one that was read before",
        breaks: &[
            "let before = first.connections.clone();",
            "let found = match before.iter().find(|old| BROKEN && old.key == found.key) {
                Some(old) => old.clone(),
                None => found,
            };",
        ],
        noticed_by: "interleavings::a_sync_never_overwrites_a_newer_state",
    },
];
