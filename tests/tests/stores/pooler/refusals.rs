//! The texts of errors without the option, and of those that only a pooler makes.

use nango_core::{ConnectionStore as _, StoreErrorKind};
use nango_sqlx::PostgresStore as Store;
use nango_tests::{Database, PgBouncer};
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

use super::{place, pooled};
use crate::postgres::{Tables, url};
use crate::reasons::assert_reads;

/// The text of a failure to read because of a prepared statement.
fn unprepared(pooler: &PgBouncer, cause: &str) -> String {
    format!(
        "could not read connections at {}: a prepared statement {cause}; a pooler in between changes the connection: \
         set `Options::transaction_pooling`, or let the pooler pool sessions",
        place(pooler)
    )
}

/// A store without the option. Its pool has one connection, so that no other request of the pool
/// comes between two of a call.
async fn without_the_option(tables: &Tables, options: PgConnectOptions) -> Store {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    Store::new_with(pool, &tables.options()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn without_the_option_a_prepared_statement_is_on_the_other_connection() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    let store = without_the_option(&tables, pooler.options()).await;
    let error = store.page(None, 1).await.unwrap_err();
    assert_reads(&error, &unprepared(&pooler, "is missing (SQLSTATE 26000)"));
    assert_eq!((error.kind(), error.cause().unwrap().code()), (StoreErrorKind::Other, Some("26000")));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_statement_cache_of_zero_does_not_help() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    let store = without_the_option(&tables, pooler.options().statement_cache_capacity(0)).await;
    assert_reads(
        &store.page(None, 1).await.unwrap_err(),
        &unprepared(&pooler, "is missing (SQLSTATE 26000)"),
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn without_the_option_a_prepared_statement_has_the_name_of_another_client() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    // Each client names its first statement alike.
    for _ in 0..20 {
        let store = without_the_option(&tables, pooler.options()).await;
        let Err(error) = store.page(None, 1).await else { continue };
        if error.cause().unwrap().code() == Some("42P05") {
            assert_reads(&error, &unprepared(&pooler, "exists already (SQLSTATE 42P05)"));
            return;
        }
        assert_reads(&error, &unprepared(&pooler, "is missing (SQLSTATE 26000)"));
    }
    panic!("no two clients have met");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn without_the_option_a_prepared_statement_is_that_of_another_client() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    // It is prepared on one of the two connections, and missing on the other.
    let mut other = PgConnection::connect_with(&pooler.options()).await.unwrap();
    sqlx::query("SELECT 1").execute(&mut other).await.unwrap_err();
    for turns in 0..20 {
        let store = without_the_option(&tables, pooler.options()).await;
        for _ in 0..turns {
            sqlx::raw_sql("SELECT 1").execute(&mut other).await.unwrap();
        }
        let error = store.page(None, 1).await.unwrap_err();
        if error.cause().unwrap().code() == Some("08P01") {
            assert_reads(&error, &unprepared(&pooler, "is another client's (SQLSTATE 08P01)"));
            assert_eq!(error.kind(), StoreErrorKind::Other);
            return;
        }
        assert_reads(&error, &unprepared(&pooler, "exists already (SQLSTATE 42P05)"));
    }
    panic!("the statement was never prepared on the other connection");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_pool_with_a_parameter_that_the_pooler_refuses() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    let pool = PgPool::connect_lazy(pooler.url()).unwrap();
    let error = Store::new_with(pool, &pooled(&tables)).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not migrate the tables at {}: a pooler in between refuses a parameter of the connection \
             (SQLSTATE 08P01); leave `options` out of the URL, call `extra_float_digits(None)` on the connect options \
             of a pool of your own, or list both in the pooler's `ignore_startup_parameters`",
            place(&pooler)
        ),
    );
    assert_eq!(error.kind(), StoreErrorKind::Other);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_pooler_that_cannot_connect() {
    let pooler = PgBouncer::start(&url()).await;
    let error = Store::connect(&Database::named(pooler.url(), "c0ffee")).await.unwrap_err();
    assert_reads(
        &error,
        &format!(
            "could not connect to the database at {}: a pooler in between refuses or ends the connection \
             (SQLSTATE 08P01); retry; look at the pooler's log",
            place(&pooler)
        ),
    );
    assert!(error.is_retryable());
}
