//! A database of each kind, for one test.

use std::path::Path;
use std::sync::Arc;

use nango_core::ConnectionStore;
use nango_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use nango_tests::{Database, service_url};
use tempfile::TempDir;

/// The folder in which a program runs, and its database.
pub(crate) struct Home {
    folder: TempDir,
    /// A database on a server. It is dropped with this.
    database: Option<Database>,
}

impl Home {
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the URL as the program takes it, in its folder.
    pub(crate) fn url(&self) -> &str {
        self.database.as_ref().map_or("sqlite://quickstart.db", Database::url)
    }

    pub(crate) fn has_server(&self) -> bool {
        self.database.is_some()
    }

    /// Opens the store that the program has written.
    pub(crate) async fn store(&self) -> Arc<dyn ConnectionStore> {
        match self.url().split_once(':').unwrap().0 {
            "sqlite" => {
                let file = self.folder().join("quickstart.db");
                Arc::new(SqliteStore::connect(&format!("sqlite://{}", file.display())).await.unwrap())
            }
            "mysql" => Arc::new(MySqlStore::connect(self.url()).await.unwrap()),
            _ => Arc::new(PostgresStore::connect(self.url()).await.unwrap()),
        }
    }
}

pub(crate) async fn sqlite() -> Home {
    Home { folder: tempfile::tempdir().unwrap(), database: None }
}

pub(crate) async fn postgres() -> Home {
    server("NANGO_TEST_POSTGRES_URL").await
}

pub(crate) async fn mysql() -> Home {
    server("NANGO_TEST_MYSQL_URL").await
}

/// The program's tables have fixed names, so each test has a database of its own.
async fn server(variable: &str) -> Home {
    let database = Some(Database::create(&service_url(variable)).await);
    Home { folder: tempfile::tempdir().unwrap(), database }
}

/// Returns the URL of a database that the server does not have.
pub(crate) fn missing(variable: &str) -> String {
    Database::named(&service_url(variable), "nango_test_missing")
}
