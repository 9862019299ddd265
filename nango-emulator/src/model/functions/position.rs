//! Positions in the order of records.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};
use uuid::{Builder, Uuid};

use crate::time;

/// Position of a record in the list of its model. Records of one batch have the same time and come
/// in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Position {
    /// `last_modified_at`, in whole microseconds.
    pub(crate) at: Timestamp,
    /// Internal id of the record.
    pub(crate) id: Uuid,
}

impl Position {
    /// Returns the first position at or after a time.
    pub(crate) fn first_at(at: Timestamp) -> Self {
        Self { at, id: Uuid::nil() }
    }

    /// Parses a cursor: time and id in Base64. The position need not be that of a record.
    pub(crate) fn parse(cursor: &str) -> Option<Self> {
        let text = STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
        let (at, id) = text.split_once("||")?;
        Some(Self { at: at.parse().ok()?, id: Uuid::parse_str(id).ok()? })
    }

    pub(crate) fn cursor(&self) -> String {
        STANDARD.encode(format!("{}||{}", time::postgres_micros(self.at), self.id))
    }
}

/// Returns the internal id of a record. It is the same after the record was removed and saved again
/// (observed on Nango 0.71.4): a UUID v5 of connection, model and the record's own id.
pub(super) fn record_id(connection: u64, model: &str, external_id: &str) -> Uuid {
    let namespace = named(Uuid::nil(), &format!("{connection}{model}"));
    named(namespace, &format!("{connection}{model}{external_id}"))
}

fn named(namespace: Uuid, name: &str) -> Uuid {
    let hash = Sha1::new().chain_update(namespace.as_bytes()).chain_update(name).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of connection 3623 as a real Nango server listed it.
    #[test]
    fn cursors_are_those_of_a_recording() {
        let position = Position {
            at: "2026-11-28T01:04:52.141757Z".parse().unwrap(),
            id: record_id(3623, "Contact", "c"),
        };
        let cursor = "MjAyNi0xMS0yOFQwMTowNDo1Mi4xNDE3NTcrMDA6MDB8fDAyMjRhNzQ4LWUwYjAtNWU2OS1hYmM1LWU4ZDU4NzkyNzUwZQ==";
        assert_eq!(position.cursor(), cursor);
        assert_eq!(Position::parse(cursor), Some(position));
        assert_eq!(Position::parse("zzz"), None);
        // 2026-01-01T00:00:00Z||nope
        assert_eq!(Position::parse("MjAyNi0wMS0wMVQwMDowMDowMFp8fG5vcGU="), None);
    }
}
