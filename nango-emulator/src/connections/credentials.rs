//! Credentials in Nango's shapes (wire reference 4.1).

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::{
    http::check::{Fields, Text},
    time,
};

/// `{type, …}` as stored; `{}` for connections without credentials.
///
/// Shared: connections imported in bulk have the same ones.
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

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    pub(crate) fn new(value: Value) -> Self {
        match value {
            Value::Object(map) => map.into(),
            _ => Self::default(),
        }
    }

    /// An API key as a form or an import brings it.
    pub(crate) fn take_api_key(fields: &mut Fields<'_>) -> Self {
        let key = fields.required("apiKey", Text::between(1, 1024));
        Self::new(json!({ "type": "API_KEY", "apiKey": key }))
    }

    /// Name and password likewise. Both may be empty, neither may be missing.
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

    /// From a provider's token answer. Without `expires_in` there is no `expires_at` at all.
    pub(crate) fn oauth2(answer: &Map<String, Value>, now: Timestamp) -> Option<Self> {
        let access_token = answer.get("access_token").and_then(Value::as_str)?;
        let mut raw = answer.clone();
        let expires_at = expiry(answer, now);
        let mut map = Map::from_iter([
            ("type".to_owned(), json!("OAUTH2")),
            ("access_token".to_owned(), json!(access_token)),
        ]);
        if let Some(refresh_token) = answer.get("refresh_token").filter(|token| token.is_string()) {
            map.insert("refresh_token".into(), refresh_token.clone());
        }
        if let Some(expires_at) = &expires_at {
            map.insert("expires_at".into(), expires_at.clone());
            raw.insert("expires_at".into(), expires_at.clone());
        }
        map.insert("raw".into(), raw.into());
        Some(map.into())
    }

    /// From a provider's answer to a client-credentials request.
    pub(crate) fn client_credentials(
        answer: &Map<String, Value>,
        client_id: &str,
        client_secret: &str,
        now: Timestamp,
    ) -> Option<Self> {
        let token = answer.get("access_token").and_then(Value::as_str)?;
        let mut raw = answer.clone();
        let mut map = Map::from_iter([
            ("type".to_owned(), json!("OAUTH2_CC")),
            ("token".to_owned(), json!(token)),
            ("client_id".to_owned(), json!(client_id)),
            ("client_secret".to_owned(), json!(client_secret)),
        ]);
        if let Some(expires_at) = expiry(answer, now) {
            map.insert("expires_at".into(), expires_at.clone());
            raw.insert("expires_at".into(), expires_at);
        }
        map.insert("raw".into(), raw.into());
        Some(map.into())
    }

    /// As a caller sees them: the refresh token only when asked for, in `raw` too.
    pub(crate) fn view(&self, with_refresh_token: bool) -> Value {
        let mut map = Map::clone(&self.0);
        if !with_refresh_token && self.text("type") == Some("OAUTH2") {
            map.shift_remove("refresh_token");
            if let Some(Value::Object(raw)) = map.get_mut("raw") {
                raw.shift_remove("refresh_token");
            }
        }
        Value::Object(map)
    }
}

fn expiry(answer: &Map<String, Value>, now: Timestamp) -> Option<Value> {
    let expires_in = match answer.get("expires_in")? {
        Value::Number(seconds) => seconds.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        _ => return None,
    };
    let by = std::time::Duration::try_from_secs_f64(expires_in.max(0.0)).ok()?;
    Some(time::zulu(crate::clock::later(now, by)).into())
}
