//! Whether a delivery was signed with one of our keys.

use std::fmt;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::Delivery;
use crate::config::ConfigError;

/// The header that counts: a hex HMAC-SHA256 over the raw body.
///
/// Nango also sends `X-Nango-Signature`, a plain hash of key and body, which anyone can extend. It is ignored.
pub const SIGNATURE_HEADER: &str = "x-nango-hmac-sha256";

const SIGNATURE_BYTES: usize = 32;

/// The webhook signing keys of an environment. While a key is rotated there are two, and either will do.
///
/// The signing key is not the API key (in environments made before 2026-04-20 the two can have the same text). The
/// `Debug` output tells only how many there are.
#[derive(Clone)]
pub struct SigningKeys(Vec<SecretString>);

impl SigningKeys {
    /// Takes keys as Nango shows them.
    ///
    /// ```
    /// use nango_core::SigningKeys;
    ///
    /// let keys = SigningKeys::new(["new-key", "old-key"])?;
    /// assert_eq!(format!("{keys:?}"), "SigningKeys(2)");
    /// assert!(SigningKeys::new([""]).is_err());
    /// # Ok::<(), nango_core::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no key, or an empty one: anyone could sign with that.
    pub fn new<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Result<Self, ConfigError> {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        if keys.is_empty() || keys.iter().any(|key| key.trim().is_empty()) {
            return Err(ConfigError::UnusableKey { what: "webhook signing key" });
        }
        Ok(Self(keys.into_iter().map(SecretString::from).collect()))
    }

    /// Reads keys from a text, separated by commas, as in an environment variable.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::new(text.split(',').map(str::trim))
    }

    /// What Nango puts into [`SIGNATURE_HEADER`] for a body, with the first of the keys: for tests of an app's own handler.
    ///
    /// ```
    /// use nango_core::{SIGNATURE_HEADER, SigningKeys};
    ///
    /// let keys = SigningKeys::new(["key"])?;
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert(SIGNATURE_HEADER, keys.sign(b"{}").parse()?);
    /// assert!(keys.verify(&headers, "{}".into()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        // There is a key, and HMAC takes keys of any length.
        let key = self.0.first().map(|key| key.expose_secret().as_bytes()).unwrap_or_default();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
        mac.update(body);
        hex::encode(mac.finalize().into_bytes())
    }

    /// Checks that the body is, byte for byte, what a holder of one of the keys has signed.
    ///
    /// The signature is compared in constant time with each key's.
    ///
    /// # Errors
    ///
    /// When the header is missing, is there more than once or is not 64 hex digits; or when no key gives this signature.
    pub fn verify(&self, headers: &HeaderMap, body: Bytes) -> Result<Verified, SignatureError> {
        self.check(&Signature::of(headers)?, body)
    }

    pub(crate) fn check(&self, signature: &Signature, body: Bytes) -> Result<Verified, SignatureError> {
        let mut genuine = false;
        for key in &self.0 {
            // HMAC takes keys of any length.
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()) else {
                continue;
            };
            mac.update(&body);
            genuine |= mac.verify_slice(&signature.0).is_ok();
        }
        if genuine { Ok(Verified(body)) } else { Err(SignatureError::Wrong) }
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeys({})", self.0.len())
    }
}

/// A signature that is well formed. Whether it is right is not known yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signature([u8; SIGNATURE_BYTES]);

impl Signature {
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, SignatureError> {
        let mut values = headers.get_all(SIGNATURE_HEADER).iter();
        let (value, more) = (values.next(), values.next());
        let value = match (value, more) {
            (None, _) => return Err(SignatureError::Missing),
            (Some(_), Some(_)) => return Err(SignatureError::Repeated),
            (Some(value), None) => value.as_bytes(),
        };
        let mut bytes = [0; SIGNATURE_BYTES];
        hex::decode_to_slice(value, &mut bytes).map_err(|_| SignatureError::Malformed)?;
        Ok(Self(bytes))
    }
}

/// The body of a delivery that is genuine: whoever sent it has a signing key.
///
/// It says who wrote the bytes. It does not say when, nor that what they tell is still so: a delivery has no time and no
/// number, and can be sent again for ever.
#[derive(Clone)]
pub struct Verified(Bytes);

impl Verified {
    /// The signed bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0
    }

    /// What the delivery says. What cannot be read is [`Delivery::Unknown`], never an error: it is signed, so Nango would
    /// only send it again.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        Delivery::read(&self.0)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({} bytes)", self.0.len())
    }
}

/// Why a delivery is not taken for genuine. On the wire all of them are one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The header is not 64 hex digits.
    #[error("the signature is not 64 hex digits")]
    Malformed,
    /// There is no signature.
    #[error("there is no x-nango-hmac-sha256 header")]
    Missing,
    /// There are several, and nothing says which one to believe.
    #[error("there are several x-nango-hmac-sha256 headers")]
    Repeated,
    /// No key gives this signature. If it is Nango, the webhook signing key is not the environment's.
    #[error("the signature is not one of ours")]
    Wrong,
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    // Computed with OpenSSL: printf '{"a":1}' | openssl dgst -sha256 -hmac key
    const BODY: &str = r#"{"a":1}"#;
    const SIGNED: &str = "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342";

    fn verify(keys: &[&str], signatures: &[&str], body: &str) -> Result<(), SignatureError> {
        let mut headers = HeaderMap::new();
        for signature in signatures {
            headers.append(SIGNATURE_HEADER, HeaderValue::from_str(signature).unwrap());
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        SigningKeys::new(keys.iter().copied()).unwrap().verify(&headers, body).map(|_| ())
    }

    #[test]
    fn any_of_the_keys_will_do_in_either_case_of_hex() {
        assert_eq!(verify(&["key"], &[SIGNED], BODY), Ok(()));
        assert_eq!(verify(&["new", "key"], &[&SIGNED.to_uppercase()], BODY), Ok(()));
    }

    #[test]
    fn everything_else_is_refused() {
        assert_eq!(verify(&["other"], &[SIGNED], BODY), Err(SignatureError::Wrong));
        assert_eq!(verify(&["key"], &[SIGNED], r#"{"a":2}"#), Err(SignatureError::Wrong));
        assert_eq!(verify(&["key"], &[SIGNED], ""), Err(SignatureError::Wrong));
        assert_eq!(verify(&["key"], &[], BODY), Err(SignatureError::Missing));
        assert_eq!(verify(&["key"], &[SIGNED, SIGNED], BODY), Err(SignatureError::Repeated));
        for bad in ["", &SIGNED[1..], &SIGNED[..62], &format!("{SIGNED}00"), &SIGNED.replace('c', "g")] {
            assert_eq!(verify(&["key"], &[bad], BODY), Err(SignatureError::Malformed), "{bad}");
        }
    }
}
