//! PostgreSQL behind a pooler that gives each transaction another connection.

mod refusals;

use std::time::Duration;

use nango_core::ConnectionStore;
use nango_sqlx::{Options, PostgresStore as Store};
use nango_tests::{PgBouncer, execute};
use sqlx::postgres::PgPool;

use crate::pair::two_instances_are_one_store;
use crate::postgres::{Tables, url};
use crate::reasons::{assert_reads, insert_marked};

/// Long enough for everything but a wait for a connection that never comes back.
const SOON: Duration = Duration::from_secs(20);

nango_core::testing::store_suite!(
    #[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
    fresh
);

async fn fresh() -> (Store, (Tables, PgBouncer)) {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    (Store::connect_with(pooler.url(), &pooled(&tables)).await.unwrap(), (tables, pooler))
}

/// The queue of events.
mod events {
    use nango_sqlx::PostgresEventQueue;
    use nango_tests::PgBouncer;

    use super::pooled;
    use crate::events::LEASE;
    use crate::postgres::{Tables, url};

    nango_core::testing::queue_suite!(
        #[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
        fresh
    );

    async fn fresh() -> (PostgresEventQueue, (Tables, PgBouncer)) {
        let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
        let queue = PostgresEventQueue::connect_with(pooler.url(), &pooled(&tables)).await.unwrap();
        (queue.lease(LEASE), (tables, pooler))
    }
}

fn pooled(tables: &Tables) -> Options {
    tables.options().transaction_pooling(true)
}

/// Returns the address of the database in an error.
fn place(pooler: &PgBouncer) -> String {
    format!("127.0.0.1:{}", pooler.options().get_port())
}

#[test]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
fn instances_behind_it_are_one_store() {
    two_instances_are_one_store(async || {
        let (first, (tables, pooler)) = fresh().await;
        let second = Store::connect_with(pooler.url(), &pooled(&tables)).await.unwrap();
        ([first, second], (tables, pooler))
    });
}

#[test]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
fn one_instance_behind_it_and_one_beside_it_are_one_store() {
    two_instances_are_one_store(async || {
        let (first, (tables, pooler)) = fresh().await;
        let second = Store::connect_with(&url(), &tables.options()).await.unwrap();
        ([first, second], (tables, pooler))
    });
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn many_instances_start_at_once() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    for _ in 0..3 {
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let (url, options) = (pooler.url().to_owned(), pooled(&tables));
                tokio::spawn(async move { Store::connect_with(&url, &options).await })
            })
            .collect();
        for start in starts {
            start.await.unwrap().unwrap().check().await.unwrap();
        }
    }
    Store::connect_with(pooler.url(), &pooled(&tables).migrate(false)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_pool_of_the_app_shares_its_connections_with_the_store() {
    let (pooler, tables) = (PgBouncer::start(&url()).await, Tables::new());
    let pool = PgPool::connect_with(pooler.options()).await.unwrap();
    let store = Store::new_with(pool.clone(), &pooled(&tables)).await.unwrap();
    // The app's own statements have names, as those of a careless one do.
    for _ in 0..4 {
        let _ = sqlx::query("SELECT 1 WHERE 1 = $1").bind(1).execute(&pool).await;
        store.check().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_call_that_is_dropped_leaves_no_transaction_open() {
    let (store, (tables, _pooler)) = fresh().await;
    let pool = PgPool::connect(&url()).await.unwrap();
    let mut other = pool.begin().await.unwrap();
    let lock = format!("LOCK TABLE {}connections", tables.prefix());
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut *other).await.unwrap();
    // More than the pooler has connections.
    for _ in 0..4 {
        tokio::time::timeout(Duration::from_millis(100), store.page(None, 1)).await.unwrap_err();
    }
    other.rollback().await.unwrap();
    for _ in 0..4 {
        tokio::time::timeout(SOON, store.check()).await.expect("a connection is free").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_call_that_fails_leaves_no_transaction_open() {
    let (store, (tables, pooler)) = fresh().await;
    let prefix = tables.prefix();
    let refused = format!("ALTER TABLE {prefix}connections ADD CHECK (connection_id <> 'c0ffee-id')");
    execute(&url(), refused).await;
    // More often than the pooler has connections.
    for _ in 0..4 {
        let failed = tokio::time::timeout(SOON, insert_marked(&store)).await.expect("a connection is free");
        assert_reads(
            &failed.unwrap_err(),
            &format!(
                "could not write connections at {}: a constraint is violated (SQLSTATE 23514); \
                 remove constraints and triggers that are not the store's from its tables",
                place(&pooler)
            ),
        );
    }
    tokio::time::timeout(SOON, store.check()).await.expect("a connection is free").unwrap();
}
