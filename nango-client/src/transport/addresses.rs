//! The addresses of a server: for this machine, for browsers, and of the Connect UI.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
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

/// The way from a session to the address that opens it in the Connect UI.
#[derive(Clone)]
pub(crate) struct ConnectUi(Arc<Named>);

struct Named {
    /// The address of the Connect UI, if the app has named it.
    own: Option<Url>,
    /// The server that a link names: the Connect UI otherwise calls Nango's cloud, whichever server has created
    /// the session (observed on 0.71.4).
    server: Option<String>,
}

impl ConnectUi {
    pub(super) fn parse(url: Option<&str>, server: &Base) -> Result<Self, ConfigError> {
        let own = url.map(Base::parse).transpose().map_err(|_| ConfigError::InvalidConnectUrl)?;
        let server = (!server.is_cloud_api()).then(|| server.as_str().to_owned());
        Ok(Self(Arc::new(Named { own: own.map(Base::into_url), server })))
    }

    /// Returns what [`address`](Self::address) needs of a session: its token where the app has named the Connect
    /// UI, and otherwise Nango's link, if a browser may open it.
    pub(crate) fn needed(&self, token: &SecretString, link: Option<SecretString>) -> Option<SecretString> {
        match self.0.own {
            Some(_) => Some(token.clone()),
            None => link.filter(|link| is_web(link.expose_secret())),
        }
    }

    /// Returns the address that opens a session, made of what it [needs](Self::needed).
    pub(crate) fn address(&self, needed: &str) -> String {
        let mut url = match &self.0.own {
            Some(own) => {
                let mut url = own.clone();
                url.query_pairs_mut().append_pair("session_token", needed);
                url
            }
            None => match Url::parse(needed) {
                Ok(url) => url,
                // As Nango has sent it, since there is nothing to add a name to.
                Err(_) => return needed.to_owned(),
            },
        };
        if let Some(server) = &self.0.server
            && !url.query_pairs().any(|(name, _)| name == "apiURL")
        {
            url.query_pairs_mut().append_pair("apiURL", server);
        }
        url.into()
    }
}

/// Returns `true` for the schemes that a browser may be sent to.
fn is_web(link: &str) -> bool {
    link.split_once("://")
        .is_some_and(|(scheme, _)| ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web)))
}
