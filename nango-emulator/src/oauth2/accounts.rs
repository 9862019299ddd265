//! Accounts of connections at emulated providers.

use axum::http::HeaderMap;
use serde_json::Value;

use crate::app::App;
use crate::check::is_email;
use crate::model::masks::split_scheme;
use crate::model::template::Values;
use crate::model::{Account, Provider};
use crate::upstream::verification::provider_headers;

/// Returns the account that a person has chosen on the consent page: any text stands for one, and
/// no text for the first.
pub(super) fn chosen(text: &str) -> Account {
    let text = text.trim();
    if text.is_empty() { Account::default() } else { Account::new(text) }
}

/// Returns the address that the consent page preselects: that of the application's `login_hint`.
pub(super) fn preselected(login_hint: &str) -> Option<&str> {
    Some(login_hint).filter(|hint| is_email(hint))
}

/// Returns the credential of a request to the provider: that of `Authorization`, or of the header
/// that the template fills.
pub(super) fn credential_of(headers: &HeaderMap, provider: Option<&Provider>) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = provider.and_then(|provider| provider.proxy("headers")).and_then(Value::as_object);
    let mut own = own.into_iter().flatten().filter(|(_, value)| value.as_str().is_some_and(is_filled));
    let value = text("authorization").or_else(|| own.find_map(|(name, _)| text(name)))?;
    Some(split_scheme(value).1.to_owned())
}

/// Returns true for a template that a credential fills.
pub(super) fn is_filled(template: &str) -> bool {
    template.split("${").skip(1).any(|variable| !variable.starts_with("connectionConfig."))
}

/// Sets the account of a connection's credentials. From then on the provider also accepts a token
/// that was imported. Returns false if the connection does not exist.
pub(crate) fn set(app: &App, integration: &str, connection_id: &str, account: &Account) -> bool {
    let found = app.read(|state| {
        let connection = state.connections.get(integration, connection_id).cloned()?;
        Some((connection, state.integration(integration).cloned()?))
    });
    let Some((connection, integration)) = found else { return false };
    let credentials = &connection.credentials;
    let values = Values { config: &connection.connection_config, credentials: credentials.fields() };
    let sent = app.provider_of(&integration).and_then(|provider| {
        let mut headers = HeaderMap::new();
        for (name, value) in provider_headers(&provider, values) {
            if let (Ok(name), Ok(value)) =
                (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
        credential_of(&headers, Some(&provider))
    });
    app.write(|state| {
        let tokens = [credentials.text("access_token"), credentials.text("refresh_token")];
        for credential in tokens.into_iter().chain([sent.as_deref()]).flatten() {
            state.accounts.set(credential, account.clone());
        }
        if !connection.revoked {
            state.grants.restore(tokens[0], tokens[1]);
        }
    });
    true
}
