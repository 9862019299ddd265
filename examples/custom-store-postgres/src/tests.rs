//! The contract of a store, and the promises to the app about its own rows.

use std::time::Duration;

use nango_core::testing::store::{again, erase, insert, live, unreachable_is_retryable, update};
use nango_core::{Applied, ConnectionKey, ConnectionStore, Owner, Record};
use nango_tests::service_url;
use sqlx::postgres::{PgPool, PgPoolOptions};
use uuid::Uuid;

use crate::schema::Schema;
use crate::{APP_SCHEMA, Connections, NANGO_SCHEMA};

const ALICE: Uuid = Uuid::from_u128(1);

nango_core::testing::store_suite!(
    #[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
    async || {
        let (pool, schema) = app().await;
        (Connections::new(pool), schema)
    }
);

/// The app's tables: a user, a labelled connection, and then the migration.
async fn app() -> (PgPool, Schema) {
    let schema = Schema::create(&service_url("NANGO_TEST_POSTGRES_URL")).await;
    let pool = schema.pool().await;
    sqlx::raw_sql(APP_SCHEMA).execute(&pool).await.unwrap();
    let user = "INSERT INTO users VALUES ($1::uuid, 'alice@acme.example')";
    sqlx::query(user).bind(ALICE.to_string()).execute(&pool).await.unwrap();
    let old = "INSERT INTO connections (user_id, provider, nango_id, label) VALUES ($1::uuid, 'slack', 'old', 'work')";
    sqlx::query(old).bind(ALICE.to_string()).execute(&pool).await.unwrap();
    sqlx::raw_sql(NANGO_SCHEMA).execute(&pool).await.unwrap();
    (pool, schema)
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
    let (pool, _schema) = app().await;
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
    let (pool, _schema) = app().await;
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
async fn the_end_of_a_user_deletes_no_record() {
    let (pool, _schema) = app().await;
    let store = Connections::new(pool.clone());
    let row = live(ConnectionKey::new("slack", "old"), Owner::new("user", ALICE));
    assert_eq!(store.apply(&[insert(&row)]).await.unwrap(), [Applied::Done]);
    let ended = sqlx::query("DELETE FROM users").execute(&pool).await.unwrap();
    assert_eq!(ended.rows_affected(), 1);
    assert_eq!(store.list(&Owner::new("user", ALICE)).await.unwrap(), [row], "`Nango::forget` finds it");
}

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn what_the_table_lacks_is_named_without_values() {
    // Each on top of those before it.
    let (pool, _schema) = app().await;
    let store = Connections::new(pool.clone());
    let row = live(ConnectionKey::new("slack", "c0ffee"), Owner::new("user", ALICE));
    for (change, text) in [
        (
            "ALTER COLUMN label SET NOT NULL",
            "the store failed: SQLSTATE 23502, table connections, column label; \
             drop NOT NULL from the column, or give it a default",
        ),
        (
            "DROP CONSTRAINT connections_provider_nango_id_key",
            "the store failed: SQLSTATE 42P10; add a UNIQUE constraint on the two columns of the key",
        ),
        (
            "RENAME user_id TO account",
            "the store failed: SQLSTATE 42703; \
             compare the columns in store.rs and rows.rs with those of the table: one has another name",
        ),
        (
            "RENAME TO linked_accounts",
            "the store failed: SQLSTATE 42P01; \
             compare the tables in store.rs, rows.rs and lease.rs with those of the database: one has another name",
        ),
    ] {
        let change = sqlx::AssertSqlSafe(format!("ALTER TABLE connections {change}"));
        sqlx::raw_sql(change).execute(&pool).await.unwrap();
        assert_eq!(store.apply(&[insert(&row)]).await.unwrap_err().to_string(), text);
    }
}

#[tokio::test]
async fn an_unreachable_server_is_a_retryable_error() {
    let options = PgPoolOptions::new().acquire_timeout(Duration::from_secs(1));
    let pool = options.connect_lazy("postgres://127.0.0.1:1/none").unwrap();
    unreachable_is_retryable(&Connections::new(pool)).await;
}
