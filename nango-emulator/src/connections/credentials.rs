//! Credentials in Nango's shapes (wire reference 4.1).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::time;

/// `{type, …}` as stored; `{}` for connections without credentials.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Credentials(pub(crate) Map<String, Value>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    pub(crate) fn new(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
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
        Some(Self(map))
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
        Some(Self(map))
    }

    /// As a caller sees them: the refresh token only when asked for, in `raw` too.
    pub(crate) fn view(&self, with_refresh_token: bool) -> Value {
        let mut map = self.0.clone();
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
