//! The statements that are the same on every database but for single words.

use nango_core::Change;

use super::row::{Value, columns};
use super::sql::{Sql, Tables};

/// Statements on one row, and queries.
#[derive(Clone)]
pub(crate) struct Statements {
    pub(crate) get: Sql,
    pub(crate) list: Sql,
    pub(crate) mark: Sql,
    pub(crate) first_page: Sql,
    pub(crate) next_page: Sql,
    pub(crate) pending: Sql,
    /// Prolongs a lease, or takes one that has ended, where [`take`](Self::take) cannot.
    pub(crate) prolong: Option<Sql>,
    pub(crate) take: Sql,
    pub(crate) release: Sql,
    insert: Sql,
    update: Sql,
    erase: Sql,
}

impl Statements {
    pub(crate) fn new(tables: &Tables) -> Self {
        let sql = |template| tables.sql(template);
        Self {
            get: sql(
                "SELECT {columns} FROM {prefix}connections WHERE integration = $1 AND connection_id = $2",
            ),
            // Sorted by the caller: the database would sort whole rows.
            list: sql(
                "SELECT {owned columns} FROM {prefix}connections WHERE owner_id = $1 AND owner_kind = $2 \
                 AND owner_scope {is} $3 AND removed = FALSE",
            ),
            mark: sql("UPDATE {prefix}connections SET version = $1, \
                 look_again_at = CASE WHEN look_again_at <= $2 THEN look_again_at ELSE $3 END \
                 WHERE integration = $4 AND connection_id = $5"),
            first_page: sql(
                "SELECT {columns} FROM {prefix}connections ORDER BY integration, connection_id LIMIT $1",
            ),
            next_page: sql("SELECT {columns} FROM {prefix}connections WHERE {after cursor} \
                 ORDER BY integration, connection_id LIMIT {limit after cursor}"),
            // Each part is read in the order of the index: a database without statistics would
            // otherwise prefer to scan the table. At most three times the limit is left to sort.
            pending: sql("SELECT {columns} FROM ( \
                   SELECT * FROM (SELECT 0 AS later, {columns} FROM {prefix}connections \
                   WHERE announced = TRUE AND look_again_at <= $1 ORDER BY look_again_at LIMIT $2) AS due \
                   UNION ALL \
                   SELECT * FROM (SELECT 0 AS later, {columns} FROM {prefix}connections \
                   WHERE announced = FALSE AND look_again_at <= $3 ORDER BY look_again_at LIMIT $4) \
                   AS due_unannounced \
                   UNION ALL \
                   SELECT * FROM (SELECT 1 AS later, {columns} FROM {prefix}connections \
                   WHERE announced = FALSE AND (look_again_at IS NULL OR look_again_at > $5) \
                   ORDER BY look_again_at LIMIT $6) AS unannounced \
                 ) AS pending ORDER BY later, look_again_at LIMIT $7"),
            prolong: (!tables.has_conditional_upserts()).then(|| {
                sql("UPDATE {prefix}leases SET holder = $1, ends_at = {now} + $2 \
                     WHERE name = $3 AND (holder = $4 OR ends_at <= {now})")
            }),
            take: sql("INSERT INTO {prefix}leases{as lease} (name, holder, ends_at) \
                 VALUES ($1, $2, {now} + $3){or prolong}"),
            release: sql("DELETE FROM {prefix}leases WHERE name = $1 AND holder = $2"),
            insert: sql(
                "INSERT INTO {prefix}connections ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)\
                 {or nothing}",
            ),
            update: sql(
                "UPDATE {prefix}connections SET version = $1, announced = $2, look_again_at = $3, details = $4, \
                 removed = $5, owner_kind = $6, owner_id = $7, owner_scope = $8 \
                 WHERE integration = $9 AND connection_id = $10 AND version = $11",
            ),
            erase: sql(
                "DELETE FROM {prefix}connections WHERE integration = $1 AND connection_id = $2 AND version = $3",
            ),
        }
    }

    #[cfg(all(test, feature = "mysql"))]
    pub(crate) fn all(self) -> Vec<Sql> {
        let Self {
            get,
            list,
            mark,
            first_page,
            next_page,
            pending,
            prolong,
            take,
            release,
            insert,
            update,
            erase,
        } = self;
        let all = [get, list, mark, first_page, next_page, pending, take, release, insert, update, erase];
        all.into_iter().chain(prolong).collect()
    }

    /// The statement that applies a change, which it has done if and only if it affects a row.
    pub(crate) fn change<'a>(&self, change: &'a Change) -> Option<(&Sql, Vec<Value<'a>>)> {
        let key = Value::key(change.key()).into_iter();
        let next = change.next().map(|next| columns(next).into_iter());
        let expected = change.expected().map(|version| Value::integer(version.raw()));
        Some(match (next, expected) {
            (Some(next), None) => (&self.insert, key.chain(next).collect()),
            (Some(next), Some(expected)) => (&self.update, next.chain(key).chain([expected]).collect()),
            (None, Some(expected)) => (&self.erase, key.chain([expected]).collect()),
            (None, None) => return None,
        })
    }
}
