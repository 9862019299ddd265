//! What a storm costs the others: `storm_figures`, on SQLite, and on PostgreSQL where
//! `NANGO_TEST_POSTGRES_URL` is set. One delivery is replayed 2,000 times, 1, 8 and 32 at a time,
//! while Nango is up, down and hanging; its owner checks the connection and then ends it. Last, a
//! burst of 2,000 deliveries of as many connections, with and without a rate limit of Nango;
//! `storm_figures burst` is that alone.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{StreamExt as _, iter};
use nango_core::{ConnectionStore, NangoBuilder};
use nango_emulator::{CallFaults, Emulator};
use nango_sqlx::{Options, PostgresStore, SqliteStore};
use nango_tests::{App, Browser, Database, Organization, User, on_axum, sign};
use sqlx::PgPool;

const REPLAYS: usize = 2_000;
/// The runs of one measurement, each with an app and tables of its own, since owners have limits.
const RUNS: usize = 8;
const CHECKS: usize = 10;
const BURST: u32 = 2_000;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db", folder.path().display());
    let sqlite = async |options: Options| SqliteStore::connect_with(&url, &options).await.unwrap();
    let only_burst = env::args().nth(1).is_some_and(|what| what == "burst");
    if !only_burst {
        storms("SQLite", sqlite).await;
    }
    if let Ok(server) = env::var("NANGO_TEST_POSTGRES_URL")
        && !only_burst
    {
        let database = Database::create(&server).await;
        // One for all: the server has a hundred connections.
        let pool = PgPool::connect(database.url()).await.unwrap();
        let postgres =
            async |options: Options| PostgresStore::new_with(pool.clone(), &options).await.unwrap();
        storms("PostgreSQL", postgres).await;
    }
    for limit in [None, Some(1_200)] {
        burst(sqlite(Options::new().table_prefix(format!("burst_{}_", limit.unwrap_or(0)))).await, limit)
            .await;
    }
}

async fn storms<S: ConnectionStore>(name: &str, make_store: impl AsyncFn(Options) -> S) {
    println!("{name}: {REPLAYS} replays of one delivery; times in ms as median and worst");
    let mut tables = 0;
    let mut app = async || {
        tables += 1;
        App::with_store(
            make_store(Options::new().table_prefix(format!("storm_{tables}_"))).await,
            |builder| builder,
        )
        .await
    };
    let (mut checks, mut ends) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let app = app().await;
        let browser = owner(&app).await;
        owner_requests(&browser, &AtomicBool::new(false), &mut checks, &mut ends).await;
    }
    println!("  quiet                 check {}  delete {}", Times(checks), Times(ends));
    for parallel in [1, 8, 32] {
        let (mut checks, mut ends, mut took, mut wrong) = (Vec::new(), Vec::new(), Vec::new(), 0);
        for _ in 0..RUNS {
            let app = app().await;
            let browser = owner(&app).await;
            let over = AtomicBool::new(false);
            let storm = async {
                let begun = Instant::now();
                wrong += replay(&app, parallel).await;
                took.push(begun.elapsed());
                over.store(true, Ordering::SeqCst);
            };
            tokio::join!(storm, owner_requests(&browser, &over, &mut checks, &mut ends));
        }
        println!(
            "  up, {parallel:2} at a time      check {}  delete {}  storm {}  not 200: {wrong}",
            Times(checks),
            Times(ends),
            Times(took)
        );
    }
    for (state, fault) in [
        ("down", CallFaults::status("/connections*", 503, u32::MAX)),
        ("hanging", CallFaults::delay("/connections*", Duration::from_secs(60), u32::MAX)),
    ] {
        for parallel in [1, 8, 32] {
            let app = app().await;
            owner(&app).await;
            app.emulator.fail_calls(fault.clone());
            let begun = Instant::now();
            let wrong = replay(&app, parallel).await;
            println!("  {state}, {parallel:2} at a time: storm {:?}  not 200: {wrong}", begun.elapsed());
            app.emulator.clear_faults();
        }
    }
}

/// Connects an owner, and returns the browser.
async fn owner(app: &App) -> Browser {
    app.connect("alice", "sk-test").await;
    app.browser("alice")
}

/// Replays a delivery, and returns the number of answers that are not 200.
async fn replay(app: &App, parallel: usize) -> usize {
    let sent = app.emulator.deliveries()[0].clone();
    let stranger = app.stranger();
    let replays = iter(0..REPLAYS).map(|_| stranger.deliver(&sent.body, &sent.hmac_sha256));
    replays.buffer_unordered(parallel).filter(|reply| std::future::ready(reply.status != 200)).count().await
}

/// Checks the connection again and again, and ends it.
async fn owner_requests(
    browser: &Browser,
    over: &AtomicBool,
    checks: &mut Vec<Duration>,
    ends: &mut Vec<Duration>,
) {
    let handle = browser.connections("/nango").await[0]["handle"].as_str().unwrap().to_owned();
    let path = format!("/nango/connections/{handle}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..CHECKS {
        let begun = Instant::now();
        let reply = browser.post(&format!("{path}/check"), "").await;
        checks.push(begun.elapsed());
        assert_eq!(reply.status, 200, "{}", reply.body);
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    if over.load(Ordering::SeqCst) {
        println!("  the storm was over before the owner was done");
    }
    let begun = Instant::now();
    let reply = browser.delete(&path).await;
    ends.push(begun.elapsed());
    assert_eq!(reply.status, 204, "{}", reply.body);
}

/// Receives a delivery of each of many connections at once, and waits until all are listed; with a
/// limit, for a minute.
async fn burst(store: impl ConnectionStore, limit: Option<u32>) {
    let mut emulator = Emulator::builder();
    if let Some(limit) = limit {
        emulator = emulator.rate_limit(limit);
    }
    let entities = |builder: NangoBuilder| builder.entity::<User>().entity::<Organization>();
    let app = App::with_emulator(emulator, on_axum, store, entities).await;
    let tags = [("end_user_id", "alice"), ("owner_kind", "user")];
    app.emulator.import_many("openai", BURST, "burst-{n}", &tags).unwrap();
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(3_600));
    let deliveries: Vec<_> = (1..=BURST).map(|n| delivery(&app, n)).collect();
    let stranger = app.stranger();
    let begun = Instant::now();
    let answers = iter(&deliveries).map(|(body, signature)| stranger.deliver(body, signature));
    let wrong =
        answers.buffer_unordered(32).filter(|reply| std::future::ready(reply.status != 200)).count().await;
    println!(
        "burst of {BURST}, limit {limit:?} a minute: answered after {:?}, not 200: {wrong}",
        begun.elapsed()
    );
    let alice = User::named("alice").unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    let mut listed = 0;
    while listed < BURST as usize && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(100)).await;
        listed = app.nango.connections(&alice).await.unwrap().len();
    }
    println!("  {listed} listed after {:?}", begun.elapsed());
    sweeper.stop().await;
}

fn delivery(app: &App, n: u32) -> (String, String) {
    let body = serde_json::json!({
        "type": "auth", "from": "nango", "operation": "creation", "success": true, "connectionId": format!("burst-{n}"),
        "providerConfigKey": "openai", "provider": "openai", "authMode": "API_KEY", "environment": "dev",
    })
    .to_string();
    let signature = sign(&app.emulator.signing_key(), &body);
    (body, signature)
}

/// Shows the median and the worst.
struct Times(Vec<Duration>);

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut sorted = self.0.clone();
        sorted.sort();
        let ms = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
        write!(f, "{:7.1} {:7.1}", ms(sorted.get(sorted.len() / 2)), ms(sorted.last()))
    }
}
