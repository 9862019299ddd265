//! SQLite, in a file.

mod queue;

use nango_core::testing::store::{erase, insert, live, unreachable_is_retryable};
use nango_core::{Applied, ConnectionKey, ConnectionStore, Owner, StoreErrorKind};
use nango_sqlx::{Options, SqliteStore};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

nango_core::testing::store_suite!(fresh);

/// The suite on a database without a file.
mod in_memory {
    use nango_sqlx::SqliteStore;

    nango_core::testing::store_suite!(async || SqliteStore::connect("sqlite::memory:").await.unwrap());
}

pub(crate) async fn fresh() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (SqliteStore::connect(&url(&folder)).await.unwrap(), folder)
}

pub(crate) fn url(folder: &TempDir) -> String {
    format!("sqlite://{}/store.db", folder.path().display())
}

/// The counts cost a lock at each value, and a sweep a fifth of its speed.
#[tokio::test]
async fn sqlite_is_built_without_counts_of_its_memory() {
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let options: Vec<String> = sqlx::query_scalar("PRAGMA compile_options").fetch_all(&pool).await.unwrap();
    assert!(options.iter().any(|option| option == "DEFAULT_MEMSTATUS=0"), "{options:?}");
}

#[tokio::test]
async fn a_closed_pool_is_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::connect(&url(&folder)).await.unwrap();
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    let store = SqliteStore::new(pool.clone()).await.unwrap();
    pool.close().await;
    unreachable_is_retryable(&store).await;
}

#[tokio::test]
async fn a_missing_folder_is_unreachable_and_another_scheme_an_error() {
    let error = SqliteStore::connect("sqlite:///nowhere/at/all/store.db").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let error = SqliteStore::connect("postgres://localhost/x").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_and_repeated_migrations_succeed() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let url = url(&folder);
                tokio::spawn(async move { SqliteStore::connect(&url).await })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn the_file_is_in_wal_mode() {
    let (_store, folder) = fresh().await;
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&pool).await.unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_database_of_version_0_1_is_read_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        SqliteConnectOptions::new().filename(folder.path().join("store.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(include_str!("0.1.sql")).execute(&pool).await.unwrap();
    pool.close().await;

    let store = SqliteStore::connect(&url(&folder)).await.unwrap();
    let rows = store.page(None, 10).await.unwrap();
    assert_eq!(rows.len(), 4);
    let owner = Owner::new("user", 1).with_scope(Some("acme"));
    assert_eq!(store.list(&owner).await.unwrap(), rows[..2]);
    assert_eq!(store.pending(rows[1].look_again_at.unwrap(), 10).await.unwrap(), rows[1..2]);
    let erasures: Vec<_> = rows.iter().map(erase).collect();
    assert_eq!(store.apply(&erasures).await.unwrap(), [Applied::Done; 4]);
}

#[tokio::test]
async fn tables_can_be_created_by_hand_with_another_prefix() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new().table_prefix("other_");
    let by_hand = options.clone().migrate(false);
    SqliteStore::connect_with(&url(&folder), &by_hand).await.unwrap_err();
    let file = include_str!("../../../../nango-sqlx/migrations/sqlite/0001_connections.sql");
    let pool = SqlitePool::connect(&format!("{}?mode=rwc", url(&folder))).await.unwrap();
    let file = sqlx::AssertSqlSafe(file.replace("nango_", "other_"));
    sqlx::raw_sql(file).execute(&pool).await.unwrap();
    let store = SqliteStore::connect_with(&url(&folder), &by_hand).await.unwrap();
    store.check().await.unwrap();
    assert!(store.page(None, 1).await.unwrap().is_empty());
    let store = SqliteStore::connect_with(&url(&folder), &options).await.unwrap();
    assert!(store.page(None, 1).await.unwrap().is_empty());
}

#[test]
fn two_instances_are_one_store() {
    crate::pair::two_instances_are_one_store(async || {
        let (first, folder) = fresh().await;
        let second = SqliteStore::connect(&url(&folder)).await.unwrap();
        ([first, second], folder)
    });
}

/// Instances with a pool each, like processes.
#[tokio::test(flavor = "multi_thread")]
async fn instances_on_one_file_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut tasks = Vec::new();
    for instance in 0..4 {
        let store = SqliteStore::connect(&url(&folder)).await.unwrap();
        tasks.push(tokio::spawn(async move {
            for n in 0..25 {
                let key = |part: u32| ConnectionKey::new("slack", format!("{instance}-{n}-{part}"));
                let row = |part| insert(&live(key(part), Owner::new("user", instance)));
                assert_eq!(store.apply(&[row(0)]).await.unwrap(), [Applied::Done]);
                assert_eq!(store.apply(&[row(1), row(2)]).await.unwrap(), [Applied::Done; 2]);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let store = SqliteStore::connect(&url(&folder)).await.unwrap();
    assert_eq!(store.page(None, 1000).await.unwrap().len(), 300);
}

#[tokio::test]
async fn a_row_that_the_library_did_not_write_is_corrupt() {
    let (store, folder) = fresh().await;
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    for (n, values) in
        ["7, NULL, '{}'", "0, NULL, '{}'", "7, 'user', '{}'", "7, NULL, 'no JSON'"].iter().enumerate()
    {
        let insert = format!(
            "INSERT INTO nango_connections (integration, connection_id, removed, announced, version, owner_kind, \
             details) VALUES ('slack', '{n}', 0, 1, {values})"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(insert)).execute(&pool).await.unwrap();
        let key = ConnectionKey::new("slack", n.to_string());
        let error = store.get(&[key]).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{values}");
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn every_query_has_its_index() {
    let (_store, folder) = fresh().await;
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    let plans = [
        (
            "SELECT * FROM nango_connections WHERE owner_id = $1 AND owner_kind = $2 \
             AND owner_scope IS NOT DISTINCT FROM $3 AND removed = FALSE",
            "nango_connections_owner",
        ),
        (
            "SELECT * FROM nango_connections WHERE announced = TRUE AND look_again_at <= $1 ORDER BY look_again_at",
            "nango_connections_pending",
        ),
        (
            "SELECT * FROM nango_connections WHERE announced = FALSE AND look_again_at <= $1 ORDER BY look_again_at",
            "nango_connections_pending",
        ),
        (
            "SELECT * FROM nango_connections WHERE announced = FALSE \
             AND (look_again_at IS NULL OR look_again_at > $1) ORDER BY look_again_at",
            "nango_connections_pending",
        ),
        (
            "SELECT * FROM nango_connections WHERE (integration, connection_id) > ($1, $2) \
             ORDER BY integration, connection_id",
            "sqlite_autoindex_nango_connections_1",
        ),
    ];
    for (query, index) in plans {
        let plan = format!("EXPLAIN QUERY PLAN {query}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&pool).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let expected = format!("SEARCH nango_connections USING INDEX {index}");
        assert!(steps.len() == 1 && steps[0].starts_with(&expected), "{query}: {steps:?}");
    }
}

#[tokio::test]
async fn debug_output_does_not_name_the_file() {
    let (store, _folder) = fresh().await;
    assert_eq!(format!("{store:?}"), "SqliteStore { .. }");
    assert!(store.lease().is_some());
}
