//! A sweep finds each kind of drift, and corrects what can be corrected.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nango_core::{ConnectionKey, ConnectionStore, Health, MemoryStore, StoreError, SweepReport, async_trait};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{Access, App, Intercept, Interceptor, User, eventually};

const TAGS: [(&str, &str); 2] = [("end_user_id", "user-{n}"), ("owner_kind", "user")];

fn counts(report: &SweepReport) -> [usize; 4] {
    [&report.missing_in_store, &report.missing_at_nango, &report.owner_unknown, &report.duplicate]
        .map(|drift| drift.count)
}

async fn rows(app: &App) -> usize {
    app.store.page(None, 1_000_000).await.unwrap().iter().filter(|row| !row.removed).count()
}

/// Starts an app with so many connections of different users, both at Nango and in the store.
async fn populated(count: u32) -> App {
    let app = App::start().await;
    app.emulator.import_many("openai", count, "here-{n}", &TAGS).unwrap();
    let _ = app.nango.sweep().page_size(500).run().await.unwrap();
    assert_eq!(rows(&app).await, count as usize);
    app
}

#[tokio::test]
async fn each_kind_of_drift_is_found_and_corrected() {
    let app = populated(1_000).await;
    app.emulator.import_many("openai", 7, "new-{n}", &[("end_user_id", "new-{n}")]).unwrap();
    app.emulator.import_many("openai", 5, "untagged-{n}", &[("plan", "pro")]).unwrap();
    app.emulator.import_many("openai", 3, "twice-{n}", &TAGS).unwrap();
    for n in 1..=8 {
        let key = ConnectionKey::new("openai", format!("here-{n}"));
        app.nango.unscoped_client().delete_connection(&key).await.unwrap();
    }
    app.emulator.revoke("openai", "here-100").await.unwrap();
    app.settled().await;

    let dry = app.nango.sweep().dry_run().page_size(100).run().await.unwrap();
    let before = rows(&app).await;
    // The first connections of the three owners were deleted: there are no duplicates.
    assert_eq!(counts(&dry), [10, 8, 5, 0], "{dry:?}");
    assert_eq!(rows(&app).await, before, "a dry run writes nothing");

    let report = app.nango.sweep().page_size(100).run().await.unwrap();
    assert_eq!(counts(&report), [10, 8, 5, 0], "{report:?}");
    assert_eq!(rows(&app).await, 1_000 + 10 - 8);
    assert_eq!(report.missing_at_nango.examples.len(), 8);

    let again = app.nango.sweep().page_size(100).run().await.unwrap();
    assert_eq!((counts(&again), again.updated), ([0, 0, 5, 0], 0), "{again:?}");
}

#[tokio::test]
async fn an_owner_with_two_connections_of_one_integration_is_reported() {
    let app = populated(10).await;
    app.emulator.import_many("openai", 4, "twice-{n}", &TAGS).unwrap();
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!(counts(&report), [4, 0, 0, 4], "{report:?}");
}

#[tokio::test]
async fn mass_removals_are_withheld_until_allowed() {
    let app = populated(100).await;
    for n in 1..=11 {
        let key = ConnectionKey::new("openai", format!("here-{n}"));
        app.nango.unscoped_client().delete_connection(&key).await.unwrap();
    }
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.removals_withheld, report.missing_at_nango.count), (11, 0));
    assert_eq!(rows(&app).await, 100);
    let report = app.nango.sweep().allow_mass_removal().run().await.unwrap();
    assert_eq!((report.removals_withheld, report.missing_at_nango.count), (0, 11));
    assert_eq!(rows(&app).await, 89);
}

#[tokio::test]
async fn an_empty_environment_removes_nothing() {
    let app = populated(50).await;
    app.emulator.reset();
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.listed, report.removals_withheld), (0, 50));
    assert_eq!(rows(&app).await, 50);
}

#[tokio::test]
async fn a_budget_stops_a_sweep_and_the_next_one_resumes() {
    let app = App::start().await;
    app.emulator.import_many("openai", 1_000, "here-{n}", &TAGS).unwrap();
    let mut report = app.nango.sweep().page_size(100).budget(5).run().await.unwrap();
    assert!(report.requests <= 5 && report.listed < 1_000, "{report:?}");
    let mut sweeps = 1;
    while let Some(point) = report.resume.take() {
        report = app.nango.sweep().page_size(100).budget(5).resume(point).run().await.unwrap();
        sweeps += 1;
        assert!(sweeps < 20);
    }
    assert_eq!((report.listed, rows(&app).await), (1_000, 1_000));
}

#[tokio::test]
async fn the_sweeper_sweeps_until_it_is_stopped() {
    let app = App::start().await;
    let sweeper = app.nango.spawn_sweeper(Duration::from_millis(300));
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    let alice = User::named("alice").unwrap();
    eventually(Duration::from_secs(10), "a sweep", async || {
        !app.nango.connections(&alice).await.unwrap().is_empty()
    })
    .await;
    assert_eq!(app.nango.connection(&alice, "slack").await.unwrap().health(), Health::Healthy);
    sweeper.stop().await;
}

