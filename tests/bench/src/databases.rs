//! Databases with rows, made once for all rounds of a work.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process;

use reqwest::Url;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use crate::outcome::Outcome;
use crate::plan::Rows;
use crate::plan::{Fill, Store};
use crate::rows::fill_database;

/// The databases of one work. They are gone when this is dropped.
pub(crate) struct Databases {
    folder: TempDir,
    server: Option<String>,
    filled: HashMap<(Rows, usize), Store>,
    created: Vec<Created>,
    /// The number of the next one.
    next: usize,
}

impl Databases {
    /// Creates none yet. The server is one of PostgreSQL, by a URL of another database on it.
    pub(crate) fn new(server: Option<String>) -> Outcome<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            server,
            filled: HashMap::new(),
            created: Vec::new(),
            next: 0,
        })
    }

    /// Returns a store with these rows, which a store in memory does not have yet.
    pub(crate) async fn with_rows(&mut self, rows: Rows, fill: Fill) -> Outcome<Store> {
        if let Some(store) = self.filled.get(&(rows, fill.rows)) {
            return Ok(store.clone());
        }
        let store = self.empty(rows).await?;
        fill_database(&store, fill).await?;
        self.filled.insert((rows, fill.rows), store.clone());
        Ok(store)
    }

    /// Creates an empty database.
    pub(crate) async fn empty(&mut self, rows: Rows) -> Outcome<Store> {
        let number = self.next;
        self.next += 1;
        Ok(match rows {
            Rows::Memory => Store::Memory,
            Rows::Postgres => {
                let server = self.server.clone().ok_or("NANGO_TEST_POSTGRES_URL is not set")?;
                let created = Created::on(server, format!("nango_bench_{}_{number}", process::id())).await?;
                let url = created.url.clone();
                self.created.push(created);
                Store::Postgres(url)
            }
            Rows::Sqlite => {
                let file: PathBuf = self.folder.path().join(format!("{number}.db"));
                Store::Sqlite(format!("sqlite://{}", file.display()))
            }
        })
    }
}

/// A database on a server.
struct Created {
    server: String,
    name: String,
    url: String,
}

impl Created {
    async fn on(server: String, name: String) -> Outcome<Self> {
        let mut url = Url::parse(&server)?;
        url.set_path(&name);
        execute(&server, format!("CREATE DATABASE {name}")).await?;
        Ok(Self { server, name, url: url.into() })
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // On a thread of its own: this one may be in a runtime.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server, drop))
        });
        if !matches!(dropped.join(), Ok(Ok(()))) {
            eprintln!("nango-bench: the database {} could not be dropped", self.name);
        }
    }
}

async fn execute(url: &str, sql: String) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}
