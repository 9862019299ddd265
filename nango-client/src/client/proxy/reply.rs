//! Replies of providers.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::{Cause, Error, ErrorKind};
use crate::transport::retry_after;

/// The provider's reply, whatever its status.
#[must_use = "the reply may be an error of the provider"]
#[derive(Clone)]
pub struct ProxyReply(pub(super) Response<Bytes>);

impl ProxyReply {
    /// Returns the provider's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// Returns the headers: most of the provider's, and some of Nango's.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// Returns the body.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        self.0.body()
    }

    /// Returns the reply, unless its status is a client or server error.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] with [`Cause::ProviderStatus`], and without the body's text.
    pub fn error_for_status(self) -> Result<Self, Error> {
        check_status(self.status(), self.headers()).map(|()| self)
    }

    /// Parses the body as JSON, whatever the status.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when it is not JSON, or does not have this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // The parser's message can quote the body, so it is left behind.
        serde_json::from_slice(self.bytes()).map_err(|_| Error::new(ErrorKind::Decode))
    }
}

/// Fails if a status is a client or server error.
pub(super) fn check_status(status: StatusCode, headers: &HeaderMap) -> Result<(), Error> {
    if !(status.is_client_error() || status.is_server_error()) {
        return Ok(());
    }
    let refused =
        Error::new(ErrorKind::Refused).with_cause(Cause::ProviderStatus { status: status.as_u16() });
    Err(refused.with_retry_after(retry_after(headers)))
}

impl fmt::Debug for ProxyReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyReply").field("status", &self.status()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_error_status_becomes_an_error_without_the_body() {
        let reply = |status: u16| {
            let reply = Response::builder().status(status).header("retry-after", "7");
            ProxyReply(reply.body(Bytes::from_static(b"c0ffee")).unwrap())
        };
        assert_eq!(reply(302).error_for_status().unwrap().status(), 302);
        let error = reply(429).error_for_status().unwrap_err();
        let wait = Some(Duration::from_secs(7));
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Refused, wait));
        assert_eq!(error.source().unwrap().to_string(), "the provider replied with status 429");
        assert_eq!(reply(200).json::<u8>().unwrap_err().kind(), ErrorKind::Decode);
    }
}
