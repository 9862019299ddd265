//! A sweep finds each kind of difference, and repairs what can be repaired.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nango_core::{
    Applied, Change, ConnectionRef, ConnectionStore, Health, Lease, MemoryStore, Owner, Record, StoreError,
    SweepReport, Timestamp, async_trait,
};
use nango_emulator::{CallFaults, Credentials};
use nango_tests::{App, User};

const TAGS: [(&str, &str); 2] = [("end_user_id", "user-{n}"), ("owner_kind", "user")];

fn counts(report: &SweepReport) -> [usize; 4] {
    [&report.missing_here, &report.missing_there, &report.owner_unknown, &report.duplicate]
        .map(|drift| drift.count)
}

async fn rows(app: &App) -> usize {
    app.store.page(None, 1_000_000).await.unwrap().iter().filter(|row| !row.removed).count()
}

/// So many connections of different users, in Nango and here.
async fn populated(count: u32) -> App {
    let app = App::start().await;
    app.emulator.import_many("openai", count, "here-{n}", &TAGS).unwrap();
    app.nango.sweep().page_size(500).run().await.unwrap();
    assert_eq!(rows(&app).await, count as usize);
    app
}

#[tokio::test]
async fn each_class_is_found_and_repaired() {
    let app = populated(1_000).await;
    app.emulator.import_many("openai", 7, "new-{n}", &[("end_user_id", "new-{n}")]).unwrap();
    app.emulator.import_many("openai", 5, "nobody-{n}", &[("plan", "pro")]).unwrap();
    app.emulator.import_many("openai", 3, "twice-{n}", &TAGS).unwrap();
    for n in 1..=8 {
        let key = ConnectionRef::new("openai", format!("here-{n}"));
        app.nango.client().delete_connection(&key).await.unwrap();
    }
    app.emulator.revoke("openai", "here-100").await.unwrap();
    app.settled().await;

    let dry = app.nango.sweep().dry_run().page_size(100).run().await.unwrap();
    let before = rows(&app).await;
    // Of the three that are there twice, the first ones were deleted: not duplicates.
    assert_eq!(counts(&dry), [10, 8, 5, 0], "{dry:?}");
    assert_eq!(rows(&app).await, before, "a dry run writes nothing");

    let report = app.nango.sweep().page_size(100).run().await.unwrap();
    assert_eq!(counts(&report), [10, 8, 5, 0], "{report:?}");
    assert_eq!(rows(&app).await, 1_000 + 10 - 8);
    assert_eq!(report.missing_there.examples.len(), 8);

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
async fn removals_by_the_dozen_are_withheld_until_somebody_says_so() {
    let app = populated(100).await;
    for n in 1..=11 {
        let key = ConnectionRef::new("openai", format!("here-{n}"));
        app.nango.client().delete_connection(&key).await.unwrap();
    }
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.removals_withheld, report.missing_there.count), (11, 0));
    assert_eq!(rows(&app).await, 100);
    let report = app.nango.sweep().allow_mass_removal().run().await.unwrap();
    assert_eq!((report.removals_withheld, report.missing_there.count), (0, 11));
    assert_eq!(rows(&app).await, 89);
}

#[tokio::test]
async fn an_empty_environment_empties_no_store() {
    let app = populated(50).await;
    app.emulator.reset();
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.listed, report.removals_withheld), (0, 50));
    assert_eq!(rows(&app).await, 50);
}

#[tokio::test]
async fn a_budget_stops_a_sweep_and_the_next_one_goes_on() {
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
async fn the_sweeper_does_it_by_itself_and_stops_when_it_is_told() {
    let app = App::start().await;
    let sweeper = app.nango.spawn_sweeper(Duration::from_millis(300));
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    let alice = User::named("alice").unwrap();
    let mut waited = 0;
    while app.nango.connections(&alice).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += 1;
        assert!(waited < 200, "no sweep in ten seconds");
    }
    assert_eq!(app.nango.connection(&alice, "slack").await.unwrap().health(), Health::Healthy);
    sweeper.stop().await;
}

#[tokio::test]
async fn a_sweeper_that_is_let_go_goes_on() {
    let app = App::start().await;
    let alice = User::named("alice").unwrap();
    drop(app.nango.spawn_sweeper(Duration::from_millis(300)));
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    let mut waited = 0;
    while app.nango.connections(&alice).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += 1;
        assert!(waited < 200, "no sweep in ten seconds");
    }
}

