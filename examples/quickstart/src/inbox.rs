//! The app's own table: a row for each event that was handled.

use nango_core::{BoxError, EventKind, Owner, Timestamp};
use serde::Serialize;
use serde_json::json;
#[cfg(feature = "mysql")]
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
#[cfg(feature = "postgres")]
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use crate::database::{Database, Scheme};

/// The largest number of rows that are listed.
const LIMIT: i64 = 100;

/// The table. Its key is that of an event, so that an event that is handled twice has one row: a queue
/// delivers at least once.
#[derive(Clone)]
pub struct Inbox(Rows);

#[derive(Clone)]
enum Rows {
    #[cfg(feature = "mysql")]
    MySql(MySqlPool),
    #[cfg(feature = "postgres")]
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// Compiles an expression for each kind of database, with the pool and the statements. An app has one kind.
macro_rules! on {
    ($rows:expr, |$pool:ident, $sql:ident| $body:expr) => {
        match $rows {
            #[cfg(feature = "mysql")]
            Rows::MySql($pool) => {
                let $sql = &MYSQL;
                $body
            }
            #[cfg(feature = "postgres")]
            Rows::Postgres($pool) => {
                let $sql = &STANDARD;
                $body
            }
            Rows::Sqlite($pool) => {
                let $sql = &STANDARD;
                $body
            }
        }
    };
}

/// A handled event, as the page gets it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Handled {
    pub key: String,
    /// Nango's word for the kind of the event.
    pub kind: String,
    pub integration: String,
    /// The model of a sync, or several with commas between.
    pub model: Option<String>,
    pub handled: Timestamp,
}

/// A row as the statements return it.
type Row = (String, String, String, Option<String>, i64);

impl Handled {
    /// Describes an event that is handled now.
    pub fn now(key: &str, kind: EventKind, integration: &str, model: Option<&str>) -> Self {
        Self {
            key: key.to_owned(),
            kind: kind.to_string(),
            integration: integration.to_owned(),
            model: model.map(str::to_owned),
            handled: Timestamp::now(),
        }
    }

    fn read((key, kind, integration, model, micros): Row) -> Option<Self> {
        Some(Self { key, kind, integration, model, handled: Timestamp::from_micros(micros)? })
    }
}

impl Inbox {
    /// Connects to the app's database, which exists, and creates the table. An app that has a pool gives the
    /// store that one: `SqliteStore::new`.
    pub async fn open(database: &Database) -> Result<Self, BoxError> {
        const CONNECTIONS: u32 = 4;

        let url = database.url();
        let rows = match database.scheme() {
            #[cfg(feature = "mysql")]
            Scheme::MySql => {
                Rows::MySql(MySqlPoolOptions::new().max_connections(CONNECTIONS).connect(url).await?)
            }
            #[cfg(feature = "postgres")]
            Scheme::Postgres => {
                // Poolers refuse the parameter, and no column is a float.
                let options: PgConnectOptions = url.parse()?;
                let options = options.extra_float_digits(None);
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
                Rows::Postgres(pool.connect_with(options).await?)
            }
            Scheme::Sqlite => {
                Rows::Sqlite(SqlitePoolOptions::new().max_connections(CONNECTIONS).connect(url).await?)
            }
        };
        let inbox = Self(rows);
        // PostgreSQL lets one of two processes fail that create a table at once; the other one has it then.
        if inbox.create().await.is_err() {
            inbox.create().await?;
        }
        Ok(inbox)
    }

    async fn create(&self) -> sqlx::Result<()> {
        on!(&self.0, |pool, sql| {
            for statement in sql.create {
                sqlx::raw_sql(*statement).execute(pool).await?;
            }
        });
        Ok(())
    }

    /// Adds a row, unless there is one with its key.
    pub async fn insert(&self, owner: &Owner, row: &Handled) -> sqlx::Result<()> {
        on!(&self.0, |pool, sql| {
            let insert = sqlx::query(sql.insert)
                .bind(&row.key)
                .bind(text_of(owner))
                .bind(&row.kind)
                .bind(&row.integration)
                .bind(&row.model)
                .bind(row.handled.as_micros());
            // For a pooler of transactions: a statement without a name, in a transaction of its own.
            let mut transaction = pool.begin().await?;
            insert.persistent(false).execute(&mut *transaction).await?;
            transaction.commit().await
        })
    }

