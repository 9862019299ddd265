//! A `ConnectionStore` over the app's own table.

use std::collections::HashMap;
use std::fmt;

use nango_core::{
    Applied, Change, ConnectionKey, ConnectionStore, Lease, Owner, Record, StoreError, Timestamp, Version,
    async_trait,
};
use sqlx::PgPool;

use crate::User;
use crate::errors::store_error;
use crate::rows::{columns, records};

/// Stores connections in the app's table `connections`, through the app's pool.
///
/// Rows belong to the app and are never deleted. Erasing a record empties the columns that the store has added; `id` and `label`
/// are never written. `user_id` follows the owner, for the app's joins: it is set while the owner is a user and the connection is
/// live, and unchanged while a record has no owner, before and after.
#[derive(Clone)]
pub struct Connections {
    pub(crate) pool: PgPool,
}

impl Connections {
    /// Creates a store. Both schemas have to be applied to the database before the store is used.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the pool: it prints the database's address.
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

macro_rules! select {
    ($condition:literal) => {
        concat!("SELECT ", columns!(), " FROM connections c WHERE c.version IS NOT NULL AND ", $condition)
    };
}

/// The user, if there is one with this id: locked, so that a deletion at the same moment does not break the foreign key.
macro_rules! user {
    () => {
        "(SELECT u.id FROM users u WHERE u.id = $12::uuid FOR KEY SHARE)"
    };
}

macro_rules! set {
    () => {
        concat!(
            " SET version = $3, owner_kind = $4, owner_id = $5, owner_scope = $6, removed = $7, announced = $8, \
             look_again_at = $9, details = $10, user_id = CASE WHEN c.owner_kind IS NULL AND $4 IS NULL THEN c.user_id ELSE ",
            user!(),
            " END "
        )
    };
}

// A change is one statement that contains its condition: a compare-and-set without a gap. An insertion adopts a row without a
// version, which is a row of the app or an erased one. An erasure is an update that removes the version.
const INSERT: &str = concat!(
    "INSERT INTO connections AS c (provider, nango_id, version, owner_kind, owner_id, owner_scope, removed, announced, \
     look_again_at, details, user_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, ",
    user!(),
    ") ON CONFLICT (provider, nango_id) DO UPDATE",
    set!(),
    "WHERE c.version IS NOT DISTINCT FROM $11"
);
const UPDATE: &str =
    concat!("UPDATE connections c", set!(), "WHERE c.provider = $1 AND c.nango_id = $2 AND c.version = $11");

#[async_trait]
impl ConnectionStore for Connections {
    async fn get(&self, keys: &[ConnectionKey]) -> Result<Vec<Option<Record>>, StoreError> {
        let providers: Vec<_> = keys.iter().map(ConnectionKey::integration).collect();
        let ids: Vec<_> = keys.iter().map(ConnectionKey::connection_id).collect();
        let rows = sqlx::query_as(select!(
            "(c.provider, c.nango_id) IN (SELECT * FROM UNNEST($1::text[], $2::text[]))"
        ));
        let found = records(rows.bind(providers).bind(ids).fetch_all(&self.pool).await)?;
        let found: HashMap<_, _> = found.into_iter().map(|record| (record.key.clone(), record)).collect();
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
        let mut applied = Vec::with_capacity(changes.len());
        // Each by itself: in one transaction, two slices with the same keys in another order would wait for each other.
        let mut connection = self.pool.acquire().await.map_err(store_error)?;
        for change in changes {
            let (expected, next) = (change.expected(), change.next());
            let owner = next.and_then(|next| next.owner.as_ref());
            // Any text can be an id, and only a uuid is one of the table `users`.
            let user =
                owner.filter(|_| next.is_some_and(|next| !next.removed)).and_then(Owner::id_as::<User>);
            let query = sqlx::query(if expected.is_none() { INSERT } else { UPDATE })
                .bind(change.key().integration())
                .bind(change.key().connection_id())
                .bind(next.map(|next| next.version.raw()))
                .bind(owner.map(Owner::kind))
                .bind(owner.map(Owner::id))
                .bind(owner.and_then(Owner::scope))
                .bind(next.is_some_and(|next| next.removed))
                .bind(next.is_none_or(|next| next.announced))
                .bind(next.and_then(|next| next.look_again_at).map(Timestamp::as_micros))
                .bind(next.map(|next| next.details.to_json()))
                .bind(expected.map(Version::raw))
                // As text, for apps without sqlx's feature `uuid`.
                .bind(user.map(|id| id.to_string()));
            let rows = query.execute(&mut *connection).await.map_err(store_error)?.rows_affected();
            applied.push(if rows == 1 { Applied::Done } else { Applied::Stale });
        }
        Ok(applied)
    }

    async fn mark(&self, keys: &[ConnectionKey], at: Timestamp) -> Result<Vec<bool>, StoreError> {
        let mut marked = Vec::with_capacity(keys.len());
        // LEAST ignores NULL.
        let mark = "UPDATE connections SET version = $3, look_again_at = LEAST(look_again_at, $4) \
             WHERE provider = $1 AND nango_id = $2 AND version IS NOT NULL";
        for key in keys {
            let mark = sqlx::query(mark)
                .bind(key.integration())
                .bind(key.connection_id())
                .bind(Version::random().raw())
                .bind(at.as_micros());
            marked.push(mark.execute(&self.pool).await.map_err(store_error)?.rows_affected() == 1);
        }
        Ok(marked)
    }

    async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
        let rows = sqlx::query_as(select!(
            "c.owner_kind = $1 AND c.owner_id = $2 AND c.owner_scope IS NOT DISTINCT FROM $3 AND c.removed = FALSE \
             ORDER BY c.provider COLLATE \"C\", c.nango_id COLLATE \"C\""
        ));
        let rows = rows.bind(owner.kind()).bind(owner.id()).bind(owner.scope());
        records(rows.fetch_all(&self.pool).await)
    }

    async fn page(&self, after: Option<&ConnectionKey>, limit: usize) -> Result<Vec<Record>, StoreError> {
        // Every key sorts after two empty texts.
        let (provider, id) = after.map_or(("", ""), |key| (key.integration(), key.connection_id()));
        let rows = sqlx::query_as(select!(
            "(c.provider COLLATE \"C\", c.nango_id COLLATE \"C\") > ($1, $2) \
             ORDER BY c.provider COLLATE \"C\", c.nango_id COLLATE \"C\" LIMIT $3"
        ));
        records(rows.bind(provider).bind(id).bind(row_limit(limit)).fetch_all(&self.pool).await)
    }

    async fn pending(&self, now: Timestamp, limit: usize) -> Result<Vec<Record>, StoreError> {
        // Due looks first. NULLs are rows that are only not announced.
        let rows = sqlx::query_as(select!(
            "(c.announced = FALSE OR c.look_again_at <= $1) \
             ORDER BY (c.look_again_at <= $1) DESC NULLS LAST, c.look_again_at LIMIT $2"
        ));
        records(rows.bind(now.as_micros()).bind(row_limit(limit)).fetch_all(&self.pool).await)
    }

    fn lease(&self) -> Option<&dyn Lease> {
        Some(self)
    }
}

fn row_limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
