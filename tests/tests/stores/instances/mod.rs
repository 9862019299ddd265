//! Processes of one app on one PostgreSQL: a storm of deliveries to two, and the end of one.

mod crash;
mod instance;
mod lease;
mod storm;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use nango_core::{ConnectionStore, Health, Owner, Record, Timestamp};
use nango_emulator::Emulator;
use nango_sqlx::PostgresStore;
use nango_tests::{Organization, User, nango_builder};

use instance::Instance;
use lease::{SweepDatabase, Tenure};
use storm::{BROKEN, CONNECTIONS, OWNERS, Storm};

/// The longest time for the last looks.
const CONVERGENCE: Duration = Duration::from_secs(120);

/// The longest time until another process sweeps: a dead sweeper's lease holds for a minute, and a
/// process that finds it taken retries after a minute. The rest is for slow machines.
const TAKEOVER: Duration = Duration::from_secs(180);

/// The least time that is left of the killed process's lease.
const MARGIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn ten_thousand_deliveries_to_two_processes_lose_nothing() {
    let (database, emulator) = (SweepDatabase::create().await, emulator().await);
    let instances = [Instance::start(database.url(), &emulator), Instance::start(database.url(), &emulator)];
    let storm = Storm::new(&emulator, &instances).await;
    storm.send().await;

    let store = PostgresStore::connect(database.url()).await.unwrap();
    settle(&store).await;
    assert_exact(&emulator, store).await;
    assert_eq!(database.deadlocks().await, 0);
    assert_one_at_a_time(&instances, &database.tenures().await);
    println!("{storm}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn ten_thousand_deliveries_lose_nothing_when_one_of_two_processes_is_killed() {
    let (database, emulator) = (SweepDatabase::create().await, emulator().await);
    let instances = [Instance::start(database.url(), &emulator), Instance::start(database.url(), &emulator)];
    let storm = Storm::new(&emulator, &instances).await.holding_back();
    let ((other, at), ()) = tokio::join!(kill_the_sweeper(&storm, &instances, &database), storm.send());
    let store = PostgresStore::connect(database.url()).await.unwrap();
    settle(&store).await;
    assert_exact(&emulator, store).await;
    while other.sweeps().last().is_none_or(|last| *last < at) {
        assert!(Timestamp::now().since(at) < TAKEOVER, "no process has taken over");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let tenures = database.tenures().await;
    assert_one_at_a_time(&instances, &tenures);
    let last = tenures.iter().rfind(|tenure| tenure.began < at).unwrap();
    let next = tenures.iter().find(|tenure| tenure.began > at).unwrap();
    assert!(
        last.ends > at && next.holder != last.holder && next.began >= last.ends,
        "the lease was not passed on"
    );
    println!("{storm}; taken over after {:.1} s", next.began.since(at).as_secs_f64());

    let store = PostgresStore::connect(database.url()).await.unwrap();
    assert_exact(&emulator, store).await;
    assert_eq!(database.deadlocks().await, 0);
}

/// Kills the process that sweeps, in the middle of the storm and of its lease. Returns the other
/// one, and the time.
async fn kill_the_sweeper<'a>(
    storm: &Storm<'_>,
    [one, other]: &'a [Instance; 2],
    database: &SweepDatabase,
) -> (&'a Instance, Timestamp) {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if storm.acknowledged() < CONNECTIONS / 2 {
            continue;
        }
        let tenures = database.tenures().await;
        let held = tenures.last().filter(|tenure| tenure.ends.since(Timestamp::now()) > MARGIN);
        for (sweeper, other) in [(one, other), (other, one)] {
            let last = sweeper.sweeps().pop();
            if held.is_some() && last.map(|last| holder(&tenures, last)) == held.map(|held| &*held.holder) {
                let at = sweeper.kill();
                storm.release();
                assert!(storm.acknowledged() < CONNECTIONS, "the storm is over");
                return (other, at);
            }
        }
    }
}

/// Returns the holder of the lease at a time.
fn holder(tenures: &[Tenure], at: Timestamp) -> &str {
    &tenures.iter().rfind(|tenure| tenure.began < at).unwrap().holder
}

/// Asserts that the lease had one holder at a time, and that each process swept under a name of its
/// own.
fn assert_one_at_a_time(instances: &[Instance; 2], tenures: &[Tenure]) {
    for pair in tenures.windows(2) {
        assert!(pair[0].holder == pair[1].holder || pair[1].began >= pair[0].ends, "{pair:?}");
    }
    let [one, other] = instances.each_ref().map(Instance::sweeps);
    let sweeps = one.len() + other.len();
    let [one, other] =
        [one, other].map(|sweeps| sweeps.into_iter().map(|at| holder(tenures, at)).collect::<HashSet<_>>());
    assert!(one.len() <= 1 && other.len() <= 1 && one.is_disjoint(&other), "two at a time");
    assert!(sweeps > 1, "no process sweeps");
}

async fn emulator() -> Emulator {
    Emulator::builder().listen("127.0.0.1:0").start().await.unwrap()
}

/// Waits until no look is due, and no mark is left of connections that never existed.
async fn settle(store: &PostgresStore) {
    let began = Instant::now();
    loop {
        let rows = all(store).await;
        let due = store.pending(Timestamp::now(), 1).await.unwrap();
        if rows.len() == CONNECTIONS && rows.iter().all(|row| !row.removed) && due.is_empty() {
            return;
        }
        assert!(began.elapsed() < CONVERGENCE, "{} rows, and some are due", rows.len());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn all(store: &impl ConnectionStore) -> Vec<Record> {
    let mut rows: Vec<Record> = Vec::new();
    loop {
        let page = store.page(rows.last().map(|row| &row.key), 2000).await.unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

/// Asserts that the store has every connection with its owner and its health, and nothing else.
async fn assert_exact(emulator: &Emulator, store: PostgresStore) {
    let mut rows: HashMap<_, _> = all(&store).await.into_iter().map(|row| (row.key.clone(), row)).collect();
    assert_eq!(rows.len(), CONNECTIONS);
    let nango = nango_builder(emulator, store).entity::<User>().entity::<Organization>().build().unwrap();
    let (mut healthy, mut broken) = (0, 0);
    for user in 1..=OWNERS {
        let owner = Owner::new("user", format!("u-{user}"));
        let owned = nango.connections(&owner).await.unwrap();
        assert_eq!(owned.len(), CONNECTIONS / OWNERS, "{user}");
        for connection in owned {
            let row = rows.remove(connection.key()).unwrap();
            assert!(row.key.connection_id().ends_with(&format!("-{user}")), "another owner's");
            assert_eq!((row.owner.as_ref(), row.removed), (Some(&owner), false));
            match connection.health() {
                Health::Healthy => healthy += 1,
                Health::Degraded | Health::NeedsReconnect => broken += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(rows.is_empty(), "rows without an owner");
    assert_eq!((healthy, broken), (CONNECTIONS - BROKEN, BROKEN));
    // A sweep finds no drift, once the marks that come due at this moment have been drained.
    let began = Instant::now();
    let report = loop {
        let report = nango.sweep().dry_run().run().await.unwrap();
        if report.updated == 0 || began.elapsed() > CONVERGENCE {
            break report;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!((report.listed, report.rows, report.updated), (CONNECTIONS, CONNECTIONS, 0), "{report:?}");
    let drifts = [&report.missing_in_store, &report.missing_at_nango, &report.owner_unknown];
    assert!(drifts.iter().all(|drift| drift.count == 0), "{report:?}");
}
