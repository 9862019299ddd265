//! An event as a row.

use nango_core::{Claim, DeadLetter, StoreCause, Timestamp};
use sqlx::{ColumnIndex, Decode, Type};

/// The columns of [`event_row`].
pub(super) const EVENT_COLUMNS: &str = "key, event, failures, deaths, reason, dead_since";

pub(crate) struct EventRow {
    key: String,
    event: String,
    failures: u32,
    deaths: u32,
    reason: Option<String>,
    dead_since: Option<i64>,
}

/// Decodes a row of [`EVENT_COLUMNS`].
pub(crate) fn event_row<'r, R>(row: &'r R) -> sqlx::Result<EventRow>
where
    String: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    usize: ColumnIndex<R>,
    R: sqlx::Row,
{
    let count = |column: usize| -> sqlx::Result<u32> {
        u32::try_from(row.try_get::<i64, _>(column)?).map_err(|_| out_of_range())
    };
    Ok(EventRow {
        key: row.try_get(0)?,
        event: row.try_get(1)?,
        failures: count(2)?,
        deaths: count(3)?,
        reason: row.try_get(4)?,
        dead_since: row.try_get(5)?,
    })
}

fn out_of_range() -> sqlx::Error {
    sqlx::Error::Decode(StoreCause::new("a row cannot be read: a number of it is out of range").into())
}

impl EventRow {
    pub(super) fn into_claim(self, token: &str) -> Claim {
        Claim::new(self.key, self.event, self.failures, self.deaths, token.to_owned())
    }

    pub(super) fn into_dead_letter(mut self) -> DeadLetter {
        let reason = self.reason.take().unwrap_or_default();
        let since = self.dead_since.and_then(Timestamp::from_micros).unwrap_or_else(Timestamp::now);
        DeadLetter::new(self.into_claim(""), reason, since)
    }
}
