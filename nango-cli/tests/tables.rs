//! `nango-rs connections` and `nango-rs sweep` on the tables of an app.

#![expect(clippy::unwrap_used, reason = "in a test it means failure")]

use std::process::{Command, Output};

use nango_core::{Nango, SigningKeys, TagMapper};
use nango_emulator::Emulator;
use nango_sqlx::SqliteStore;
use serde_json::{Value, json};

#[derive(TagMapper)]
struct User {
    #[nango(id)]
    _id: String,
}

/// An environment in which the app has swept two connections, and a third one has come since.
struct App {
    emulator: Emulator,
    folder: tempfile::TempDir,
}

impl App {
    async fn start() -> Self {
        let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let app = Self { emulator, folder };
        app.import("alice-{n}", 2, "c0ffee-{n}");
        let store = SqliteStore::connect(&app.database()).await.unwrap();
        let keys = SigningKeys::new([app.emulator.signing_key()]).unwrap();
        let nango = Nango::builder(app.emulator.secret_key(), keys, store).host(app.emulator.local_url());
        let nango = nango.allowed_integrations(["openai"]).entity::<User>().build().unwrap();
        let _ = nango.sweep().run().await.unwrap();
        app.import("bob-{n}", 1, "decaf-{n}");
        app
    }

    fn import(&self, user: &str, count: u32, id: &str) {
        let tags = [("end_user_id", user), ("owner_kind", "user")];
        self.emulator.import_many("openai", count, id, &tags).unwrap();
    }

    fn database(&self) -> String {
        format!("sqlite://{}/app.db", self.folder.path().display())
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nango-rs"));
        command.env("NANGO_HOST", self.emulator.local_url());
        command.env("NANGO_SECRET_KEY", self.emulator.secret_key());
        command.env("NANGO_WEBHOOK_SIGNING_KEY", self.emulator.signing_key());
        command.env("DATABASE_URL", self.database()).args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = format!("{output:?}");
        let shows_ids = arguments.contains(&"--show-ids");
        for secret in ["c0ffee", "decaf", "alice", "bob"] {
            assert!(shows_ids || !text.contains(secret), "{text}");
        }
        for secret in [self.emulator.secret_key(), &self.emulator.signing_key()] {
            assert!(!text.contains(secret), "{text}");
        }
        output
    }
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_listed_without_their_ids() {
    let app = App::start().await;
    let output = app.run(&["connections"]).await;
    assert_eq!(text(&output), "openai  healthy  user\nopenai  healthy  user\n\n       2  openai healthy\n");
    assert_eq!(output.status.code(), Some(0));
    let output = app.run(&["connections", "--show-ids"]).await;
    assert!(text(&output).starts_with("openai  healthy  user  c0ffee-1  alice-1\n"), "{output:?}");
    let output = app.run(&["--json", "connections", "--show-ids"]).await;
    let value: Value = serde_json::from_str(&text(&output)).unwrap();
    let first = json!({"integration": "openai", "health": "healthy", "ownerKind": "user", "lookAgainAt": null,
        "connectionId": "c0ffee-1", "ownerId": "alice-1"});
    assert_eq!(value["connections"][0], first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_reports_differences_and_writes_nothing() {
    let app = App::start().await;
    for _ in 0..2 {
        let output = app.run(&["sweep", "--dry-run"]).await;
        assert_eq!(
            text(&output),
            "3 connections listed, 2 rows read, 1 requests, 1 new here\n       1  nango has them, the store has not\n"
        );
        assert_eq!(output.status.code(), Some(1));
    }
    let output = app.run(&["sweep", "--dry-run", "--json", "--show-ids"]).await;
    let value: Value = serde_json::from_str(&text(&output)).unwrap();
    let example = json!({"integration": "openai", "connectionId": "decaf-1"});
    assert_eq!(value["missingInStore"], json!({"count": 1, "examples": [example]}));
    assert_eq!(app.run(&["sweep"]).await.status.code(), Some(2), "it never writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_not_created() {
    let app = App::start().await;
    let missing = format!("sqlite://{}/none.db", app.folder.path().display());
    let output = app.run(&["connections", "--database", &missing]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(!app.folder.path().join("none.db").exists());
}
