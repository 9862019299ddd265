//! SQLite, in a file and without one.

use nango_core::testing::queue::{claim_all, event, push_all, queue_unreachable_is_retryable};
use nango_core::testing::store::{insert, live};
use nango_core::{ConnectionKey, ConnectionStore, EventQueue, Owner, StoreErrorKind, WorkQueue};
use nango_sqlx::{Options, SqliteEventQueue, SqliteStore};
use sqlx::sqlite::SqlitePool;
use tempfile::TempDir;

use super::{LEASE, two_instances_are_one_queue};
use crate::sqlite::url;

nango_core::testing::queue_suite!(fresh);

mod in_memory {
    use nango_sqlx::SqliteEventQueue;

    use super::LEASE;

    nango_core::testing::queue_suite!(async || {
        SqliteEventQueue::connect("sqlite::memory:").await.unwrap().lease(LEASE)
    });
}

async fn fresh() -> (SqliteEventQueue, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (SqliteEventQueue::connect(&url(&folder)).await.unwrap().lease(LEASE), folder)
}

#[tokio::test]
async fn instances_share_the_file() {
    let (one, folder) = fresh().await;
    let other = SqliteEventQueue::connect(&url(&folder)).await.unwrap();
    two_instances_are_one_queue(&one, &other).await;
}

#[tokio::test]
async fn a_closed_pool_is_unreachable() {
    let (_, folder) = fresh().await;
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    let store = SqliteStore::new(pool.clone()).await.unwrap();
    let queue = store.event_queue(&Options::new()).await.unwrap();
    pool.close().await;
    queue_unreachable_is_retryable(&queue).await;
}

#[tokio::test]
async fn a_store_without_a_queue_has_no_table_of_it_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::connect(&url(&folder)).await.unwrap();
    let pool = SqlitePool::connect(&url(&folder)).await.unwrap();
    let tables = "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE '%events%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(tables).fetch_one(&pool).await.unwrap(), 0);
    let options = Options::new().migrate(false);
    let error = SqliteEventQueue::connect_with(&url(&folder), &options).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    assert!(error.to_string().contains("`migrations/sqlite/events_0001_queue.sql`"), "{error}");
    for statement in
        include_str!("../../../../nango-sqlx/migrations/sqlite/events_0001_queue.sql").split_inclusive(';')
    {
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
    }
    let queue = SqliteEventQueue::connect_with(&url(&folder), &options).await.unwrap();
    queue.push(&event(1)).await.unwrap();
}

/// Pushes and changes of connections share a writer: they wait for each other, and none is lost.
#[tokio::test(flavor = "multi_thread")]
async fn pushes_claims_and_changes_do_not_lock_each_other_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::connect(&url(&folder)).await.unwrap();
    let queue = store.event_queue(&Options::new()).await.unwrap();
    let changes = async {
        for number in 0..200 {
            let key = ConnectionKey::new("slack", format!("c{number}"));
            let row = live(key, Owner::new("user", "alice"));
            store.apply(&[insert(&row)]).await.unwrap();
        }
    };
    let pushes = async { tokio::join!(push_all(&queue, 200), push_all(&queue, 200)) };
    let claims = async {
        let mut claimed = 0;
        while claimed < 400 {
            claimed += claim_all(&queue).await.len();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(changes, pushes, claims);
    assert_eq!(queue.depth().await.unwrap().claimed, 400);
    assert_eq!(store.list(&Owner::new("user", "alice")).await.unwrap().len(), 200);
}
