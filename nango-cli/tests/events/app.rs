//! An app with events in its queue, and the command.

use std::process::{Command, Output};

use nango_core::testing::queue::claim_all;
use nango_core::{Outcome, QueuedEvent, SIGNATURE_HEADER, Settlement, SigningKeys, WorkQueue};
use nango_sqlx::{PostgresEventQueue, SqliteEventQueue, sqlx};
use nango_tests::{Database, service_url};
use serde_json::Value;
use tempfile::TempDir;

/// In the id of every connection, and in every body.
const SECRETS: [&str; 2] = ["c0ffee", "s3cret"];

pub(crate) struct App {
    pub(crate) queue: Box<dyn WorkQueue>,
    pub(crate) url: String,
    /// The database is dropped with this.
    _folder: TempDir,
    database: Option<Database>,
}

impl App {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/app.db", folder.path().display());
        let queue = Box::new(SqliteEventQueue::connect(&url).await.unwrap());
        Self { queue, url, _folder: folder, database: None }
    }

    pub(crate) async fn on_postgres() -> Self {
        let database = Database::create(&service_url("NANGO_TEST_POSTGRES_URL")).await;
        let url = database.url().to_owned();
        let queue = Box::new(PostgresEventQueue::connect(&url).await.unwrap());
        Self { queue, url, _folder: tempfile::tempdir().unwrap(), database: Some(database) }
    }

    /// Takes another queue in the same database.
    pub(crate) fn with_queue(self, queue: impl WorkQueue) -> Self {
        Self { queue: Box::new(queue), ..self }
    }

    /// Pushes an event, and returns its key.
    pub(crate) async fn push(&self, event: &QueuedEvent) -> String {
        self.queue.push(event).await.unwrap();
        event.key().to_owned()
    }

    /// Makes a dead letter of each waiting event.
    pub(crate) async fn bury(&self, reason: &str) {
        bury(&*self.queue, reason).await;
    }

    /// Makes a dead letter, and returns its key.
    pub(crate) async fn dead(&self, event: &QueuedEvent, reason: &str) -> String {
        let key = self.push(event).await;
        self.bury(reason).await;
        key
    }

    /// Lets the text of an event be one of a newer version.
    pub(crate) async fn renew(&self, key: &str) {
        let sql = format!(
            "UPDATE nango_events_queue SET event = REPLACE(event, '\"format\":1', '\"format\":2') WHERE key = '{key}'"
        );
        if self.database.is_some() {
            nango_tests::execute(&self.url, sql).await;
        } else {
            let pool = sqlx::SqlitePool::connect(&self.url).await.unwrap();
            let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
            assert_eq!(rows.rows_affected(), 1);
        }
    }

    /// Runs the command on the app's queue. Nothing of a customer is in its output without `--body`.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        let run = run(&self.url, arguments).await;
        let shows_body = arguments.contains(&"--body");
        for secret in SECRETS {
            assert!(shows_body || !run.all.contains(secret), "{}", run.all);
        }
        run
    }
}

/// Makes a dead letter of each waiting event, and returns their number.
pub(crate) async fn bury(queue: &dyn WorkQueue, reason: &str) -> usize {
    let outcome = Outcome::Dead { failures: 7, reason: reason.to_owned() };
    let claims = claim_all(queue).await.into_iter();
    let settlements: Vec<_> = claims.map(|claim| Settlement::new(claim, outcome.clone())).collect();
    queue.settle(&settlements).await.unwrap();
    settlements.len()
}

/// What the command printed.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
    pub(crate) errors: String,
    all: String,
}

impl Run {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// Runs the command with this URL as the app's database.
pub(crate) async fn run(url: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nango-rs"));
    command.arg("events").env("DATABASE_URL", url).args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let all = format!("{output:?}");
    let Output { status, stdout, stderr } = output;
    let (text, errors) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    for printed in [&text, &errors] {
        let is_obeyed = |c: char| c.is_control() && c != '\n';
        assert!(!printed.contains(is_obeyed), "a terminal would obey it: {printed:?}");
    }
    Run { code: status.code(), text, errors, all }
}

/// Returns an event of a provider's webhook.
pub(crate) fn forwarded() -> QueuedEvent {
    event(br#"{"connectionId":"c0ffee-1","from":"github","payload":"s3cret","providerConfigKey":"github-prod","type":"forward"}"#)
}

/// Returns an event of a sync.
pub(crate) fn synced() -> QueuedEvent {
    event(
        br#"{"connectionId":"c0ffee-2","from":"nango","model":"Ticket","providerConfigKey":"zendesk","success":false,
            "error":{"type":"s3cret"},"syncName":"tickets","syncVariant":"base","type":"sync"}"#,
    )
}

/// Returns the event of a body, as if Nango had sent it.
pub(crate) fn event(body: &[u8]) -> QueuedEvent {
    let keys = SigningKeys::new(["key"]).unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, keys.sign(body).parse().unwrap());
    QueuedEvent::of(&keys.verify(&headers, body.to_vec().into()).unwrap()).unwrap()
}
