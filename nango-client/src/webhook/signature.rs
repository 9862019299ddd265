//! The header that a delivery is signed in.

use http::HeaderMap;

/// The header that counts: a hex HMAC-SHA256 over the raw body.
///
/// Nango also sends `X-Nango-Signature`, a plain hash of key and body, which anyone can extend. It
/// is ignored.
pub const SIGNATURE_HEADER: &str = "x-nango-hmac-sha256";

/// The header of a plain hash of key and body. Servers before December 2025 send no other.
const LEGACY_HEADER: &str = "x-nango-signature";

const SIGNATURE_BYTES: usize = 32;

/// A well-formed signature, not yet compared with a body.
///
/// It lets a server refuse a delivery without one before it reads the body.
#[derive(Clone, Copy)]
pub struct Signature(pub(super) [u8; SIGNATURE_BYTES]);

impl Signature {
    /// Reads the signature of a delivery.
    ///
    /// # Errors
    ///
    /// Fails when the header is missing, repeated or not 64 hex digits, or when there is only the legacy
    /// header of servers before December 2025.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, SignatureError> {
        let mut values = headers.get_all(SIGNATURE_HEADER).iter();
        let missing = || match headers.contains_key(LEGACY_HEADER) {
            true => SignatureError::LegacyOnly,
            false => SignatureError::Missing,
        };
        let value = values.next().ok_or_else(missing)?;
        if values.next().is_some() {
            return Err(SignatureError::Repeated);
        }
        let mut bytes = [0; SIGNATURE_BYTES];
        hex::decode_to_slice(value, &mut bytes).map_err(|_| SignatureError::Malformed)?;
        Ok(Self(bytes))
    }
}

crate::__debug_only!(Signature {});

/// A delivery that is not genuine. All variants should get one and the same reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// There is only the signature of servers before December 2025, which anyone can extend.
    #[error(
        "it has only the legacy x-nango-signature header, which proves nothing; update the Nango server to one of \
         December 2025 or later"
    )]
    LegacyOnly,
    /// The header is not 64 hex digits.
    #[error(
        "its x-nango-hmac-sha256 header is not 64 hex digits; nango sends no such header, so look for what changes it on \
         the way"
    )]
    Malformed,
    /// The signature is not of one of the keys. If the sender is Nango, the webhook signing key is
    /// not the environment's.
    #[error(
        "its signature is not of one of the webhook signing keys; compare NANGO_WEBHOOK_SIGNING_KEY with the webhook \
         signing key (not the API key) in Nango's Environment settings"
    )]
    Mismatch,
    /// There is no signature.
    #[error(
        "it has no x-nango-hmac-sha256 header; if nango sent it, look for what removes headers on the way"
    )]
    Missing,
    /// There are several signatures, and nothing decides between them.
    #[error(
        "it has several x-nango-hmac-sha256 headers, and nothing decides between them; look for what adds one on the way"
    )]
    Repeated,
}
