//! Credentials in Nango's JSON forms (wire reference 4.1).

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::check::{Fields, Text};
use crate::time;
use crate::time::saturating_add;

/// Stored credentials: `{type, …}`, or `{}` for connections without credentials.
///
/// Reference-counted, since connections of one bulk import share them.
#[derive(Clone, Default)]
pub(crate) struct Credentials(Arc<Map<String, Value>>);

impl Serialize for Credentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Credentials {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}

impl From<Map<String, Value>> for Credentials {
    fn from(map: Map<String, Value>) -> Self {
        Self(Arc::new(map))
    }
}

debug_only!(Credentials {});

/// Lifetime of client credentials for which the provider names none (read in Nango's source).
const DEFAULT_LIFETIME: Duration = Duration::from_secs(55 * 60);

impl Credentials {
    pub(crate) fn new(value: Value) -> Self {
        match value {
            Value::Object(map) => map.into(),
            _ => Self::default(),
        }
    }

    /// Takes the API key of a form or an import.
    pub(crate) fn take_api_key(fields: &mut Fields<'_>) -> Self {
        let key = fields.required("apiKey", Text::between(1, 1024));
        Self::new(json!({ "type": "API_KEY", "apiKey": key }))
    }

    /// Takes user name and password. Either may be empty, but not missing.
    pub(crate) fn take_basic(fields: &mut Fields<'_>) -> Self {
        let username = fields.required("username", Text::between(0, 1024));
        let password = fields.required("password", Text::between(0, 1024));
        Self::new(json!({ "type": "BASIC", "username": username, "password": password }))
    }

    pub(crate) fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(crate) fn fields_mut(&mut self) -> &mut Map<String, Value> {
        Arc::make_mut(&mut self.0)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.text("expires_at")?.parse().ok()
    }

    /// Creates credentials from a provider's token response. Without `expires_in` they have no
    /// `expires_at`.
    pub(crate) fn oauth2(response: &Map<String, Value>, now: Timestamp) -> Option<Self> {
        let access_token = response.get("access_token").and_then(Value::as_str)?;
        let mut raw = response.clone();
        let expires_at = expiry(response, now);
        let mut map = Map::from_iter([
            ("type".to_owned(), json!("OAUTH2")),
            ("access_token".to_owned(), json!(access_token)),
        ]);
        if let Some(refresh_token) = response.get("refresh_token").filter(|token| token.is_string()) {
            map.insert("refresh_token".into(), refresh_token.clone());
        }
        if let Some(expires_at) = &expires_at {
            map.insert("expires_at".into(), expires_at.clone());
            raw.insert("expires_at".into(), expires_at.clone());
        }
        map.insert("raw".into(), raw.into());
        Some(map.into())
    }

    /// Creates credentials from a provider's response to a client-credentials request. They always
    /// expire.
    pub(crate) fn client_credentials(
        response: &Map<String, Value>,
        client_id: &str,
        client_secret: &str,
        now: Timestamp,
    ) -> Option<Self> {
        let token = response.get("access_token").and_then(Value::as_str)?;
        let mut raw = response.clone();
        let mut map = Map::from_iter([
            ("type".to_owned(), json!("OAUTH2_CC")),
            ("token".to_owned(), json!(token)),
            ("client_id".to_owned(), json!(client_id)),
            ("client_secret".to_owned(), json!(client_secret)),
        ]);
        let expires_at = expiry(response, now);
        if let Some(expires_at) = &expires_at {
            raw.insert("expires_at".into(), expires_at.clone());
        }
        let default = || time::utc(saturating_add(now, DEFAULT_LIFETIME)).into();
        map.insert("expires_at".into(), expires_at.unwrap_or_else(default));
        map.insert("raw".into(), raw.into());
        Some(map.into())
    }

    /// Returns the JSON for API callers. Refresh tokens, in `raw` too, are shown on request only.
    pub(crate) fn view(&self, with_refresh_token: bool) -> Value {
        let all = Value::Object(Map::clone(&self.0));
        if with_refresh_token { all } else { without_refresh_tokens(all) }
    }
}

/// Removes what is named like a refresh token, at any depth.
pub(super) fn without_refresh_tokens(value: Value) -> Value {
    let is_refresh_token = |key: &str| {
        let letters: String = key.chars().filter(char::is_ascii_alphabetic).collect();
        letters.eq_ignore_ascii_case("refreshtoken")
    };
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, _)| !is_refresh_token(key))
            .map(|(key, value)| (key, without_refresh_tokens(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_refresh_tokens).collect(),
        other => other,
    }
}

fn expiry(response: &Map<String, Value>, now: Timestamp) -> Option<Value> {
    let expires_in = match response.get("expires_in")? {
        Value::Number(seconds) => seconds.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    let by = Duration::try_from_secs_f64(expires_in.max(0.0)).ok()?;
    Some(time::utc(saturating_add(now, by)).into())
}
