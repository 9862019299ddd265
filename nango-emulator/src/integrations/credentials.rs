//! OAuth client credentials of an integration, by auth mode (wire reference 5).

use serde_json::{Map, Value, json};

use crate::check::{Fields, Issue, Text};
use crate::http::ApiError;
use crate::model::{Integration, Provider};

/// Returns the credentials for `include=credentials`; null for modes without a client.
pub(super) fn view(integration: &Integration, provider: &Provider) -> Value {
    let text = |name: &str| integration.credential(name);
    match provider.auth_mode() {
        mode @ ("OAUTH1" | "OAUTH2" | "TBA") => json!({
            "type": mode,
            "client_id": text("client_id"),
            "client_secret": text("client_secret"),
            "scopes": text("scopes"),
            "webhook_secret": text("webhook_secret"),
        }),
        "APP" => json!({
            "type": "APP",
            "app_id": text("app_id"),
            "private_key": text("private_key"),
            "app_link": text("app_link"),
        }),
        _ => Value::Null,
    }
}

pub(super) fn take(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    let value = fields.take("credentials")?;
    fields.nested(Some(value), &["credentials"], check_fields)?;
    let mut stored = value.as_object().cloned()?;
    // Nango joins scopes by commas without spaces.
    if let Some(scopes) = stored.get("scopes").and_then(Value::as_str) {
        let scopes: Vec<_> = scopes.split(',').map(str::trim).collect();
        stored.insert("scopes".into(), scopes.join(",").into());
    }
    Some(stored)
}

fn check_fields(inner: &mut Fields<'_>) {
    let secret = Text::between(1, 1024);
    match inner.take("type").and_then(Value::as_str) {
        Some("OAUTH1" | "OAUTH2" | "TBA") => {
            inner.required("client_id", Text::between(1, 255));
            inner.required("client_secret", Text { min: 1, ..Text::ANY });
            inner.optional("scopes", Text::ANY);
            inner.optional("webhook_secret", Text::between(0, 255));
            inner.strict();
        }
        Some("APP") => {
            inner.required("app_id", Text::between(1, 255));
            inner.required("app_link", Text::between(1, 255));
            if let Some(pem) = inner.required("private_key", Text::ANY) {
                pem_issues(inner, pem);
            }
            inner.strict();
        }
        Some("CUSTOM") => {
            inner.required("client_id", Text::between(1, 255));
            inner.required("client_secret", secret);
            inner.required("app_id", Text::between(1, 255));
            inner.required("app_link", Text::between(1, 255));
            if let Some(pem) = inner.required("private_key", Text::ANY) {
                pem_issues(inner, pem);
            }
            inner.strict();
        }
        Some(_) | None => inner.push(Issue::new("invalid_union", "Invalid input", &["type"])),
    }
}

fn pem_issues(inner: &mut Fields<'_>, pem: &str) {
    const START: &str = "-----BEGIN RSA PRIVATE KEY----";
    const END: &str = "-----END RSA PRIVATE KEY-----";
    let mut push_issue = |how: &str, what: &str| {
        let message = format!("Invalid string: must {how} with \"{what}\"");
        inner.push(Issue::new("invalid_format", message, &["private_key"]));
    };
    if !pem.starts_with(START) {
        push_issue("start", START);
    }
    if !pem.trim_end().ends_with(END) {
        push_issue("end", END);
    }
}

pub(super) fn check(
    provider: &Provider,
    credentials: Option<&Map<String, Value>>,
    creating: bool,
) -> Result<(), ApiError> {
    let mode = provider.auth_mode();
    let Some(credentials) = credentials else {
        if creating && matches!(mode, "OAUTH1" | "OAUTH2" | "APP" | "CUSTOM") {
            return Err(ApiError::new(400, "invalid_body", "Missing credentials"));
        }
        return Ok(());
    };
    if credentials.get("type").and_then(Value::as_str) == Some(mode) {
        return Ok(());
    }
    Err(ApiError::new(400, "invalid_body", "The credentials do not fit the auth mode of the provider"))
}
