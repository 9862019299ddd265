//! The header that a delivery is signed in.

use http::HeaderMap;

/// The header that counts: a hex HMAC-SHA256 over the raw body.
///
/// Nango also sends `X-Nango-Signature`, a plain hash of key and body, which anyone can extend. It
/// is ignored.
pub const SIGNATURE_HEADER: &str = "x-nango-hmac-sha256";

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
    /// Fails when the header is missing, repeated or not 64 hex digits.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, SignatureError> {
        let mut values = headers.get_all(SIGNATURE_HEADER).iter();
        let value = values.next().ok_or(SignatureError::Missing)?;
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
    /// The header is not 64 hex digits.
    #[error("the x-nango-hmac-sha256 header is not 64 hex digits")]
    Malformed,
    /// The signature is not of one of the keys. If the sender is Nango, the webhook signing key is
    /// not the environment's.
    #[error("the signature is not of one of the webhook signing keys; check that they are the environment's")]
    Mismatch,
    /// There is no signature.
    #[error("there is no x-nango-hmac-sha256 header")]
    Missing,
    /// There are several signatures, and nothing decides between them.
    #[error("there are several x-nango-hmac-sha256 headers")]
    Repeated,
}