#[tokio::test]
async fn a_dropped_sweeper_handle_stops_nothing() {
    let app = App::start().await;
    let alice = User::named("alice").unwrap();
    drop(app.nango.spawn_sweeper(Duration::from_millis(300)));
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    eventually(Duration::from_secs(10), "a sweep", async || {
        !app.nango.connections(&alice).await.unwrap().is_empty()
    })
    .await;
}

#[tokio::test]
async fn one_instance_sweeps_per_interval() {
    let app = App::start().await;
    let first = app.nango.spawn_sweeper(Duration::from_secs(2));
    app.emulator.import_many("openai", 1, "here-{n}", &TAGS).unwrap();
    eventually(Duration::from_secs(10), "a sweep", async || rows(&app).await > 0).await;
    let lease = app.store.lease().unwrap();
    assert!(!lease.acquire("sweep", "another", Duration::from_secs(1)).await.unwrap());
    first.stop().await;
    assert!(
        lease.acquire("sweep", "another", Duration::from_secs(1)).await.unwrap(),
        "the lease was released"
    );
}

/// A store whose first `get` lets something happen at Nango, between the two readings of a page.
struct Interrupted {
    store: MemoryStore,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[async_trait]
impl Interceptor for Interrupted {
    fn store(&self) -> &dyn ConnectionStore {
        &self.store
    }

    async fn before(&self, access: Access<'_>) -> Result<(), StoreError> {
        if matches!(access, Access::Get)
            && let Some(meanwhile) = self.meanwhile.lock().unwrap().take()
        {
            meanwhile();
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_connection_that_moves_to_another_page_between_two_readings_is_looked_up() {
    let store = Arc::new(Intercept(Interrupted { store: MemoryStore::new(), meanwhile: Mutex::default() }));
    let app = Arc::new(App::with_store(Arc::clone(&store), |builder| builder).await);
    app.emulator.import_many("openai", 30, "here-{n}", &TAGS).unwrap();
    let same = Arc::clone(&app);
    // Pages are sorted newest first: these push the last seven of the first page to the next one.
    let new = [("end_user_id", "new-{n}"), ("owner_kind", "user")];
    let meanwhile = move || {
        same.emulator.import_many("openai", 7, "new-{n}", &new).unwrap();
    };
    *store.meanwhile.lock().unwrap() = Some(Box::new(meanwhile));
    let report = app.nango.sweep().page_size(10).run().await.unwrap();
    assert_eq!((report.listed, report.unresolved), (30, 0), "{report:?}");
    let known = app.store.page(None, 100).await.unwrap();
    let missed: Vec<_> = (1..=30)
        .map(|n| ConnectionKey::new("openai", format!("here-{n}")))
        .filter(|key| !known.iter().any(|row| row.key == *key))
        .collect();
    assert!(missed.is_empty(), "{} were missed", missed.len());
}

#[tokio::test]
async fn one_failed_look_stops_no_sweep() {
    let app = populated(300).await;
    for n in 1..=6 {
        let key = ConnectionKey::new("openai", format!("here-{n}"));
        app.nango.unscoped_client().delete_connection(&key).await.unwrap();
    }
    // Every attempt of a background call.
    app.emulator.fail_calls(CallFaults::status("/connections/here-3", 500, 4));
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.missing_at_nango.count, report.unresolved), (5, 1), "{report:?}");
    assert_eq!(rows(&app).await, 295);
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.missing_at_nango.count, rows(&app).await), (1, 294));
}

#[tokio::test]
async fn a_sweep_honours_retry_after() {
    let app = App::start().await;
    app.emulator.import_many("openai", 40, "here-{n}", &TAGS).unwrap();
    // With `Retry-After: 1`.
    app.emulator.fail_calls(CallFaults::status("/connections*", 429, 2));
    let begun = Instant::now();
    let report = app.nango.sweep().page_size(10).run().await.unwrap();
    assert_eq!((report.listed, rows(&app).await), (40, 40));
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_outage_is_followed_by_a_sweep() {
    let app = App::start().await;
    let alice = User::named("alice").unwrap();
    let connection = app.connect("alice", "sk-test").await;
    app.skip_setup_check().await;
    // The next scheduled sweep is an hour away.
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(3_600));
    app.emulator.fail_calls(CallFaults::status("/connections*", 500, 2));
    app.emulator.revoke("openai", connection.key().connection_id()).await.unwrap();
    app.settled().await;
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    eventually(
        Duration::from_secs(15),
        "a delivery that was lost in the outage is made up for",
        async || app.nango.connection(&alice, "slack").await.is_ok(),
    )
    .await;
    sweeper.stop().await;
}
