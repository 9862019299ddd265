//! The provider's API, with a connection's credentials.

use nango_client::{ProxyClient, Token};

use super::owned::OwnedConnection;
use crate::error::{Error, ErrorKind};

impl OwnedConnection {
    /// Returns a client of the provider's API. Nango adds the connection's credentials, and
    /// refreshes them when due.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let slack = nango.connection(&user, "slack").await?;
    /// let reply = slack.proxy().get("/conversations.list").query("limit", 20).send().await?;
    /// if reply.status().is_success() {
    ///     let channels: serde_json::Value = reply.json()?;
    ///     println!("{}", channels["channels"]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn proxy(&self) -> ProxyClient {
        self.engine().client().proxy(self.key())
    }

    /// Returns the token that Nango has: for a provider's own library, or for what the
    /// [proxy](Self::proxy) cannot carry.
    ///
    /// Nango refreshes it when it expires within 15 minutes, and not otherwise. Ask for it each
    /// time instead of keeping it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the connection is gone, or the key is another connection's by
    /// now; [`ErrorKind::InvalidCredentials`] when a refresh has failed;
    /// [`ErrorKind::NotATokenCredential`] when the credentials are not one token, such as a name
    /// and a password; [`ErrorKind::Unauthorized`] when the API key may not read credentials; and
    /// every failure of a call to Nango.
    pub async fn token(&self) -> Result<Token, Error> {
        let token = self.engine().client().token(self.key()).await?;
        if token.incarnation() == self.state().incarnation {
            Ok(token)
        } else {
            Err(Error::new(ErrorKind::NotFound))
        }
    }
}
