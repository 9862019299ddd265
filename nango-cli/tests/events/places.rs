//! Where the queue is, and what is said where none is.

use nango_core::QueueDepth;
use nango_nats::{NatsEventQueue, NatsOptions};
use nango_sqlx::{Options, SqliteEventQueue, SqliteStore};

use crate::app::{App, forwarded, run};

#[tokio::test]
async fn a_database_that_is_not_there_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/none.db", folder.path().display());
    for arguments in [&[][..], &["list"], &["show", "x"], &["replay", "--all"], &["drop", "--all", "--yes"]] {
        let output = run(&url, arguments).await;
        assert_eq!((output.code, output.text.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(output.errors.starts_with("nango-rs: could not "), "{}", output.errors);
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is created");
}

#[tokio::test]
async fn an_app_without_a_queue_is_named_and_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/app.db", folder.path().display());
    SqliteStore::connect(&url).await.unwrap();
    for _ in 0..2 {
        let output = run(&url, &[]).await;
        assert_eq!((output.code, output.text.as_str()), (Some(1), ""));
        for part in [
            "the app's queue of events cannot be read: could not check the tables at ",
            "the tables are missing",
            "`migrations/sqlite/events_0001_queue.sql`",
            "--table-prefix",
            "`.event_queue(..)`",
        ] {
            assert!(output.errors.contains(part), "{part}: {}", output.errors);
        }
    }
}

#[tokio::test]
async fn tables_may_have_another_prefix_and_options_stand_anywhere() {
    let app = App::on_sqlite().await;
    let options = Options::new().table_prefix("billing_");
    let queue = SqliteEventQueue::connect_with(&app.url, &options).await.unwrap();
    let other = app.with_queue(queue);
    other.dead(&forwarded(), "no").await;
    let dead = |text: &str| text.contains("       1  dead letter\n");
    assert!(!dead(&other.run(&[]).await.text));
    for arguments in [
        &["--table-prefix", "billing_"][..],
        &["--table-prefix", "billing_", "status"],
        &["status", "--table-prefix", "billing_"],
    ] {
        assert!(dead(&other.run(arguments).await.text), "{arguments:?}");
        let with_url = [&["--database", other.url.as_str()], arguments].concat();
        assert!(dead(&run("sqlite:///none.db", &with_url).await.text), "{with_url:?}");
    }
    assert_eq!(other.queue.depth().await.unwrap(), QueueDepth::new(0, 0, 1));
}

nango_tests::needs_nats! {
    #[tokio::test(flavor = "multi_thread")]
    async fn streams_are_neither_created_nor_changed_and_dead_letters_are_replayed() {
        let url = nango_tests::service_url("NANGO_TEST_NATS_URL");
        let prefix = format!("{}_", nango_tests::unique_name());
        let place = ["--table-prefix", prefix.as_str()];
        let command = async |arguments: &[&str]| run(&url, &[&place, arguments].concat()).await;
        for _ in 0..2 {
            let output = command(&[]).await;
            assert_eq!((output.code, output.text.as_str()), (Some(1), ""));
            assert!(output.errors.contains("the app's queue of events cannot be read"), "{}", output.errors);
        }
        let streams = format!("{prefix}events");
        let options = NatsOptions::new().prefix(&streams);
        let queue = NatsEventQueue::connect_with(&url, &options).await.unwrap();
        let app = App::on_sqlite().await.with_queue(queue);
        let key = app.dead(&forwarded(), "no").await;
        let output = command(&[]).await;
        assert!(output.text.contains("       1  dead letter\n"), "{}{}", output.text, output.errors);
        assert!(command(&["show", &key]).await.text.contains(&key));
        assert_eq!(command(&["replay", &key]).await.code, Some(0));
        assert_eq!(app.queue.depth().await.unwrap(), QueueDepth::new(1, 0, 0));
        nango_tests::delete_queue(&url, &streams);
    }
}

#[tokio::test]
async fn other_databases_are_refused_without_their_urls() {
    for (url, part) in [
        ("mysql://alice:s3cret@127.0.0.1/app", "no queue of events in MySQL"),
        ("mariadb://alice:s3cret@127.0.0.1/app", "NATS JetStream"),
        ("redis://alice:s3cret@127.0.0.1/", "sqlite://FILE, postgres://USER@HOST/NAME or nats://HOST"),
        ("s3cret", "sqlite://FILE, postgres://USER@HOST/NAME or nats://HOST"),
    ] {
        let output = run(url, &["list"]).await;
        assert_eq!((output.code, output.text.as_str()), (Some(1), ""), "{url}");
        assert!(output.errors.contains(part) && !output.errors.contains("s3cret"), "{}", output.errors);
    }
}

#[test]
fn a_database_has_to_be_named() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_nango-rs"));
    let output = command.args(["events", "list"]).env_remove("DATABASE_URL").output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("--database or DATABASE_URL"), "{errors}");
}
