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
    },
    Rule {
        name: "row-first",
        text: "the row is read before the look",
        breaks: &["let mut row = if BROKEN { self.row(key).await? } else { row };"],
    },
    Rule {
        name: "renewal",
        text: "a look that changes nothing renews the version all the same",
        breaks: &["&& !(BROKEN
                && change.next().zip(row.as_ref()).is_some_and(|(next, row)| {
                    next.is_renewal_of(row)
                }))"],
    },
    Rule {
        name: "late-comer",
        text: "a caller that arrives during a look shares the next one",
        breaks: &["let number = number - u64::from(BROKEN);"],
    },
    Rule {
        name: "absence",
        text: "absence from a list is not believed before the connection was looked up by its id",
        breaks: &["None if BROKEN => Some(Observation::Missing),"],
    },
    Rule {
        name: "contradiction",
        text: "a list that contradicts the delivery is not believed before the connection was looked up by its id",
        breaks: &["Some(found) if BROKEN => Some(Observation::listed(found)),"],
    },
    Rule {
        name: "lag",
        text: "a change because of a list is looked at once more",
        breaks: &["let repeat = repeat && !BROKEN;"],
    },
    Rule {
        name: "mark",
        text: "a delivery whose look failed leaves a mark",
        breaks: &["if BROKEN {
                return Ok(());
            }"],
    },
    Rule {
        name: "unknown-last",
        text: "marks of unknown connections hold no others up",
        breaks: &["if BROKEN {
                due.truncate(BATCH);
            }"],
    },
    Rule {
        name: "store-unavailable",
        text: "a delivery is not acknowledged while the store is unavailable",
        breaks: &["ErrorKind::Store if BROKEN => Ok(()),"],
    },
    Rule {
        name: "marked-since",
        text: "a mark that comes during a look does not make the look fail",
        breaks: &["if BROKEN {
                return Ok(None);
            }"],
    },
    Rule {
        name: "kept-mark",
        text: "a look that began before a mark does not remove the mark",
        breaks: &["if BROKEN {
                *row = Some(marked);
                continue;
            }"],
    },
    Rule {
        name: "postponed",
        text: "a look that failed is made again after a pause",
        breaks: &["if BROKEN {
            return Ok(());
        }"],
    },
];
