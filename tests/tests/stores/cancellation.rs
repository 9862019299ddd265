//! Calls that are dropped at every point at which they wait: none leaves a transaction in the pool,
//! in which the writes of later calls would be lost.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use nango_core::testing::store::{insert, live};
use nango_core::{Applied, Change, ConnectionKey, ConnectionStore, Owner, Version};
use nango_sqlx::{MySqlStore, PostgresStore};
use nango_tests::PgBouncer;
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::postgres::{PgPool, PgPoolOptions};

/// Enough for a reply to arrive, so that the next poll gets one step further.
const REPLY: Duration = Duration::from_millis(3);

/// More steps than a batch has.
const MOST: usize = 200;

/// More batches than a busy machine answers too soon.
const MOST_BATCHES: usize = 20;

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn a_dropped_batch_leaves_no_transaction_in_a_pool_of_mysql() {
    let tables = crate::mysql::Tables::new();
    let one = MySqlPoolOptions::new().max_connections(1);
    let pool: MySqlPool = one.connect(&crate::mysql::url()).await.unwrap();
    let store = MySqlStore::new_with(pool.clone(), &tables.options()).await.unwrap();
    let other = MySqlStore::connect_with(&crate::mysql::url(), &tables.options()).await.unwrap();
    drop_at_every_step(&store, async || {
        // In a transaction, no other connection sees the row.
        let row = live(ConnectionKey::new("slack", format!("{:?}", Version::random())), owner());
        assert_eq!(store.apply(&[insert(&row)]).await.unwrap(), [Applied::Done]);
        other.get(&[row.key]).await.unwrap() == [None]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn a_dropped_batch_leaves_no_transaction_in_a_pool_behind_a_pooler() {
    let (pooler, tables) = (PgBouncer::start(&crate::postgres::url()).await, crate::postgres::Tables::new());
    let one = PgPoolOptions::new().max_connections(1);
    let pool: PgPool = one.connect_with(pooler.options()).await.unwrap();
    let store =
        PostgresStore::new_with(pool.clone(), &tables.options().transaction_pooling(true)).await.unwrap();
    drop_at_every_step(&store, async || {
        // Outside a transaction, each statement begins its own.
        let began = sqlx::raw_sql("SELECT now() <> statement_timestamp()");
        sqlx::Row::get(&sqlx::Executor::fetch_one(&pool, began).await.unwrap(), 0)
    })
    .await;
}

async fn drop_at_every_step(store: &impl ConnectionStore, has_transaction: impl AsyncFn() -> bool) {
    for _ in 0..MOST_BATCHES {
        let steps = drop_after_more_and_more_steps(store, &has_transaction).await;
        // Begin, write, commit. On a busy machine several replies have arrived by the next poll, so that a batch
        // takes fewer steps, and nothing was dropped in the middle.
        if steps > 2 {
            return;
        }
    }
    panic!("no batch was dropped in the middle");
}

/// Drops one batch after another, each after one step more, until one ends. Returns the steps of that one.
async fn drop_after_more_and_more_steps(
    store: &impl ConnectionStore,
    has_transaction: &impl AsyncFn() -> bool,
) -> usize {
    for steps in 0..MOST {
        let changes = two_inserts();
        let mut applied = Box::pin(store.apply(&changes));
        let mut is_done = false;
        for _ in 0..steps {
            is_done = poll_fn(|context| Poll::Ready(applied.as_mut().poll(context).is_ready())).await;
            if is_done {
                break;
            }
            tokio::time::sleep(REPLY).await;
        }
        drop(applied);
        assert!(!has_transaction().await, "after {steps} steps");
        if is_done {
            return steps;
        }
    }
    panic!("a batch never ends");
}

fn two_inserts() -> [Change; 2] {
    let n = Version::random();
    ["a", "b"].map(|part| insert(&live(ConnectionKey::new("slack", format!("{part}-{n:?}")), owner())))
}

fn owner() -> Owner {
    Owner::new("user", "alice")
}
