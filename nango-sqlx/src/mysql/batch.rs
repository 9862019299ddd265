//! Many rows with few statements, through `JSON_TABLE`.

use std::collections::HashSet;

use nango_core::{Applied, Change, ConnectionRef};
use serde_json::{Value, json};
use sqlx::mysql::{MySqlConnection, MySqlRow};

use super::MySqlStore;
use crate::shared::{Batch, Dialect, Entry, Sql, json_keys};

/// The columns of [`json`]. MariaDB and MySQL agree on these types, and `FOR ORDINALITY` counts from one.
const WANTED_KEY: &str = "JSON_TABLE($1, '$[*]' COLUMNS (w_place FOR ORDINALITY, \
     w_integration VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]', \
     w_connection_id VARCHAR(1020) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]', \
     w_expected BIGINT PATH '$[2]')) AS w";

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

/// Locks for gaps, which a stricter level takes, make inserts wait for each other in circles.
const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

pub(super) struct BatchStatements {
    get: Sql,
    lock: Sql,
    there: Sql,
    insert: Sql,
    update: Sql,
    erase: Sql,
}

impl BatchStatements {
    pub(super) fn new(prefix: &str) -> Self {
        let sql = |template: &str| {
            let template = template.replace("{wanted key}", WANTED_KEY).replace("{wanted}", WANTED);
            Sql::new(Dialect::MySql, prefix, &template)
        };
        Self {
            get: sql("SELECT STRAIGHT_JOIN {columns} FROM {wanted key} JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id"),
            lock: sql("SELECT STRAIGHT_JOIN w_place FROM {wanted key} JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id \
                 WHERE version = w_expected FOR UPDATE"),
            there: sql("SELECT STRAIGHT_JOIN w_place FROM {wanted key} JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id"),
            insert: sql("INSERT INTO {prefix}connections ({columns}) \
                 SELECT w_integration, w_connection_id, w_version, w_owner_kind, w_owner_id, w_owner_scope, \
                 w_removed, w_announced, w_look_again_at, w_details FROM {wanted}"),
            update: sql("UPDATE {wanted} STRAIGHT_JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id AND version = w_expected \
                 SET version = w_version, owner_kind = w_owner_kind, owner_id = w_owner_id, \
                 owner_scope = w_owner_scope, removed = w_removed, announced = w_announced, \
                 look_again_at = w_look_again_at, details = w_details"),
            erase: sql("DELETE {prefix}connections FROM {wanted key} STRAIGHT_JOIN {prefix}connections \
                 ON integration = w_integration AND connection_id = w_connection_id AND version = w_expected"),
        }
    }
}

impl MySqlStore {
    pub(super) async fn get_many(&self, keys: &[ConnectionRef]) -> Result<Vec<MySqlRow>, sqlx::Error> {
        sqlx::query(self.batch.get.text()).bind(json_keys(keys)).fetch_all(&self.pool).await
    }

    /// One transaction: MySQL has no `RETURNING` for what is updated, so rows are locked and looked at first.
    pub(super) async fn apply_many(&self, changes: &[Change]) -> Result<Vec<Applied>, sqlx::Error> {
        let batch = Batch::new(changes);
        let mut transaction = self.pool.begin_with(BEGIN).await?;
        let mut done = Vec::with_capacity(changes.len());
        for (sql, entries) in [(&self.batch.erase, &batch.erasures), (&self.batch.update, &batch.updates)] {
            let places = places(&mut transaction, &self.batch.lock, entries).await?;
            let fresh: Vec<_> = pick(entries, |place| places.contains(&place)).collect();
            write(&mut transaction, sql, &fresh).await?;
            done.extend(fresh.into_iter().filter_map(Entry::tells));
        }
        let places = places(&mut transaction, &self.batch.there, &batch.inserts).await?;
        let fresh: Vec<_> = pick(&batch.inserts, |place| !places.contains(&place)).collect();
        // A row that comes in between fails all of it, and `apply_some` begins again.
        write(&mut transaction, &self.batch.insert, &fresh).await?;
        done.extend(fresh.into_iter().filter_map(Entry::tells));
        transaction.commit().await?;
        Ok(batch.results(changes.len(), done))
    }
}

/// Where in `entries` the rows are that a statement finds.
async fn places(
    connection: &mut MySqlConnection,
    sql: &Sql,
    entries: &[Entry<'_>],
) -> Result<HashSet<usize>, sqlx::Error> {
    if entries.is_empty() {
        return Ok(HashSet::new());
    }
    let places: Vec<i64> = sqlx::query_scalar(sql.text()).bind(json(entries)).fetch_all(connection).await?;
    Ok(places.into_iter().filter_map(|place| usize::try_from(place - 1).ok()).collect())
}

fn pick<'e, 'c>(
    entries: &'e [Entry<'c>],
    wanted: impl Fn(usize) -> bool,
) -> impl Iterator<Item = &'e Entry<'c>> {
    let places = entries.iter().enumerate();
    places.filter(move |(place, _)| wanted(*place)).map(|(_, entry)| entry)
}

async fn write(
    connection: &mut MySqlConnection,
    sql: &Sql,
    entries: &[&Entry<'_>],
) -> Result<(), sqlx::Error> {
    if !entries.is_empty() {
        sqlx::query(sql.text()).bind(json(entries.iter().copied())).execute(connection).await?;
    }
    Ok(())
}

/// `[[integration, connection id, expected version, then the other columns]]`. Flags are numbers: MariaDB's `true` is a
/// text.
fn json<'a>(entries: impl IntoIterator<Item = &'a Entry<'a>>) -> String {
    let row = |entry: &Entry<'_>| {
        let (integration, connection_id) = (entry.key.integration(), entry.key.connection_id());
        match &entry.next {
            Some(next) => json!([
                integration,
                connection_id,
                entry.expected,
                next.version,
                next.owner_kind,
                next.owner_id,
                next.owner_scope,
                i32::from(next.removed),
                i32::from(next.announced),
                next.look_again_at,
                next.details,
            ]),
            None => json!([integration, connection_id, entry.expected]),
        }
    };
    Value::Array(entries.into_iter().map(row).collect()).to_string()
}
