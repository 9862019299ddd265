//! The statements of a queue, the same on every database but for single words.

use super::row::EVENT_COLUMNS;
use crate::shared::{Sql, Tables};

#[derive(Clone)]
pub(crate) struct EventStatements {
    pub(crate) push: Sql,
    pub(crate) claim: Sql,
    pub(crate) failed: Sql,
    pub(crate) released: Sql,
    pub(crate) dead: Sql,
    pub(crate) depth: Sql,
    pub(crate) first_dead: Sql,
    pub(crate) next_dead: Sql,
    pub(crate) replay: Sql,
    pub(crate) discard: Sql,
}

impl EventStatements {
    pub(crate) fn new(tables: &Tables) -> Self {
        let sql = |template: &str| tables.sql(&template.replace("{event}", EVENT_COLUMNS));
        Self {
            push: sql("INSERT INTO {prefix}queue (key, event, due, failures, deaths) \
                 VALUES ($1, $2, {now}, 0, 0){or nothing}"),
            // The time is a subquery: a call of the clock for each row would keep PostgreSQL from using
            // the index.
            claim: sql("WITH chosen AS (SELECT key AS chosen_key FROM {prefix}queue \
                 WHERE due <= (SELECT {now}) ORDER BY due, key LIMIT $1{skip locked}) \
                 UPDATE {prefix}queue SET due = {now} + $2, claim = $3, \
                 deaths = deaths + CASE WHEN claim IS NULL THEN 0 ELSE 1 END \
                 WHERE key IN (SELECT chosen_key FROM chosen) RETURNING {event}"),
            failed: sql("UPDATE {prefix}queue SET due = {now} + $1, claim = NULL, failures = failures + 1 \
                 WHERE key = $2 AND claim = $3"),
            released: sql("UPDATE {prefix}queue SET due = {now} + $1, claim = NULL \
                 WHERE key = $2 AND claim = $3"),
            dead: sql(
                "UPDATE {prefix}queue SET due = NULL, claim = NULL, dead_since = {now}, failures = $1, \
                 reason = $2 WHERE key = $3 AND claim = $4",
            ),
            depth: sql(
                "SELECT COUNT(CASE WHEN due IS NOT NULL AND claim IS NULL THEN 1 END), COUNT(claim), \
                 COUNT(CASE WHEN due IS NULL THEN 1 END) FROM {prefix}queue",
            ),
            first_dead: sql("SELECT {event} FROM {prefix}queue WHERE due IS NULL ORDER BY key LIMIT $1"),
            next_dead: sql(
                "SELECT {event} FROM {prefix}queue WHERE due IS NULL AND key > $1 ORDER BY key LIMIT $2",
            ),
            replay: sql(
                "UPDATE {prefix}queue SET due = {now}, failures = 0, deaths = 0, reason = NULL, dead_since = NULL \
                 WHERE key = $1 AND due IS NULL",
            ),
            discard: sql("DELETE FROM {prefix}queue WHERE key = $1 AND due IS NULL"),
        }
    }
}
