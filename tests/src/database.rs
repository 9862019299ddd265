//! Databases of a server that tests share.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection};

/// Returns the URL of a database server. A test that needs one is ignored where the variable is not
/// set, so it has to be there when this is called.
///
/// # Panics
///
/// When it is not.
#[must_use]
#[expect(clippy::panic, reason = "services are required")]
pub fn service_url(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set, and services are required"))
}

/// Returns a name that no other test uses, of this process or of another one.
#[must_use]
pub fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    format!("test_{:x}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A database of one test, on a server that others use too. It is dropped with this.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// Creates one on the server of this URL, which names another database.
    pub async fn create(server: &str) -> Self {
        let name = format!("nango_{}", unique_name());
        execute(server, format!("CREATE DATABASE {name}")).await;
        Self { server: server.to_owned(), url: Self::named(server, &name), name }
    }

    /// Returns the URL of a database of this name on the same server, which may be missing.
    ///
    /// # Panics
    ///
    /// When this is not a URL.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without a server")]
    pub fn named(server: &str, name: &str) -> String {
        let mut url = reqwest::Url::parse(server).unwrap();
        url.set_path(name);
        url.into()
    }

    /// Returns its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let force = if is_mysql(&self.server) { "" } else { " WITH (FORCE)" };
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE {}{force}", self.name));
        block_on_thread(async move { execute(&server, drop).await });
    }
}

fn is_mysql(url: &str) -> bool {
    url.starts_with("mysql")
}

/// Runs statements on the database of a URL.
#[expect(clippy::unwrap_used, reason = "a test has nothing to do when its own statements fail")]
pub async fn execute(url: &str, sql: impl Into<String>) {
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
    if is_mysql(url) {
        sql.execute(&mut MySqlConnection::connect(url).await.unwrap()).await.unwrap();
    } else {
        sql.execute(&mut PgConnection::connect(url).await.unwrap()).await.unwrap();
    }
}

/// Runs a future to its end, for `drop`: tests drop their tables inside of a runtime, which must
/// not be blocked.
#[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot clean up")]
pub fn block_on_thread(future: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime.block_on(future)).join().unwrap();
}

/// Lets a test be ignored where `NANGO_TEST_NATS_URL` is not set, like `needs_postgres`.
#[cfg(with_nats)]
#[macro_export]
macro_rules! needs_nats {
    ($($test:item)*) => { $($test)* };
}

/// Lets a test be ignored where `NANGO_TEST_NATS_URL` is not set, like `needs_postgres`.
#[cfg(not(with_nats))]
#[macro_export]
macro_rules! needs_nats {
    ($($test:item)*) => { $(#[ignore = "NANGO_TEST_NATS_URL is not set"] $test)* };
}

/// Lets a test be ignored where `NANGO_TEST_POSTGRES_URL` is not set, in a package that is published and so has no
/// build script of the workspace.
#[cfg(with_postgres)]
#[macro_export]
macro_rules! needs_postgres {
    ($($test:item)*) => { $($test)* };
}

/// Lets a test be ignored where `NANGO_TEST_POSTGRES_URL` is not set, in a package that is published and so has no
/// build script of the workspace.
#[cfg(not(with_postgres))]
#[macro_export]
macro_rules! needs_postgres {
    ($($test:item)*) => { $(#[ignore = "NANGO_TEST_POSTGRES_URL is not set"] $test)* };
}
