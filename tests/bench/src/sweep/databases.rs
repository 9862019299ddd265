//! Stores with tables of one measurement.

use std::env;
use std::process;

use clap::ValueEnum;
use nango_core::{ConnectionStore, MemoryStore};
use nango_sqlx::sqlx::{self, AssertSqlSafe, Connection as _, PgConnection};
use nango_sqlx::{Options, PostgresStore, SqliteStore};
use tempfile::TempDir;

use crate::outcome::Outcome;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Database {
    Memory,
    Postgres,
    Sqlite,
}

/// What is removed after a measurement.
pub(crate) enum Rest {
    Nothing,
    Folder(TempDir),
    Tables { url: String, prefix: String },
}

impl Database {
    /// Returns its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }

    pub(crate) async fn open(self) -> Outcome<(Box<dyn ConnectionStore>, Rest)> {
        Ok(match self {
            Self::Memory => (Box::new(MemoryStore::new()), Rest::Nothing),
            Self::Sqlite => {
                let folder = tempfile::tempdir()?;
                let url = format!("sqlite://{}/sweep.db", folder.path().display());
                (Box::new(SqliteStore::connect(&url).await?), Rest::Folder(folder))
            }
            Self::Postgres => {
                let url =
                    env::var("NANGO_TEST_POSTGRES_URL").map_err(|_| "NANGO_TEST_POSTGRES_URL is not set")?;
                let prefix = format!("bench_{:x}_", process::id());
                let options = Options::new().table_prefix(&prefix);
                let store = PostgresStore::connect_with(&url, &options).await?;
                (Box::new(store), Rest::Tables { url, prefix })
            }
        })
    }
}

impl Rest {
    pub(crate) async fn remove(self) -> Outcome<()> {
        match self {
            Self::Nothing => {}
            Self::Folder(folder) => folder.close()?,
            Self::Tables { url, prefix } => {
                let tables = ["connections", "leases", "migrations"].map(|table| format!("{prefix}{table}"));
                let sql = format!("DROP TABLE IF EXISTS {}", tables.join(", "));
                let mut connection = PgConnection::connect(&url).await?;
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
            }
        }
        Ok(())
    }
}
