//! A connection's token, for what the proxy cannot do.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::OwnedConnection;
use crate::error::{Error, ErrorKind};
use crate::time::Timestamp;

/// An access token or API key of a provider. It has no `Display`, its `Debug` output is redacted, and it is wiped on drop.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    expires_at: Option<Timestamp>,
}

impl OwnedConnection {
    /// The token that Nango has: for a provider's own library, or for what the [proxy](Self::proxy) cannot carry.
    ///
    /// Nango refreshes it when it expires within 15 minutes, and not otherwise. Ask for it each time instead of keeping it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the connection is gone, or another one by now; [`ErrorKind::InvalidCredentials`] when a
    /// refresh has failed; [`ErrorKind::NoToken`] when its credentials are not one token, such as a name and a password;
    /// [`ErrorKind::Unauthorized`] when our API key may not read credentials; and what any call can fail with.
    pub async fn token(&self) -> Result<Token, Error> {
        let found = self.nango.0.client.credentials(self.key()).await?;
        // The same name may have been given to somebody else since.
        if found.incarnation != self.row.details.incarnation {
            return Err(Error::new(ErrorKind::NotFound));
        }
        if !found.readable {
            return Err(Error::new(ErrorKind::Unauthorized));
        }
        let secret = found.token.ok_or_else(|| Error::new(ErrorKind::NoToken))?;
        Ok(Token { secret, expires_at: found.expires_at })
    }
}

impl Token {
    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// When it expires, where that is known.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
