//! The sweeper: what it finds when it starts, and what fails while it runs.

use std::time::Duration;

use nango_sqlx::SqliteStore;
use nango_tests::{App, Log, eventually};
use tracing::Level;

use crate::Failures;

#[tokio::test]
async fn a_sweeper_logs_what_is_wrong_when_it_starts() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::INFO);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());
    let app = App::configured(|builder| builder.allowed_integrations(["slack", "slak"])).await;
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(300));
    eventually(Duration::from_secs(10), "it is checked", async || log.text().contains("was checked")).await;
    sweeper.stop().await;
    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("nango_core::setup")).collect();
    let [problem, summary] = &lines[..] else { panic!("{lines:?}") };
    let expected = "WARN nango_core::setup::start: set-up: the environment has no integration slak, so that no connect session \
                    can be created; create it in Nango, or correct the id in `.allowed_integrations([..])` \
                    subject=\"integrations\"";
    assert!(problem.ends_with(expected), "{problem}");
    assert!(
        summary.ends_with("INFO nango_core::setup::start: the set-up was checked problems=1"),
        "{summary}"
    );
}

/// One of several that start together checks for all, and the others say so.
#[tokio::test]
async fn a_start_that_leaves_the_check_to_another_instance_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db", folder.path().display());
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::INFO);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());
    for says in
        ["the set-up was checked problems=0", "the set-up is not checked here: another instance has done it"]
    {
        let app = App::with_store(SqliteStore::connect(&url).await.unwrap(), |builder| builder).await;
        let sweeper = app.nango.spawn_sweeper(Duration::from_secs(300));
        eventually(Duration::from_secs(10), says, async || log.text().contains(says)).await;
        sweeper.stop().await;
    }
}

#[tokio::test]
async fn a_sweep_is_one_line_of_the_log() {
    let (app, _) = Failures::app(|builder| builder).await;
    app.emulator
        .import_many("openai", 2, "swept-{n}", &[("end_user_id", "alice"), ("owner_kind", "user")])
        .unwrap();
    app.emulator.import_many("openai", 1, "foreign-{n}", &[("owner_kind", "crm/user")]).unwrap();
    let report = app.nango.sweep().run().await.unwrap();
    assert_eq!(
        report.to_string(),
        "3 connections listed, 2 rows read, 2 requests, 2 new here, 1 further connections to an integration that their owner \
         has already, 1 of other apps, or without a known owner"
    );
}

#[tokio::test]
async fn a_table_that_is_dropped_reaches_the_apps_hook() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db", folder.path().display());
    let failures = Failures::default();
    let store = SqliteStore::connect(&url).await.unwrap();
    let app = App::with_store(store, |builder| builder.on_failure(failures.hook())).await;
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("DROP TABLE nango_connections").execute(&pool).await.unwrap();
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(300));
    let expected = "drain: could not process marked connections: could not read connections at app.db: undefined table \
                    (SQLITE_ERROR, code 1); the tables are missing: let the store migrate them, or apply the files of \
                    nango-sqlx's folder `migrations`; it is retried every second";
    eventually(Duration::from_secs(10), "the hook gets it", async || {
        failures.take(&app).contains(&expected.to_owned())
    })
    .await;
    sweeper.stop().await;
    assert_eq!(app.browser("alice").get("/nango/connections").await.code(), "store_unavailable");
    let [text] = &failures.take(&app)[..] else { panic!("one failure is reported") };
    assert!(
        text.starts_with(
            "request: a request to a route of nango was replied to with store_unavailable: could not read connections at app.db: \
             undefined table (SQLITE_ERROR, code 1); "
        ),
        "{text}"
    );
}
