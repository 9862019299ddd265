//! A database of each kind, for one test.

use std::path::Path;
use std::sync::Arc;

use nango_core::{ConnectionStore, WorkQueue};
use nango_sqlx::{MySqlStore, PostgresEventQueue, PostgresStore, SqliteEventQueue, SqliteStore};
use nango_tests::{Database, PgBouncer, service_url};
use tempfile::TempDir;

/// The folder in which a program runs, and its database.
pub(crate) struct Home {
    folder: TempDir,
    /// A database on a server. It is dropped with this.
    database: Option<Database>,
    /// Stands in front of the database.
    pooler: Option<PgBouncer>,
}

impl Home {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the URL as the program takes it, in its folder.
    pub(crate) fn url(&self) -> &str {
        let database = self.database.as_ref().map_or("sqlite://quickstart.db", Database::url);
        self.pooler.as_ref().map_or(database, PgBouncer::url)
    }

    pub(crate) fn has_server(&self) -> bool {
        self.database.is_some()
    }

    /// Opens the store that the program has written.
    pub(crate) async fn store(&self) -> Arc<dyn ConnectionStore> {
        let Some(database) = &self.database else {
            let file = self.folder().join("quickstart.db");
            return Arc::new(SqliteStore::connect(&format!("sqlite://{}", file.display())).await.unwrap());
        };
        if database.url().starts_with("mysql:") {
            Arc::new(MySqlStore::connect(database.url()).await.unwrap())
        } else {
            Arc::new(PostgresStore::connect(database.url()).await.unwrap())
        }
    }

    /// Opens the queue that the program has written.
    pub(crate) async fn queue(&self) -> Arc<dyn WorkQueue> {
        let file = match &self.database {
            None => "quickstart.db".to_owned(),
            Some(database) if database.url().starts_with("mysql:") => {
                let name = database.url().rsplit('/').next().unwrap();
                format!("quickstart-data/{name}.events.db")
            }
            Some(database) => return Arc::new(PostgresEventQueue::connect(database.url()).await.unwrap()),
        };
        let url = format!("sqlite://{}", self.folder().join(file).display());
        Arc::new(SqliteEventQueue::connect(&url).await.unwrap())
    }
}

pub(crate) async fn sqlite() -> Home {
    Home { folder: tempfile::tempdir().unwrap(), database: None, pooler: None }
}

pub(crate) async fn postgres() -> Home {
    server("NANGO_TEST_POSTGRES_URL").await
}

/// PostgreSQL behind a pooler of transactions.
pub(crate) async fn pooled() -> Home {
    let home = postgres().await;
    let pooler = Some(PgBouncer::start(home.url()).await);
    Home { pooler, ..home }
}

pub(crate) async fn mysql() -> Home {
    server("NANGO_TEST_MYSQL_URL").await
}

/// The program's tables have fixed names, so each test has a database of its own.
async fn server(variable: &str) -> Home {
    let database = Some(Database::create(&service_url(variable)).await);
    Home { folder: tempfile::tempdir().unwrap(), database, pooler: None }
}

/// Returns the URL of a database that the server does not have.
pub(crate) fn missing(variable: &str) -> String {
    Database::named(&service_url(variable), "nango_test_missing")
}
