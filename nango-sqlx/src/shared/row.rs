//! A record as the columns that keep it.

use nango_core::{ConnectionRef, Details, Owner, Record, StoreError, StoreErrorKind, Timestamp, Version};

/// A row as it is read, in the order of the columns.
pub(crate) struct Row {
    pub(crate) integration: String,
    pub(crate) connection_id: String,
    pub(crate) version: i64,
    pub(crate) owner_kind: Option<String>,
    pub(crate) owner_id: Option<String>,
    pub(crate) owner_scope: Option<String>,
    pub(crate) removed: bool,
    pub(crate) announced: bool,
    pub(crate) look_again_at: Option<i64>,
    pub(crate) details: String,
}

impl TryFrom<Row> for Record {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let owner = match (row.owner_kind, row.owner_id) {
            (Some(kind), Some(id)) => Some(Owner::new(kind, id).with_scope(row.owner_scope)),
            (None, None) => None,
            _ => return Err(corrupt("half an owner")),
        };
        let look_again_at = row
            .look_again_at
            .map(|micros| Timestamp::from_micros(micros).ok_or_else(|| corrupt("a time out of range")))
            .transpose()?;
        Ok(Self {
            key: ConnectionRef::new(row.integration, row.connection_id),
            version: Version::from_raw(row.version).ok_or_else(|| corrupt("a version of zero"))?,
            owner,
            removed: row.removed,
            announced: row.announced,
            look_again_at,
            details: Details::from_json(&row.details)?,
        })
    }
}

fn corrupt(what: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, what)
}

/// What a record is written as.
pub(crate) struct Columns<'a> {
    pub(crate) integration: &'a str,
    pub(crate) connection_id: &'a str,
    pub(crate) version: i64,
    pub(crate) owner_kind: Option<&'a str>,
    pub(crate) owner_id: Option<&'a str>,
    pub(crate) owner_scope: Option<&'a str>,
    pub(crate) removed: bool,
    pub(crate) announced: bool,
    pub(crate) look_again_at: Option<i64>,
    pub(crate) details: String,
}

impl<'a> From<&'a Record> for Columns<'a> {
    fn from(record: &'a Record) -> Self {
        // Names every field, so that a new one cannot be forgotten here.
        let Record { key, version, owner, removed, announced, look_again_at, details } = record;
        let owner = owner.as_ref();
        Self {
            integration: key.integration(),
            connection_id: key.connection_id(),
            version: version.raw(),
            owner_kind: owner.map(Owner::kind),
            owner_id: owner.map(Owner::id),
            owner_scope: owner.and_then(Owner::scope),
            removed: *removed,
            announced: *announced,
            look_again_at: look_again_at.map(Timestamp::as_micros),
            details: details.to_json(),
        }
    }
}

/// A limit as databases take it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The text of a column that compares by its bytes.
pub(crate) fn utf8(bytes: impl Into<Vec<u8>>) -> Result<String, sqlx::Error> {
    String::from_utf8(bytes.into()).map_err(|error| sqlx::Error::Decode(error.into()))
}
