//! `/connect/session`: a session, as its own token sees it.

use std::collections::BTreeMap;

use http::Method;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::session::SessionToken;
use crate::api_key::ApiKey;
use crate::client::client::Client;
use crate::client::reply::{Data, Reply, reply};
use crate::error::Error;
use crate::transport::{Endpoint, Sender};

static READ: Endpoint = Endpoint::new(Method::GET, "/connect/session", "read a connect session");

static DELETE: Endpoint = Endpoint::new(Method::DELETE, "/connect/session", "delete a connect session");

reply! {
    /// A connect session, as its own token sees it. Its tags are not returned (observed on 0.71.4).
    #[derive(Clone, PartialEq)]
    SessionInfo {
        /// The deprecated description of the user.
        #[serde(rename = "endUser")]
        end_user: Option<Map<String, Value>>,
        /// The settings of the Connect UI.
        #[serde(rename = "connectUISettings")]
        settings: Option<ConnectUiSettings>,
        /// The integrations that can be connected; `None` for all of them.
        allowed_integrations: Option<Vec<String>>,
        /// The defaults of integrations, by id.
        integrations_config_defaults: BTreeMap<String, Value>,
        /// `true` for a session that authorises one connection again.
        #[serde(rename = "isReconnecting", default)]
        is_reconnect: bool,
        /// The overrides of integrations, by id.
        overrides: BTreeMap<String, Value>,
        /// The path of the server's web sockets, of a self-hosted one.
        #[serde(rename = "websocketsPath")]
        websockets_path: Option<String>,
    }
}

reply! {
    /// The settings of the Connect UI.
    #[derive(Clone, PartialEq)]
    ConnectUiSettings {
        /// `true` if it shows Nango's watermark.
        #[serde(rename = "showWatermark", default)]
        shows_watermark: bool,
        /// The theme: `light`, `dark` or `system`.
        #[serde(rename = "defaultTheme")]
        default_theme: Option<String>,
        /// The colours of the themes.
        theme: Option<Map<String, Value>>,
    }
}

crate::__debug_only!(SessionInfo { is_reconnect });
crate::__debug_only!(ConnectUiSettings { shows_watermark });

impl Client {
    /// Reads a session by its token.
    ///
    /// ```no_run
    /// # use nango_client::{Client, Error, SessionToken};
    /// # async fn run(client: Client, token: SessionToken) -> Result<(), Error> {
    /// let session = client.connect_session(&token).await?;
    /// println!("a reconnect: {}", session.is_reconnect);
    /// client.delete_connect_session(&token).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when the session has expired or was deleted, and
    /// those of any call.
    pub async fn connect_session(&self, token: &SessionToken) -> Result<SessionInfo, Error> {
        let sender = self.for_session(token)?;
        let call = sender.call(&READ);
        let Reply(Data(found)): Reply<Data<SessionInfo>> =
            call.send(call.url(&["connect", "session"])?).await?;
        Ok(found)
    }

    /// Deletes a session by its token: at a logout, for example, since a session is not used up by success.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) when the session has expired or was deleted, and
    /// those of any call.
    pub async fn delete_connect_session(&self, token: &SessionToken) -> Result<(), Error> {
        let sender = self.for_session(token)?;
        let call = sender.call(&DELETE);
        // The response has no body.
        Ok(call.send_and_read(call.url(&["connect", "session"])?, |_| Ok(())).await?)
    }

    /// Returns the way to Nango with the token in place of the API key.
    fn for_session(&self, token: &SessionToken) -> Result<Sender, Error> {
        let unusable = |_| Error::invalid_request("the token of the session cannot be in a header");
        let key = ApiKey::new(token.0.expose_secret()).map_err(unusable)?;
        self.transport.with_key(&key).map_err(unusable)
    }
}