    /// Lists the newest rows of an owner, the latest first.
    pub async fn list(&self, owner: &Owner) -> sqlx::Result<Vec<Handled>> {
        let rows: Vec<Row> = on!(&self.0, |pool, sql| {
            let list = sqlx::query_as(sql.list).bind(text_of(owner)).bind(LIMIT);
            let mut transaction = pool.begin().await?;
            let rows = list.persistent(false).fetch_all(&mut *transaction).await?;
            transaction.commit().await?;
            rows
        });
        Ok(rows.into_iter().filter_map(Handled::read).collect())
    }
}

/// Returns a text that no other owner has. As JSON it ends in a bracket: MySQL compares texts without the
/// spaces at their ends.
fn text_of(owner: &Owner) -> String {
    json!([owner.kind(), owner.id(), owner.scope()]).to_string()
}

/// The statements in one dialect.
struct Sql {
    create: &'static [&'static str],
    insert: &'static str,
    list: &'static str,
}

const STANDARD: Sql = Sql {
    create: &[
        "CREATE TABLE IF NOT EXISTS quickstart_events (event_key TEXT PRIMARY KEY, owner TEXT NOT NULL, \
         kind TEXT NOT NULL, integration TEXT NOT NULL, model TEXT, handled BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS quickstart_events_of_owner ON quickstart_events (owner, handled)",
    ],
    insert: "INSERT INTO quickstart_events (event_key, owner, kind, integration, model, handled) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_key) DO NOTHING",
    list: "SELECT event_key, kind, integration, model, handled FROM quickstart_events WHERE owner = $1 \
           ORDER BY handled DESC, event_key DESC LIMIT $2",
};

#[cfg(feature = "mysql")]
const MYSQL: Sql = Sql {
    create: &["CREATE TABLE IF NOT EXISTS quickstart_events (event_key VARCHAR(64) PRIMARY KEY, \
               owner TEXT NOT NULL, kind VARCHAR(64) NOT NULL, integration TEXT NOT NULL, model TEXT, \
               handled BIGINT NOT NULL, INDEX of_owner (owner(255), handled)) \
               CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"],
    // `INSERT IGNORE` would also cut off a text that is too long.
    insert: "INSERT INTO quickstart_events (event_key, owner, kind, integration, model, handled) \
             VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE event_key = event_key",
    list: "SELECT event_key, kind, integration, model, handled FROM quickstart_events WHERE owner = ? \
           ORDER BY handled DESC, event_key DESC LIMIT ?",
};

#[cfg(test)]
mod tests {
    use super::*;

    async fn inbox(folder: &tempfile::TempDir) -> Inbox {
        let url = format!("sqlite://{}/app.db", folder.path().display());
        let database = Database::parse(&url).unwrap();
        let _ = database.open(false).await.unwrap();
        Inbox::open(&database).await.unwrap()
    }

    #[tokio::test]
    async fn an_event_has_one_row_however_often_it_is_handled() {
        let folder = tempfile::tempdir().unwrap();
        let (inbox, alice) = (inbox(&folder).await, Owner::new("user", "alice"));
        let first = Handled::now("k1", EventKind::Sync, "slack", Some("Message"));
        inbox.insert(&alice, &first).await.unwrap();
        let again =
            Handled { handled: first.handled.saturating_add(std::time::Duration::from_secs(9)), ..first };
        inbox.insert(&alice, &again).await.unwrap();
        let rows = inbox.list(&alice).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].handled < again.handled, "the first one stays");
        assert_eq!(rows[0].model.as_deref(), Some("Message"));
    }

    #[tokio::test]
    async fn an_owner_has_rows_of_its_own_the_newest_first_and_not_all_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let inbox = inbox(&folder).await;
        let owners = [
            Owner::new("user", "alice"),
            Owner::new("user", "Alice"),
            Owner::new("user", "alice "),
            Owner::new("organization", "alice"),
            Owner::new("user", "alice").with_scope(Some("acme")),
        ];
        for (at, owner) in owners.iter().enumerate() {
            let row = Handled::now(&format!("own{at}"), EventKind::Forward, "slack", None);
            inbox.insert(owner, &row).await.unwrap();
        }
        for (at, owner) in owners.iter().enumerate() {
            let keys: Vec<_> = inbox.list(owner).await.unwrap().into_iter().map(|row| row.key).collect();
            assert_eq!(keys, [format!("own{at}")]);
        }
        for at in 0..LIMIT + 5 {
            let row = Handled::now(&format!("k{at:03}"), EventKind::AsyncAction, "slack", None);
            inbox.insert(&owners[0], &row).await.unwrap();
        }
        let rows = inbox.list(&owners[0]).await.unwrap();
        assert_eq!((rows.len(), rows[0].key.as_str()), (100, "k104"));
        assert!(rows.is_sorted_by(|one, next| one.handled >= next.handled));
    }
}