#[tokio::test]
async fn a_sweep_that_was_made_is_not_made_again_by_another_instance() {
    let app = App::start().await;
    let first = app.nango.spawn_sweeper(Duration::from_secs(2));
    app.emulator.import_many("openai", 1, "here-{n}", &TAGS).unwrap();
    let mut waited = 0;
    while rows(&app).await == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += 1;
        assert!(waited < 200, "no sweep in ten seconds");
    }
    let lease = app.store.lease().unwrap();
    assert!(!lease.acquire("sweep", "another", Duration::from_secs(1)).await.unwrap());
    first.stop().await;
    assert!(lease.acquire("sweep", "another", Duration::from_secs(1)).await.unwrap(), "given back");
}

/// A store whose first `get` lets something happen at Nango, between the two readings of a page.
struct Interrupted {
    store: MemoryStore,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[async_trait]
impl ConnectionStore for Interrupted {
    async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        self.store.get(keys).await
    }
    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        self.store.apply(changes).await
    }
    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        self.store.list(owner).await
    }
    async fn page(&self, after: Option<&ConnectionRef>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.page(after, limit).await
    }
    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.pending(now, limit).await
    }
    fn lease(&self) -> Option<&dyn Lease> {
        self.store.lease()
    }
}

#[tokio::test]
async fn what_slips_to_another_page_between_two_readings_is_looked_up() {
    let store = Arc::new(Interrupted { store: MemoryStore::new(), meanwhile: Mutex::default() });
    let app = Arc::new(App::with_store(Arc::clone(&store), |builder| builder).await);
    app.emulator.import_many("openai", 30, "here-{n}", &TAGS).unwrap();
    let same = Arc::clone(&app);
    // Newest first: these push the last seven of the first page to the next one.
    let new = [("end_user_id", "new-{n}"), ("owner_kind", "user")];
    let meanwhile = move || {
        same.emulator.import_many("openai", 7, "new-{n}", &new).unwrap();
    };
    *store.meanwhile.lock().unwrap() = Some(Box::new(meanwhile));
    let report = app.nango.sweep().page_size(10).run().await.unwrap();
    assert_eq!((report.listed, report.unresolved), (30, 0), "{report:?}");
    let known = app.store.page(None, 100).await.unwrap();
    let missed: Vec<_> = (1..=30)
        .map(|n| ConnectionRef::new("openai", format!("here-{n}")))
        .filter(|key| !known.iter().any(|row| row.key == *key))
        .collect();
    assert!(missed.is_empty(), "{} were missed", missed.len());
}

#[tokio::test]
async fn one_connection_that_cannot_be_looked_up_stops_no_sweep() {
    let app = populated(300).await;
    for n in 1..=6 {
        let key = ConnectionRef::new("openai", format!("here-{n}"));
        app.nango.client().delete_connection(&key).await.unwrap();
    }
    // As often as a patient call tries.
    app.emulator.fail_calls(CallFaults::status("/connections/here-3", 500, 4));
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.missing_there.count, report.unresolved), (5, 1), "{report:?}");
    assert_eq!(rows(&app).await, 295);
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!((report.missing_there.count, rows(&app).await), (1, 294));
}

#[tokio::test]
async fn a_sweep_waits_as_long_as_nango_asks() {
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
async fn a_sweep_follows_an_outage() {
    let app = App::start().await;
    let alice = User::named("alice").unwrap();
    let connection = app.connect("alice", "sk-test").await;
    // The next sweep by the clock is far away.
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(3_600));
    app.emulator.fail_calls(CallFaults::status("/connections*", 500, 2));
    app.emulator.revoke("openai", connection.key().connection_id()).await.unwrap();
    app.settled().await;
    app.emulator.drop_next(1);
    let token = app.browser("alice").session_token("").await;
    app.emulator.connect(&token, "slack", Credentials::oauth2()).await.unwrap();
    let mut waited = 0;
    while app.nango.connection(&alice, "slack").await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += 1;
        assert!(waited < 300, "what was lost in the outage was not found");
    }
    sweeper.stop().await;
}
