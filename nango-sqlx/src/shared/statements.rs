//! The statements on one row or one query, the same on every database but for a word.

use std::sync::Arc;

use sqlx::AssertSqlSafe;

use super::dialect::Dialect;

/// SQL that is made once, of nothing but literals and the checked prefix of the tables.
#[derive(Clone)]
pub(crate) struct Sql(Arc<str>);

impl Sql {
    pub(crate) fn new(dialect: Dialect, prefix: &str, template: &str) -> Self {
        let template = template.replace("{columns}", COLUMNS);
        Self(dialect.render(&template, prefix).into())
    }

    pub(crate) fn text(&self) -> AssertSqlSafe<Arc<str>> {
        AssertSqlSafe(Arc::clone(&self.0))
    }
}

/// In the order of [`Row`](super::Row).
const COLUMNS: &str = "integration, connection_id, version, owner_kind, owner_id, owner_scope, \
     removed, announced, look_again_at, details";

/// One change is one statement: it is done if and only if it affects a row.
pub(crate) struct Statements {
    pub(crate) get: Sql,
    pub(crate) insert: Sql,
    pub(crate) update: Sql,
    pub(crate) erase: Sql,
    pub(crate) list: Sql,
    pub(crate) first_page: Sql,
    pub(crate) pending: Sql,
    pub(crate) prolong: Sql,
    pub(crate) take: Sql,
    pub(crate) release: Sql,
}

impl Statements {
    pub(crate) fn new(dialect: Dialect, prefix: &str) -> Self {
        let sql = |template| Sql::new(dialect, prefix, template);
        Self {
            get: sql(
                "SELECT {columns} FROM {prefix}connections WHERE integration = $1 AND connection_id = $2",
            ),
            insert: sql(
                "INSERT INTO {prefix}connections ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)\
                 {or nothing}",
            ),
            update: sql(
                "UPDATE {prefix}connections SET version = $1, owner_kind = $2, owner_id = $3, owner_scope = $4, \
                 removed = $5, announced = $6, look_again_at = $7, details = $8 \
                 WHERE integration = $9 AND connection_id = $10 AND version = $11",
            ),
            erase: sql(
                "DELETE FROM {prefix}connections WHERE integration = $1 AND connection_id = $2 AND version = $3",
            ),
            list: sql("SELECT {columns} FROM {prefix}connections WHERE owner_id = $1 AND owner_kind = $2 \
                 AND owner_scope {is} $3 AND removed = FALSE ORDER BY integration, connection_id"),
            first_page: sql(
                "SELECT {columns} FROM {prefix}connections ORDER BY integration, connection_id LIMIT $1",
            ),
            // Each part is in the index's order, or a database that has not counted yet would rather read the table. What
            // is left to sort is three times the limit at most.
            pending: sql("SELECT {columns} FROM ( \
                   SELECT * FROM (SELECT 0 AS later, {columns} FROM {prefix}connections \
                   WHERE announced = TRUE AND look_again_at <= $1 ORDER BY look_again_at LIMIT $2) AS due \
                   UNION ALL \
                   SELECT * FROM (SELECT 0 AS later, {columns} FROM {prefix}connections \
                   WHERE announced = FALSE AND look_again_at <= $3 ORDER BY look_again_at LIMIT $4) AS due_unheard \
                   UNION ALL \
                   SELECT * FROM (SELECT 1 AS later, {columns} FROM {prefix}connections \
                   WHERE announced = FALSE AND (look_again_at IS NULL OR look_again_at > $5) \
                   ORDER BY look_again_at LIMIT $6) AS unheard \
                 ) AS pending ORDER BY later, look_again_at LIMIT $7"),
            prolong: sql("UPDATE {prefix}leases SET holder = $1, ends_at = {now} + $2 \
                 WHERE name = $3 AND (holder = $4 OR ends_at <= {now})"),
            take: sql(
                "INSERT INTO {prefix}leases (name, holder, ends_at) VALUES ($1, $2, {now} + $3){or nothing}",
            ),
            release: sql("DELETE FROM {prefix}leases WHERE name = $1 AND holder = $2"),
        }
    }
}
