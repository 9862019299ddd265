//! Headers that a provider's template adds to every call.

use serde_json::Value;

use crate::model::{
    Provider,
    template::{self, Values},
};

/// Returns the authorization of the auth mode, overridden by the template's own headers.
pub(crate) fn of_provider(provider: &Provider, values: Values<'_>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let by_mode = match provider.auth_mode() {
        "BASIC" => Some("Basic ${base64(${username}:${password})}"),
        "OAUTH2" | "APP" => Some("Bearer ${access_token}"),
        "OAUTH2_CC" | "JWT" | "TWO_STEP" => Some("Bearer ${token}"),
        _ => None,
    };
    let own = provider.proxy("headers").and_then(Value::as_object);
    let own = own.into_iter().flatten();
    let own = own.filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?)));
    for (name, value) in by_mode.map(|value| ("authorization".to_owned(), value)).into_iter().chain(own) {
        if let Ok(value) = template::fill(value, values) {
            headers.retain(|(known, _)| *known != name);
            headers.push((name, value));
        }
    }
    headers
}
