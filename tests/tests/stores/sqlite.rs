//! SQLite, in a file.

use std::sync::Arc;

use nango_core::testing::store::unreachable_is_retryable;
use nango_core::{ConnectionStore, StoreErrorKind};
use nango_sqlx::SqliteStore;
use sqlx::Row;
use sqlx::sqlite::SqlitePool;
use tempfile::TempDir;

nango_core::testing::store_suite!(fresh);

/// The suite once more, on a database that is in no file.
mod in_memory {
    use nango_sqlx::SqliteStore;

    nango_core::testing::store_suite!(async || SqliteStore::connect("sqlite::memory:").await.unwrap());
}

async fn fresh() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (SqliteStore::connect(&url(&folder)).await.unwrap(), folder)
}

fn url(folder: &TempDir) -> String {
    format!("sqlite://{}/store.db", folder.path().display())
}

#[tokio::test]
async fn a_closed_pool_is_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::connect(&url(&folder)).await.unwrap();
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    let store = SqliteStore::new(pool.clone()).await.unwrap();
    pool.close().await;
    unreachable_is_retryable(Arc::new(store)).await;
}

#[tokio::test]
async fn a_folder_that_is_missing_is_unreachable_and_another_scheme_is_a_mistake() {
    let error = SqliteStore::connect("sqlite:///nowhere/at/all/store.db").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let error = SqliteStore::connect("postgres://localhost/x").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_start_at_once_and_again() {
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
        ("SELECT * FROM nango_connections WHERE announced = FALSE", "nango_connections_pending"),
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
async fn debug_says_nothing_of_the_file() {
    let (store, _folder) = fresh().await;
    assert_eq!(format!("{store:?}"), "SqliteStore { .. }");
    assert!(store.lease().is_some());
}
