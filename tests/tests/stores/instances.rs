//! Two processes of one app on one PostgreSQL, and a storm of deliveries.

#[path = "instances/process.rs"]
mod process;
#[path = "instances/storm.rs"]
mod storm;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use nango_core::{ConnectionStore, Health, Nango, Owner, Record, SigningKeys, Timestamp};
use nango_emulator::Emulator;
use nango_sqlx::PostgresStore;
use nango_tests::{Organization, User};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use process::Instance;
use storm::{BROKEN, CONNECTIONS, OWNERS, Storm};

/// How long the last looks may take.
const CONVERGENCE: Duration = Duration::from_secs(120);

/// A dead sweeper's lease holds for a minute, and who finds it taken may come again a minute later; the rest is for slow
/// machines.
const TAKEOVER: Duration = Duration::from_secs(180);

/// How much of its lease the killed one leaves, at least.
const MARGIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn ten_thousand_deliveries_to_two_processes() {
    let (database, emulator) = (Database::new().await, emulator().await);
    let instances = [Instance::start(&database.url, &emulator), Instance::start(&database.url, &emulator)];
    let storm = Storm::new(&emulator, &instances).await;
    storm.rage().await;

    let store = PostgresStore::connect(&database.url).await.unwrap();
    settle(&store).await;
    assert_exact(&emulator, store).await;
    assert_eq!(database.deadlocks().await, 0);
    assert_one_at_a_time(&instances, &database.tenures().await);
    println!("{storm}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set")]
async fn ten_thousand_deliveries_to_two_processes_of_which_one_is_killed() {
    let (database, emulator) = (Database::new().await, emulator().await);
    let instances = [Instance::start(&database.url, &emulator), Instance::start(&database.url, &emulator)];
    let storm = Storm::new(&emulator, &instances).await.holding_back();
    let (killed, ()) = tokio::join!(kill_the_sweeper(&storm, &instances, &database), storm.rage());
    let (other, at) = killed;
    let store = PostgresStore::connect(&database.url).await.unwrap();
    settle(&store).await;
    assert_exact(&emulator, store).await;
    while other.sweeps().last().is_none_or(|last| *last < at) {
        assert!(Timestamp::now().since(at) < TAKEOVER, "nobody has taken over");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let tenures = database.tenures().await;
    assert_one_at_a_time(&instances, &tenures);
    let dead = tenures.iter().rfind(|tenure| tenure.began < at).unwrap();
    let next = tenures.iter().find(|tenure| tenure.began > at).unwrap();
    assert!(dead.ends > at && next.holder != dead.holder && next.began >= dead.ends, "not passed on");
    println!("{storm}; taken over after {:.1} s", next.began.since(at).as_secs_f64());

    let store = PostgresStore::connect(&database.url).await.unwrap();
    assert_exact(&emulator, store).await;
    assert_eq!(database.deadlocks().await, 0);
}

/// Midway, while it has the lease for a good while. Gives the other one, and when it was done.
async fn kill_the_sweeper<'a>(
    storm: &Storm<'_>,
    [one, other]: &'a [Instance; 2],
    database: &Database,
) -> (&'a Instance, Timestamp) {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if storm.taken() < CONNECTIONS / 2 {
            continue;
        }
        let tenures = database.tenures().await;
        let held = tenures.last().filter(|tenure| tenure.ends.since(Timestamp::now()) > MARGIN);
        for (sweeper, other) in [(one, other), (other, one)] {
            let last = sweeper.sweeps().pop();
            if held.is_some() && last.map(|last| holder(&tenures, last)) == held.map(|held| &*held.holder) {
                let at = sweeper.kill();
                storm.let_go();
                assert!(storm.taken() < CONNECTIONS, "the storm is over");
                return (other, at);
            }
        }
    }
}

/// Who had the lease then.
fn holder(tenures: &[Tenure], at: Timestamp) -> &str {
    &tenures.iter().rfind(|tenure| tenure.began < at).unwrap().holder
}

/// The lease had one holder at a time, and each process swept under one holder's name, which no other has.
fn assert_one_at_a_time(instances: &[Instance; 2], tenures: &[Tenure]) {
    for pair in tenures.windows(2) {
        assert!(pair[0].holder == pair[1].holder || pair[1].began >= pair[0].ends, "{pair:?}");
    }
    let [one, other] = instances.each_ref().map(Instance::sweeps);
    let sweeps = one.len() + other.len();
    let [one, other] =
        [one, other].map(|sweeps| sweeps.into_iter().map(|at| holder(tenures, at)).collect::<HashSet<_>>());
    assert!(one.len() <= 1 && other.len() <= 1 && one.is_disjoint(&other), "two at a time");
    assert!(sweeps > 1, "nobody sweeps");
}

