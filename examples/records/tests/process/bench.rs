//! An emulator with a sync, and a worker as a process.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nango_client::Timestamp;
use nango_emulator::{Emulator, FunctionError, ModelRecords, SyncRun};
use nango_tests::{Program, call_nango, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::SqlitePool;
use tempfile::TempDir;

/// A connection whose sync is never reset.
pub(crate) const CALM: &str = "c-1";
/// A connection whose sync is reset now and then.
pub(crate) const RESET: &str = "c-2";

/// A worker puts off what has failed by ten seconds: what another worker has overtaken, for example.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

pub(crate) type Job = Arc<dyn Fn(&SyncRun) -> Result<(), FunctionError> + Send + Sync>;

/// Rows or records that exist, by id: title, state, and time of the last change.
pub(crate) type Issues = BTreeMap<String, (String, String, i64)>;

pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    job: Arc<Mutex<Job>>,
    port: u16,
    folder: TempDir,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let port = free_port();
        let emulator = Emulator::builder()
            .integrations(["github"])
            .webhook_url(format!("http://127.0.0.1:{port}/webhook"))
            .start()
            .await
            .unwrap();
        emulator.import_many("github", 2, "c-{n}", &[]).unwrap();
        let idle: Job = Arc::new(|_| Ok(()));
        let job = Arc::new(Mutex::new(idle));
        let jobs = job.clone();
        let code = move |run: SyncRun| {
            let job = jobs.lock().unwrap().clone();
            async move { job(&run) }
        };
        emulator.sync("github", "github-issues").model("Issue").manual().run(code).deploy().unwrap();
        Self { emulator, job, port, folder: tempfile::tempdir().unwrap() }
    }

    /// Starts the worker, with pages of five records and a sweep each second.
    pub(crate) fn worker(&self, arguments: &[&str]) -> Program {
        let mut command = program(&self.folder.path().join("issues.db"));
        let emulator = &self.emulator;
        let address = format!("127.0.0.1:{}", self.port);
        for (option, value) in [("--listen", address.as_str()), ("--page-size", "5"), ("--sweep-every", "1")]
        {
            if !arguments.contains(&option) {
                command.args([option, value]);
            }
        }
        Program::start(
            command
                .args(arguments)
                .env("NANGO_SECRET_KEY", emulator.secret_key())
                .env("NANGO_WEBHOOK_SIGNING_KEY", emulator.signing_key())
                .env("NANGO_HOST", emulator.local_url()),
        )
    }

    pub(crate) fn records(&self, connection: &str) -> ModelRecords {
        self.emulator.records("github", connection, "Issue").unwrap()
    }

    /// Runs the sync of a connection once, to its end.
    pub(crate) async fn run(&self, connection: &str, job: Job) {
        *self.job.lock().unwrap() = job;
        self.emulator.trigger_sync("github", connection, "github-issues").unwrap();
        assert!(self.emulator.wait_for_runs(LIMIT).await, "a run does not end");
    }

    /// Runs the sync of a connection from the beginning, without its records.
    pub(crate) async fn reset(&self, connection: &str, job: Job) {
        *self.job.lock().unwrap() = job;
        let body = json!({
            "syncs": ["github-issues"], "provider_config_key": "github", "connection_id": connection,
            "opts": { "reset": true, "emptyCache": true },
        });
        assert_eq!(call_nango(&self.emulator, Method::POST, "/sync/trigger", Some(&body)).await.status, 200);
        assert!(self.emulator.wait_for_runs(LIMIT).await, "a run does not end");
    }

    /// Returns the records that exist at Nango.
    pub(crate) fn existing(&self, connection: &str) -> Issues {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let exists = |record: &&Value| record["_nango_metadata"]["deleted_at"].is_null();
        let issue = |record: &Value| {
            let changed: Timestamp = text(&record["_nango_metadata"]["last_modified_at"]).parse().unwrap();
            (text(&record["id"]), (text(&record["title"]), text(&record["state"]), changed.as_micros()))
        };
        self.records(connection).list().iter().filter(exists).map(issue).collect()
    }

    /// Returns the rows of the worker that are not deleted.
    pub(crate) async fn rows(&self, connection: &str) -> Issues {
        let rows: Vec<(String, String, String, i64)> = self
            .query(
                connection,
                "SELECT issues.id, title, state, modified_at FROM issues JOIN mirrors ON mirror = mirrors.id \
                 WHERE connection_id = ?1 AND NOT deleted",
            )
            .await;
        rows.into_iter().map(|(id, title, state, changed)| (id, (title, state, changed))).collect()
    }

    /// Returns how many states of each row were stored.
    pub(crate) async fn revisions(&self, connection: &str) -> Vec<(String, i64)> {
        let sql = "SELECT issues.id, revision FROM issues JOIN mirrors ON mirror = mirrors.id WHERE connection_id = ?1";
        self.query(connection, sql).await
    }

    /// Returns the number of transactions in which records of a connection were stored.
    pub(crate) async fn version(&self, connection: &str) -> i64 {
        let rows = self.query(connection, "SELECT version FROM mirrors WHERE connection_id = ?1").await;
        rows.first().map_or(0, |(version,)| *version)
    }

    /// Replaces the stored positions of a connection.
    pub(crate) async fn set_position(&self, connection: &str, text: &str) {
        let pool = self.database().await;
        let query = sqlx::query("UPDATE mirrors SET cursor = ?1 WHERE connection_id = ?2").bind(text);
        assert_eq!(query.bind(connection).execute(&pool).await.unwrap().rows_affected(), 1);
        pool.close().await;
    }

    async fn database(&self) -> SqlitePool {
        SqlitePool::connect(&url(&self.folder.path().join("issues.db"))).await.unwrap()
    }

    async fn query<T>(&self, connection: &str, sql: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
    {
        let pool = self.database().await;
        let rows = sqlx::query_as(sql).bind(connection).fetch_all(&pool).await.unwrap();
        pool.close().await;
        rows
    }

    /// Returns true if the rows are the records.
    pub(crate) async fn is_settled(&self) -> bool {
        self.rows(CALM).await == self.existing(CALM) && self.rows(RESET).await == self.existing(RESET)
    }

    /// Waits until the rows are the records.
    pub(crate) async fn settle(&self, what: &str) {
        eventually(LIMIT, what, async || self.is_settled().await).await;
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The program on a database.
pub(crate) fn program(database: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_records-example"));
    command.args(["--database", &url(database)]);
    command
}

fn url(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}
