//! Rows of a list of records: the app's fields beside Nango's.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::record::{Record, RecordData, RecordMetadata, UnreadableRecord};
use crate::client::reply::Reply;
use crate::client::reply::object;
use crate::error::{Error, ErrorKind};

const METADATA: &str = "_nango_metadata";

/// A row whose own fields are unread: skipping them does not recurse, so that one that is nested too
/// deep leaves the others readable.
struct Row<'a> {
    id: String,
    metadata: RecordMetadata,
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// Reads a row.
///
/// # Errors
///
/// [`ErrorKind::Decode`] when it has no id or no readable description, and hence no position.
pub(super) fn record_in<T: DeserializeOwned>(text: &str) -> Result<Record<T>, Error> {
    let row: Row<'_> = object(text.as_bytes()).map_err(|_| Error::new(ErrorKind::Decode))?;
    // The id stands alone where the data is gone.
    let has_data = row.fields.len() > 1;
    let Row { id, metadata, fields } = row;
    let read = || T::deserialize(MapDeserializer::<_, serde_json::Error>::new(fields.into_iter()));
    let data = if metadata.deleted_at.is_some() {
        RecordData::Deleted(has_data.then(read).and_then(Result::ok))
    } else if metadata.pruned_at.is_some() {
        RecordData::Pruned
    } else {
        read().map_or_else(|_| RecordData::Unreadable(UnreadableRecord(text.to_owned())), RecordData::Present)
    };
    Ok(Record { id, data, metadata })
}

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<'de>, A::Error> {
        let (mut id, mut metadata, mut fields) = (None, None, Vec::new());
        while let Some(Text(name)) = map.next_key()? {
            if name == METADATA {
                metadata = Some(map.next_value::<Reply<RecordMetadata>>()?.0);
                continue;
            }
            let value: &'de RawValue = map.next_value()?;
            if name == "id" {
                id = Some(text_of(value).ok_or_else(|| A::Error::custom("the id is not a text"))?);
            }
            fields.push((name, value));
        }
        match (id, metadata) {
            (Some(id), Some(metadata)) => Ok(Row { id, metadata, fields }),
            _ => Err(A::Error::custom("no id, or no metadata")),
        }
    }
}

/// Returns an id, which a sync may have saved as a number.
fn text_of(value: &RawValue) -> Option<String> {
    let is_number = value.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if is_number { Some(value.get().to_owned()) } else { serde_json::from_str(value.get()).ok() }
}

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Issue {
        id: u32,
        title: String,
    }

    fn row(fields: &str, action: &str, state: &str) -> String {
        format!(
            r#"{{{fields},"_nango_metadata":{{"first_seen_at":"2026-11-28T01:04:52+00:00","last_modified_at":
            "2026-11-28T01:05:16.93+00:00","last_action":"{action}",{state},"cursor":"c"}}}}"#
        )
    }

    fn read(fields: &str, state: &str) -> RecordData<Issue> {
        record_in(&row(fields, "ADDED", state)).unwrap().data
    }

    const LIVE: &str = r#""deleted_at":null,"pruned_at":null"#;
    const DELETED: &str = r#""deleted_at":"2026-11-28T01:05:16.93+00:00","pruned_at":null"#;
    const PRUNED: &str = r#""deleted_at":null,"pruned_at":"2026-11-28T01:05:16.93+00:00""#;

    #[test]
    fn nangos_fields_are_not_among_the_apps() {
        let issue = || Issue { id: 7, title: "a".to_owned() };
        assert_eq!(read(r#""id":7,"title":"a""#, LIVE), RecordData::Present(issue()));
        assert_eq!(read(r#""id":7,"title":"a""#, DELETED), RecordData::Deleted(Some(issue())));
        assert_eq!(read(r#""id":7"#, DELETED), RecordData::Deleted(None));
        assert_eq!(read(r#""id":7"#, PRUNED), RecordData::Pruned);
        let value = record_in::<serde_json::Value>(&row(r#""id":"a","n":1"#, "ADDED", LIVE)).unwrap();
        assert_eq!(value.id, "a");
        assert_eq!(value.into_present(), Some(serde_json::json!({"id":"a","n":1})));
    }

    #[test]
    fn a_record_of_another_shape_keeps_its_position() {
        let deep = format!(r#""id":7,"title":{}1{}"#, "[".repeat(100_000), "]".repeat(100_000));
        for fields in [r#""id":7"#, r#""id":"seven","title":"a""#, r#""id":7,"title":"a","b":1"#, &deep] {
            let record = record_in::<Issue>(&row(fields, "ADDED", LIVE)).unwrap();
            assert!(matches!(record.data, RecordData::Unreadable(_)));
            assert_eq!(record.cursor().as_str(), "c");
        }
        assert_eq!(read(r#""id":"x","title":1"#, DELETED), RecordData::Deleted(None));
    }

    #[test]
    fn a_row_without_id_or_description_has_no_position() {
        for text in ["{}", r#"{"id":"a"}"#, "[]", "null", &row(r#""n":1"#, "ADDED", LIVE)] {
            assert_eq!(record_in::<Issue>(text).unwrap_err().kind(), ErrorKind::Decode, "{text}");
        }
        let unknown = record_in::<Issue>(&row(r#""id":7,"title":"a""#, "MERGED", LIVE)).unwrap();
        assert_eq!(unknown.metadata.last_action.as_str(), "MERGED");
    }
}
