//! PostgreSQL.

use std::time::Duration;

use nango_core::{ConnectionStore, StoreErrorKind};
use nango_sqlx::PostgresStore as Store;
use nango_tests::{Database, execute};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use super::{PASSWORD, assert_reads, duplicate_marked, insert_marked};
use crate::postgres::{Tables, fresh, pool, url};

/// The server's host and port.
fn place() -> String {
    let options: PgConnectOptions = url().parse().unwrap();
    format!("{}:{}", options.get_host(), options.get_port())
}

fn with_settings<const N: usize>(settings: [(&str, &str); N]) -> PgConnectOptions {
    url().parse::<PgConnectOptions>().unwrap().options(settings)
}

/// A store whose connections have these settings, on the tables of another.
async fn store_with<const N: usize>(tables: &Tables, settings: [(&str, &str); N]) -> Store {
    Store::new_with(PgPool::connect_with(with_settings(settings)).await.unwrap(), &tables.options())
        .await
        .unwrap()
}

const TABLES_MISSING: &str = "the tables are missing: let the store migrate them, or apply the files of nango-sqlx's folder `migrations`";

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_dropped_table() {
    let (store, tables) = fresh().await;
    execute(&url(), format!("DROP TABLE {}connections", tables.prefix())).await;
    let text = |attempt: &str| {
        format!("could not {attempt} at {}: undefined table (SQLSTATE 42P01); {TABLES_MISSING}", place())
    };
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(&error, &text("read connections"));
    assert_eq!((error.kind(), error.cause().unwrap().code()), (StoreErrorKind::Other, Some("42P01")));
    assert_reads(&insert_marked(&store).await.unwrap_err(), &text("write connections"));
    assert_reads(&store.check().await.unwrap_err(), &text("read connections"));
    execute(&url(), format!("DROP TABLE {}leases", tables.prefix())).await;
    let lease = store.lease().unwrap();
    let error = lease.acquire("sweep", "a", Duration::from_secs(1)).await.unwrap_err();
    assert_reads(&error, &text("take the lease"));
    assert_reads(&lease.release("sweep", "a").await.unwrap_err(), &text("release the lease"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn no_tables_that_the_store_may_make() {
    let tables = Tables::new();
    let error = Store::connect_with(&url(), &tables.options().migrate(false)).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not check the tables at {}: the tables are missing; \
             apply `migrations/postgres/0001_connections.sql` of nango-sqlx, or let the store migrate",
            place()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away() {
    let url = |host: &str| format!("postgres://root:{PASSWORD}@{host}:1/test?application_name=c0ffee");
    let (refused, unknown) = (url("127.0.0.1"), url("unknown.invalid"));
    let (refused, unknown) = tokio::join!(Store::connect(&refused), Store::connect(&unknown));
    let advice = "is the server running there, and does a firewall let this host through?";
    let error = refused.unwrap_err();
    assert_reads(
        &error,
        &format!("could not connect to the database at 127.0.0.1:1: connection refused; {advice}"),
    );
    assert_eq!(error.cause().unwrap().io_kind(), Some(std::io::ErrorKind::ConnectionRefused));
    assert!(error.is_retryable());
    assert_reads(
        &unknown.unwrap_err(),
        "could not connect to the database at unknown.invalid:1: the host's name cannot be resolved; \
         correct the host, or repair name resolution",
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_wrong_password_and_a_missing_database() {
    let mut other = reqwest::Url::parse(&url()).unwrap();
    // A server that trusts this host asks for no password, but has no such user, either.
    other.set_username("c0ffee").unwrap();
    other.set_password(Some(PASSWORD)).unwrap();
    let error = Store::connect(other.as_str()).await.unwrap_err();
    let code = error.cause().unwrap().code().unwrap();
    assert!(["28000", "28P01"].contains(&code), "{error}");
    assert_reads(
        &error,
        &format!(
            "could not connect to the database at {}: authentication failed (SQLSTATE {code}); \
             correct the user or the password, or let the user log in from this host",
            place()
        ),
    );
    let error = Store::connect(&Database::named(&url(), "c0ffee")).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not connect to the database at {}: the database does not exist (SQLSTATE 3D000); \
             create it, or correct its name in the URL",
            place()
        ),
    );
    let error = Store::connect(&format!("postgres://me:{PASSWORD}@host:port/")).await.unwrap_err();
    assert_reads(
        &error,
        "could not connect to the database: the URL or one of its options is invalid; \
         write postgres://USER:PASSWORD@HOST:PORT/DATABASE",
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_database_whose_connections_are_used_up() {
    let database = Database::create(&url()).await;
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    execute(&url(), format!("ALTER DATABASE {name} CONNECTION LIMIT 0")).await;
    let error = Store::connect(database.url()).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not connect to the database at {}: too many connections (SQLSTATE 53300); \
             lower `max_connections` of the pools, or raise the server's limit",
            place()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn rights_that_are_missing() {
    let (store, tables) = fresh().await;
    execute(&url(), format!("REVOKE UPDATE ON {}connections FROM CURRENT_USER", tables.prefix())).await;
    assert_reads(
        &store.check().await.unwrap_err(),
        &format!(
            "could not mark connections at {}: permission denied (SQLSTATE 42501); grant the user SELECT, INSERT, \
             UPDATE and DELETE on the tables, and the right to make them where the store migrates",
            place()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_server_that_is_read_only_slow_or_locked() {
    let (_store, tables) = fresh().await;
    let store = store_with(&tables, [("default_transaction_read_only", "on")]).await;
    let error = store.check().await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not mark connections at {}: the database is read-only (SQLSTATE 25006); \
             connect to the primary, or end the read-only mode",
            place()
        ),
    );
    assert!(error.is_retryable());

    let slow = store_with(&tables, [("statement_timeout", "50ms")]).await;
    let waiting = store_with(&tables, [("lock_timeout", "50ms")]).await;
    let pool = pool().await;
    let mut other = pool.begin().await.unwrap();
    let lock = format!("LOCK TABLE {}connections", tables.prefix());
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut *other).await.unwrap();
    assert_reads(
        &slow.page(None, 1).await.unwrap_err(),
        &format!(
            "could not read connections at {}: the statement was interrupted, or ran into its time-out \
             (SQLSTATE 57014); retry; raise the time-out if the database is slow",
            place()
        ),
    );
    assert_reads(
        &waiting.page(None, 1).await.unwrap_err(),
        &format!(
            "could not read connections at {}: locked by another writer (SQLSTATE 55P03); \
             retry; look for a transaction that stays open",
            place()
        ),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_pool_without_a_free_connection() {
    let (_store, tables) = fresh().await;
    let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(2));
    let pool = pool.connect(&url()).await.unwrap();
    let store = Store::new_with(pool.clone(), &tables.options()).await.unwrap();
    let _all = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not read connections at {}: all connections of the pool (2) were in use for 2s; \
             look for calls that keep a connection, or raise `max_connections` of the pool",
            place()
        ),
    );
    assert!(error.is_retryable());
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn rows_that_are_refused_or_cannot_be_read() {
    let (store, tables) = fresh().await;
    let prefix = tables.prefix();
    execute(&url(), format!("CREATE UNIQUE INDEX {prefix}x ON {prefix}connections (owner_id)")).await;
    let error = duplicate_marked(&store).await;
    assert!(
        format!("{:?}", error.raw_source()).contains("c0ffee"),
        "the text of the database is worth hiding"
    );
    let violated = |code: &str| {
        format!(
            "could not write connections at {}: a constraint is violated (SQLSTATE {code}); \
             remove constraints and triggers that are not the store's from its tables",
            place()
        )
    };
    assert_reads(&error, &violated("23505"));
    execute(
        &url(),
        format!(
            "DELETE FROM {prefix}connections; \
             ALTER TABLE {prefix}connections ADD CHECK (connection_id <> 'c0ffee-id')"
        ),
    )
    .await;
    assert_reads(&insert_marked(&store).await.unwrap_err(), &violated("23514"));
    execute(
        &url(),
        format!(
            "ALTER TABLE {prefix}connections ALTER COLUMN version TYPE TEXT USING 'c0ffee'; \
             INSERT INTO {prefix}connections VALUES \
             ('slack', 'c0ffee', 'c0ffee', NULL, NULL, NULL, FALSE, TRUE, NULL, 'c0ffee')"
        ),
    )
    .await;
    let (advice, place) =
        ("look for other writers of the table, and for a newer version of this library", place());
    let store = Store::connect_with(&url(), &tables.options()).await.unwrap();
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not read connections at {place}: a row cannot be read: `version` cannot be decoded; {advice}"
        ),
    );
    execute(&url(), format!("ALTER TABLE {prefix}connections ALTER COLUMN version TYPE BIGINT USING 7"))
        .await;
    let store = Store::connect_with(&url(), &tables.options()).await.unwrap();
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not read connections at {place}: \
             the details of a row cannot be read: they were not written by this library; {advice}"
        ),
    );
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_code_that_an_app_has_made_up() {
    let (store, tables) = fresh().await;
    let prefix = tables.prefix();
    execute(
        &url(),
        format!(
            "CREATE FUNCTION {prefix}f() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'c0ffee' USING ERRCODE = 'AB123'; END $$; \
             CREATE TRIGGER x BEFORE INSERT ON {prefix}connections EXECUTE FUNCTION {prefix}f()"
        ),
    )
    .await;
    let error = insert_marked(&store).await.unwrap_err();
    execute(&url(), format!("DROP FUNCTION {prefix}f CASCADE")).await;
    assert_reads(
        &error,
        &format!(
            "could not write connections at {}: SQLSTATE AB123; \
             look the code up in the database's manual, and look at the server's log",
            place()
        ),
    );
}
