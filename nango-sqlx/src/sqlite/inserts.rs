//! New rows, many in one statement.

use std::fmt::Write as _;

use nango_core::{Applied, Change};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::query::query;
use crate::shared::row::columns;
use crate::shared::{Sql, Tables, Value};

/// The rows of one statement. Each statement is handed to SQLite's thread and back, which costs more than a row.
pub(super) const ROWS: usize = 20;

/// The parameters of a row: its key, and its other columns.
const PARAMETERS: usize = 10;

/// The statement that inserts [`ROWS`] rows.
pub(super) struct Insertions(Sql);

impl Insertions {
    pub(super) fn new(tables: &Tables) -> Self {
        let mut template = String::from("INSERT INTO {prefix}connections ({columns}) VALUES ");
        for row in 0..ROWS {
            for parameter in 1..=PARAMETERS {
                let before = match (row, parameter) {
                    (0, 1) => "(",
                    (_, 1) => "), (",
                    _ => ", ",
                };
                // Writing to a string does not fail.
                let _ = write!(template, "{before}${}", row * PARAMETERS + parameter);
            }
        }
        template.push_str("){or nothing} RETURNING version");
        Self(tables.sql(&template))
    }

    /// Inserts rows and says which of them were not there. There have to be [`ROWS`] changes.
    pub(super) async fn write(
        &self,
        rows: &mut [(&Change, &mut Applied)],
        connection: &mut SqliteConnection,
    ) -> sqlx::Result<()> {
        let mut values = Vec::with_capacity(ROWS * PARAMETERS);
        for (change, _) in &*rows {
            values.extend(Value::key(change.key()));
            values.extend(change.next().into_iter().flat_map(columns));
        }
        let inserted = query(&self.0, values).fetch_all(connection).await?;
        for row in inserted {
            // No two changes of a batch have the same version.
            let version = Some(row.try_get::<i64, _>(0)?);
            let is_inserted = |change: &Change| change.next().map(|next| next.version.raw()) == version;
            if let Some((_, outcome)) = rows.iter_mut().find(|(change, _)| is_inserted(change)) {
                **outcome = Applied::Done;
            }
        }
        Ok(())
    }
}
