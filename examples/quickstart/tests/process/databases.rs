//! A database of each kind, for one test.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nango_core::ConnectionStore;
use nango_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};
use tempfile::TempDir;

/// Where a program runs, and on what. A server's database is dropped with this.
pub(crate) struct Home {
    folder: TempDir,
    url: String,
    made: Option<Made>,
}

/// A database of this name, made by way of a URL that names another.
struct Made {
    server: String,
    name: String,
}

impl Home {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// As the program takes it, in its folder.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn has_server(&self) -> bool {
        self.made.is_some()
    }

    /// What the program has written down.
    pub(crate) async fn store(&self) -> Arc<dyn ConnectionStore> {
        match self.url.split_once(':').unwrap().0 {
            "sqlite" => {
                let file = self.folder().join("quickstart.db");
                Arc::new(SqliteStore::connect(&format!("sqlite://{}", file.display())).await.unwrap())
            }
            "mysql" => Arc::new(MySqlStore::connect(&self.url).await.unwrap()),
            _ => Arc::new(PostgresStore::connect(&self.url).await.unwrap()),
        }
    }
}

pub(crate) fn sqlite() -> Home {
    let folder = tempfile::tempdir().unwrap();
    Home { folder, url: "sqlite://quickstart.db".to_owned(), made: None }
}

pub(crate) async fn postgres() -> Home {
    made(url("NANGO_TEST_POSTGRES_URL")).await
}

pub(crate) async fn mysql() -> Home {
    made(url("NANGO_TEST_MYSQL_URL")).await
}

/// The address of a service, which has to be there when a test that is not ignored asks for it.
pub(crate) fn url(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set, and services are required"))
}

/// The program's tables have names of their own, so each test has a database of its own.
async fn made(server: String) -> Home {
    let name = format!("nango_test_{}", unique());
    execute(&server, format!("CREATE DATABASE {name}")).await;
    let url = renamed(&server, &name);
    Home { folder: tempfile::tempdir().unwrap(), url, made: Some(Made { server, name }) }
}

/// Of this process, and of this call.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    format!("{:x}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The same server, and a database that is not there.
pub(crate) fn missing(server: &str) -> String {
    renamed(server, "nango_test_missing")
}

fn renamed(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.into()
}

async fn execute(server: &str, sql: String) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql));
    if server.starts_with("mysql") {
        sql.execute(&mut MySqlConnection::connect(server).await.unwrap()).await.unwrap();
    } else {
        sql.execute(&mut PgConnection::connect(server).await.unwrap()).await.unwrap();
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let Some(Made { server, name }) = self.made.take() else { return };
        let force = if server.starts_with("mysql") { "" } else { " WITH (FORCE)" };
        let drop = async move { execute(&server, format!("DROP DATABASE {name}{force}")).await };
        // Tests drop it inside of a runtime, which cannot be blocked.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let thread = std::thread::spawn(move || runtime.unwrap().block_on(drop));
        thread.join().unwrap();
    }
}
