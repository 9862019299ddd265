//! Credentials of an integration's own app.

use serde::Serialize;

use crate::client::secret::{Exposed, Secret};

/// The credentials of an app of one's own at a provider.
#[derive(Clone)]
#[non_exhaustive]
pub enum NewCredentials {
    /// An app that is installed, such as a GitHub App.
    App {
        /// The id of the app.
        app_id: Secret,
        /// The address at which a user installs it.
        app_link: String,
        /// The private key, as PEM.
        private_key: Secret,
    },
    /// An app that is installed and has an OAuth client.
    Custom {
        /// The id of the OAuth client.
        client_id: Secret,
        /// The secret of the OAuth client.
        client_secret: Secret,
        /// The id of the app.
        app_id: Secret,
        /// The address at which a user installs it.
        app_link: String,
        /// The private key, as PEM.
        private_key: Secret,
    },
    /// A client of OAuth 1.
    OAuth1(OAuthClient),
    /// A client of OAuth 2.
    OAuth2(OAuthClient),
    /// A client of NetSuite's token-based authentication.
    Tba(OAuthClient),
}

/// An OAuth client.
#[derive(Clone)]
#[non_exhaustive]
pub struct OAuthClient {
    /// The id.
    pub client_id: Secret,
    /// The secret.
    pub client_secret: Secret,
    /// The scopes, separated by commas.
    pub scopes: Option<String>,
    /// The secret of the provider's webhooks.
    pub webhook_secret: Option<Secret>,
}

impl OAuthClient {
    /// Takes the id and the secret of a client.
    #[must_use]
    pub fn new(client_id: impl Into<Secret>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            scopes: None,
            webhook_secret: None,
        }
    }

    /// Sets the scopes.
    #[must_use]
    pub fn scopes<'s>(mut self, scopes: impl IntoIterator<Item = &'s str>) -> Self {
        // Spaces are refused (observed on 0.71.4).
        self.scopes = Some(scopes.into_iter().collect::<Vec<_>>().join(","));
        self
    }
}

crate::__debug_only!(OAuthClient { scopes });

impl std::fmt::Debug for NewCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("NewCredentials").finish_non_exhaustive()
    }
}

#[derive(Serialize)]
pub(super) struct WireCredentials<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<Exposed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<Exposed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<Exposed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_id: Option<Exposed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<Exposed<'a>>,
}

impl<'a> WireCredentials<'a> {
    fn of(r#type: &'static str) -> Self {
        Self {
            r#type,
            client_id: None,
            client_secret: None,
            scopes: None,
            webhook_secret: None,
            app_id: None,
            app_link: None,
            private_key: None,
        }
    }

    fn of_client(r#type: &'static str, client: &'a OAuthClient) -> Self {
        Self {
            client_id: Some(Exposed(&client.client_id)),
            client_secret: Some(Exposed(&client.client_secret)),
            scopes: client.scopes.as_deref(),
            webhook_secret: client.webhook_secret.as_ref().map(Exposed),
            ..Self::of(r#type)
        }
    }
}

impl<'a> From<&'a NewCredentials> for WireCredentials<'a> {
    fn from(credentials: &'a NewCredentials) -> Self {
        match credentials {
            NewCredentials::App { app_id, app_link, private_key } => Self {
                app_id: Some(Exposed(app_id)),
                app_link: Some(app_link),
                private_key: Some(Exposed(private_key)),
                ..Self::of("APP")
            },
            NewCredentials::Custom { client_id, client_secret, app_id, app_link, private_key } => Self {
                client_id: Some(Exposed(client_id)),
                client_secret: Some(Exposed(client_secret)),
                app_id: Some(Exposed(app_id)),
                app_link: Some(app_link),
                private_key: Some(Exposed(private_key)),
                ..Self::of("CUSTOM")
            },
            NewCredentials::OAuth1(client) => Self::of_client("OAUTH1", client),
            NewCredentials::OAuth2(client) => Self::of_client("OAUTH2", client),
            NewCredentials::Tba(client) => Self::of_client("TBA", client),
        }
    }
}
