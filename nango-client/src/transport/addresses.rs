//! The addresses of a server: for this machine, for browsers, and of the Connect UI.

use url::Url;

use super::base::Base;
use crate::api_key::ConfigError;

/// The addresses of a server.
#[derive(Clone)]
pub(crate) struct Addresses {
    /// The address that this machine calls.
    pub(crate) host: String,
    /// The address that browsers reach, if it is another.
    pub(crate) public_host: Option<String>,
    /// The address of the Connect UI, if the server does not know it.
    pub(crate) connect_url: Option<String>,
}

/// The address of the Connect UI, if the app has named it.
#[derive(Clone)]
pub(super) struct ConnectUi(Option<Url>);

impl ConnectUi {
    pub(super) fn parse(url: Option<&str>) -> Result<Self, ConfigError> {
        let Some(url) = url else { return Ok(Self(None)) };
        let url = Base::parse(url).map_err(|_| ConfigError::InvalidConnectUrl)?;
        Ok(Self(Some(url.into_url())))
    }

    /// Returns the link that opens a session: Nango's own, or one to the address that the app has
    /// named. The link names the server, since the Connect UI otherwise calls Nango's cloud, whichever
    /// server has created the session (observed on 0.71.4).
    pub(super) fn link(&self, server: &Base, token: &str, theirs: Option<&str>) -> Option<Url> {
        let mut url = match &self.0 {
            Some(own) => {
                let mut url = own.clone();
                url.query_pairs_mut().append_pair("session_token", token);
                url
            }
            // Nothing but what a browser may open.
            None => Url::parse(theirs?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?,
        };
        let is_named = url.query_pairs().any(|(name, _)| name == "apiURL");
        if !server.is_cloud_api() && !is_named {
            url.query_pairs_mut().append_pair("apiURL", server.as_str());
        }
        Some(url)
    }
}
