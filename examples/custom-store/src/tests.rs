//! The contract of a store, and the promises to the app about its own rows.

use std::str::FromStr;
use std::time::Duration;

use nango_core::testing::store::{again, erase, insert, live, unreachable_is_retryable, update};
use nango_core::{Applied, Change, ConnectionKey, ConnectionStore, Owner, Record, Timestamp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tempfile::TempDir;

use crate::{APP_SCHEMA, Connections, NANGO_SCHEMA};

nango_core::testing::store_suite!(async || {
    let (pool, folder) = app().await;
    (Connections::new(migrated(pool).await), folder)
});

/// The app's database before the migration: two users, and a labelled connection.
async fn app() -> (SqlitePool, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db", folder.path().display());
    let options = SqliteConnectOptions::from_str(&url).unwrap();
    // The default of five seconds is short for writers that share a disk with everything else that is tested.
    let options = options.journal_mode(SqliteJournalMode::Wal).busy_timeout(Duration::from_secs(30));
    let options = options.create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(APP_SCHEMA).execute(&pool).await.unwrap();
    let rows = "INSERT INTO users VALUES ('1', 'alice@acme.example'), ('2', 'bob@acme.example'); \
         INSERT INTO connections (user_id, provider, nango_id, label) VALUES ('1', 'slack', 'old', 'work');";
    sqlx::raw_sql(rows).execute(&pool).await.unwrap();
    (pool, folder)
}

async fn migrated(pool: SqlitePool) -> SqlitePool {
    sqlx::raw_sql(NANGO_SCHEMA).execute(&pool).await.unwrap();
    pool
}

/// The app's own query: e-mail address, connection id and label.
async fn joined(pool: &SqlitePool) -> Vec<(String, String, Option<String>)> {
    let join =
        "SELECT email, nango_id, label FROM connections JOIN users ON users.id = user_id ORDER BY nango_id";
    sqlx::query_as(join).fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn an_insertion_adopts_a_row_of_the_app_with_its_columns() {
    let (pool, _folder) = app().await;
    let store = Connections::new(migrated(pool.clone()).await);
    let key = ConnectionKey::new("slack", "old");
    assert_eq!(
        store.get(std::slice::from_ref(&key)).await.unwrap(),
        [None],
        "a row without a version is not a record"
    );
    let row = live(key, Owner::new("user", "1"));
    assert_eq!(store.apply(&[insert(&row), insert(&row)]).await.unwrap(), [Applied::Done, Applied::Stale]);
    let work_of = |email: &str| [(email.to_owned(), "old".to_owned(), Some("work".to_owned()))];
    assert_eq!(joined(&pool).await, work_of("alice@acme.example"));

    let moved = live(row.key.clone(), Owner::new("user", "2"));
    assert_eq!(store.apply(&[update(&row, &moved)]).await.unwrap(), [Applied::Done]);
    assert_eq!(joined(&pool).await, work_of("bob@acme.example"));
    let ended = Record { removed: true, ..again(&moved) };
    assert_eq!(store.apply(&[update(&moved, &ended)]).await.unwrap(), [Applied::Done]);
    assert!(joined(&pool).await.is_empty(), "the app does not see tombstones");
    let anonymous = Record { owner: None, ..again(&ended) };
    apply_all(&store, [update(&ended, &anonymous), erase(&anonymous)]).await;
    assert_eq!(row_of_the_app(&pool).await, (None, "work".to_owned()), "the row stays the app's");
}

/// A mark without an owner is written while Nango is unavailable or rate limited, and erased if
/// Nango then has no such connection, or one without an owner in its tags, like those that predate
/// the tags.
#[tokio::test]
async fn a_mark_leaves_a_row_of_the_app_as_it_was() {
    let (pool, _folder) = app().await;
    let store = Connections::new(migrated(pool.clone()).await);
    let key = ConnectionKey::new("slack", "old");
    let alices = (Some("1".to_owned()), "work".to_owned());
    let columns = async || -> String {
        let columns = "SELECT json_array(id, user_id, provider, nango_id, label, version, owner_kind, owner_id, \
             owner_scope, removed, announced, look_again_at, details) FROM connections WHERE nango_id = 'old'";
        sqlx::query_scalar(columns).fetch_one(&pool).await.unwrap()
    };
    let before = columns().await;

    let now = Timestamp::now();
    let mark =
        Record { owner: None, removed: true, look_again_at: Some(now), ..live(key, Owner::new("", "")) };
    let once_more = again(&mark);
    for change in [insert(&mark), update(&mark, &once_more)] {
        apply_all(&store, [change]).await;
        assert_eq!(row_of_the_app(&pool).await, alices);
        assert_eq!(store.pending(now, 10).await.unwrap().len(), 1);
    }
    apply_all(&store, [erase(&once_more)]).await;
    assert_eq!(columns().await, before);
    assert!(store.pending(now, 10).await.unwrap().is_empty());

    // Instead of being erased, the mark can get an owner.
    let bobs = live(mark.key.clone(), Owner::new("user", "2"));
    apply_all(&store, [insert(&mark), update(&mark, &bobs)]).await;
    assert_eq!(row_of_the_app(&pool).await, (Some("2".to_owned()), "work".to_owned()));
    // Without a handler to notify, a removal clears the owner at once.
    let ended = Record { owner: None, removed: true, ..again(&bobs) };
    apply_all(&store, [update(&bobs, &ended)]).await;
    assert_eq!(row_of_the_app(&pool).await, (None, "work".to_owned()));
}

async fn apply_all<const N: usize>(store: &Connections, changes: [Change; N]) {
    assert_eq!(store.apply(&changes).await.unwrap(), [Applied::Done; N]);
}

/// `user_id` and `label` of the app's connection.
async fn row_of_the_app(pool: &SqlitePool) -> (Option<String>, String) {
    let row = sqlx::query_as("SELECT user_id, label FROM connections WHERE nango_id = 'old'");
    row.fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn owners_that_are_not_users_of_the_app_have_connections() {
    let (pool, _folder) = app().await;
    let store = Connections::new(migrated(pool.clone()).await);
    for (n, owner) in [Owner::new("organization", "1"), Owner::new("user", "deleted")].into_iter().enumerate()
    {
        let row = live(ConnectionKey::new("slack", n.to_string()), owner.clone());
        assert_eq!(store.apply(&[insert(&row)]).await.unwrap(), [Applied::Done]);
        assert_eq!(store.list(&owner).await.unwrap(), [row]);
    }
    assert_eq!(joined(&pool).await.len(), 1, "only the app's own connection has a user");
}

#[tokio::test]
async fn a_closed_pool_is_a_retryable_error() {
    let (pool, _folder) = app().await;
    let store = Connections::new(migrated(pool.clone()).await);
    pool.close().await;
    unreachable_is_retryable(&store).await;
}

#[tokio::test]
async fn debug_output_does_not_contain_the_database() {
    let (pool, _folder) = app().await;
    assert_eq!(format!("{:?}", Connections::new(pool)), "Connections { .. }");
}
