//! The contract of a store, and the promises to the app about its own rows.

use nango_core::testing::store::{again, erase, insert, live, unreachable_is_retryable, update};
use nango_core::{Applied, ConnectionKey, ConnectionStore, Owner, Record};
use nango_tests::{Database, service_url};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{APP_SCHEMA, Connections, NANGO_SCHEMA};

const ALICE: Uuid = Uuid::from_u128(1);

nango_core::testing::store_suite!(
    #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
    async || {
        let (pool, database) = app().await;
        (Connections::new(pool), database)
    }
);

/// The app's database: a user, a labelled connection, and then the migration.
async fn app() -> (PgPool, Database) {
    let database = Database::create(&service_url("NANGO_TEST_POSTGRES_URL")).await;
    let pool = PgPool::connect(database.url()).await.unwrap();
    sqlx::raw_sql(APP_SCHEMA).execute(&pool).await.unwrap();
    let user = "INSERT INTO users VALUES ($1::uuid, 'alice@acme.example')";
    sqlx::query(user).bind(ALICE.to_string()).execute(&pool).await.unwrap();
    let old = "INSERT INTO connections (user_id, provider, nango_id, label) VALUES ($1::uuid, 'slack', 'old', 'work')";
    sqlx::query(old).bind(ALICE.to_string()).execute(&pool).await.unwrap();
    sqlx::raw_sql(NANGO_SCHEMA).execute(&pool).await.unwrap();
    (pool, database)
}

/// The app's own query: e-mail address, connection id and label.
async fn joined(pool: &PgPool) -> Vec<(String, String, Option<String>)> {
    let join =
        "SELECT email, nango_id, label FROM connections JOIN users ON users.id = user_id ORDER BY nango_id";
    sqlx::query_as(join).fetch_all(pool).await.unwrap()
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn a_row_of_the_app_is_adopted_with_its_columns_and_follows_its_owner() {
    let (pool, _database) = app().await;
    let store = Connections::new(pool.clone());
    let key = ConnectionKey::new("slack", "old");
    assert_eq!(
        store.get(std::slice::from_ref(&key)).await.unwrap(),
        [None],
        "a row without a version is no record"
    );

    let row = live(key, Owner::new("user", ALICE));
    assert_eq!(store.apply(&[insert(&row), insert(&row)]).await.unwrap(), [Applied::Done, Applied::Stale]);
    let alices = [("alice@acme.example".to_owned(), "old".to_owned(), Some("work".to_owned()))];
    assert_eq!(joined(&pool).await, alices);

    let ended = Record { removed: true, ..again(&row) };
    assert_eq!(store.apply(&[update(&row, &ended)]).await.unwrap(), [Applied::Done]);
    assert!(joined(&pool).await.is_empty(), "the app does not see tombstones");
    assert_eq!(store.apply(&[erase(&ended)]).await.unwrap(), [Applied::Done]);
    let label: String = sqlx::query_scalar("SELECT label FROM connections").fetch_one(&pool).await.unwrap();
    assert_eq!(label, "work", "the row stays the app's");
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn owners_that_are_not_users_of_the_app_have_connections() {
    let (pool, _database) = app().await;
    let store = Connections::new(pool.clone());
    let owners = [
        Owner::new("organization", 1),
        Owner::new("user", Uuid::from_u128(2)),
        Owner::new("user", "no uuid"),
    ];
    for (n, owner) in owners.into_iter().enumerate() {
        let row = live(ConnectionKey::new("slack", n.to_string()), owner.clone());
        assert_eq!(store.apply(&[insert(&row)]).await.unwrap(), [Applied::Done]);
        assert_eq!(store.list(&owner).await.unwrap(), [row]);
    }
    assert_eq!(joined(&pool).await.len(), 1, "only the app's own connection has a user");
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn an_unreachable_server_is_a_retryable_error() {
    let (pool, _database) = app().await;
    let store = Connections::new(pool.clone());
    pool.close().await;
    unreachable_is_retryable(&store).await;
}
