//! The history of the sweepers' lease.

use std::time::Duration;

use nango_core::Timestamp;
use nango_sqlx::PostgresStore;
use nango_tests::{Database, execute};
use sqlx::{Connection as _, PgConnection};

/// The sweepers' lease was acquired or prolonged.
#[derive(Debug)]
pub(crate) struct Tenure {
    pub(crate) holder: String,
    pub(crate) began: Timestamp,
    pub(crate) ends: Timestamp,
}

/// Records tenures of the sweepers' lease.
const TENURES: &str = "CREATE TABLE tenures (holder TEXT NOT NULL, began BIGINT NOT NULL, ends BIGINT NOT NULL); \
     CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     INSERT INTO tenures VALUES (NEW.holder, EXTRACT(EPOCH FROM clock_timestamp()) * 1000000, NEW.ends_at); \
     RETURN NEW; END $$; \
     CREATE TRIGGER note AFTER INSERT OR UPDATE ON nango_leases FOR EACH ROW WHEN (NEW.name = 'sweep') \
     EXECUTE FUNCTION note();";

/// A database of the test's own, so that its deadlocks are the test's own, which records tenures.
pub(crate) struct SweepDatabase(Database);

impl SweepDatabase {
    pub(crate) async fn create() -> Self {
        let server = crate::postgres::url();
        let database = Database::create(&server).await;
        let name = database.url().rsplit_once('/').unwrap().1;
        // The test kills apps, not the server: waiting for its disk would only cost time.
        execute(&server, format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
        PostgresStore::connect(database.url()).await.unwrap();
        execute(database.url(), TENURES).await;
        Self(database)
    }

    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }

    pub(crate) async fn deadlocks(&self) -> i64 {
        // The server publishes its statistics within a second.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        sqlx::query_scalar(deadlocks).fetch_one(&mut self.connect().await).await.unwrap()
    }

    pub(crate) async fn tenures(&self) -> Vec<Tenure> {
        let tenures = sqlx::query_as("SELECT holder, began, ends FROM tenures ORDER BY began");
        let tenures: Vec<(String, i64, i64)> = tenures.fetch_all(&mut self.connect().await).await.unwrap();
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        let tenure = |(holder, began, ends)| Tenure { holder, began: at(began), ends: at(ends) };
        tenures.into_iter().map(tenure).collect()
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.url()).await.unwrap()
    }
}
