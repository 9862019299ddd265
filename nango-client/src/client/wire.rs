//! A connection as Nango writes it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Map;
use serde_json::value::RawValue;

use super::reply::object;
use crate::connection::{Connection, ConnectionError, ConnectionKey, EndUser, EndUserOrganization};
use crate::error::{Error, ErrorKind};
use crate::tags::Tags;
use crate::timestamp::Timestamp;

/// The treatment of metadata. It is the app's JSON, of any size and depth, and the only part of a
/// connection that a reader can do without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Metadata {
    Read,
    Skip,
}

/// A connection in the spellings of `GET /connections/{id}` and `GET /connections`. Fields that are
/// not named here, the credentials above all, are never read.
#[derive(Deserialize)]
struct WireConnection<'a> {
    id: i64,
    connection_id: String,
    provider_config_key: String,
    provider: String,
    #[serde(default)]
    errors: Vec<WireError>,
    #[serde(default)]
    end_user: Option<WireEndUser>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// Unread: reading recurses, and fails on what is nested too deep, while skipping does not.
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, alias = "created")]
    created_at: Cow<'a, str>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    log_id: String,
}

#[derive(Deserialize)]
struct WireEndUser {
    id: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    organization: Option<WireOrganization>,
}

#[derive(Deserialize)]
struct WireOrganization {
    id: Option<String>,
    display_name: Option<String>,
}

impl From<WireEndUser> for EndUser {
    fn from(wire: WireEndUser) -> Self {
        let WireEndUser { id, display_name, email, tags, organization } = wire;
        let mut user = Self::default();
        (user.id, user.display_name, user.email) = (id, display_name, email);
        user.tags = tags.unwrap_or_default();
        user.organization = organization.map(|wire| {
            let mut organization = EndUserOrganization::default();
            (organization.id, organization.display_name) = (wire.id, wire.display_name);
            organization
        });
        user
    }
}

/// The key alone, where the rest of a connection cannot be read.
#[derive(Deserialize)]
struct WireKey {
    connection_id: String,
    provider_config_key: String,
}

/// Reads the key of a connection, whatever else there is.
pub(super) fn key_in(text: &[u8]) -> Option<ConnectionKey> {
    let WireKey { connection_id, provider_config_key } = object(text).ok()?;
    Some(ConnectionKey::new(provider_config_key, connection_id))
}

/// Reads the connections of a list in one pass; `None` if one of them cannot be read, or is something
/// other than an object.
pub(super) fn connections_in(page: &[u8], metadata: Metadata) -> Option<Vec<Connection>> {
    #[derive(Deserialize)]
    struct Page<const METADATA: bool> {
        connections: Rows<METADATA>,
    }
    match metadata {
        Metadata::Read => object::<Page<true>>(page).ok().map(|page| page.connections.0),
        Metadata::Skip => object::<Page<false>>(page).ok().map(|page| page.connections.0),
    }
}

/// The rows of a list, each of which becomes a connection before the next one is read.
struct Rows<const METADATA: bool>(Vec<Connection>);

impl<'de, const METADATA: bool> Deserialize<'de> for Rows<METADATA> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<const METADATA: bool>;

        impl<'de, const METADATA: bool> Visitor<'de> for List<METADATA> {
            type Value = Vec<Connection>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let metadata = if METADATA { Metadata::Read } else { Metadata::Skip };
                // A look lists one row, for which a vector without a capacity would make room for four.
                let mut rows = Vec::with_capacity(list.size_hint().unwrap_or(1));
                while let Some(Row(row)) = list.next_element::<Row<'de>>()? {
                    rows.push(row.read(metadata).map_err(|_| A::Error::custom("an unreadable row"))?);
                }
                Ok(rows)
            }
        }

        deserializer.deserialize_seq(List::<METADATA>).map(Self)
    }
}

/// A connection that is an object. serde would also take an array, as the fields in their order.
struct Row<'a>(WireConnection<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Row<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = WireConnection<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                WireConnection::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_map(Object).map(Row)
    }
}

/// Reads a connection.
///
/// # Errors
///
/// [`ErrorKind::Decode`] when it cannot be read.
pub(super) fn connection_in(text: &[u8], metadata: Metadata) -> Result<Connection, Error> {
    let unreadable = |_| Error::new(ErrorKind::Decode);
    object::<WireConnection<'_>>(text).map_err(unreadable)?.read(metadata)
}

