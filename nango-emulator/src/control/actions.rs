//! What the controls do, for the endpoints and the library alike.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    app::App,
    clock::later,
    connections::{Connection, Credentials, RefreshHistory, refresh},
    http::envelope::{Issue, Refusal},
    tags::{self, Values},
    time,
};

/// No such connection.
#[derive(Debug)]
pub(crate) struct Unknown;

/// The provider stops honouring the credentials. With `notice`, Nango finds out at once: the next
/// refresh or test fails, the connection gets an `auth` error and the webhook goes out.
pub(crate) async fn revoke(
    app: &App,
    integration: &str,
    connection_id: &str,
    notice: bool,
) -> Result<(), Unknown> {
    let connection = app.write(|state| {
        let connection = state.connections.change(integration, connection_id, |connection| {
            connection.revoked = true;
            connection.clone()
        })?;
        let (access, refresh) =
            (connection.credentials.text("access_token"), connection.credentials.text("refresh_token"));
        state.grants.revoke(access, refresh);
        Some(connection)
    });
    let connection = connection.ok_or(Unknown)?;
    if notice {
        // A failure is what this is for.
        let _ = refresh::periodic(app, connection).await;
    }
    Ok(())
}

/// The provider honours the credentials again, and Nango's next refresh or test, which is now, finds out.
pub(crate) async fn restore(app: &App, integration: &str, connection_id: &str) -> Result<(), Unknown> {
    let connection = app.write(|state| {
        let connection = state.connections.change(integration, connection_id, |connection| {
            connection.revoked = false;
            connection.clone()
        })?;
        let (access, refresh) =
            (connection.credentials.text("access_token"), connection.credentials.text("refresh_token"));
        state.grants.restore(access, refresh);
        Some(connection)
    });
    // What it finds is on the connection.
    let _ = refresh::periodic(app, connection.ok_or(Unknown)?).await;
    Ok(())
}

/// The access token expires now.
pub(crate) fn expire(app: &App, integration: &str, connection_id: &str) -> Result<(), Unknown> {
    let past = time::zulu(later(app.clock.now(), Duration::ZERO));
    let done = app.write(|state| {
        state.connections.change(integration, connection_id, |connection| {
            let credentials = connection.credentials.fields_mut();
            credentials.insert("expires_at".into(), past.clone().into());
            if let Some(Value::Object(raw)) = credentials.get_mut("raw") {
                raw.insert("expires_at".into(), past.into());
            }
        })
    });
    done.ok_or(Unknown)
}

/// Moves the clock forward.
pub(crate) fn advance(app: &App, by: Duration) {
    app.clock.advance(by);
    let offset = app.clock.offset();
    app.write(|state| state.clock_offset = offset);
}

/// Nango's cron: refreshes or tests every connection that nobody fetched for a day.
pub(crate) async fn run_periodic_test(app: &App) {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let now = app.clock.now();
    let stale: Vec<Connection> = app.read(|state| {
        let old = |connection: &&Connection| {
            let fetched = connection.last_fetched_at.unwrap_or(connection.created_at);
            let tested = connection.refresh.tested_at.unwrap_or(fetched);
            later(fetched.max(tested), DAY) <= now
        };
        state.connections.newest().filter(old).cloned().collect()
    });
    for connection in stale {
        let id = connection.id;
        // The outcome is on the connection.
        let _ = refresh::periodic(app, connection).await;
        app.write(|state| {
            state.connections.change_by_id(id, |connection| connection.refresh.tested_at = Some(now))
        });
    }
}

/// Many connections at once, without webhooks. `{n}` in ids and tag values counts from 1.
pub(crate) fn import_many(
    app: &App,
    integration: &str,
    count: u32,
    connection_id: &str,
    tags: &Map<String, Value>,
    credentials: Option<Map<String, Value>>,
) -> Result<usize, Refusal> {
    let tags =
        tags::parse(&json!(tags), &["tags"], Values::NonEmpty).map_err(|issues| Refusal::body(&issues))?;
    let provider = app.read(|state| state.integration(integration).map(|i| i.provider.clone()));
    let Some(provider) = provider else {
        let issue = Issue::custom("Integration does not exist", &["integration"]);
        return Err(Refusal::body(&[issue]));
    };
    let mode = app.providers.get(&provider).map_or("NONE", |p| p.auth_mode());
    let credentials = credentials.map_or_else(|| stand_in(mode), Credentials::from);
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

fn stand_in(mode: &str) -> Credentials {
    Credentials::new(match mode {
        "API_KEY" => json!({ "type": "API_KEY", "apiKey": "imported" }),
        "BASIC" => json!({ "type": "BASIC", "username": "imported", "password": "imported" }),
        "OAUTH2" => json!({ "type": "OAUTH2", "access_token": "imported", "raw": {} }),
        _ => json!({}),
    })
}
