//! A schema for each test.

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;

/// A schema of one test, in a database that tests share. It is dropped with this.
pub(crate) struct Schema {
    url: PgConnectOptions,
    name: String,
}

impl Schema {
    /// Creates one in the database of this URL.
    pub(crate) async fn create(url: &str) -> Self {
        let schema = Self { url: url.parse().unwrap(), name: format!("test_{}", Uuid::new_v4().simple()) };
        execute(&schema.url, format!("CREATE SCHEMA {}", schema.name)).await;
        schema
    }

    /// Returns a pool whose connections make and find their tables in it.
    pub(crate) async fn pool(&self) -> PgPool {
        let options = self.url.clone().options([("search_path", &self.name)]);
        PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (url, drop) = (self.url.clone(), format!("DROP SCHEMA {} CASCADE", self.name));
        // On a thread of its own, since the test's runtime must not be blocked.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&url, drop));
        });
        let dropped = thread.join();
        // A second panic would end the process, and hide what has failed first.
        if !std::thread::panicking() {
            dropped.unwrap();
        }
    }
}

async fn execute(url: &PgConnectOptions, sql: String) {
    let mut connection = PgConnection::connect_with(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}
