//! Verification of credentials by the template's `proxy.verification`.

use std::time::Duration;

use serde_json::{Map, Value};

use super::headers;
use crate::{
    app::App,
    model::{
        Credentials, Provider,
        template::{self, Values},
    },
};

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
        for (name, value) in headers::of_provider(provider, values) {
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
