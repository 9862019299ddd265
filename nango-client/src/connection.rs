//! The identity of a connection, and its description by Nango.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::debug::Word;
use crate::tags::Tags;
use crate::timestamp::Timestamp;

/// The longest connection id and integration id that Nango has, in UTF-16 code units.
const MAX_ID_UNITS: usize = 255;

/// Characters beyond letters and digits that Nango allows in a connection id (observed on 0.71.4).
const ID_PUNCTUATION: &str = ",.;:=+~[]|@${}\"'\\/_ -";

/// Characters beyond letters and digits that Nango allows in an integration id (observed on
/// 0.71.4).
const INTEGRATION_PUNCTUATION: &str = "~:.@ _-";

/// Identifies one connection: an integration, and the id that Nango gave the connection there.
///
/// Two integrations may have connections of equal id; those are two connections. Both parts compare
/// byte for byte. The `Debug` output leaves the id out: together with an API key it gives access to
/// the connection.
///
/// Clones share the texts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ConnectionKey {
    /// The integration, and the connection id after it.
    texts: Arc<str>,
    /// The length of the integration in bytes.
    integration: usize,
}

impl ConnectionKey {
    /// Identifies a connection, which need not exist.
    #[must_use]
    pub fn new(integration: impl AsRef<str>, connection_id: impl AsRef<str>) -> Self {
        let (integration, connection_id) = (integration.as_ref(), connection_id.as_ref());
        let mut texts = String::with_capacity(integration.len() + connection_id.len());
        texts.push_str(integration);
        texts.push_str(connection_id);
        Self { texts: texts.into(), integration: integration.len() }
    }

    /// Returns the integration, such as `slack`.
    #[must_use]
    pub fn integration(&self) -> &str {
        self.parts().0
    }

    /// Returns the id at Nango. Keep it on the server.
    #[must_use]
    pub fn connection_id(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.texts.split_at(self.integration)
    }

    /// Returns `true` if Nango could have such a connection: both parts have 1 to 255 UTF-16 units,
    /// all of them letters, digits and punctuation that Nango allows (observed on 0.71.4). Nango
    /// refuses to look for any other.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        // All of them are ASCII, so that bytes are UTF-16 units.
        let fits = |text: &str, punctuation: &str| {
            let is_allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || punctuation.as_bytes().contains(&byte);
            (1..=MAX_ID_UNITS).contains(&text.len()) && text.bytes().all(is_allowed)
        };
        fits(self.integration(), INTEGRATION_PUNCTUATION) && fits(self.connection_id(), ID_PUNCTUATION)
    }
}

/// By the integration, then by the id.
impl Ord for ConnectionKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for ConnectionKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for ConnectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionKey").field("integration", &self.integration()).finish_non_exhaustive()
    }
}

/// A connection as Nango describes it, without its credentials.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// The key that identifies it.
    pub key: ConnectionKey,
    /// Nango's numeric id: a connection that was deleted and created again under the same key has a
    /// higher one.
    pub incarnation: i64,
    /// The provider, such as `slack`. Several integrations may share one.
    pub provider: String,
    /// The tags. Ids that stand only in the deprecated `end_user` are added under the tag's name.
    pub tags: Tags,
    /// The deprecated description of the user. Newer apps have tags alone.
    pub end_user: Option<EndUser>,
    /// The current errors. A connection can work and have errors.
    pub errors: Vec<ConnectionError>,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The app's own data beside it. Nango has either nothing or an empty object when there is
    /// none.
    pub metadata: Map<String, Value>,
}

impl Connection {
    /// Creates a description without tags, errors and metadata, for tests of code that takes one.
    #[must_use]
    pub fn new(
        key: ConnectionKey,
        incarnation: i64,
        provider: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        let (provider, tags) = (provider.into(), Tags::new());
        let (errors, metadata) = (Vec::new(), Map::new());
        Self { key, incarnation, provider, tags, end_user: None, errors, created_at, metadata }
    }
}

crate::__debug_only!(Connection { key, provider, tags, errors });

/// The deprecated description of a connection's user.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct EndUser {
    /// The id.
    pub id: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The user's own tags.
    pub tags: BTreeMap<String, String>,
    /// The user's organisation.
    pub organization: Option<EndUserOrganization>,
}

/// The deprecated description of a user's organisation.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct EndUserOrganization {
    /// The id.
    pub id: Option<String>,
    /// The display name.
    pub display_name: Option<String>,
}

crate::__debug_only!(EndUser {});
crate::__debug_only!(EndUserOrganization {});

/// One entry of a connection's `errors`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionError {
    /// `auth` when the credentials do not work, `sync` when a sync of the app failed.
    pub kind: String,
    /// The id of the log entry, another one for each failed attempt.
    pub log_id: String,
}

impl ConnectionError {
    /// Creates an entry, for tests of code that takes one.
    #[must_use]
    pub fn new(kind: impl Into<String>, log_id: impl Into<String>) -> Self {
        Self { kind: kind.into(), log_id: log_id.into() }
    }
}

impl fmt::Debug for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionError").field("kind", &Word(&self.kind)).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_nango_refuses_are_impossible() {
        assert!(ConnectionKey::new("slack", "a b/c@d.e").is_possible());
        for id in ["", "a#b", "a%b", "é", &"x".repeat(256)] {
            assert!(!ConnectionKey::new("slack", id).is_possible(), "{id}");
        }
        for integration in ["", "slack,github", "a/b"] {
            assert!(!ConnectionKey::new(integration, "x").is_possible(), "{integration}");
        }
    }

    #[test]
    fn keys_are_equal_and_sorted_part_by_part() {
        let sorted = [("a", "a"), ("a", "bc"), ("a", "c"), ("ab", "a"), ("ab", "c"), ("b", "")];
        let keys = sorted.map(|(integration, id)| ConnectionKey::new(integration, id));
        for (n, key) in keys.iter().enumerate() {
            assert_eq!((key.integration(), key.connection_id()), sorted[n]);
            for (m, other) in keys.iter().enumerate() {
                assert_eq!((key.cmp(other), key == other), (n.cmp(&m), n == m));
            }
        }
    }

    #[test]
    fn debug_leaves_id_and_metadata_out() {
        let key = ConnectionKey::new("slack", "c0ffee");
        assert_eq!(format!("{key:?}"), r#"ConnectionKey { integration: "slack", .. }"#);
        let mut connection = Connection::new(key, 1, "slack", Timestamp::now());
        connection.metadata.insert("note".to_owned(), "c0ffee".into());
        assert!(!format!("{connection:?}").contains("c0ffee"));
    }
}
