//! Nango, by hand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, Url};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::row::Row;
use crate::outcome::Outcome;
use crate::plan::{INTEGRATION, Upstream};

/// The way to Nango.
pub(crate) struct Nango {
    http: Client,
    url: String,
    secret_key: String,
    /// With the signing key in it.
    mac: Hmac<Sha256>,
}

/// The fields of a delivery about a connection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) connection_id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) provider_config_key: Cow<'a, str>,
    #[serde(borrow)]
    provider: Cow<'a, str>,
    success: bool,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// A connection in a list.
#[derive(Deserialize)]
pub(super) struct Found {
    provider_config_key: String,
    provider: String,
    created: String,
    errors: Vec<Failure>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(rename = "type")]
    kind: String,
}

/// A connect session, as the page gets it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    session_token: String,
    expires_at: String,
    api_url: String,
}

impl Nango {
    pub(crate) fn new(upstream: &Upstream) -> Outcome<Self> {
        Ok(Self {
            http: Client::builder().no_proxy().build()?,
            url: upstream.url.clone(),
            secret_key: upstream.secret_key.clone(),
            mac: Hmac::new_from_slice(upstream.signing_key.as_bytes())?,
        })
    }

    pub(super) fn verifies(&self, signature: &[u8], body: &Bytes) -> bool {
        let mut code = [0; 32];
        hex::decode_to_slice(signature, &mut code).is_ok()
            && self.mac.clone().chain_update(body).verify_slice(&code).is_ok()
    }

    /// Finds a connection in the list, by its exact id.
    pub(super) async fn look(&self, integration: &str, connection_id: &str) -> Outcome<Option<Found>> {
        #[derive(Deserialize)]
        struct Page {
            connections: Vec<Found>,
        }
        let query = [("limit", "10"), ("connectionId", connection_id), ("integrationId", integration)];
        let request = self.http.get(Url::parse_with_params(&format!("{}/connections", self.url), query)?);
        let page: Page =
            request.bearer_auth(&self.secret_key).send().await?.error_for_status()?.json().await?;
        Ok(page.connections.into_iter().next())
    }

    pub(super) async fn session(&self, user: &str) -> Outcome<Session> {
        #[derive(Deserialize)]
        struct Reply {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            token: String,
            expires_at: String,
        }
        let body = json!({
            "tags": { "end_user_id": user, "owner_kind": "user" },
            "allowed_integrations": [INTEGRATION],
        });
        let request = self.http.post(format!("{}/connect/sessions", self.url)).json(&body);
        let Reply { data: Data { token, expires_at } } =
            request.bearer_auth(&self.secret_key).send().await?.error_for_status()?.json().await?;
        Ok(Session { session_token: token, expires_at, api_url: self.url.clone() })
    }

    /// Calls the provider, and returns the length of its reply.
    pub(crate) async fn call(&self, connection_id: &str, path: &str) -> Outcome<usize> {
        let request = self.http.get(format!("{}/proxy{path}", self.url)).bearer_auth(&self.secret_key);
        let request =
            request.header("provider-config-key", INTEGRATION).header("connection-id", connection_id);
        Ok(request.send().await?.error_for_status()?.bytes().await?.len())
    }
}

impl Event<'_> {
    /// Returns the owner, and the row as far as the delivery has it.
    pub(super) fn to_row(&self) -> (Option<String>, Row) {
        let health = if self.success { "healthy" } else { "degraded" };
        let row = Row::new(self.provider_config_key.to_string(), self.provider.to_string(), health);
        (self.tags.get("end_user_id").cloned(), row)
    }
}

impl Found {
    /// Returns the owner, and the row.
    pub(super) fn into_row(mut self) -> (Option<String>, Row) {
        let is_broken = self.errors.iter().any(|error| error.kind == "auth");
        let health = if is_broken { "degraded" } else { "healthy" };
        let row = Row::new(self.provider_config_key, self.provider, health);
        (
            self.tags.remove("end_user_id"),
            Row { health_since: self.created.clone(), created_at: self.created, ..row },
        )
    }
}

impl Row {
    fn new(integration: String, provider: String, health: &str) -> Self {
        let (health_since, created_at) = (String::new(), String::new());
        Self {
            handle: String::new(),
            integration,
            provider,
            health: health.to_owned(),
            health_since,
            created_at,
        }
    }
}
