//! How fast the stores are, beside a bare loop over sqlx that runs the same statements in the same
//! run.
//!
//! ```text
//! NANGO_TEST_POSTGRES_URL=.. NANGO_TEST_MYSQL_URL=.. \
//!     cargo run --release -p nango-tests --example store_figures -- [rows, 1000000 if left out]
//! ```
//!
//! SQLite's file is in the working directory, since `/tmp` may be no disk. Tables are left to look
//! at; their names begin with `figures_`, and the next run begins by dropping them.

#![expect(clippy::unwrap_used, reason = "a program for developers")]

mod bare;
mod measure;
mod say;

use std::sync::Arc;

use nango_core::{ConnectionStore, MemoryStore, StoreError};
use nango_sqlx::{MySqlStore, Options, PostgresStore, SqliteStore};

use bare::{Bare, BareMySql, BarePostgres, BareSqlite};
use say::Say;

const PREFIX: &str = "figures_";
const SQLITE: &str = "sqlite://figures.db";

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let rows = std::env::args().nth(1).map_or(1_000_000, |rows| rows.parse().unwrap());
    let options = Options::new().table_prefix(PREFIX);
    println!("{}", say::HEAD);

    // It reads every row to list a few.
    measure::all(&Say("memory"), Arc::new(MemoryStore::new()), &None, rows.min(20_000)).await;

    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("figures.db{suffix}"));
    }
    let store = SqliteStore::connect_with(SQLITE, &options).await?;
    let bare: Arc<dyn Bare> = Arc::new(BareSqlite::new().await);
    measure::all(&Say("SQLite"), Arc::new(store), &Some(bare), rows).await;

    if let Ok(url) = std::env::var("NANGO_TEST_POSTGRES_URL") {
        let bare: Arc<dyn Bare> = Arc::new(BarePostgres::new(&url).await);
        bare.drop_tables().await;
        let store: Arc<dyn ConnectionStore> = Arc::new(PostgresStore::connect_with(&url, &options).await?);
        measure::all(&Say("PostgreSQL"), store, &Some(bare), rows).await;
    }
    if let Ok(url) = std::env::var("NANGO_TEST_MYSQL_URL") {
        let bare: Arc<dyn Bare> = Arc::new(BareMySql::new(&url).await);
        bare.drop_tables().await;
        let store: Arc<dyn ConnectionStore> = Arc::new(MySqlStore::connect_with(&url, &options).await?);
        measure::all(&Say("MySQL"), store, &Some(bare), rows).await;
    }
    Ok(())
}
