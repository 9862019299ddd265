//! Verification of credentials by the template's `proxy.verification`, and the headers that a
//! template adds to every call.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::app::App;
use crate::http::ApiError;
use crate::model::failure::TEST_FAILED;
use crate::model::template::Values;
use crate::model::{Credentials, Provider, failure, template};

/// Returns true if the template has no verification, or if one of its endpoints answers 2xx.
pub(crate) async fn verify(
    app: &App,
    provider: &Provider,
    credentials: &Credentials,
    config: &Map<String, Value>,
) -> bool {
    let Some(verification) = provider.proxy("verification").and_then(Value::as_object) else {
        return true;
    };
    let values = Values { config, credentials: credentials.fields() };
    let base = verification
        .get("base_url_override")
        .or_else(|| provider.proxy("base_url"))
        .and_then(Value::as_str)
        .and_then(|base| template::fill(base, values).ok());
    let Some(base) = base else { return false };
    let method = verification.get("method").and_then(Value::as_str).unwrap_or("GET");
    let Ok(method) = reqwest::Method::from_bytes(method.as_bytes()) else { return false };
    let endpoints = verification.get("endpoints").and_then(Value::as_array);
    for endpoint in endpoints.into_iter().flatten().filter_map(Value::as_str) {
        let Ok(endpoint) = template::fill(endpoint, values) else { continue };
        let mut request = app
            .client
            .request(method.clone(), format!("{}{endpoint}", base.trim_end_matches('/')))
            .timeout(Duration::from_secs(20));
        for (name, value) in provider_headers(provider, values) {
            request = request.header(name, value);
        }
        let own = verification.get("headers").and_then(Value::as_object);
        for (name, value) in own.into_iter().flatten() {
            if let Some(Ok(value)) = value.as_str().map(|text| template::fill(text, values)) {
                request = request.header(name, value);
            }
        }
        match request.send().await {
            Ok(response) if response.status().is_success() => return true,
            _ => {}
        }
    }
    false
}

/// Like [`verify`]. Returns Nango's error for credentials that the provider rejects.
pub(crate) async fn require(
    app: &App,
    provider: &Provider,
    credentials: &Credentials,
    config: &Map<String, Value>,
) -> Result<(), ApiError> {
    if verify(app, provider, credentials, config).await {
        return Ok(());
    }
    Err(ApiError::new(400, TEST_FAILED, failure::text(TEST_FAILED)))
}

/// Returns the authorization of the auth mode, overridden by the template's own headers.
pub(crate) fn provider_headers(provider: &Provider, values: Values<'_>) -> Vec<(String, String)> {
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
