//! The database for connections.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore, StoreError, WorkQueue};
#[cfg(feature = "mysql")]
use nango_sqlx::MySqlStore;
#[cfg(feature = "postgres")]
use nango_sqlx::PostgresStore;
use nango_sqlx::{Options, SqliteStore};
use url::Url;

use crate::files;

/// A database, and the names of the files that belong to it.
pub struct Database {
    scheme: Scheme,
    /// May contain a password.
    url: String,
    /// Begins the names of the files.
    stem: String,
}

/// A store, and a queue in the same database.
type Opened = (Arc<dyn ConnectionStore>, Option<Arc<dyn WorkQueue>>);

/// The kinds of databases that this build has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    #[cfg(feature = "mysql")]
    MySql,
    #[cfg(feature = "postgres")]
    Postgres,
    Sqlite,
}

impl Database {
    /// Parses `--database`. Errors do not contain the URL's password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let scheme = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Scheme::Sqlite,
            #[cfg(feature = "postgres")]
            Some("postgres" | "postgresql") => Scheme::Postgres,
            #[cfg(not(feature = "postgres"))]
            Some("postgres" | "postgresql") => return Err(left_out("--database", "PostgreSQL", "postgres")),
            #[cfg(feature = "mysql")]
            Some("mysql" | "mariadb") => Scheme::MySql,
            #[cfg(not(feature = "mysql"))]
            Some("mysql" | "mariadb") => return Err(left_out("--database", "MySQL", "mysql")),
            Some(other) => return Err(format!("{FORMS}, not {other}:")),
            None => return Err(FORMS.to_owned()),
        };
        let stem = if scheme == Scheme::Sqlite {
            sqlite_file(url).ok_or("--database has to name a file, as in sqlite://quickstart.db")?
        } else {
            let url = Url::parse(url).map_err(|error| format!("--database is not a URL: {error}"))?;
            let name = database_name(&url)
                .ok_or("--database has to name a database, as in postgres://me@localhost/quickstart")?;
            format!("{FOLDER}/{name}")
        };
        Ok(Self { scheme, url: url.to_owned(), stem })
    }

    /// Connects to the database and creates the tables, on request also those of a queue of events.
    /// MySQL cannot have one.
    pub async fn open(&self, with_queue: bool) -> Result<Opened, BoxError> {
        let opened = self.try_open(with_queue).await;
        opened.map_err(|error| format!("cannot open {}: {error}", redacted(&self.url)).into())
    }

    async fn try_open(&self, with_queue: bool) -> Result<Opened, StoreError> {
        let options = Options::new();
        match self.scheme {
            #[cfg(feature = "mysql")]
            Scheme::MySql => Ok((Arc::new(MySqlStore::connect(&self.url).await?), None)),
            #[cfg(feature = "postgres")]
            Scheme::Postgres => {
                // Hosted databases often have a pooler in front. Where yours has none, leave the option
                // out: it costs three round trips for each statement.
                let options = options.transaction_pooling(true);
                let store = PostgresStore::connect_with(&self.url, &options).await?;
                let queue = if with_queue { Some(erased(store.event_queue(&options).await?)) } else { None };
                Ok((Arc::new(store), queue))
            }
            Scheme::Sqlite => {
                let store = SqliteStore::connect_with(&self.url, &options).await?;
                let queue = if with_queue { Some(erased(store.event_queue(&options).await?)) } else { None };
                Ok((Arc::new(store), queue))
            }
        }
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Returns the URL, which may contain a password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Creates the folder for the files of a server's database. SQLite's files are beside it.
    pub fn create_folder(&self) -> Result<(), String> {
        if self.scheme == Scheme::Sqlite {
            return Ok(());
        }
        files::create_ignored_folder(Path::new(FOLDER))
            .map_err(|error| format!("cannot create the folder {FOLDER}: {error}"))
    }

    /// Returns the path of a file of the database: `quickstart.db.key` for `quickstart.db` and
    /// `key`.
    pub fn companion(&self, extension: &str) -> PathBuf {
        PathBuf::from(format!("{}.{extension}", self.stem))
    }
}

fn erased<Q: WorkQueue>(queue: Q) -> Arc<dyn WorkQueue> {
    Arc::new(queue)
}

/// Returns the error of a flag that needs a feature that this build does not have.
#[cfg(not(all(feature = "mysql", feature = "nats", feature = "postgres")))]
pub fn left_out(flag: &str, what: &str, feature: &str) -> String {
    format!("{flag} names {what}, which this build does not have; build with --features {feature}")
}

/// Returns a URL without its password, and without its query, which can contain one, too; of SQLite's, the
/// file.
pub fn redacted(url: &str) -> String {
    if let Some(file) = sqlite_file(url) {
        return file;
    }
    // A text that is not a URL could have a password anywhere.
    let Ok(mut url) = Url::parse(url) else { return "its URL".to_owned() };
    let _ = url.set_password(None);
    url.set_query(None);
    url.into()
}

/// The folder in the working directory for the files of a server's database. It ignores itself, so
/// that no key is committed.
const FOLDER: &str = "quickstart-data";

const FORMS: &str = "--database takes sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME";

/// Returns the path in a SQLite URL.
fn sqlite_file(url: &str) -> Option<String> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    (!path.is_empty() && path != ":memory:").then(|| path.to_owned())
}

/// Returns the database in a server's URL. It stays percent-encoded, and so is a valid file name.
fn database_name(url: &Url) -> Option<String> {
    let name = url.path().strip_prefix('/')?;
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companion_files_are_named_after_the_database() {
        for (url, key) in [
            ("sqlite://quickstart.db", "quickstart.db.key"),
            ("sqlite:///var/lib/app.db?mode=rwc", "/var/lib/app.db.key"),
            #[cfg(feature = "postgres")]
            ("postgres://me:secret@localhost:5432/app?sslmode=require", "quickstart-data/app.key"),
            #[cfg(feature = "mysql")]
            ("mariadb://localhost/a%2Fb", "quickstart-data/a%2Fb.key"),
        ] {
            assert_eq!(Database::parse(url).unwrap().companion("key"), PathBuf::from(key), "{url}");
        }
    }

    #[test]
    fn an_invalid_url_is_refused_without_its_password() {
        for url in [
            "quickstart.db",
            "redis://me:secret@localhost/0",
            "sqlite:",
            "sqlite::memory:",
            "postgres://me:secret@localhost",
            "postgres://me:secret@localhost/",
            "mysql://me:secret@localhost/a/b",
            "mysql://me:secret@local host/a",
            "me:secret@localhost/x",
        ] {
            let Err(error) = Database::parse(url) else { panic!("{url} was accepted") };
            assert!(error.starts_with("--database ") && !error.contains("secret"), "{url}: {error}");
        }
    }

    #[test]
    fn a_redacted_url_has_no_password() {
        assert_eq!(
            redacted("postgres://me:secret@localhost/app?password=secret"),
            "postgres://me@localhost/app"
        );
        assert_eq!(redacted("sqlite:///var/lib/app.db?mode=rwc"), "/var/lib/app.db");
    }

    #[tokio::test]
    async fn the_error_of_a_failed_open_contains_the_cause() {
        let url = "sqlite:///no/such/folder/app.db";
        let Err(error) = Database::parse(url).unwrap().open(true).await else {
            panic!("the database was opened")
        };
        let text = error.to_string();
        let expected = "cannot open /no/such/folder/app.db: could not connect to the database at app.db: ";
        assert!(text.starts_with(expected) && text.contains("SQLITE_CANTOPEN"), "{text}");
    }
}
