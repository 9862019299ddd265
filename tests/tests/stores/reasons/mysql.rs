//! MySQL or MariaDB.

use std::time::Duration;

use nango_core::{ConnectionStore, StoreErrorKind};
use nango_sqlx::MySqlStore as Store;
use nango_tests::{Database, execute};
use sqlx::Executor;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

use super::{PASSWORD, assert_reads, duplicate_marked, insert_marked};
use crate::mysql::{Tables, fresh, pool, url};

/// The server's host and port.
fn place() -> String {
    let options: MySqlConnectOptions = url().parse().unwrap();
    format!("{}:{}", options.get_host(), options.get_port())
}

/// A store whose connections begin with a statement, on the tables of another.
async fn store_with(tables: &Tables, sql: &'static str) -> Store {
    let pool = MySqlPoolOptions::new()
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(sql).await.map(drop) }));
    Store::new_with(pool.connect(&url()).await.unwrap(), &tables.options()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn a_dropped_table() {
    let (store, tables) = fresh().await;
    execute(&url(), format!("DROP TABLE {}connections", tables.prefix())).await;
    let text = |attempt: &str| {
        format!(
            "could not {attempt} at {}: undefined table (MySQL error 1146); the tables are missing: \
             let the store migrate them, or apply the files of nango-sqlx's folder `migrations`",
            place()
        )
    };
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(&error, &text("read connections"));
    assert_eq!((error.kind(), error.cause().unwrap().code()), (StoreErrorKind::Other, Some("1146")));
    assert_reads(&insert_marked(&store).await.unwrap_err(), &text("write connections"));
    assert_reads(&store.check().await.unwrap_err(), &text("read connections"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn no_tables_that_the_store_may_make() {
    let tables = Tables::new();
    let error = Store::connect_with(&url(), &tables.options().migrate(false)).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not check the tables at {}: the tables are missing; \
             apply `migrations/mysql/0001_connections.sql` of nango-sqlx, or let the store migrate",
            place()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away() {
    let url = format!("mysql://root:{PASSWORD}@127.0.0.1:1/test");
    let error = Store::connect(&url).await.unwrap_err();
    assert_reads(
        &error,
        "could not connect to the database at 127.0.0.1:1: connection refused; \
         is the server running there, and does a firewall let this host through?",
    );
    assert_eq!(error.cause().unwrap().io_kind(), Some(std::io::ErrorKind::ConnectionRefused));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn a_wrong_password_and_a_missing_database() {
    let mut other = reqwest::Url::parse(&url()).unwrap();
    other.set_password(Some(PASSWORD)).unwrap();
    let text = |rest: &str| format!("could not connect to the database at {}: {rest}", place());
    assert_reads(
        &Store::connect(other.as_str()).await.unwrap_err(),
        &text(
            "authentication failed (MySQL error 1045); \
             correct the user or the password, or let the user log in from this host",
        ),
    );
    assert_reads(
        &Store::connect(&Database::named(&url(), "nango_test_c0ffee")).await.unwrap_err(),
        &text("the database does not exist (MySQL error 1049); create it, or correct its name in the URL"),
    );
    assert_reads(
        &Store::connect(&Database::named(&url(), "mysql")).await.unwrap_err(),
        &text(
            "permission denied (MySQL error 1044); grant the user SELECT, INSERT, UPDATE and DELETE on the tables, \
             and the right to make them where the store migrates",
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn a_server_that_is_read_only_or_locked() {
    let (_store, tables) = fresh().await;
    let store = store_with(&tables, "SET SESSION TRANSACTION READ ONLY").await;
    assert_reads(
        &store.check().await.unwrap_err(),
        &format!(
            "could not mark connections at {}: the database is read-only (MySQL error 1792); \
             connect to the primary, or end the read-only mode",
            place()
        ),
    );

    let store = store_with(&tables, "SET SESSION innodb_lock_wait_timeout = 1").await;
    let pool = pool().await;
    let mut other = pool.begin().await.unwrap();
    let prefix = tables.prefix();
    let lock = format!("INSERT INTO {prefix}leases VALUES ('sweep', 'c0ffee', 0)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut *other).await.unwrap();
    let lease = store.lease().unwrap();
    let error = lease.acquire("sweep", "a", Duration::from_secs(1)).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not take the lease at {}: locked by another writer (MySQL error 1205); \
             retry; look for a transaction that stays open",
            place()
        ),
    );
    assert!(error.is_retryable());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn a_pool_without_a_free_connection() {
    let (_store, tables) = fresh().await;
    let pool = MySqlPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(2));
    let pool = pool.connect(&url()).await.unwrap();
    let store = Store::new_with(pool.clone(), &tables.options()).await.unwrap();
    let _only = pool.acquire().await.unwrap();
    assert_reads(
        &store.page(None, 1).await.unwrap_err(),
        &format!(
            "could not read connections at {}: all connections of the pool (1) were in use for 2s; \
             look for calls that keep a connection, or raise `max_connections` of the pool",
            place()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn rows_that_are_refused_or_cannot_be_read() {
    let (store, tables) = fresh().await;
    let prefix = tables.prefix();
    execute(
        &url(),
        format!("ALTER TABLE {prefix}connections ADD CONSTRAINT x CHECK (connection_id <> 'c0ffee-id')"),
    )
    .await;
    assert_reads(
        &insert_marked(&store).await.unwrap_err(),
        &format!(
            "could not write connections at {}: a constraint is violated (MySQL error 4025); \
             remove constraints and triggers that are not the store's from its tables",
            place()
        ),
    );
    execute(&url(), format!("ALTER TABLE {prefix}connections DROP CONSTRAINT x")).await;
    execute(&url(), format!("CREATE UNIQUE INDEX {prefix}x ON {prefix}connections (owner_id)")).await;
    let error = duplicate_marked(&store).await;
    assert!(error.raw_source().to_string().contains("c0ffee"), "the text of the database is worth hiding");
    assert_reads(
        &error,
        &format!(
            "could not write connections at {}: conflicts with other transactions outlasted all retries \
             (MySQL error 1062); retry; look for other writers of the tables",
            place()
        ),
    );
    execute(&url(), format!("UPDATE {prefix}connections SET details = 'c0ffee'")).await;
    assert_reads(
        &store.page(None, 1).await.unwrap_err(),
        &format!(
            "could not read connections at {}: \
             the details of a row cannot be read: they were not written by this library; \
             look for other writers of the table, and for a newer version of this library",
            place()
        ),
    );
}
