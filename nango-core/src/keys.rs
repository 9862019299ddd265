//! Message authentication with keys that are derived from the app's.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use nango_client::ApiKey;
use sha2::Sha256;

use crate::config::ConfigError;

/// The number of bytes of an authentication code.
pub(crate) const CODE_BYTES: usize = 16;

/// The app's own keys, or its API key where it has none.
pub(crate) struct AppKeys<'a> {
    configured: &'a [String],
    api_key: &'a ApiKey,
}

/// Keys for one purpose: the first makes codes, all are accepted.
#[derive(Clone)]
pub(crate) struct DerivedKeys(Vec<Hmac<Sha256>>);

impl<'a> AppKeys<'a> {
    pub(crate) fn new(configured: &'a [String], api_key: &'a ApiKey) -> Result<Self, ConfigError> {
        if configured.iter().any(|key| key.trim().is_empty()) {
            return Err(ConfigError::EmptyHandleKey);
        }
        Ok(Self { configured, api_key })
    }

    /// Returns the app's own keys as they are; without any, one that is derived with this label.
    pub(crate) fn configured_or_derived(&self, label: &str) -> Result<DerivedKeys, ConfigError> {
        if self.configured.is_empty() {
            return self.derived(label);
        }
        self.configured.iter().map(|key| keyed(key.as_bytes())).collect::<Result<_, _>>().map(DerivedKeys)
    }

    /// Derives keys with this label. A code that was made under another label is not accepted.
    pub(crate) fn derived(&self, label: &str) -> Result<DerivedKeys, ConfigError> {
        let api_key = [self.api_key.expose()];
        let configured = self.configured.iter().map(String::as_str);
        let secrets: Vec<&str> =
            if self.configured.is_empty() { api_key.to_vec() } else { configured.collect() };
        let derive = |secret: &str| {
            let mut key = [0; 32];
            Hkdf::<Sha256>::new(None, secret.as_bytes())
                .expand(label.as_bytes(), &mut key)
                .map_err(|_| ConfigError::EmptyHandleKey)?;
            keyed(&key)
        };
        secrets.into_iter().map(derive).collect::<Result<_, _>>().map(DerivedKeys)
    }
}

impl DerivedKeys {
    /// Returns the code of a list of parts.
    pub(crate) fn code(&self, parts: &[&[u8]]) -> [u8; CODE_BYTES] {
        let mut code = [0; CODE_BYTES];
        if let Some(key) = self.0.first() {
            code.copy_from_slice(&mac(key, parts).finalize().into_bytes()[..CODE_BYTES]);
        }
        code
    }

    /// Returns whether the code is that of these parts, by any of the keys. Takes the same time for
    /// every wrong one.
    pub(crate) fn accepts(&self, code: &[u8], parts: &[&[u8]]) -> bool {
        code.len() == CODE_BYTES
            && self.0.iter().any(|key| mac(key, parts).verify_truncated_left(code).is_ok())
    }
}

fn keyed(key: &[u8]) -> Result<Hmac<Sha256>, ConfigError> {
    Hmac::new_from_slice(key).map_err(|_| ConfigError::EmptyHandleKey)
}

/// The lengths keep `["a", "bc"]` and `["ab", "c"]` apart.
fn mac(key: &Hmac<Sha256>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = key.clone();
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_one_label_and_one_list_of_parts() {
        let api_key = ApiKey::new("api").unwrap();
        let app_keys = AppKeys::new(&[], &api_key).unwrap();
        let (one, other) = (app_keys.derived("one").unwrap(), app_keys.derived("other").unwrap());
        let code = one.code(&[b"a", b"bc"]);
        assert!(one.accepts(&code, &[b"a", b"bc"]));
        assert!(!one.accepts(&code, &[b"ab", b"c"]) && !one.accepts(&code[..15], &[b"a", b"bc"]));
        assert!(!other.accepts(&code, &[b"a", b"bc"]));
    }

    #[test]
    fn the_first_key_makes_codes_and_all_are_accepted() {
        let api_key = ApiKey::new("api").unwrap();
        let keys = |keys: &[&str]| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            AppKeys::new(&keys, &api_key).unwrap().derived("label").unwrap()
        };
        let (old, both, new) = (keys(&["old"]), keys(&["new", "old"]), keys(&["new"]));
        assert!(both.accepts(&old.code(&[b"x"]), &[b"x"]));
        assert_eq!(both.code(&[b"x"]), new.code(&[b"x"]));
        assert!(!new.accepts(&old.code(&[b"x"]), &[b"x"]));
    }
}
