//! The round trips to the database server that calls of a store take.
//!
//! After each call, the pool of sqlx asks the server whether the connection is whole. No call waits
//! for that.

use std::time::Duration;

use nango_core::testing::store::{insert, live};
use nango_core::{Applied, Change, ConnectionKey, ConnectionStore, Owner, Record, Timestamp, Version};
use nango_sqlx::{MySqlStore, PostgresStore};
use nango_tests::{PgBouncer, RoundTrips};
use sqlx::postgres::PgPool;

use crate::{mysql, postgres};

const SPAN: Duration = Duration::from_secs(60);

/// The call, and the round trips that it waits for.
type Figures = Vec<(&'static str, usize)>;

#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn of_a_store_on_postgres() {
    let (proxy, tables) = (RoundTrips::start(&postgres::url()).await, postgres::Tables::new());
    let store = PostgresStore::connect_with(proxy.url(), &tables.options()).await.unwrap();
    let expected = [
        ("mark", 1),
        ("get", 1),
        ("get two", 1),
        ("insert", 1),
        ("insert two", 1),
        ("list", 1),
        ("page", 1),
        ("pending", 1),
        ("take a new lease", 1),
        ("prolong a lease", 1),
    ];
    assert_eq!(figures(&store, &proxy, 1).await, expected);
}

#[tokio::test]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn of_a_store_on_mysql() {
    let (proxy, tables) = (RoundTrips::start(&mysql::url()).await, mysql::Tables::new());
    let store = MySqlStore::connect_with(proxy.url(), &tables.options()).await.unwrap();
    let expected = [
        ("mark", 1),
        ("get", 1),
        ("get two", 1),
        ("insert", 1),
        // Begins a transaction, finds the rows that exist, inserts the others, and commits.
        ("insert two", 4),
        ("list", 1),
        ("page", 1),
        ("pending", 1),
        // An upsert of MySQL has no condition, and the second statement waits for the pool's question.
        ("take a new lease", 3),
        ("prolong a lease", 1),
    ];
    assert_eq!(figures(&store, &proxy, 1).await, expected);
}

/// Each statement is parsed and executed in a transaction of its own.
#[tokio::test]
#[cfg_attr(not(with_pgbouncer), ignore = "NANGO_TEST_PGBOUNCER is not set")]
async fn of_a_store_behind_a_pooler() {
    let (pooler, tables) = (PgBouncer::start(&postgres::url()).await, postgres::Tables::new());
    let proxy = RoundTrips::start(pooler.url()).await;
    let options = tables.options().transaction_pooling(true);
    let store = PostgresStore::connect_with(proxy.url(), &options).await.unwrap();
    for (call, awaited) in figures(&store, &proxy, 1).await {
        assert_eq!(awaited, 4, "{call}");
    }
}

/// A pool of the app tests a connection before each use, unless the app says otherwise.
#[tokio::test]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn of_a_store_on_a_pool_of_the_app() {
    let (proxy, tables) = (RoundTrips::start(&postgres::url()).await, postgres::Tables::new());
    let pool = PgPool::connect(proxy.url()).await.unwrap();
    let store = PostgresStore::new_with(pool, &tables.options()).await.unwrap();
    let key = insert_row(&store).await.key;
    let mark = proxy.of(async || store.mark(std::slice::from_ref(&key), Timestamp::now()).await.unwrap());
    assert_eq!(mark.await.awaited, 2);
}

/// Counts for each call, and asserts that no call causes more than so many beyond those that it waits for.
async fn figures(store: &impl ConnectionStore, proxy: &RoundTrips, behind: usize) -> Figures {
    let row = insert_row(store).await;
    let (keys, owner) = ([row.key.clone(), ConnectionKey::new("slack", "another")], owner());
    let lease = store.lease().unwrap();
    let new_row =
        || insert(&live(ConnectionKey::new("slack", format!("{:?}", Version::random())), owner.clone()));
    let apply = async |changes: &[Change]| {
        let applied = store.apply(changes).await.unwrap();
        assert!(applied.iter().all(|applied| *applied == Applied::Done));
    };
    let now = Timestamp::now();
    let counted = [
        ("mark", proxy.of(async || drop(store.mark(&keys[..1], now).await.unwrap())).await),
        ("get", proxy.of(async || drop(store.get(&keys[..1]).await.unwrap())).await),
        ("get two", proxy.of(async || drop(store.get(&keys).await.unwrap())).await),
        ("insert", proxy.of(async || apply(&[new_row()]).await).await),
        ("insert two", proxy.of(async || apply(&[new_row(), new_row()]).await).await),
        ("list", proxy.of(async || drop(store.list(&owner).await.unwrap())).await),
        ("page", proxy.of(async || drop(store.page(None, 5).await.unwrap())).await),
        ("pending", proxy.of(async || drop(store.pending(now, 5).await.unwrap())).await),
        (
            "take a new lease",
            proxy
                .of(async || {
                    let name = format!("{:?}", Version::random());
                    assert!(lease.acquire(&name, "alice", SPAN).await.unwrap());
                })
                .await,
        ),
        (
            "prolong a lease",
            proxy.of(async || assert!(lease.acquire("sweep", "alice", SPAN).await.unwrap())).await,
        ),
    ];
    for (call, counted) in counted {
        assert!(counted.caused <= counted.awaited + behind, "{call}: {counted:?}");
    }
    counted.map(|(call, counted)| (call, counted.awaited)).to_vec()
}

async fn insert_row(store: &impl ConnectionStore) -> Record {
    let row = live(ConnectionKey::new("slack", "one"), owner());
    assert_eq!(store.apply(&[insert(&row)]).await.unwrap(), [Applied::Done]);
    row
}

fn owner() -> Owner {
    Owner::new("user", "alice")
}
