//! JSON form of integrations.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::credentials;
use crate::{
    app::App,
    check::Issue,
    http::{ApiError, Call, finish_query},
    model::{Integration, Provider, logo_url},
    time,
};

/// Characters that JavaScript's `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

#[derive(Default)]
pub(super) struct Include {
    pub(super) webhook: bool,
    pub(super) credentials: bool,
}

impl Include {
    pub(super) fn read(call: &Call) -> Result<Self, ApiError> {
        let mut fields = call.query_fields();
        let wanted = match fields.take("include") {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let known = |item: &Value| item == "webhook" || item == "credentials";
        if !wanted.iter().all(known) {
            fields.push(Issue::new("invalid_union", "Invalid input", &["include"]));
        }
        finish_query(fields)?;
        let has = |name: &str| wanted.iter().any(|item| item == name);
        Ok(Self { webhook: has("webhook"), credentials: has("credentials") })
    }
}

pub(super) fn view(app: &App, integration: &Integration, include: &Include) -> Value {
    let provider = app.providers.get(&integration.provider);
    let fallback = || provider.map_or(integration.provider.as_str(), Provider::display_name);
    let mut view = json!({
        "unique_key": integration.unique_key,
        "provider": integration.provider,
        "display_name": integration.display_name.as_deref().unwrap_or_else(fallback),
        "logo": logo_url(&app.public_url, &integration.provider),
    });
    if include.webhook {
        let routed = provider.is_some_and(|p| p.text("webhook_routing_script").is_some());
        let url = || {
            let (base, uuid) = (&app.public_url, &app.environment.uuid);
            let key = utf8_percent_encode(&integration.unique_key, COMPONENT);
            format!("{base}/webhook/{uuid}/{key}")
        };
        view["webhook_url"] = routed.then(url).into();
    }
    if include.credentials {
        view["credentials"] = provider.map_or(Value::Null, |p| credentials::view(integration, p));
    }
    view["forward_webhooks"] = integration.forward_webhooks.into();
    view["created_at"] = time::utc(integration.created_at).into();
    view["updated_at"] = time::utc(integration.updated_at).into();
    view
}
