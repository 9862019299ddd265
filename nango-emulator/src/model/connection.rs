//! Connections and their two JSON forms (wire reference 4.1, 4.3).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::credentials::{Credentials, without_refresh_tokens};
use super::end_user::EndUser;
use super::tags::Tags;
use crate::{jsonb, time};

/// One connection. Does not implement `Debug`, since it holds credentials.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// Numeric id. A connection that is deleted and created again gets a higher one.
    pub(crate) id: u64,
    pub(crate) connection_id: String,
    pub(crate) integration: String,
    pub(crate) provider: String,
    pub(crate) errors: Vec<ConnectionError>,
    /// Boxed, since few connections have one.
    pub(crate) end_user: Option<Box<EndUser>>,
    pub(crate) tags: Tags,
    /// `None` is `null`, the initial value for OAuth2 connections.
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) connection_config: Map<String, Value>,
    pub(crate) webhook_url_override: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) last_fetched_at: Option<Timestamp>,
    pub(crate) credentials: Credentials,
    pub(crate) refresh: RefreshHistory,
    /// Makes the emulated provider reject the credentials.
    #[serde(default)]
    pub(crate) revoked: bool,
}

/// An entry of `errors`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ConnectionError {
    /// `auth` or `sync`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) log_id: String,
}

/// History of failed refreshes and tests.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct RefreshHistory {
    pub(crate) failed_at: Option<Timestamp>,
    /// Days since 1970.
    pub(crate) failure_days: BTreeSet<i64>,
    /// Time of the last periodic test.
    #[serde(default)]
    pub(crate) tested_at: Option<Timestamp>,
}

impl Connection {
    /// Returns the full object of `POST`.
    pub(crate) fn imported(&self) -> Value {
        self.full(time::utc, self.credentials.view(true), &json!(self.connection_config))
    }

    /// Returns the full object of `GET`. Without `credentials`, it has no refresh token either.
    pub(crate) fn got(&self, credentials: bool, refresh_token: bool) -> Value {
        let config = json!(self.connection_config);
        let config = if refresh_token { config } else { without_refresh_tokens(config) };
        let credentials = if credentials { self.credentials.view(refresh_token) } else { json!({}) };
        self.full(time::with_offset, credentials, &config)
    }

    fn full(&self, format: fn(Timestamp) -> String, credentials: Value, config: &Value) -> Value {
        let mut view = self.shared();
        let mut put = |key: &str, value: Value| view.insert(key.to_owned(), value);
        put("connection_config", jsonb::postgres_order(config));
        put("webhook_url_override", json!(self.webhook_url_override));
        put("created_at", format(self.created_at).into());
        put("updated_at", format(self.updated_at).into());
        put("last_fetched_at", self.last_fetched_at.map(format).into());
        put("credentials", credentials);
        view.into()
    }

    /// Returns an item of `GET /connections`: other names, another time format, no credentials.
    pub(crate) fn item(&self) -> Value {
        let mut view = self.shared();
        view.insert("created".to_owned(), time::postgres(self.created_at).into());
        view.into()
    }

    /// Returns the fields that both forms begin with.
    fn shared(&self) -> Map<String, Value> {
        let fields = [
            ("id", self.id.into()),
            ("connection_id", self.connection_id.as_str().into()),
            ("provider_config_key", self.integration.as_str().into()),
            ("provider", self.provider.as_str().into()),
            ("errors", json!(self.errors)),
            ("end_user", self.end_user.as_deref().map(EndUser::view).into()),
            ("tags", jsonb::postgres_order(&json!(self.tags))),
            ("metadata", jsonb::postgres_order(&json!(self.metadata))),
        ];
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }
}
