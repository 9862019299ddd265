//! Handles: the names of connections in browsers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use nango_client::{ApiKey, ConnectionKey};
use sha2::Sha256;

use crate::config::ConfigError;

/// The number of bytes of the HMAC that a handle shows.
const HANDLE_BYTES: usize = 16;

/// The longest text that is decoded.
const MAX_HANDLE: usize = 64;

/// The keys of handles. A handle means nothing without the owner's own rows to compare it with.
pub(crate) struct HandleKeys(Vec<Hmac<Sha256>>);

impl HandleKeys {
    pub(crate) fn new(keys: &[String], api_key: &ApiKey) -> Result<Self, ConfigError> {
        if keys.iter().any(|key| key.trim().is_empty()) {
            return Err(ConfigError::EmptyHandleKey);
        }
        let keyed = |key: &[u8]| Hmac::new_from_slice(key).map_err(|_| ConfigError::EmptyHandleKey);
        if keys.is_empty() {
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(None, api_key.expose().as_bytes())
                .expand(b"nango-core connection handle", &mut key)
                .map_err(|_| ConfigError::EmptyHandleKey)?;
            return Ok(Self(vec![keyed(&key)?]));
        }
        Ok(Self(keys.iter().map(|key| keyed(key.as_bytes())).collect::<Result<_, _>>()?))
    }

    /// Returns the handle of a connection.
    pub(crate) fn handle(&self, connection: &ConnectionKey) -> String {
        let bytes = self.0.first().map(|key| mac(key, connection).finalize().into_bytes());
        bytes.map(|bytes| URL_SAFE_NO_PAD.encode(&bytes[..HANDLE_BYTES])).unwrap_or_default()
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
        bytes.len() == HANDLE_BYTES
            && self.0.iter().any(|key| mac(key, connection).verify_truncated_left(&bytes).is_ok())
    }
}

/// The lengths keep `("a", "bc")` and `("ab", "c")` apart.
fn mac(key: &Hmac<Sha256>, connection: &ConnectionKey) -> Hmac<Sha256> {
    let mut mac = key.clone();
    for part in [connection.integration(), connection.connection_id()] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> HandleKeys {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        HandleKeys::new(&keys, &ApiKey::new("api").unwrap()).unwrap()
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
