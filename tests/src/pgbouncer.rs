//! A pooler in front of a PostgreSQL that tests share.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::NamedTempFile;

/// A pgbouncer that runs each transaction on the other one of two connections to the server. It is
/// killed when this is dropped.
#[derive(Debug)]
pub struct PgBouncer {
    process: Child,
    url: String,
    _config: NamedTempFile,
}

impl PgBouncer {
    /// Starts the program at `NANGO_TEST_PGBOUNCER`, or the one on the path, in front of the server
    /// of this URL.
    ///
    /// # Panics
    ///
    /// When it does not start, or does not change the connection.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without its pooler")]
    pub async fn start(server: &str) -> Self {
        let mut url = reqwest::Url::parse(server).unwrap();
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let target = format!(
            "host={} port={} user={} password={}",
            quoted(url.host_str().unwrap()),
            url.port().unwrap_or(5432),
            quoted(url.username()),
            quoted(url.password().unwrap_or_default()),
        );
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        let mut config = NamedTempFile::new().unwrap();
        write!(config, "[databases]\n* = {target}\n[pgbouncer]\nlisten_port = {port}\n{SETTINGS}").unwrap();
        let mut command = Command::new(std::env::var_os(PROGRAM).unwrap_or_else(|| "pgbouncer".into()));
        if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
            // It refuses to run as root.
            command.args(["-u", "daemon"]);
        }
        let process = command.arg(config.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pooler = Self { process, url: url.into(), _config: config };
        pooler.assert_it_alternates().await;
        pooler
    }

    /// Returns the URL of the server's database through the pooler.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the options for a connection through the pooler, which refuses one of sqlx's
    /// parameters.
    ///
    /// # Panics
    ///
    /// Never: the URL is valid.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "the URL is valid")]
    pub fn options(&self) -> PgConnectOptions {
        self.url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None)
    }

    /// Makes it connect to the server twice, and asserts that it changes between the two. Otherwise
    /// every test would pass without a pooler.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without its pooler")]
    async fn assert_it_alternates(&self) {
        let (mut one, mut other) = (self.connect().await, self.connect().await);
        for sql in ["BEGIN", "COMMIT"] {
            for client in [&mut one, &mut other] {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(client).await.unwrap();
            }
        }
        let (first, second) = (backend(&mut one).await, backend(&mut one).await);
        assert_ne!(first, second, "the pooler keeps a client on one connection");
        assert_eq!(first, backend(&mut one).await, "the pooler has more than two connections");
    }

    /// Connects, once it listens.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without its pooler")]
    async fn connect(&self) -> PgConnection {
        for _ in 0..200 {
            match PgConnection::connect_with(&self.options()).await {
                Err(sqlx::Error::Io(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
                result => return result.unwrap(),
            }
        }
        PgConnection::connect_with(&self.options()).await.unwrap()
    }
}

/// The variable with the path of the program.
const PROGRAM: &str = "NANGO_TEST_PGBOUNCER";

/// As Debian's package has them, but for two connections that take turns, and for clients without a
/// password.
const SETTINGS: &str = "listen_addr = 127.0.0.1\nunix_socket_dir =\nauth_type = any\n\
     pool_mode = transaction\ndefault_pool_size = 2\nserver_round_robin = 1\nmax_client_conn = 500\n";

#[expect(clippy::unwrap_used, reason = "a test has nothing to do without its pooler")]
async fn backend(client: &mut PgConnection) -> i32 {
    use sqlx::{Executor as _, Row as _};

    client.fetch_one(sqlx::raw_sql("SELECT pg_backend_pid()")).await.unwrap().get(0)
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Fails where it has ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
