//! The log: changes of connections, other apps' connections, and a sweeper that is missing.

use std::time::Duration;

use nango_emulator::{CallFaults, Credentials};
use nango_tests::{App, Log};
use tracing::Level;
use tracing::subscriber::DefaultGuard;

/// Collects what this thread logs: the test, its app and its emulator.
fn log_of_this_thread() -> (Log, DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::DEBUG);
    let guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());
    (log, guard)
}

fn lines(log: &Log, text: &str) -> Vec<String> {
    log.text().lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
}

#[tokio::test]
async fn each_change_is_one_line_of_the_log() {
    let (log, _guard) = log_of_this_thread();
    let app = App::start().await;
    let connection = app.connect("alice", "sk-test").await;
    let (id, handle) = (connection.key().connection_id().to_owned(), connection.handle());
    connection.check().await.unwrap();
    app.emulator.revoke("openai", &id).await.unwrap();
    app.settled().await;
    connection.disconnect().await.unwrap();
    let tags = [("end_user_id", "alice"), ("owner_kind", "user")];
    app.emulator.import_many("openai", 1, "swept-{n}", &tags).unwrap();
    let _ = app.nango.sweep().run().await.unwrap();
    let made = lines(&log, "nango_core::engine::row: a connection was made");
    assert_eq!(made.len(), 2, "{made:?}");
    for (found, expected) in [
        (&made[..1], vec![r#"health=healthy"#]),
        (
            &lines(&log, "nango_core::engine::row: the health of a connection"),
            vec!["from=healthy", "to=degraded"],
        ),
        (&lines(&log, "nango_core::engine::row: a connection has ended"), vec![r#"by="the app""#]),
    ] {
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(" INFO "), "{found:?}");
        for part in [r#"integration="openai""#, &format!("handle={handle:?}"), r#"owner_kind="user""#] {
            assert!(found[0].contains(part), "{part}: {found:?}");
        }
        assert!(expected.iter().all(|part| found[0].contains(part)), "{expected:?}: {found:?}");
    }
    let failed = app.emulator.deliveries().pop().unwrap();
    let failed: serde_json::Value = serde_json::from_str(&failed.body).unwrap();
    let description = failed["error"]["description"].as_str().unwrap();
    let core = log.text().lines().filter(|line| line.contains("nango_core")).collect::<String>();
    assert!(!core.contains(&id) && !core.contains("swept-1"), "an id is in the log");
    assert!(!core.contains(description), "the provider's text is in the log");
}

#[tokio::test]
async fn connections_of_another_app_are_no_reason_for_a_warning() {
    let (log, _guard) = log_of_this_thread();
    let app = App::start().await;
    for tags in [("owner_kind", "other-app/user"), ("plan", "pro")] {
        let session = app.emulator.create_session(&[tags]);
        app.emulator.connect(&session, "openai", Credentials::api_key("sk-test")).await.unwrap();
        app.settled().await;
    }
    let levels: Vec<_> = lines(&log, " was not stored: ").iter().map(|line| line.contains("WARN")).collect();
    assert_eq!(levels, [false, true], "of another app, and of no owner at all");
}

#[tokio::test]
async fn work_without_a_sweeper_causes_one_warning() {
    const WARNING: &str = "call `nango.spawn_sweeper(..)`";
    let (log, _guard) = log_of_this_thread();
    let (app, other) = (App::start().await, App::start().await);
    // Each has a mark for a second look, and one is of a look that failed.
    other.connect("alice", "sk-test").await;
    other.emulator.fail_calls(CallFaults::status("/connections*", 500, 10));
    let sweeper = app.nango.spawn_sweeper(Duration::from_secs(3_600));
    app.connect("alice", "sk-test").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(lines(&log, WARNING).is_empty(), "a sweeper may be started late");
    other.emulator.revoke_unnoticed("openai", "c").await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let warnings = lines(&log, WARNING);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let expected = "WARN nango_core::engine::sweepers: work is waiting for the sweeper, and this process runs none; call \
                    `nango.spawn_sweeper(..)` and keep what it returns, unless another instance of the app on this store runs one";
    assert!(warnings[0].ends_with(expected), "{warnings:?}");
    sweeper.stop().await;
}
