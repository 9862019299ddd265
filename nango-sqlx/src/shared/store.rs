//! The store itself.

use nango_core::Applied;

/// Implements `ConnectionStore` and `Lease` for a struct with the fields `pool`, `sql` and `batch`.
///
/// A macro, since the bounds of one generic function over sqlx's databases are longer than its body. The module that
/// uses it has:
///
/// - `Bytes` and `bytes`: what a text that compares by its bytes is read as, and bound as
/// - `execute`: runs a statement that writes and gives the number of rows that it affected
/// - `next_page`, `get_many`, `apply_some`: what the databases do in ways of their own
/// - `storable`: refuses what would not come back as it was
macro_rules! connection_store {
    ($Store:ident, $Database:ty, $Arguments:ty, $Row:ty) => {
        /// The statement that does a change, if and only if it affects a row.
        fn statement<'q>(sql: &Statements, change: &'q Change) -> Option<Query<'q, $Database, $Arguments>> {
            let key = change.key();
            Some(match (change.next().map(Columns::from), change.expected()) {
                (Some(next), None) => sqlx::query(sql.insert.text())
                    .bind(bytes(next.integration))
                    .bind(bytes(next.connection_id))
                    .bind(next.version)
                    .bind(next.owner_kind.map(bytes))
                    .bind(next.owner_id.map(bytes))
                    .bind(next.owner_scope.map(bytes))
                    .bind(next.removed)
                    .bind(next.announced)
                    .bind(next.look_again_at)
                    .bind(next.details),
                (Some(next), Some(expected)) => sqlx::query(sql.update.text())
                    .bind(next.version)
                    .bind(next.owner_kind.map(bytes))
                    .bind(next.owner_id.map(bytes))
                    .bind(next.owner_scope.map(bytes))
                    .bind(next.removed)
                    .bind(next.announced)
                    .bind(next.look_again_at)
                    .bind(next.details)
                    .bind(bytes(next.integration))
                    .bind(bytes(next.connection_id))
                    .bind(expected.raw()),
                (None, Some(expected)) => sqlx::query(sql.erase.text())
                    .bind(bytes(key.integration()))
                    .bind(bytes(key.connection_id()))
                    .bind(expected.raw()),
                (None, None) => return None,
            })
        }

        #[async_trait]
        impl ConnectionStore for $Store {
            async fn get(&self, keys: &[ConnectionRef]) -> Result<Vec<Option<Record>>, StoreError> {
                if let [key] = keys {
                    let row = sqlx::query(self.sql.get.text())
                        .bind(bytes(key.integration()))
                        .bind(bytes(key.connection_id()))
                        .fetch_optional(&self.pool)
                        .await
                        .map_err(store_error)?;
                    return Ok(vec![row.as_ref().map(record).transpose()?]);
                }
                let mut found = Vec::with_capacity(keys.len());
                for keys in keys.chunks(MANY) {
                    let rows = self.get_many(keys).await.map_err(store_error)?;
                    found.append(&mut in_order(keys, records(&rows)?));
                }
                Ok(found)
            }

            async fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
                changes.iter().try_for_each(storable)?;
                let mut applied = Vec::with_capacity(changes.len());
                for changes in changes.chunks(MANY) {
                    applied.append(&mut self.apply_some(changes).await?);
                }
                Ok(applied)
            }

            async fn list(&self, owner: &Owner) -> Result<Vec<Record>, StoreError> {
                let rows = sqlx::query(self.sql.list.text())
                    .bind(bytes(owner.id()))
                    .bind(bytes(owner.kind()))
                    .bind(owner.scope().map(bytes))
                    .fetch_all(&self.pool)
                    .await
                    .map_err(store_error)?;
                records(&rows)
            }

            async fn page(
                &self,
                after: Option<&ConnectionRef>,
                rows: usize,
            ) -> Result<Vec<Record>, StoreError> {
                let query = match after {
                    None => sqlx::query(self.sql.first_page.text()),
                    Some(key) => self.next_page(key),
                };
                let rows = query.bind(limit(rows)).fetch_all(&self.pool).await.map_err(store_error)?;
                records(&rows)
            }

            async fn pending(&self, now: Timestamp, rows: usize) -> Result<Vec<Record>, StoreError> {
                let parts = (0..3).fold(sqlx::query(self.sql.pending.text()), |query, _| {
                    query.bind(now.as_micros()).bind(limit(rows))
                });
                let rows = parts.bind(limit(rows)).fetch_all(&self.pool).await.map_err(store_error)?;
                records(&rows)
            }

            fn lease(&self) -> Option<&dyn Lease> {
                Some(self)
            }
        }

        #[async_trait]
        impl Lease for $Store {
            async fn acquire(&self, name: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
                let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 2);
                let prolong = sqlx::query(self.sql.prolong.text())
                    .bind(bytes(holder))
                    .bind(micros)
                    .bind(bytes(name))
                    .bind(bytes(holder));
                if self.execute(prolong).await.map_err(store_error)? == 1 {
                    return Ok(true);
                }
                let take =
                    sqlx::query(self.sql.take.text()).bind(bytes(name)).bind(bytes(holder)).bind(micros);
                Ok(self.execute(take).await.map_err(store_error)? == 1)
            }

            async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
                let release = sqlx::query(self.sql.release.text()).bind(bytes(name)).bind(bytes(holder));
                self.execute(release).await.map_err(store_error)?;
                Ok(())
            }
        }

        impl fmt::Debug for $Store {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // A pool prints where the database is, and who logs in there.
                f.debug_struct(stringify!($Store)).finish_non_exhaustive()
            }
        }

        fn records(rows: &[$Row]) -> Result<Vec<Record>, StoreError> {
            rows.iter().map(record).collect()
        }

        fn record(row: &$Row) -> Result<Record, StoreError> {
            columns(row).map_err(store_error)?.try_into()
        }

        fn columns(row: &$Row) -> Result<Row, sqlx::Error> {
            let text = |column: usize| row.try_get::<Bytes, _>(column).and_then(utf8);
            let maybe = |column: usize| {
                let bytes = row.try_get::<Option<Bytes>, _>(column)?;
                bytes.map(utf8).transpose()
            };
            Ok(Row {
                integration: text(0)?,
                connection_id: text(1)?,
                version: row.try_get(2)?,
                owner_kind: maybe(3)?,
                owner_id: maybe(4)?,
                owner_scope: maybe(5)?,
                removed: row.try_get(6)?,
                announced: row.try_get(7)?,
                look_again_at: row.try_get(8)?,
                details: row.try_get(9)?,
            })
        }
    };
}

pub(crate) use connection_store;

/// Adds `apply_some` where the database is a server, given `apply_many` and `gave_way`: whether an error says that another
/// transaction went first, and nothing was written.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! server_store {
    ($Store:ident) => {
        impl $Store {
            async fn apply_one(&self, change: &Change) -> Result<Applied, sqlx::Error> {
                let rows = match statement(&self.sql, change) {
                    Some(statement) => self.execute(statement).await?,
                    None => 0,
                };
                Ok(applied(rows))
            }

            /// A few changes, again when another transaction went first.
            async fn apply_some(&self, changes: &[Change]) -> Result<Vec<Applied>, StoreError> {
                let mut retries = Retries::default();
                loop {
                    let applied = match changes {
                        [change] => self.apply_one(change).await.map(|applied| vec![applied]),
                        changes => self.apply_many(changes).await,
                    };
                    match applied {
                        Err(error) if gave_way(&error) && retries.again().await => {}
                        applied => return applied.map_err(store_error),
                    }
                }
            }
        }
    };
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use server_store;

/// What the number of rows says that a change's statement affected.
pub(crate) fn applied(rows: u64) -> Applied {
    match rows {
        1 => Applied::Done,
        _ => Applied::Stale,
    }
}
