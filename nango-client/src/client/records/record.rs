//! Records as a sync has saved them.

use std::fmt;

use super::cursor::Cursor;
use crate::client::reply::{Reply, reply, words};
use crate::timestamp::Timestamp;

/// A record of a model: the app's data, with Nango's description of it.
///
/// ```
/// # use nango_client::{Record, RecordData};
/// # #[derive(Clone)] struct Issue;
/// # fn upsert(_: &str, _: Issue) {}
/// # fn delete(_: &str) {}
/// # fn handle(record: Record<Issue>) {
/// match record.data {
///     RecordData::Present(issue) => upsert(&record.id, issue),
///     RecordData::Deleted(_) => delete(&record.id),
///     RecordData::Pruned => {} // nothing changed but that Nango no longer keeps the data
///     RecordData::Unreadable(row) => eprintln!("{row:?}"),
/// }
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Record<T> {
    /// The id that the sync has given it, as text.
    pub id: String,
    /// The data, if it is there.
    pub data: RecordData<T>,
    /// Nango's description.
    pub metadata: RecordMetadata,
}

/// The data of a record.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "callers have to handle every state")]
pub enum RecordData<T> {
    /// The record was deleted. Its last data is there if Nango found out about the deletion by itself,
    /// and is not if the sync named the record by its id alone (observed on 0.71.4).
    Deleted(Option<T>),
    /// The record exists.
    Present(T),
    /// The record exists, and Nango has dropped its data: after 30 days, or because it was asked to.
    Pruned,
    /// The record exists, and its data does not have the requested shape.
    Unreadable(UnreadableRecord),
}

/// The JSON of a record that does not have the requested shape. `Debug` shows its length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct UnreadableRecord(pub(super) String);

impl UnreadableRecord {
    /// Returns the record's JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnreadableRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnreadableRecord({} bytes)", self.0.len())
    }
}

/// Shows the state without data.
impl<T> fmt::Debug for RecordData<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted(_) => "Deleted",
            Self::Present(_) => "Present",
            Self::Pruned => "Pruned",
            Self::Unreadable(_) => "Unreadable",
        })
    }
}

impl<T> fmt::Debug for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("data", &self.data)
            .field("metadata", &self.metadata)
            .finish_non_exhaustive()
    }
}

impl<T> Record<T> {
    /// Returns the position of the record: reading on after it, the record is met again only with newer
    /// data.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.metadata.cursor
    }

    /// Returns the data of a record that exists.
    #[must_use]
    pub fn into_present(self) -> Option<T> {
        match self.data {
            RecordData::Present(data) => Some(data),
            RecordData::Deleted(_) | RecordData::Pruned | RecordData::Unreadable(_) => None,
        }
    }
}

reply! {
    /// Nango's description of a record.
    #[derive(Clone, PartialEq)]
    RecordMetadata {
        /// The time at which the record was first saved, or saved again after a deletion.
        first_seen_at: Timestamp,
        /// The time of the last change. Together with the id it names one state of the record, and a
        /// stored state that is newer must not be overwritten.
        last_modified_at: Timestamp,
        /// The last change.
        last_action: RecordAction,
        /// The time of the deletion.
        deleted_at: Option<Timestamp>,
        /// The time at which Nango dropped the data.
        pruned_at: Option<Timestamp>,
        /// The position of the record.
        cursor: Cursor,
    }
}

crate::__debug_only!(RecordMetadata { last_modified_at, last_action, deleted_at, pruned_at });

words! {
    /// The last change of a record.
    RecordAction {
        /// The record is new, or was saved again after a deletion.
        Added = "ADDED",
        /// The record was deleted.
        Deleted = "DELETED",
        /// The record has other data than before.
        Updated = "UPDATED",
    }
}

impl<'de> serde::Deserialize<'de> for Reply<Cursor> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cursor::deserialize(deserializer).map(Self)
    }
}
