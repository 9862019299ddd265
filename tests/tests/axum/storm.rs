//! One delivery that is replayed without end: every answer is 200, and the owner does not notice.

use std::time::{Duration, Instant};

use futures_util::stream::{StreamExt as _, iter};
use nango_core::{ConnectionStore, MemoryStore};
use nango_emulator::CallFaults;
use nango_sqlx::{MySqlStore, Options, PostgresStore, SqliteStore};
use nango_tests::{App, Database, service_url};

/// More than the looks that deliveries have.
const REPLAYS: usize = 150;

/// The state of Nango during the storm.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Upstream {
    Up,
    Down,
    Hanging,
}

/// Replays a delivery, so many at a time, while its owner checks the connection and then ends it.
async fn storm(app: &App, upstream: Upstream, parallel: usize) {
    let connection = app.connect("alice", "sk-test").await;
    let sent = app.emulator.deliveries()[0].clone();
    let stranger = app.stranger();
    let replays = || {
        let replays = iter(0..REPLAYS).map(|_| stranger.deliver(&sent.body, &sent.hmac_sha256));
        replays.buffer_unordered(parallel).map(|reply| reply.status).collect::<Vec<_>>()
    };
    // Uses the budget of looks up, so that the storm leaves marks.
    assert!(replays().await.iter().all(|status| *status == 200));
    match upstream {
        Upstream::Up => {}
        Upstream::Down => app.emulator.fail_calls(CallFaults::status("/connections*", 503, u32::MAX)),
        Upstream::Hanging => {
            app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_secs(60), u32::MAX));
        }
    }
    let path = format!("/nango/connections/{}", connection.handle());
    let alice = app.browser("alice");
    let owner = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if upstream != Upstream::Up {
            return;
        }
        for _ in 0..3 {
            assert_eq!(alice.post(&format!("{path}/check"), "").await.status, 200, "a check");
        }
        assert_eq!(alice.delete(&path).await.status, 204, "a disconnect");
    };
    let (statuses, ()) = tokio::join!(replays(), owner);
    let refused = statuses.iter().filter(|status| **status != 200).count();
    assert_eq!(refused, 0, "of {REPLAYS} replays, {parallel} at a time, Nango {upstream:?}");
    app.emulator.clear_faults();
}

/// Makes a storm in each state of Nango, each on a store with tables of its own.
async fn on<S: ConnectionStore>(make_store: impl AsyncFn(Options) -> S, parallel: usize) {
    for (n, upstream) in [Upstream::Up, Upstream::Down, Upstream::Hanging].into_iter().enumerate() {
        let store = make_store(Options::new().table_prefix(format!("storm_{n}_"))).await;
        storm(&App::with_store(store, |builder| builder).await, upstream, parallel).await;
    }
}

#[tokio::test]
async fn replays_do_not_wait_again_for_a_look_that_hangs() {
    let app = App::start().await;
    app.connect("alice", "sk-test").await;
    let sent = app.emulator.deliveries()[0].clone();
    let stranger = app.stranger();
    app.emulator.fail_calls(CallFaults::delay("/connections*", Duration::from_secs(60), u32::MAX));
    let deliver = async || stranger.deliver(&sent.body, &sent.hmac_sha256).await.status;
    assert_eq!(deliver().await, 200, "after a look that hung");
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(deliver().await, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    // It is looked at all the same, and the deliveries after that wait again.
    app.emulator.clear_faults();
    assert_eq!(app.nango.drain().await.unwrap().looked, 1);
    let marked = app.nango.counters().marked;
    assert_eq!(deliver().await, 200);
    assert_eq!(app.nango.counters().marked, marked, "it looked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_memory() {
    for parallel in [1, 8] {
        on(async |_| MemoryStore::new(), parallel).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db", folder.path().display());
    on(async |options| SqliteStore::connect_with(&url, &options).await.unwrap(), 32).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn on_postgres() {
    let database = Database::create(&service_url("NANGO_TEST_POSTGRES_URL")).await;
    on(async |options| PostgresStore::connect_with(database.url(), &options).await.unwrap(), 32).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[cfg_attr(not(with_mysql), ignore = "NANGO_TEST_MYSQL_URL is not set")]
async fn on_mysql() {
    let database = Database::create(&service_url("NANGO_TEST_MYSQL_URL")).await;
    on(async |options| MySqlStore::connect_with(database.url(), &options).await.unwrap(), 32).await;
}
