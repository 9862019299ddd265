//! The queue of events.

use std::path::Path;
use std::sync::Arc;

use nango_core::{BoxError, WorkQueue};
use nango_sqlx::SqliteEventQueue;
#[cfg(feature = "postgres")]
use nango_sqlx::{Options, PostgresEventQueue};

#[cfg(not(all(feature = "nats", feature = "postgres")))]
use crate::database::left_out;
use crate::database::redacted;

/// The address of a queue outside of the database for connections.
pub struct QueueUrl {
    scheme: Scheme,
    /// May contain a password.
    url: String,
}

/// The kinds of queues that this build has.
#[derive(Clone, Copy)]
enum Scheme {
    #[cfg(feature = "nats")]
    Nats,
    #[cfg(feature = "postgres")]
    Postgres,
    Sqlite,
}

impl QueueUrl {
    /// Parses `--queue`. Errors do not contain the URL's password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let scheme = match url.split_once(':').map(|(scheme, _)| scheme) {
            #[cfg(feature = "nats")]
            Some("nats" | "tls") => Scheme::Nats,
            #[cfg(not(feature = "nats"))]
            Some("nats" | "tls") => return Err(left_out("--queue", "NATS", "nats")),
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => Scheme::Postgres,
            #[cfg(not(feature = "postgres"))]
            Some("postgres" | "postgresql") => return Err(left_out("--queue", "PostgreSQL", "postgres")),
            Some("sqlite") if !url.contains(":memory:") => Scheme::Sqlite,
            Some("sqlite") => return Err("--queue has to name a file, as in sqlite://events.db".to_owned()),
            Some(other) => return Err(format!("{FORMS}, not {other}:")),
            None => return Err(FORMS.to_owned()),
        };
        Ok(Self { scheme, url: url.to_owned() })
    }

    /// Returns the address of a file.
    pub fn file(path: &Path) -> Self {
        // In a URL of SQLite `%` begins a code and `?` the query.
        let path = path.display().to_string().replace('%', "%25").replace('?', "%3F");
        Self { scheme: Scheme::Sqlite, url: format!("sqlite://{path}") }
    }

    /// Connects to the queue, and creates what it needs.
    pub async fn connect(&self) -> Result<Arc<dyn WorkQueue>, BoxError> {
        fn erase_type<Q: WorkQueue>(queue: Q) -> Arc<dyn WorkQueue> {
            Arc::new(queue)
        }
        let opened = match self.scheme {
            #[cfg(feature = "nats")]
            Scheme::Nats => nango_nats::NatsEventQueue::connect(&self.url).await.map(erase_type),
            #[cfg(feature = "postgres")]
            Scheme::Postgres => {
                // See `Database::open`.
                let pooled = Options::new().transaction_pooling(true);
                PostgresEventQueue::connect_with(&self.url, &pooled).await.map(erase_type)
            }
            Scheme::Sqlite => SqliteEventQueue::connect(&self.url).await.map(erase_type),
        };
        opened.map_err(|error| format!("cannot open the queue {}: {error}", redacted(&self.url)).into())
    }
}

const FORMS: &str = "--queue takes sqlite://FILE, postgres://USER@HOST/NAME or nats://HOST";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_url_is_refused_without_its_password() {
        for url in
            ["events.db", "redis://me:secret@localhost/0", "mysql://me:secret@localhost/a", "sqlite::memory:"]
        {
            let Err(error) = QueueUrl::parse(url) else { panic!("{url} was accepted") };
            assert!(error.starts_with("--queue ") && !error.contains("secret"), "{url}: {error}");
        }
    }

    #[tokio::test]
    async fn the_error_of_a_failed_connect_names_the_queue_without_its_password() {
        for (url, expected) in [
            ("sqlite:///no/such/folder/events.db", "cannot open the queue /no/such/folder/events.db: "),
            #[cfg(feature = "postgres")]
            ("postgres://me:secret@127.0.0.1:1/app", "cannot open the queue postgres://me@127.0.0.1:1/app: "),
            #[cfg(feature = "nats")]
            ("nats://me:secret@127.0.0.1:1", "cannot open the queue nats://me@127.0.0.1:1: "),
        ] {
            let Err(error) = QueueUrl::parse(url).unwrap().connect().await else { panic!("{url} opened") };
            let error = error.to_string();
            assert!(error.starts_with(expected) && !error.contains("secret"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_file_may_have_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a%2Fb?c.events.db");
        QueueUrl::file(&path).connect().await.unwrap();
        assert!(path.exists());
    }
}
