//! Statements on many rows, through `JSON_TABLE`.

use std::collections::HashSet;

use nango_core::{Applied, Change, Owner, Timestamp};
use serde_json::{Value, json};
use sqlx::mysql::{MySqlConnection, MySqlPool};

use crate::shared::batch::{Batch, Entry};
use crate::shared::transaction::TransactionConnection;
use crate::shared::{Sql, Tables};

/// The keys and expected versions of [`json`]. `FOR ORDINALITY` counts from one.
const WANTED_KEY: &str = "JSON_TABLE($1, '$[*]' COLUMNS (w_position FOR ORDINALITY, \
     w_integration VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]', \
     w_connection_id VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]', \
     w_expected BIGINT PATH '$[2]')) AS w";

/// All columns of [`json`], in types on which MariaDB and MySQL agree.
const WANTED: &str = "JSON_TABLE($1, '$[*]' COLUMNS (\
     w_integration VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]', \
     w_connection_id VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]', \
     w_expected BIGINT PATH '$[2]', \
     w_version BIGINT PATH '$[3]', \
     w_owner_kind VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[4]', \
     w_owner_id VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[5]', \
     w_owner_scope VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[6]', \
     w_removed TINYINT PATH '$[7]', \
     w_announced TINYINT PATH '$[8]', \
     w_look_again_at BIGINT PATH '$[9]', \
     w_details MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[10]')) AS w";

/// A stricter level locks gaps between rows, and inserts into one gap then deadlock.
pub(super) const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

pub(super) struct BatchStatements {
    pub(super) get: Sql,
    lock: Sql,
    existing: Sql,
    insert: Sql,
    update: Sql,
    erase: Sql,
}

impl BatchStatements {
    pub(super) fn new(tables: &Tables) -> Self {
        let sql = |template: &str| {
            let template = template.replace("{wanted key}", WANTED_KEY).replace("{wanted}", WANTED);
            tables.sql(&template)
        };
        Self {
            get: sql("SELECT STRAIGHT_JOIN {columns} FROM {wanted key} JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id"),
            lock: sql("SELECT STRAIGHT_JOIN w_position FROM {wanted key} JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id \
                 WHERE version = w_expected FOR UPDATE"),
            existing: sql("SELECT STRAIGHT_JOIN w_position FROM {wanted key} JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id"),
            insert: sql("INSERT INTO {prefix}connections ({columns}) \
                 SELECT w_integration, w_connection_id, w_version, w_announced, w_look_again_at, w_details, \
                 w_removed, w_owner_kind, w_owner_id, w_owner_scope FROM {wanted}"),
            update: sql("UPDATE {wanted} STRAIGHT_JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id AND version = w_expected \
                 SET version = w_version, owner_kind = w_owner_kind, owner_id = w_owner_id, \
                 owner_scope = w_owner_scope, removed = w_removed, announced = w_announced, \
                 look_again_at = w_look_again_at, details = w_details"),
            erase: sql("DELETE {prefix}connections FROM {wanted key} STRAIGHT_JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id AND version = w_expected"),
        }
    }

    #[cfg(test)]
    pub(super) fn all(self) -> Vec<Sql> {
        let Self { get, lock, existing, insert, update, erase } = self;
        vec![get, lock, existing, insert, update, erase]
    }

    /// Applies changes in one transaction. MySQL cannot return the rows that an update affects, so
    /// they are found and locked first.
    pub(super) async fn apply(&self, pool: &MySqlPool, changes: &[Change]) -> sqlx::Result<Vec<Applied>> {
        let batch = Batch::new(changes);
        let mut connection = TransactionConnection::acquire(pool).await?;
        let mut transaction = connection.begin(BEGIN).await?;
        let done = self.write_all(&mut transaction, &batch).await;
        Ok(batch.results(changes.len(), transaction.end(done).await?))
    }

    /// Returns the marker versions of the changes that it has applied.
    async fn write_all(&self, connection: &mut MySqlConnection, batch: &Batch<'_>) -> sqlx::Result<Vec<i64>> {
        let mut done = Vec::new();
        for (sql, entries) in [(&self.erase, &batch.erasures), (&self.update, &batch.updates)] {
            let locked = positions(connection, &self.lock, entries).await?;
            let current = pick(entries, |position| locked.contains(&position));
            write(connection, sql, &current).await?;
            done.extend(current.into_iter().filter_map(Entry::marker_version));
        }
        let existing = positions(connection, &self.existing, &batch.inserts).await?;
        let new = pick(&batch.inserts, |position| !existing.contains(&position));
        // A row that another transaction inserts in between makes this one fail as a whole, which
        // is a conflict.
        write(connection, &self.insert, &new).await?;
        done.extend(new.into_iter().filter_map(Entry::marker_version));
        Ok(done)
    }
}

/// The positions of the entries that a statement finds.
async fn positions(
    connection: &mut MySqlConnection,
    sql: &Sql,
    entries: &[Entry<'_>],
) -> sqlx::Result<HashSet<usize>> {
    if entries.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<i64> = sqlx::query_scalar(sql.text()).bind(json(entries)).fetch_all(connection).await?;
    Ok(found.into_iter().filter_map(|position| usize::try_from(position - 1).ok()).collect())
}

fn pick<'e, 'c>(entries: &'e [Entry<'c>], is_wanted: impl Fn(usize) -> bool) -> Vec<&'e Entry<'c>> {
    let entries = entries.iter().enumerate();
    entries.filter(|(position, _)| is_wanted(*position)).map(|(_, entry)| entry).collect()
}

async fn write(connection: &mut MySqlConnection, sql: &Sql, entries: &[&Entry<'_>]) -> sqlx::Result<()> {
    if !entries.is_empty() {
        sqlx::query(sql.text()).bind(json(entries.iter().copied())).execute(connection).await?;
    }
    Ok(())
}

/// `[[integration, connection id, expected version, then the other columns]]`. Flags are numbers,
/// since MariaDB reads `true` as a text.
fn json<'a>(entries: impl IntoIterator<Item = &'a Entry<'a>>) -> String {
    let row = |entry: &Entry<'_>| {
        let (integration, connection_id) = (entry.key.integration(), entry.key.connection_id());
        let owner = entry.next.and_then(|next| next.owner.as_ref());
        match entry.next {
            Some(next) => json!([
                integration,
                connection_id,
                entry.expected,
                next.version.raw(),
                owner.map(Owner::kind),
                owner.map(Owner::id),
                owner.and_then(Owner::scope),
                i32::from(next.removed),
                i32::from(next.announced),
                next.look_again_at.map(Timestamp::as_micros),
                next.details.to_json(),
            ]),
            None => json!([integration, connection_id, entry.expected]),
        }
    };
    Value::Array(entries.into_iter().map(row).collect()).to_string()
}
