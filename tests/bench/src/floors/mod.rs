//! Apps as an expert would write each by hand: a pooled client, prepared statements, typed JSON, no copies that can
//! be helped. They do what the work needs, without what the crates add: no versions, marks, limits or repairs.

pub(crate) mod actix;
pub(crate) mod axum;
mod memory;
mod nango;
mod row;
mod sql;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use self::memory::Memory;
pub(crate) use self::nango::Nango;
use self::nango::{Event, Session};
use self::row::Row;
pub(crate) use self::sql::copy_of_ours;
use self::sql::{Postgres, Sqlite};
use crate::outcome::Outcome;
use crate::plan::{App, Counts, Store};

/// The state of an app.
pub(crate) struct Floor {
    pub(crate) nango: Nango,
    looks: bool,
    rows: Rows,
    deliveries: AtomicU64,
    looked: AtomicU64,
}

enum Rows {
    Memory(Mutex<Memory>),
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// The reply to a delivery.
enum Delivered {
    Done,
    BadSignature,
    Failed,
}

impl Floor {
    pub(crate) async fn new(app: &App) -> Outcome<Self> {
        let rows = match &app.store {
            Store::Memory => Rows::Memory(Mutex::new(app.fill.map(Memory::filled).unwrap_or_default())),
            Store::Postgres(url) => Rows::Postgres(Postgres::connect(url).await?),
            Store::Sqlite(url) => Rows::Sqlite(Sqlite::connect(url).await?),
        };
        Ok(Self {
            nango: Nango::new(&app.nango)?,
            looks: app.looks,
            rows,
            deliveries: AtomicU64::new(0),
            looked: AtomicU64::new(0),
        })
    }

    /// Verifies, parses, looks and writes.
    async fn deliver(&self, signature: Option<&[u8]>, body: &Bytes) -> Delivered {
        if !signature.is_some_and(|signature| self.nango.verifies(signature, body)) {
            return Delivered::BadSignature;
        }
        self.deliveries.fetch_add(1, Ordering::Relaxed);
        let Ok(event) = serde_json::from_slice::<Event<'_>>(body) else { return Delivered::Done };
        if event.kind != "auth" {
            return Delivered::Done;
        }
        match self.write(&event).await {
            Ok(()) => Delivered::Done,
            Err(_) => Delivered::Failed,
        }
    }

    async fn write(&self, event: &Event<'_>) -> Outcome<()> {
        let (owner, row) = if self.looks {
            self.looked.fetch_add(1, Ordering::Relaxed);
            let Some(found) = self.nango.look(&event.provider_config_key, &event.connection_id).await? else {
                return Ok(());
            };
            found.into_row()
        } else {
            event.to_row()
        };
        let Some(owner) = owner else { return Ok(()) };
        match &self.rows {
            Rows::Memory(rows) => {
                rows.lock().map_err(|_| "poisoned")?.upsert(owner, &event.connection_id, row);
                Ok(())
            }
            Rows::Postgres(rows) => rows.upsert(&owner, &event.connection_id, &row).await,
            Rows::Sqlite(rows) => rows.upsert(&owner, &event.connection_id, &row).await,
        }
    }

    async fn session(&self, user: &str) -> Outcome<Session> {
        self.nango.session(user).await
    }

    async fn list(&self, user: &str) -> Outcome<Vec<Row>> {
        match &self.rows {
            Rows::Memory(rows) => Ok(rows.lock().map_err(|_| "poisoned")?.list(user)),
            Rows::Postgres(rows) => rows.list(user).await,
            Rows::Sqlite(rows) => rows.list(user).await,
        }
    }

    /// Returns the connection id of a user's connection to an integration.
    pub(crate) async fn connection_id(&self, user: &str, integration: &str) -> Outcome<Option<String>> {
        match &self.rows {
            Rows::Memory(rows) => Ok(rows.lock().map_err(|_| "poisoned")?.connection_id(user, integration)),
            Rows::Postgres(rows) => rows.connection_id(user, integration).await,
            Rows::Sqlite(rows) => rows.connection_id(user, integration).await,
        }
    }

    fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts { deliveries: read(&self.deliveries), looks: read(&self.looked) }
    }
}
