//! The keys that deliveries are verified with.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use super::delivery::Delivery;
use super::signature::{Signature, SignatureError};
use crate::api_key::{ConfigError, KeyProblem};

/// The webhook signing keys of an environment. While a key is rotated there are two, and either is
/// accepted.
///
/// The signing key is not the API key (in environments made before 2026-04-20 the two can have the
/// same text). The `Debug` output shows only their number.
///
/// ```
/// use nango_client::SigningKeys;
///
/// let keys = SigningKeys::new(["new-key", "old-key"])?;
/// assert_eq!(format!("{keys:?}"), "SigningKeys(2)");
/// assert!(SigningKeys::new([""]).is_err());
/// let from_the_environment: SigningKeys = "new-key, old-key".parse()?;
/// # Ok::<(), nango_client::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct SigningKeys(
    /// The code of nothing, with each key: what each signature begins with.
    Vec<Hmac<Sha256>>,
);

impl SigningKeys {
    /// Takes keys as Nango shows them.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnusableKey`] when there is no key, or an empty one, with which anyone could
    /// sign; or one that begins or ends with white space, such as the line end of a file.
    pub fn new<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Result<Self, ConfigError> {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        let problem = keys.iter().find_map(|key| KeyProblem::of(key));
        if let Some(problem) = problem.or_else(|| keys.is_empty().then_some(KeyProblem::Empty)) {
            let what = "webhook signing key (NANGO_WEBHOOK_SIGNING_KEY)";
            return Err(ConfigError::UnusableKey { what, problem });
        }
        // HMAC accepts keys of any length, so none is left out.
        Ok(Self(keys.iter().filter_map(|key| Hmac::new_from_slice(key.as_bytes()).ok()).collect()))
    }

    /// Returns the value that Nango puts into [`SIGNATURE_HEADER`](super::SIGNATURE_HEADER) for a
    /// body, with the first of the keys: for tests of an app's own handler.
    ///
    /// ```
    /// use nango_client::{SIGNATURE_HEADER, SigningKeys};
    ///
    /// let keys = SigningKeys::new(["key"])?;
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert(SIGNATURE_HEADER, keys.sign(b"{}").parse()?);
    /// assert!(keys.verify(&headers, "{}".into()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        let mac = self.macs(body).next();
        mac.map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default()
    }

    /// Checks that the body is, byte for byte, one that a holder of one of the keys has signed.
    ///
    /// The signature is compared in constant time with each key's.
    ///
    /// # Errors
    ///
    /// Fails when the header is missing, repeated or not 64 hex digits, or when the signature is
    /// not of one of the keys.
    pub fn verify(&self, headers: &HeaderMap, body: Bytes) -> Result<Verified, SignatureError> {
        self.verify_signature(&Signature::from_headers(headers)?, body)
    }

    /// Checks the body against a signature that was read before the body arrived, like
    /// [`verify`](Self::verify).
    ///
    /// ```
    /// use nango_client::{Signature, SigningKeys, bytes::Bytes, http::HeaderMap};
    ///
    /// # fn receive(keys: SigningKeys, headers: &HeaderMap, read_body: impl FnOnce() -> Bytes) -> Result<(), Box<dyn std::error::Error>> {
    /// let signature = Signature::from_headers(headers)?; // a request without one costs no body
    /// let delivery = keys.verify_signature(&signature, read_body())?;
    /// # let _ = delivery;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`SignatureError::Mismatch`] when the signature is not of one of the keys.
    pub fn verify_signature(&self, signature: &Signature, body: Bytes) -> Result<Verified, SignatureError> {
        // Every key is tried, so that the time does not depend on the one that fits.
        let is_genuine =
            self.macs(&body).fold(false, |found, mac| found | mac.verify_slice(&signature.0).is_ok());
        // rule: signature
        if is_genuine { Ok(Verified(body)) } else { Err(SignatureError::Mismatch) }
    }

    /// Returns the code of a body by each of the keys.
    fn macs(&self, body: &[u8]) -> impl Iterator<Item = Hmac<Sha256>> {
        self.0.iter().map(move |keyed| keyed.clone().chain_update(body))
    }
}

/// Reads keys from a text, separated by commas, as in an environment variable.
impl FromStr for SigningKeys {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        Self::new(text.split(',').map(str::trim))
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeys({})", self.0.len())
    }
}

/// The body of a genuine delivery: its sender has a signing key.
///
/// It proves the author of the bytes, not their time, and not that their content still holds: a
/// delivery has neither time nor number, and can be replayed for ever.
#[derive(Clone)]
pub struct Verified(Bytes);

impl Verified {
    /// Returns the signed bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.0
    }

    /// Reads the delivery. One that cannot be read is [`Delivery::Unknown`], never an error: it is
    /// signed, and after an error Nango would only send it again.
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

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::super::signature::SIGNATURE_HEADER;
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
    fn any_of_the_keys_is_accepted_in_either_case_of_hex() {
        assert_eq!(verify(&["key"], &[SIGNED], BODY), Ok(()));
        assert_eq!(verify(&["new", "key"], &[&SIGNED.to_uppercase()], BODY), Ok(()));
        assert_eq!("key, old".parse::<SigningKeys>().unwrap().sign(BODY.as_bytes()), SIGNED);
    }

    #[test]
    fn everything_else_is_refused() {
        assert_eq!(verify(&["other"], &[SIGNED], BODY), Err(SignatureError::Mismatch));
        assert_eq!(verify(&["key"], &[SIGNED], r#"{"a":2}"#), Err(SignatureError::Mismatch));
        assert_eq!(verify(&["key"], &[SIGNED], ""), Err(SignatureError::Mismatch));
        assert_eq!(verify(&["key"], &[], BODY), Err(SignatureError::Missing));
        assert_eq!(verify(&["key"], &[SIGNED, SIGNED], BODY), Err(SignatureError::Repeated));
        for bad in ["", &SIGNED[1..], &SIGNED[..62], &format!("{SIGNED}00"), &SIGNED.replace('c', "g")] {
            assert_eq!(verify(&["key"], &[bad], BODY), Err(SignatureError::Malformed), "{bad}");
        }
    }
}
