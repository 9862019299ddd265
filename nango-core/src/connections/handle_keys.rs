//! Handles: the names of connections in browsers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nango_client::ConnectionKey;

use crate::config::ConfigError;
use crate::keys::{AppKeys, CODE_BYTES, DerivedKeys};

/// The longest text that is decoded.
const MAX_HANDLE: usize = 64;

/// The keys of handles. A handle means nothing without the owner's own rows to compare it with.
pub(crate) struct HandleKeys(DerivedKeys);

impl HandleKeys {
    pub(crate) fn new(keys: &AppKeys<'_>) -> Result<Self, ConfigError> {
        keys.configured_or_derived("nango-core connection handle").map(Self)
    }

    /// Returns the handle of a connection.
    pub(crate) fn handle(&self, connection: &ConnectionKey) -> String {
        URL_SAFE_NO_PAD.encode(self.0.code(&parts(connection)))
    }

    /// Returns whether the text is a handle of this connection. Takes the same time for every wrong
    /// one.
    pub(crate) fn accepts(&self, text: &str, connection: &ConnectionKey) -> bool {
        if text.len() > MAX_HANDLE {
            return false;
        }
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
            return false;
        };
        bytes.len() == CODE_BYTES && self.0.accepts(&bytes, &parts(connection))
    }
}

fn parts(connection: &ConnectionKey) -> [&[u8]; 2] {
    [connection.integration().as_bytes(), connection.connection_id().as_bytes()]
}

#[cfg(test)]
mod tests {
    use nango_client::ApiKey;

    use super::*;

    fn keys(keys: &[&str]) -> HandleKeys {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let api_key = ApiKey::new("api").unwrap();
        HandleKeys::new(&AppKeys::new(&keys, &api_key).unwrap()).unwrap()
    }

    #[test]
    fn a_handle_is_of_one_connection() {
        let keys = keys(&[]);
        let (a, b) = (ConnectionKey::new("a", "bc"), ConnectionKey::new("ab", "c"));
        assert_ne!(keys.handle(&a), keys.handle(&b));
        assert!(keys.accepts(&keys.handle(&a), &a));
        assert!(!keys.accepts(&keys.handle(&a), &b));
        assert_eq!(keys.handle(&a).len(), 22);
    }

    #[test]
    fn the_first_key_emits_and_all_are_accepted() {
        let connection = ConnectionKey::new("slack", "c");
        let (old, both, new) = (keys(&["old"]), keys(&["new", "old"]), keys(&["new"]));
        assert!(both.accepts(&old.handle(&connection), &connection));
        assert_eq!(both.handle(&connection), new.handle(&connection));
        assert!(!new.accepts(&old.handle(&connection), &connection));
    }

    #[test]
    fn other_texts_are_not_handles() {
        let (keys, connection) = (keys(&[]), ConnectionKey::new("slack", "c"));
        let handle = keys.handle(&connection);
        for text in
            ["", "c", &handle[..21], &format!("{handle}A"), &format!("{handle}=="), &"A".repeat(10_000)]
        {
            assert!(!keys.accepts(text, &connection), "{text}");
        }
    }
}
