//! How a connection is named, and what Nango says of it.

use std::fmt;

use serde_json::{Map, Value};

use crate::tags::Tags;
use crate::time::Timestamp;

/// The longest connection id and integration id that Nango has, in UTF-16 code units.
const MAX_ID_UNITS: usize = 255;

/// What Nango's server takes beyond letters and digits in a connection id (observed on 0.71.4).
const ID_PUNCTUATION: &str = ",.;:=+~[]|@${}\"'\\/_ -";

/// The same for an integration id.
const INTEGRATION_PUNCTUATION: &str = "~:.@ _-";

/// Names one connection: an integration, and the id that Nango made for the connection there.
///
/// The same id may exist under two integrations; those are two connections. Both parts compare byte for byte. The `Debug`
/// output leaves the id out: whoever has the id and an API key has the connection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionRef {
    integration: String,
    connection_id: String,
}

impl ConnectionRef {
    /// Names a connection, which need not exist.
    #[must_use]
    pub fn new(integration: impl Into<String>, connection_id: impl Into<String>) -> Self {
        Self { integration: integration.into(), connection_id: connection_id.into() }
    }

    /// The integration, such as `slack`.
    #[must_use]
    pub fn integration(&self) -> &str {
        &self.integration
    }

    /// The id at Nango. Keep it on the server.
    #[must_use]
    pub fn connection_id(&self) -> &str {
        &self.connection_id
    }

    /// Whether Nango could have a connection of this name: it refuses to look for others.
    pub(crate) fn is_possible(&self) -> bool {
        let fits = |text: &str, punctuation: &str| {
            (1..=MAX_ID_UNITS).contains(&text.encode_utf16().count())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || punctuation.contains(c))
        };
        fits(&self.integration, INTEGRATION_PUNCTUATION) && fits(&self.connection_id, ID_PUNCTUATION)
    }
}

impl fmt::Debug for ConnectionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRef").field("integration", &self.integration).finish_non_exhaustive()
    }
}

/// A connection as Nango describes it, without its credentials.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// Its name.
    pub key: ConnectionRef,
    /// Nango's numeric id, the incarnation: a connection that was deleted and made again under the same name has a higher
    /// one.
    pub incarnation: i64,
    /// The provider, such as `slack`, which several integrations may share.
    pub provider: String,
    /// Its tags. What only the deprecated `end_user` says is added here under the tag's name.
    pub tags: Tags,
    /// What is wrong with it at the moment. A connection can work and have errors.
    pub errors: Vec<ConnectionError>,
    /// When it was first made.
    pub created_at: Timestamp,
    /// What the app keeps with it. Nango has either nothing or an empty object when there is none.
    pub(crate) metadata: Map<String, Value>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("key", &self.key)
            .field("provider", &self.provider)
            .field("tags", &self.tags)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

/// One entry of a connection's `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionError {
    /// `auth` when the credentials do not work, `sync` when a sync of the app failed.
    pub kind: String,
    /// Changes with each failed attempt.
    pub log_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_nango_refuses_cannot_exist() {
        assert!(ConnectionRef::new("slack", "a b/c@d.e").is_possible());
        for id in ["", "a#b", "a%b", "é", &"x".repeat(256)] {
            assert!(!ConnectionRef::new("slack", id).is_possible(), "{id}");
        }
        for integration in ["", "slack,github", "a/b"] {
            assert!(!ConnectionRef::new(integration, "x").is_possible(), "{integration}");
        }
    }

    #[test]
    fn debug_leaves_the_id_out() {
        let key = ConnectionRef::new("slack", "c0ffee");
        assert_eq!(format!("{key:?}"), r#"ConnectionRef { integration: "slack", .. }"#);
    }
}
