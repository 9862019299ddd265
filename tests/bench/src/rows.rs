//! Rows of stores.

use nango_core::testing::store::{insert, live};
use nango_core::{Applied, ConnectionKey, ConnectionStore, Owner};
use nango_sqlx::{PostgresStore, SqliteStore};
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::floors;
use crate::outcome::Outcome;
use crate::plan::{Fill, INTEGRATION, Store, connection_id, user};

/// The rows of one slice.
const SLICE: usize = 10_000;

/// Inserts rows through the store's contract.
pub(crate) async fn insert_all(store: &dyn ConnectionStore, fill: Fill) -> Outcome<()> {
    for start in (0..fill.rows).step_by(SLICE) {
        let rows = (start..fill.rows.min(start + SLICE)).map(|n| {
            let owner = Owner::new("user", user(n / fill.of_each_owner + 1));
            insert(&live(ConnectionKey::new(INTEGRATION, connection_id(n + 1)), owner))
        });
        let changes: Vec<_> = rows.collect();
        if store.apply(&changes).await?.iter().any(|applied| *applied != Applied::Done) {
            return Err("a row was there before".into());
        }
    }
    Ok(())
}

/// Fills the tables of both sides in a database.
pub(crate) async fn fill_database(database: &Store, fill: Fill) -> Outcome<()> {
    match database {
        Store::Memory => Ok(()),
        Store::Postgres(url) => {
            insert_all(&PostgresStore::connect(url).await?, fill).await?;
            let mut connection = PgConnection::connect(url).await?;
            for statement in floors::copy_of_ours().into_iter().chain(["VACUUM ANALYZE"]) {
                connection.execute(statement).await?;
            }
            Ok(connection.close().await?)
        }
        Store::Sqlite(url) => {
            insert_all(&SqliteStore::connect(url).await?, fill).await?;
            let mut connection = SqliteConnection::connect(url).await?;
            for statement in floors::copy_of_ours() {
                connection.execute(statement).await?;
            }
            Ok(connection.close().await?)
        }
    }
}
