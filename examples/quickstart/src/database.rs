//! Where connections are remembered: the store that a URL names.

use std::error::Error as _;
use std::path::PathBuf;
use std::sync::Arc;

use nango_core::{BoxError, ConnectionStore, StoreError, StoreErrorKind};
use nango_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use url::Url;

/// A database, and the files of the app that go with it.
pub struct Database {
    scheme: Scheme,
    /// Has a password in it, perhaps.
    url: String,
    /// What the names of the files begin with.
    stem: String,
}

#[derive(Clone, Copy)]
enum Scheme {
    MySql,
    Postgres,
    Sqlite,
}

impl Database {
    /// Understands `--database`. What it says of a URL has no password in it.
    pub fn parse(url: &str) -> Result<Self, String> {
        let scheme = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Scheme::Sqlite,
            Some("postgres" | "postgresql") => Scheme::Postgres,
            Some("mysql" | "mariadb") => Scheme::MySql,
            Some(other) => return Err(format!("{KNOWN}, not {other}:")),
            None => return Err(KNOWN.to_owned()),
        };
        let stem = match scheme {
            Scheme::Sqlite => {
                file(url).ok_or("--database has to name a file, as in sqlite://quickstart.db")?
            }
            Scheme::Postgres | Scheme::MySql => {
                let url = Url::parse(url).map_err(|error| format!("--database is no URL: {error}"))?;
                name(&url)
                    .ok_or("--database has to name a database, as in postgres://me@localhost/quickstart")?
            }
        };
        Ok(Self { scheme, url: url.to_owned(), stem })
    }

    /// Connects, and makes the tables.
    pub async fn open(&self) -> Result<Arc<dyn ConnectionStore>, BoxError> {
        fn any<S: ConnectionStore>(store: S) -> Arc<dyn ConnectionStore> {
            Arc::new(store)
        }
        let opened = match self.scheme {
            Scheme::MySql => MySqlStore::connect(&self.url).await.map(any),
            Scheme::Postgres => PostgresStore::connect(&self.url).await.map(any),
            Scheme::Sqlite => SqliteStore::connect(&self.url).await.map(any),
        };
        opened.map_err(|error| self.cannot_open(&error).into())
    }

    /// `quickstart.db` with `key` is `quickstart.db.key`.
    pub fn beside(&self, extension: &str) -> PathBuf {
        PathBuf::from(format!("{}.{extension}", self.stem))
    }

    /// Says what the database itself said. This is the one place for it: whoever starts the app has to know, and no row has
    /// been asked for yet. Later a store's source must not be formatted: databases quote keys and values in it.
    fn cannot_open(&self, error: &StoreError) -> String {
        let advice = match (self.scheme, error.kind()) {
            (Scheme::Sqlite, _) => "is there such a folder, and may this program write there?",
            (_, StoreErrorKind::Unavailable) => "is the server running there?",
            _ => "the database has to be there, and this user may make tables in it",
        };
        let said = error.source().map(|said| format!(": {said}")).unwrap_or_default();
        format!("cannot open {}: {error}{said}; {advice}", self.shown())
    }

    /// The URL without what is nobody's business: a query can have a password, too.
    fn shown(&self) -> String {
        match (self.scheme, Url::parse(&self.url)) {
            (Scheme::Sqlite, _) | (_, Err(_)) => self.stem.clone(),
            (_, Ok(mut url)) => {
                let _ = url.set_password(None);
                url.set_query(None);
                url.into()
            }
        }
    }
}

const KNOWN: &str = "--database takes sqlite://FILE, postgres://USER@HOST/NAME or mysql://USER@HOST/NAME";

/// The file that a URL of SQLite names.
fn file(url: &str) -> Option<String> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    (!path.is_empty() && path != ":memory:").then(|| path.to_owned())
}

/// The database that a server's URL names. As it stands there, it is a file's name, too.
fn name(url: &Url) -> Option<String> {
    let name = url.path().strip_prefix('/')?;
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_beside_sqlite_and_are_named_after_other_databases() {
        for (url, key) in [
            ("sqlite://quickstart.db", "quickstart.db.key"),
            ("sqlite:///var/lib/app.db?mode=rwc", "/var/lib/app.db.key"),
            ("postgres://me:secret@localhost:5432/app?sslmode=require", "app.key"),
            ("mariadb://localhost/a%2Fb", "a%2Fb.key"),
        ] {
            assert_eq!(Database::parse(url).unwrap().beside("key"), PathBuf::from(key), "{url}");
        }
    }

    #[test]
    fn what_is_no_database_is_refused_without_its_password() {
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
            let Err(error) = Database::parse(url) else { panic!("{url} was taken") };
            assert!(error.starts_with("--database ") && !error.contains("secret"), "{url}: {error}");
        }
    }

    #[test]
    fn a_database_is_shown_without_its_password() {
        let database = Database::parse("postgres://me:secret@localhost/app?password=secret").unwrap();
        assert_eq!(database.shown(), "postgres://me@localhost/app");
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_opened_says_why() {
        let url = "sqlite:///no/such/folder/app.db";
        let Err(error) = Database::parse(url).unwrap().open().await else { panic!("it was opened") };
        let expected =
            "cannot open /no/such/folder/app.db: the store cannot be reached: error returned from database: ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
