//! What a sweep and a synchronisation may conclude from lists.

use super::{Edit, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "second-reading",
        says: "a sweep applies what it read after the rows, and not what it read before",
        breaks: &[Edit {
            file: "nango/sweep/walk.rs",
            from: "        // What was seen before the rows were read proves",
            to: "        if BROKEN {
            self.apply(&todo.changes).await?;
            return Ok(());
        }
        // What was seen before the rows were read proves",
        }],
    },
    Rule {
        name: "unlisted",
        says: "what was in no page is asked for by its id before it is taken for gone",
        breaks: &[Edit {
            file: "nango/sweep/rows.rs",
            from: "        Ok(self.look_patiently(key)",
            to: "        if BROKEN {
            let row = self.row(key).await?;
            self.write_down_alone(key, row, Seen::Missing).await?;
            return Ok(true);
        }
        Ok(self.look_patiently(key)",
        }],
    },
    Rule {
        name: "mass-removal",
        says: "a sweep that would remove many connections removes none",
        breaks: &[Edit {
            file: "nango/sweep/rows.rs",
            from: "        if unlisted > (live / 20).max(10) &&",
            to: "        if !BROKEN && unlisted > (live / 20).max(10) &&",
        }],
    },
    Rule {
        name: "dry-run",
        says: "a dry run writes nothing",
        breaks: &[Edit {
            file: "nango/sweep/walk.rs",
            from: "todo.changes.is_empty() || self.request.dry_run",
            to: "todo.changes.is_empty() || (self.request.dry_run && !BROKEN)",
        }],
    },
    Rule {
        name: "sync-reading",
        says: "a synchronisation writes what it read after the rows, and not what it read before",
        breaks: &[
            Edit {
                file: "nango/sync.rs",
                from: "            let last_page = first.len()",
                to: "            let before = first.clone();
            let last_page = first.len()",
            },
            Edit {
                file: "nango/sync.rs",
                from: "                for found in self.0.list.connections(&filter, page, PAGE).await? {",
                to: "                let again = match BROKEN {
                    true => before,
                    false => self.0.list.connections(&filter, page, PAGE).await?,
                };
                for found in again {",
            },
        ],
    },
];