async fn emulator() -> Emulator {
    Emulator::builder().listen("127.0.0.1:0").start().await.unwrap()
}

/// Waits until nothing is left to be looked at, and no mark is left of what was never there.
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

/// Every connection, its owner and its health, and nothing else.
async fn assert_exact(emulator: &Emulator, store: PostgresStore) {
    let mut rows: HashMap<_, _> = all(&store).await.into_iter().map(|row| (row.key.clone(), row)).collect();
    assert_eq!(rows.len(), CONNECTIONS);
    let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
    let nango = Nango::builder(emulator.secret_key(), keys, store)
        .host(emulator.local_url())
        .allowed_integrations(["openai"])
        .entity::<User>()
        .entity::<Organization>()
        .build()
        .unwrap();
    let (mut healthy, mut broken) = (0, 0);
    for user in 1..=OWNERS {
        let owner = Owner::new("user", format!("u-{user}"));
        let theirs = nango.connections(&owner).await.unwrap();
        assert_eq!(theirs.len(), CONNECTIONS / OWNERS, "{user}");
        for connection in theirs {
            let row = rows.remove(connection.key()).unwrap();
            assert!(row.key.connection_id().ends_with(&format!("-{user}")), "somebody else's");
            assert_eq!((row.owner.as_ref(), row.removed), (Some(&owner), false));
            match connection.health() {
                Health::Healthy => healthy += 1,
                Health::Degraded | Health::NeedsReconnect => broken += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(rows.is_empty(), "rows of nobody");
    assert_eq!((healthy, broken), (CONNECTIONS - BROKEN, BROKEN));
    // And what Nango says differs in nothing, once the marks that come due at this moment have been looked after.
    let began = Instant::now();
    let report = loop {
        let report = nango.sweep().dry_run().run().await.unwrap();
        if report.updated == 0 || began.elapsed() > CONVERGENCE {
            break report;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!((report.listed, report.rows, report.updated), (CONNECTIONS, CONNECTIONS, 0), "{report:?}");
    let drifts = [&report.missing_here, &report.missing_there, &report.owner_unknown];
    assert!(drifts.iter().all(|drift| drift.count == 0), "{report:?}");
}

/// The lease of whoever sweeps was taken or prolonged.
#[derive(Debug)]
struct Tenure {
    holder: String,
    began: Timestamp,
    ends: Timestamp,
}

/// Notes each of them, and nothing of other leases.
const TENURES: &str = "CREATE TABLE tenures (holder TEXT NOT NULL, began BIGINT NOT NULL, ends BIGINT NOT NULL); \
     CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     INSERT INTO tenures VALUES (NEW.holder, EXTRACT(EPOCH FROM clock_timestamp()) * 1000000, NEW.ends_at); \
     RETURN NEW; END $$; \
     CREATE TRIGGER note AFTER INSERT OR UPDATE ON nango_leases FOR EACH ROW WHEN (NEW.name = 'sweep') \
     EXECUTE FUNCTION note();";

/// A database of the test's own, so that its deadlocks are the test's own. It is dropped with this.
struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    async fn new() -> Self {
        let server = crate::postgres::url();
        let name = format!("nango_{}", crate::server::prefix().trim_end_matches('_'));
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connect(&server).await).await.unwrap();
        // Apps are killed here, and not the server: its disk would only cost time.
        let fast = AssertSqlSafe(format!("ALTER DATABASE {name} SET synchronous_commit = off"));
        sqlx::raw_sql(fast).execute(&mut connect(&server).await).await.unwrap();
        let (address, _) = server.rsplit_once('/').unwrap();
        let url = format!("{address}/{name}");
        PostgresStore::connect(&url).await.unwrap();
        sqlx::raw_sql(TENURES).execute(&mut connect(&url).await).await.unwrap();
        Self { server, name, url }
    }

    async fn deadlocks(&self) -> i64 {
        // Backends tell what they have counted within a second.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        sqlx::query_scalar(deadlocks).fetch_one(&mut connect(&self.url).await).await.unwrap()
    }

    async fn tenures(&self) -> Vec<Tenure> {
        let tenures = sqlx::query_as("SELECT holder, began, ends FROM tenures ORDER BY began");
        let tenures: Vec<(String, i64, i64)> =
            tenures.fetch_all(&mut connect(&self.url).await).await.unwrap();
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        tenures
            .into_iter()
            .map(|(holder, began, ends)| Tenure { holder, began: at(began), ends: at(ends) })
            .collect()
    }
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        let drop = async move {
            let mut connection = connect(&server).await;
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
        };
        // Dropped inside of a runtime, which cannot be blocked.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        std::thread::spawn(move || runtime.unwrap().block_on(drop)).join().unwrap();
    }
}
