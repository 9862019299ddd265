//! PostgreSQL, at `NANGO_TEST_POSTGRES_URL`.

use std::sync::Arc;

use nango_core::testing::queue::{push_all, queue_unreachable_is_retryable};
use nango_core::{Outcome, QueueDepth, Settlement, WorkQueue};
use nango_sqlx::{PostgresEventQueue, PostgresStore};
use sqlx::Row as _;
use sqlx::postgres::{PgConnectOptions, PgPool};

use super::{LEASE, two_instances_are_one_queue};
use crate::postgres::{Tables, pool, url};

nango_core::testing::queue_suite!(
    #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
    fresh
);

async fn fresh() -> (PostgresEventQueue, Tables) {
    let tables = Tables::new();
    (PostgresEventQueue::connect_with(&url(), &tables.options()).await.unwrap().lease(LEASE), tables)
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn instances_share_the_table() {
    let (one, tables) = fresh().await;
    let other = PostgresEventQueue::connect_with(&url(), &tables.options()).await.unwrap();
    two_instances_are_one_queue(&one, &other).await;
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_closed_pool_is_unreachable() {
    let tables = Tables::new();
    let pool = pool().await;
    let store = PostgresStore::new_with(pool.clone(), &tables.options()).await.unwrap();
    let queue = store.event_queue(&tables.options()).await.unwrap();
    pool.close().await;
    queue_unreachable_is_retryable(&queue).await;
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn concurrent_migrations_succeed() {
    let tables = Tables::new();
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let options = tables.options();
            tokio::spawn(async move { PostgresEventQueue::connect_with(&url(), &options).await })
        })
        .collect();
    for start in starts {
        start.await.unwrap().unwrap();
    }
}

/// Workers do not fail each other where the database makes every transaction serializable.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn workers_share_a_database_of_serializable_transactions() {
    let tables = Tables::new();
    let options: PgConnectOptions = url().parse().unwrap();
    let strict = options.options([("default_transaction_isolation", "serializable")]);
    let store = PostgresStore::new_with(PgPool::connect_with(strict).await.unwrap(), &tables.options())
        .await
        .unwrap();
    let queue: Arc<dyn WorkQueue> = Arc::new(store.event_queue(&tables.options()).await.unwrap());
    push_all(&*queue, 120).await;
    let workers = (0..6).map(|_| {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move {
            let mut handled = 0;
            // A claim may find the events of the moment locked by others.
            for _ in 0..30 {
                let claims = queue.claim(4).await.unwrap();
                handled += claims.len();
                let done = claims.into_iter().map(|claim| Settlement::new(claim, Outcome::Done));
                queue.settle(&done.collect::<Vec<_>>()).await.unwrap();
            }
            handled
        })
    });
    let mut handled = 0;
    for worker in workers.collect::<Vec<_>>() {
        handled += worker.await.unwrap();
    }
    assert_eq!((handled, queue.depth().await.unwrap()), (120, QueueDepth::default()));
}

/// A backlog must not make each claim slower: it reads the index in the order of the times.
#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_claim_reads_the_index() {
    let (_queue, tables) = fresh().await;
    let mut connection = pool().await.acquire().await.unwrap();
    for switch in ["enable_seqscan", "enable_bitmapscan"] {
        let off = sqlx::AssertSqlSafe(format!("SET {switch} = off"));
        sqlx::raw_sql(off).execute(&mut *connection).await.unwrap();
    }
    let prefix = tables.prefix();
    let plan = format!(
        "EXPLAIN SELECT key FROM {prefix}events_queue \
         WHERE due <= (SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT) \
         ORDER BY due, key LIMIT 8 FOR UPDATE SKIP LOCKED"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(plan)).fetch_all(&mut *connection).await.unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(steps.iter().any(|step| step.contains(&format!("{prefix}events_queue_due"))), "{steps:#?}");
    assert!(!steps.iter().any(|step| step.trim_start().starts_with("Sort")), "{steps:#?}");
}
