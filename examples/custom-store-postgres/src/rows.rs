//! Rows of the table as records.

use nango_core::{
    ConnectionKey, Details, Owner, Record, StoreCause, StoreError, StoreErrorKind, Timestamp, Version,
};

use crate::errors::store_error;

/// The columns in the order of [`COLUMNS`].
pub(crate) type Row =
    (String, String, i64, Option<String>, Option<String>, Option<String>, bool, bool, Option<i64>, String);

/// The store's columns of a record, whose `version` is not null.
macro_rules! columns {
    () => {
        "c.provider, c.nango_id, c.version, c.owner_kind, c.owner_id, c.owner_scope, c.removed, c.announced, \
         c.look_again_at, c.details"
    };
}

pub(crate) use columns;

pub(crate) fn records(rows: Result<Vec<Row>, sqlx::Error>) -> Result<Vec<Record>, StoreError> {
    rows.map_err(store_error)?.into_iter().map(record).collect()
}

fn record(row: Row) -> Result<Record, StoreError> {
    let (provider, id, version, kind, owner, scope, removed, announced, look_again_at, details) = row;
    let cause = StoreCause::new("version or look_again_at is out of range");
    let corrupt = || StoreError::new(StoreErrorKind::Corrupt, cause.clone());
    let look_again_at = look_again_at.map(|micros| Timestamp::from_micros(micros).ok_or_else(corrupt));
    Ok(Record {
        key: ConnectionKey::new(provider, id),
        version: Version::from_raw(version).ok_or_else(corrupt)?,
        owner: kind.zip(owner).map(|(kind, id)| Owner::new(kind, id).with_scope(scope)),
        removed,
        announced,
        look_again_at: look_again_at.transpose()?,
        details: Details::from_json(&details)?,
    })
}
