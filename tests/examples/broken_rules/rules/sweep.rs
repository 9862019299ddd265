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
    },
    Rule {
        name: "unreadable",
        text: "a connection whose row of the list cannot be read is not taken for missing",
        breaks: &["let mut page = page;
            if BROKEN {
                page.unreadable.clear();
            }"],
    },
    Rule {
        name: "mass-removal",
        text: "a sweep that would remove many connections removes none",
        breaks: &["let live = if BROKEN { usize::MAX } else { live };"],
    },
    Rule {
        name: "dry-run",
        text: "a dry run writes nothing",
        breaks: &["if BROKEN {
                self.options.dry_run = false;
            }"],
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
    },
];
