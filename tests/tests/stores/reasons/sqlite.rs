//! SQLite.

use std::time::Duration;

use nango_core::{ConnectionStore, StoreErrorKind};
use nango_sqlx::{Options, SqliteStore};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use tempfile::TempDir;

use super::{assert_reads, insert_marked};
use crate::sqlite::{fresh, url};

fn options(folder: &TempDir) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(folder.path().join("store.db"))
}

async fn execute(folder: &TempDir, sql: impl Into<String>) {
    let pool = SqlitePool::connect(&url(folder)).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(&pool).await.unwrap();
}

#[tokio::test]
async fn a_dropped_table() {
    let (store, folder) = fresh().await;
    execute(&folder, "DROP TABLE nango_connections").await;
    let advice = "the tables are missing: let the store migrate them, or apply the files of nango-sqlx's folder \
         `migrations`";
    let cause = "undefined table (SQLITE_ERROR, code 1)";
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(&error, &format!("could not read connections at store.db: {cause}; {advice}"));
    assert_eq!((error.kind(), error.cause().unwrap().code()), (StoreErrorKind::Other, Some("1")));
    let error = insert_marked(&store).await.unwrap_err();
    assert_reads(&error, &format!("could not write connections at store.db: {cause}; {advice}"));
    let error = store.check().await.unwrap_err();
    assert_reads(&error, &format!("could not read connections at store.db: {cause}; {advice}"));
}

#[tokio::test]
async fn no_tables_that_the_store_may_make() {
    let folder = tempfile::tempdir().unwrap();
    let by_hand = Options::new().migrate(false);
    let error = SqliteStore::connect_with(&url(&folder), &by_hand).await.unwrap_err();
    assert_reads(
        &error,
        "could not connect to the database at store.db: the file cannot be opened (SQLITE_CANTOPEN, code 14); \
         create the file or its folder, and let this program write there",
    );
    std::fs::write(folder.path().join("store.db"), "").unwrap();
    let error = SqliteStore::connect_with(&url(&folder), &by_hand).await.unwrap_err();
    assert_reads(
        &error,
        "could not check the tables at store.db: the tables are missing; \
         apply `migrations/sqlite/0001_connections.sql` of nango-sqlx, or let the store migrate",
    );
    let (store, folder) = fresh().await;
    execute(&folder, "DELETE FROM nango_migrations").await;
    let text = "could not check the tables at store.db: the tables are at version 0, and version 1 is needed; \
         apply `migrations/sqlite/0001_connections.sql` of nango-sqlx, or let the store migrate";
    assert_reads(&SqliteStore::connect_with(&url(&folder), &by_hand).await.unwrap_err(), text);
    assert_reads(&store.check().await.unwrap_err(), text);
}

#[tokio::test]
async fn tables_of_a_newer_version() {
    let (store, folder) = fresh().await;
    execute(&folder, "INSERT INTO nango_migrations (version) VALUES (2)").await;
    store.check().await.unwrap();
    SqliteStore::connect_with(&url(&folder), &Options::new().migrate(false)).await.unwrap();
}

#[tokio::test]
async fn a_missing_folder() {
    let error = SqliteStore::connect("sqlite:///c0ffee/at/all/store.db").await.unwrap_err();
    assert_reads(
        &error,
        "could not connect to the database at store.db: the file cannot be opened (SQLITE_CANTOPEN, code 14); \
         create the file or its folder, and let this program write there",
    );
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn other_urls_and_files() {
    let error = SqliteStore::connect("postgres://me:c0ffee@localhost/x").await.unwrap_err();
    assert_reads(
        &error,
        "could not connect to the database: the URL or one of its options is invalid; write sqlite://FILE",
    );
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("store.db"), "c0ffee".repeat(1000)).unwrap();
    assert_reads(
        &SqliteStore::connect(&url(&folder)).await.unwrap_err(),
        "could not connect to the database at store.db: the file is not a SQLite database, or is encrypted \
         (SQLITE_NOTADB, code 26); correct its name in the URL",
    );
}

#[tokio::test]
async fn a_file_that_is_read_only() {
    let (_store, folder) = fresh().await;
    let pool = SqlitePool::connect_with(options(&folder).read_only(true)).await.unwrap();
    let store = SqliteStore::new(pool).await.unwrap();
    store.page(None, 1).await.unwrap();
    let text = |attempt: &str| {
        format!(
            "could not {attempt} at store.db: the database is read-only (SQLITE_READONLY, code 8); \
             let this program write to the file and to its folder"
        )
    };
    assert_reads(&insert_marked(&store).await.unwrap_err(), &text("write connections"));
    assert_reads(&store.check().await.unwrap_err(), &text("mark connections"));
}

