//! A connect session that was created.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::timestamp::Timestamp;

/// A connect session: 30 minutes in which a browser may create connections that carry the session's
/// tags.
///
/// A session is not used up by success: its token can create several connections (observed on
/// 0.71.4).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ConnectSession {
    /// The token that the browser opens Nango's Connect UI with.
    pub token: SessionToken,
    /// The time of its expiry.
    pub expires_at: Timestamp,
}

/// The token of a connect session. It goes to the browser of the session's user, and nowhere else.
#[derive(Clone)]
pub struct SessionToken(pub(super) SecretString);

impl SessionToken {
    /// Returns the token, to be sent to the user's browser.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}
