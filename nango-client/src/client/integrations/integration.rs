//! Integrations as Nango describes them.

use std::collections::BTreeMap;

use crate::client::credentials::AuthMode;
use crate::client::reply::reply;
use crate::client::secret::{Secret, SecretFields};
use crate::timestamp::Timestamp;

reply! {
    /// An integration of the environment: something that can be connected.
    #[derive(Clone, PartialEq, Eq)]
    Integration {
        /// The id, which sessions and connections use.
        #[serde(rename = "unique_key")]
        id: String,
        /// The provider, such as `slack`. Several integrations may share one.
        provider: String,
        /// The display name, for user interfaces.
        display_name: String,
        /// The URL of the logo.
        logo: Option<String>,
        /// `true` if webhooks of the provider are forwarded to the app.
        forward_webhooks: Option<bool>,
        /// The URL for the provider's webhooks, if it was asked for and there is one.
        webhook_url: Option<String>,
        /// The provider's own names for fields of the credentials, where it has any.
        credentials_label: BTreeMap<String, String>,
        /// The credentials that the integration presets, by field.
        #[serde(default)]
        preconfigured_credentials: Vec<String>,
        /// The fields of the configuration that the integration presets.
        #[serde(default)]
        preconfigured_connection_config: Vec<String>,
        /// The credentials of the integration's own app at the provider, if they were asked for and it
        /// has any.
        credentials: Option<IntegrationCredentials>,
        /// The time of its creation.
        created_at: Option<Timestamp>,
        /// The time of its last change.
        updated_at: Option<Timestamp>,
    }
}

// Without addresses: no URL is in a log.
crate::__debug_only!(Integration { id, provider, display_name });

reply! { @extra SecretFields;
    /// The credentials of an integration's own app at the provider.
    #[derive(Clone, PartialEq, Eq)]
    IntegrationCredentials {
        /// The auth mode, which decides on the other fields.
        #[serde(rename = "type")]
        auth_mode: AuthMode,
        /// The id of the OAuth client.
        client_id: Option<Secret>,
        /// The secret of the OAuth client.
        client_secret: Option<Secret>,
        /// The scopes, separated by commas.
        scopes: Option<String>,
        /// The secret of the provider's webhooks.
        webhook_secret: Option<Secret>,
        /// The id of the app.
        app_id: Option<Secret>,
        /// The address at which a user installs the app.
        app_link: Option<String>,
        /// The private key of the app.
        private_key: Option<Secret>,
    }
}

crate::__debug_only!(IntegrationCredentials { auth_mode });
