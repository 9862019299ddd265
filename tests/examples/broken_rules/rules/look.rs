//! When is looked, and which look counts.

use super::{Edit, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "stale",
        says: "a change is applied to the version that was read, or not at all",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "        let applied = self.0.store.apply(std::slice::from_ref(change)).await?;\n",
            to: "        let row = if BROKEN { self.row(change.key()).await? } else { None };
        let forced = match (row, change.next()) {
            (Some(row), Some(next)) => Some(Change::put(Some(row.version), next.clone())),
            _ => None,
        };
        let change = forced.as_ref().unwrap_or(change);
        let applied = self.0.store.apply(std::slice::from_ref(change)).await?;\n",
        }],
    },
    Rule {
        name: "row-first",
        says: "the row is read before the look",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "            let seen = self.look(key, reason).await?;\n",
            to: "            let seen = self.look(key, reason).await?;
            let row = if BROKEN { self.row(key).await? } else { row };\n",
        }],
    },
    Rule {
        name: "renewal",
        says: "a look that changes nothing renews the version all the same",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "            && self.apply(change).await? == Applied::Stale\n",
            to: "            && !(BROKEN
                && change.next().zip(row.as_ref()).is_some_and(|(next, row)| {
                    Record { version: row.version, ..next.clone() } == *row
                }))
            && self.apply(change).await? == Applied::Stale\n",
        }],
    },
    Rule {
        name: "late-comer",
        says: "who comes while a look runs shares the next one",
        breaks: &[Edit {
            file: "nango/turns.rs",
            from: "slot.begun.load(Ordering::SeqCst) + 1;",
            to: "slot.begun.load(Ordering::SeqCst) + u64::from(!BROKEN);",
        }],
    },
    Rule {
        name: "absence",
        says: "absence from a list is not believed before the connection is asked for by its id",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "                    // The list may read a replica: before",
            to: "                    None if BROKEN => Ok(Seen::Missing),
                    // The list may read a replica: before",
        }],
    },
    Rule {
        name: "contradiction",
        says: "a list that contradicts the hint is not believed before the connection is asked for by its id",
        breaks: &[Edit {
            file: "nango/look.rs",
            from: "Some(found) if agrees(event, &found)",
            to: "Some(found) if BROKEN || agrees(event, &found)",
        }],
    },
    Rule {
        name: "lag",
        says: "what a list has changed is looked at once more",
        breaks: &[Edit {
            file: "reconcile/mod.rs",
            from: "        if repeat { sooner(",
            to: "        if repeat && !BROKEN { sooner(",
        }],
    },
    Rule {
        name: "mark",
        says: "a delivery that cannot be looked into leaves a mark",
        breaks: &[Edit {
            file: "nango/deliver.rs",
            from: "        self.mark(&event.connection).await?;\n",
            to: "        if BROKEN {
            return Ok(());
        }
        self.mark(&event.connection).await?;\n",
        }],
    },
    Rule {
        name: "store-away",
        says: "a delivery is not acknowledged while the store is away",
        breaks: &[Edit {
            file: "nango/deliver.rs",
            from: "            ErrorKind::Store => Err(error),\n",
            to: "            ErrorKind::Store if BROKEN => Ok(()),
            ErrorKind::Store => Err(error),\n",
        }],
    },
];