#[tokio::test]
async fn a_file_that_another_connection_has_locked() {
    let (_store, folder) = fresh().await;
    let pool =
        SqlitePool::connect_with(options(&folder).busy_timeout(Duration::from_millis(50))).await.unwrap();
    let store = SqliteStore::new(pool).await.unwrap();
    let other = SqlitePool::connect(&url(&folder)).await.unwrap();
    let _writer = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = insert_marked(&store).await.unwrap_err();
    assert_reads(
        &error,
        "could not write connections at store.db: locked by another writer (SQLITE_BUSY, code 5); \
         retry; look for a transaction that stays open",
    );
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_disk_that_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let small = options(&folder).create_if_missing(true).journal_mode(SqliteJournalMode::Memory);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(small).await.unwrap();
    let store = SqliteStore::new(pool.clone()).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&pool).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    sqlx::raw_sql(AssertSqlSafe(limit)).execute(&pool).await.unwrap();
    let mut rows = 0..10_000;
    let error = loop {
        let n = rows.next().unwrap();
        let row = nango_core::testing::store::live(
            nango_core::ConnectionKey::new("slack", format!("c0ffee-{n}")),
            nango_core::Owner::new("user", n),
        );
        if let Err(error) = store.apply(&[nango_core::testing::store::insert(&row)]).await {
            break error;
        }
    };
    assert_reads(
        &error,
        "could not write connections at store.db: the disk is full (SQLITE_FULL, code 13); \
         free space where the database keeps its files",
    );
}

#[tokio::test]
async fn a_pool_without_a_free_connection() {
    let (_store, folder) = fresh().await;
    let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(2));
    let pool = pool.connect_with(options(&folder)).await.unwrap();
    let store = SqliteStore::new(pool.clone()).await.unwrap();
    let only = pool.acquire().await.unwrap();
    assert_reads(
        &store.page(None, 1).await.unwrap_err(),
        "could not read connections at store.db: all connections of the pool (1) were in use for 2s; \
         look for calls that keep a connection, or raise `max_connections` of the pool",
    );
    drop(only);
    pool.close().await;
    assert_reads(
        &store.check().await.unwrap_err(),
        "could not check the tables at store.db: the pool is closed; \
         close the pool only after the last call of the store",
    );
}

#[tokio::test]
async fn a_row_that_the_database_refuses() {
    let (store, folder) = fresh().await;
    execute(
        &folder,
        "CREATE TRIGGER refuse BEFORE INSERT ON nango_connections BEGIN SELECT RAISE(ABORT, 'c0ffee'); END",
    )
    .await;
    let error = insert_marked(&store).await.unwrap_err();
    assert!(error.raw_source().to_string().contains("c0ffee"), "the text of the database is worth hiding");
    assert_reads(
        &error,
        "could not write connections at store.db: a constraint is violated (SQLITE_CONSTRAINT, code 1811); \
         remove constraints and triggers that are not the store's from its tables",
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read() {
    for (values, cause) in [
        ("0, NULL, '{}'", "a row cannot be read: version is zero"),
        ("7, 'c0ffee', '{}'", "a row cannot be read: only one of owner_kind and owner_id is set"),
        (
            "7, NULL, '{\"incarnation\":\"c0ffee\"}'",
            "the details of a row cannot be read: they were not written by this library",
        ),
    ] {
        let (store, folder) = fresh().await;
        let insert = format!(
            "INSERT INTO nango_connections (integration, connection_id, removed, announced, version, owner_kind, \
             details) VALUES ('slack', 'c0ffee', 0, 1, {values})"
        );
        execute(&folder, insert).await;
        let error = store.page(None, 1).await.unwrap_err();
        let advice = "look for other writers of the table, and for a newer version of this library";
        assert_reads(&error, &format!("could not read connections at store.db: {cause}; {advice}"));
        assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    }
}

#[tokio::test]
async fn a_database_in_memory_has_no_place() {
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    store.check().await.unwrap();
    let options = Options::new().table_prefix("c0ffee x");
    let error = SqliteStore::connect_with("sqlite::memory:", &options).await.unwrap_err();
    assert_reads(
        &error,
        "could not name the tables: the table prefix is invalid; use 1 to 32 of a-z, 0-9 and _, not a digit first",
    );
    let error =
        SqliteStore::connect_with("sqlite::memory:", &Options::new().migrate(false)).await.unwrap_err();
    assert!(error.to_string().starts_with("could not check the tables: the tables are missing;"), "{error}");
}
