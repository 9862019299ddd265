//! Control actions, shared by the endpoints and the library.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::check::Issue;
use crate::connections::refresh;
use crate::error::EmulatorError;
use crate::http::ApiError;
use crate::model::tags::Values;
use crate::model::{Connection, Credentials, Grants, RefreshHistory, tags};
use crate::time;
use crate::time::saturating_add;

/// The connection does not exist.
#[derive(Debug)]
pub(crate) struct UnknownConnection;

impl From<UnknownConnection> for EmulatorError {
    fn from(_: UnknownConnection) -> Self {
        Self::NotFound { what: "connection" }
    }
}

/// Makes the provider reject the credentials. With `notice`, Nango's next refresh or test runs now:
/// it fails, the connection gets an `auth` error, and the webhook is sent.
pub(crate) async fn revoke(
    app: &App,
    integration: &str,
    connection_id: &str,
    notice: bool,
) -> Result<(), UnknownConnection> {
    let connection = set_revoked(app, integration, connection_id, true)?;
    if notice {
        // This call is made for its failure.
        let _ = refresh::refresh_or_test(app, connection).await;
    }
    Ok(())
}

/// Makes the provider accept the credentials again and runs Nango's next refresh or test now.
pub(crate) async fn restore(
    app: &App,
    integration: &str,
    connection_id: &str,
) -> Result<(), UnknownConnection> {
    let connection = set_revoked(app, integration, connection_id, false)?;
    // The connection records the outcome.
    let _ = refresh::refresh_or_test(app, connection).await;
    Ok(())
}

fn set_revoked(
    app: &App,
    integration: &str,
    connection_id: &str,
    revoked: bool,
) -> Result<Connection, UnknownConnection> {
    let connection = app.write(|state| {
        let connection = state.connections.update(integration, connection_id, |connection| {
            connection.revoked = revoked;
            connection.clone()
        })?;
        let change = if revoked { Grants::revoke } else { Grants::restore };
        let token = |name| connection.credentials.text(name);
        change(&mut state.grants, token("access_token"), token("refresh_token"));
        Some(connection)
    });
    connection.ok_or(UnknownConnection)
}

/// Expires the access token now.
pub(crate) fn expire(app: &App, integration: &str, connection_id: &str) -> Result<(), UnknownConnection> {
    let past = time::utc(saturating_add(app.clock.now(), Duration::ZERO));
    let done = app.write(|state| {
        state.connections.update(integration, connection_id, |connection| {
            let credentials = connection.credentials.fields_mut();
            credentials.insert("expires_at".into(), past.clone().into());
            if let Some(Value::Object(raw)) = credentials.get_mut("raw") {
                raw.insert("expires_at".into(), past.into());
            }
        })
    });
    done.ok_or(UnknownConnection)
}

/// Advances the clock.
pub(crate) fn advance(app: &App, by: Duration) {
    app.clock.advance(by);
    let offset = app.clock.offset();
    app.write(|state| state.clock_offset = offset);
}

/// Refreshes or tests every connection without a fetch for a day, as Nango's cron does.
pub(crate) async fn run_periodic_test(app: &App) {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let now = app.clock.now();
    let stale: Vec<Connection> = app.read(|state| {
        let old = |connection: &&Connection| {
            let fetched = connection.last_fetched_at.unwrap_or(connection.created_at);
            let tested = connection.refresh.tested_at.unwrap_or(fetched);
            saturating_add(fetched.max(tested), DAY) <= now
        };
        state.connections.newest_first().filter(old).cloned().collect()
    });
    for connection in stale {
        let id = connection.id;
        // The connection records the outcome.
        let _ = refresh::refresh_or_test(app, connection).await;
        app.write(|state| {
            state.connections.update_by_id(id, |connection| connection.refresh.tested_at = Some(now))
        });
    }
}

/// Imports many connections without webhooks. `{n}` in ids and tag values counts from 1.
pub(crate) fn import_many(
    app: &App,
    integration: &str,
    count: u32,
    connection_id: &str,
    tags: &Map<String, Value>,
    credentials: Option<Map<String, Value>>,
) -> Result<usize, ApiError> {
    let tags =
        tags::parse(&json!(tags), &["tags"], Values::NonEmpty).map_err(|issues| ApiError::body(&issues))?;
    let provider = app.read(|state| state.integration(integration).map(|i| i.provider.clone()));
    let Some(provider) = provider else {
        let issue = Issue::custom("Integration does not exist", &["integration"]);
        return Err(ApiError::body(&[issue]));
    };
    let mode = app.providers.get(&provider).map_or("NONE", |p| p.auth_mode());
    let credentials = credentials.map_or_else(|| placeholder(mode), Credentials::from);
    let now = app.clock.now();
    let numbered = |text: &str, n: u32| text.replace("{n}", &n.to_string());
    Ok(app.write(|state| {
        for n in 1..=count {
            let connections = &mut state.connections;
            let connection_id = numbered(connection_id, n);
            let known = connections.get(integration, &connection_id).map(|known| known.id);
            let tags = tags.iter().map(|(key, value)| {
                let text = value.as_str().unwrap_or_default();
                (key.clone(), Value::from(numbered(text, n)))
            });
            let connection = Connection {
                id: known.unwrap_or_else(|| connections.next_id()),
                connection_id,
                integration: integration.to_owned(),
                provider: provider.clone(),
                errors: Vec::new(),
                end_user: None,
                tags: tags.collect(),
                metadata: Some(Map::new()),
                connection_config: Map::new(),
                webhook_url_override: None,
                created_at: now,
                updated_at: now,
                last_fetched_at: Some(now),
                credentials: credentials.clone(),
                refresh: RefreshHistory::default(),
                revoked: false,
            };
            connections.put(connection);
        }
        state.connections.len()
    }))
}

fn placeholder(mode: &str) -> Credentials {
    Credentials::new(match mode {
        "API_KEY" => json!({ "type": "API_KEY", "apiKey": "imported" }),
        "BASIC" => json!({ "type": "BASIC", "username": "imported", "password": "imported" }),
        "OAUTH2" => json!({ "type": "OAUTH2", "access_token": "imported", "raw": {} }),
        _ => json!({}),
    })
}
