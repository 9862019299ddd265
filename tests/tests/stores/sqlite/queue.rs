//! Concurrent changes, which share a transaction.

use std::sync::Arc;
use std::time::Duration;

use nango_core::testing::store::{insert, live};
use nango_core::{Applied, ConnectionKey, ConnectionStore, Owner, Record, StoreErrorKind};
use nango_sqlx::SqliteStore;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use super::{fresh, url};

fn rows(count: usize) -> Vec<Record> {
    let row = |n| live(ConnectionKey::new("slack", format!("{n}")), Owner::new("user", n));
    (0..count).map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_caller_cancels_no_other_change() {
    let (store, _folder) = fresh().await;
    let (store, rows) = (Arc::new(store), rows(300));
    let apply = |row: &Record| {
        let (store, change) = (Arc::clone(&store), insert(row));
        tokio::spawn(async move { store.apply(&[change]).await })
    };
    let tasks: Vec<_> = rows.iter().map(apply).collect();
    for task in tasks.iter().step_by(2) {
        tokio::task::yield_now().await;
        task.abort();
    }
    for (n, task) in tasks.into_iter().enumerate() {
        match task.await {
            Ok(applied) => assert_eq!(applied.unwrap(), [Applied::Done]),
            Err(cancelled) => assert!(cancelled.is_cancelled() && n % 2 == 0),
        }
        if n % 2 == 1 {
            assert_eq!(store.get(&[rows[n].key.clone()]).await.unwrap(), [Some(rows[n].clone())]);
        }
    }
}

#[test]
fn a_store_survives_the_shutdown_of_one_runtime() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let ours = runtime();
    let (store, _folder) = ours.block_on(fresh());
    let (store, mut rows) = (Arc::new(store), rows(300));
    let last = rows.pop().unwrap();
    let other = runtime();
    for row in rows {
        let store = Arc::clone(&store);
        other.spawn(async move { store.apply(&[insert(&row)]).await });
    }
    other.shutdown_background();
    let applied = ours.block_on(async {
        let apply = async {
            loop {
                match store.apply(&[insert(&last)]).await {
                    // The change was queued behind one of the other runtime.
                    Err(error) if error.is_retryable() => {}
                    applied => return applied.unwrap(),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), apply).await.unwrap()
    });
    assert_eq!(applied, [Applied::Done]);
}

/// A trigger of the app refuses a row. Other rows in the same transaction are written.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_fails_alone() {
    let (_, folder) = fresh().await;
    let pool = SqlitePoolOptions::new().max_connections(1).connect(&url(&folder)).await.unwrap();
    let (store, rows) = (Arc::new(SqliteStore::new(pool.clone()).await.unwrap()), rows(100));
    for (n, way) in [(7, "ROLLBACK"), (8, "ABORT"), (9, "FAIL")] {
        let trigger = format!(
            "CREATE TRIGGER refuse_{n} BEFORE INSERT ON nango_connections WHEN NEW.connection_id = '{n}' \
             BEGIN SELECT RAISE({way}, 'refused'); END"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(&pool).await.unwrap();
    }
    let refused = |n: usize| (7..10).contains(&n);

    // Another connection writes: the first change waits for the file, and the others queue behind
    // it.
    let other = SqlitePool::connect(&url(&folder)).await.unwrap();
    let other = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let mut tasks = Vec::new();
    for row in &rows[..50] {
        let (store, change) = (Arc::clone(&store), insert(row));
        tasks.push(tokio::spawn(async move { store.apply(&[change]).await }));
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(tasks.iter().all(|task| !task.is_finished()));
    other.rollback().await.unwrap();
    for (n, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(applied) => assert!(applied == [Applied::Done] && !refused(n), "{n}"),
            Err(error) => assert!(error.kind() == StoreErrorKind::Other && refused(n), "{n}: {error}"),
        }
    }

    // In one slice of changes, a refused one is an error, and the others are written.
    let slice: Vec<_> = rows[50..].iter().chain(&rows[7..10]).map(insert).collect();
    assert_eq!(store.apply(&slice).await.unwrap_err().kind(), StoreErrorKind::Other);
    let keys: Vec<_> = rows.iter().map(|row| row.key.clone()).collect();
    for (n, found) in store.get(&keys).await.unwrap().into_iter().enumerate() {
        assert_eq!(found.is_none(), refused(n), "{n}");
    }
    // The pool's one connection is usable.
    pool.begin_with("BEGIN IMMEDIATE").await.unwrap().rollback().await.unwrap();
}