impl WireConnection<'_> {
    fn read(self, metadata: Metadata) -> Result<Connection, Error> {
        let unreadable = || Error::new(ErrorKind::Decode);
        let created_at: Timestamp = self.created_at.parse().map_err(|_| unreadable())?;
        let metadata = match (metadata, self.metadata) {
            (Metadata::Read, Some(metadata)) => {
                serde_json::from_str(metadata.get()).map_err(|_| unreadable())?
            }
            (Metadata::Read, None) | (Metadata::Skip, _) => Map::new(),
        };
        let mut tags = self.tags;
        let end_user = self.end_user.map(EndUser::from);
        if let Some(end_user) = &end_user {
            // Nango itself would have used these keys. Tags win.
            let organization =
                end_user.organization.as_ref().and_then(|organization| organization.id.as_ref());
            for (key, id) in [("end_user_id", end_user.id.as_ref()), ("organization_id", organization)] {
                if let Some(id) = id.filter(|id| !id.is_empty()) {
                    tags.entry(key.to_owned()).or_insert_with(|| id.clone());
                }
            }
        }
        let error = |error: WireError| ConnectionError { kind: error.kind, log_id: error.log_id };
        Ok(Connection {
            key: ConnectionKey::new(self.provider_config_key, self.connection_id),
            incarnation: self.id,
            provider: self.provider,
            tags: Tags::from_nango(tags),
            end_user,
            errors: self.errors.into_iter().map(error).collect(),
            created_at,
            metadata,
        })
    }
}

/// Returns the fields of a connection that neither this file reads nor
/// [`ConnectionDetails`](crate::ConnectionDetails).
#[cfg(test)]
pub(super) fn lost_in_connection(text: &str) -> Vec<String> {
    let details =
        ["connection_config", "credentials", "last_fetched_at", "updated_at", "webhook_url_override"];
    let mut lost = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    let read: Result<WireConnection<'_>, _> =
        serde_ignored::deserialize(&mut reader, |path| lost.push(path.to_string()));
    lost.retain(|path| !details.contains(&path.as_str()));
    lost.extend(read.err().map(|error| error.to_string()));
    lost
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Connection {
        connection_in(text.as_bytes(), Metadata::Read).unwrap()
    }

    #[test]
    fn a_connection_is_an_object() {
        assert!(key_in(br#"{"connection_id":"c","provider_config_key":"slack"}"#).is_some());
        assert!(key_in(br#"["c","slack"]"#).is_none() && key_in(br#"["slack","c"]"#).is_none());
    }

    #[test]
    fn a_page_is_read_in_one_pass_if_each_row_can_be() {
        let row = r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack",
            "metadata":{"a":1},"created":"2026-11-23T09:02:01Z"}"#;
        let read = |rows: &[&str]| {
            let page = format!(r#"{{"connections":[{}]}}"#, rows.join(","));
            connections_in(page.as_bytes(), Metadata::Read)
        };
        assert_eq!(read(&[row, row]), Some(vec![self::read(row); 2]));
        assert_eq!(read(&[]), Some(Vec::new()));
        let array = r#"[1,"c","slack","slack",[],null,{},null,"2026-11-23T09:02:01Z"]"#;
        let deep = row.replace("1}", &format!("{}1{}", "[".repeat(200), "]".repeat(200)));
        for other in [array, "{}", "null", &row.replace("2026", "x"), &deep] {
            assert_eq!(read(&[row, other]), None, "{other}");
        }
    }

    #[test]
    fn both_spellings_are_read_without_credentials() {
        let get = r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack","errors":[],
            "end_user":null,"tags":{"end_user_id":"a"},"metadata":null,"connection_config":{},
            "webhook_url_override":null,"created_at":"2026-11-23T09:02:01.820+00:00",
            "updated_at":"2026-11-23T09:02:01.820+00:00","last_fetched_at":null,"credentials":{"apiKey":"s"}}"#;
        let list = r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack","errors":[],
            "end_user":null,"tags":{"end_user_id":"a"},"metadata":null,"created":"2026-11-23T09:02:01.82+00:00"}"#;
        assert_eq!(read(get), read(list));
    }

    #[test]
    fn the_deprecated_end_user_is_read_as_tags_that_are_missing() {
        let connection = read(
            r#"{"id":1,"connection_id":"c","provider_config_key":"slack","provider":"slack",
            "end_user":{"id":"old","organization":{"id":"acme"}},"tags":{"end_user_id":"new"},
            "created":"2026-11-23T09:02:01Z"}"#,
        );
        assert_eq!(connection.tags.get("end_user_id"), Some("new"));
        assert_eq!(connection.tags.get("organization_id"), Some("acme"));
    }
}
