//! When a token is refreshed, and what a failure leaves behind (wire reference 4.2; observed on
//! Nango 0.71.4).

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Connection, ConnectionError, Credentials, RefreshHistory};
use crate::{
    app::App, clock::later, integrations::Integration, oauth2::token, providers::Provider, verification,
    webhooks::payload,
};

/// Refreshed when the token expires within a quarter of an hour.
const MARGIN: Duration = Duration::from_secs(15 * 60);

/// After a failure nothing is tried for this long, unless forced.
const BACK_OFF: Duration = Duration::from_secs(30);

/// Failures on this many different days exhaust a connection (read in Nango's source).
const EXHAUSTED_DAYS: usize = 4;

/// Why there are no credentials to give.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Tried just now.
    Failed { code: &'static str },
    /// A recent attempt failed.
    BackingOff,
    /// Too many attempts failed.
    Exhausted,
}

impl Trouble {
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::Failed { code } => payload::error_text(code),
            Self::BackingOff => "A recent refresh attempt failed. Backing off before retrying.",
            Self::Exhausted => "The refresh limit has been reached for this connection.",
        }
    }
}

/// Makes sure that the stored credentials can be handed out, refreshing them when needed.
pub(crate) async fn ensure(
    app: &App,
    integration: &str,
    connection_id: &str,
    force: bool,
) -> Result<(), Trouble> {
    // One refresh at a time for each connection: a second one would burn the first one's token.
    let lock = app.refreshing(integration, connection_id);
    let _turn = lock.lock().await;
    let found = app.read(|state| {
        let connection = state.connections.get(integration, connection_id).cloned()?;
        Some((connection, state.integration(integration).cloned()?))
    });
    let Some((connection, integration)) = found else { return Ok(()) };
    let now = app.clock.now();
    if !force {
        if connection.refresh.failure_days.len() >= EXHAUSTED_DAYS {
            return Err(Trouble::Exhausted);
        }
        if connection.refresh.failed_at.is_some_and(|at| now < later(at, BACK_OFF)) {
            return Err(Trouble::BackingOff);
        }
    }
    let expires_soon = connection.credentials.expires_at().is_some_and(|at| at <= later(now, MARGIN));
    if !(force || expires_soon) || !refreshable(&connection) {
        return Ok(());
    }
    attempt(app, connection, &integration).await
}

/// What Nango's cron does with connections nobody fetched for a day: refresh, or test the key.
pub(crate) async fn periodic(app: &App, connection: Connection) -> Result<(), Trouble> {
    let lock = app.refreshing(&connection.integration, &connection.connection_id);
    let _turn = lock.lock().await;
    let Some(integration) = app.read(|state| state.integration(&connection.integration).cloned()) else {
        return Ok(());
    };
    if refreshable(&connection) {
        return attempt(app, connection, &integration).await;
    }
    if !matches!(connection.credentials.text("type"), Some("API_KEY" | "BASIC")) {
        return Ok(());
    }
    let valid = !connection.revoked && {
        let config = &connection.connection_config;
        match app.provider_of(&integration) {
            Some(provider) => verification::passes(app, &provider, &connection.credentials, config).await,
            None => true,
        }
    };
    if valid {
        app.write(|state| {
            state.connections.change_by_id(connection.id, |row| {
                row.errors.retain(|error| error.kind != "auth");
                row.refresh = RefreshHistory::default();
            })
        });
        return Ok(());
    }
    Err(failed(app, &connection, "connection_test_failed"))
}

fn refreshable(connection: &Connection) -> bool {
    match connection.credentials.text("type") {
        Some("OAUTH2") => connection.credentials.text("refresh_token").is_some(),
        Some("OAUTH2_CC") => true,
        _ => false,
    }
}

async fn attempt(app: &App, mut connection: Connection, integration: &Integration) -> Result<(), Trouble> {
    let answer = match app.provider_of(integration) {
        Some(provider) if !connection.revoked => ask(app, &provider, integration, &connection).await,
        _ => None,
    };
    let Some(credentials) = answer else {
        return Err(failed(app, &connection, "refresh_token_external_error"));
    };
    connection.credentials = credentials;
    connection.errors.clear();
    connection.refresh = RefreshHistory::default();
    connection.updated_at = app.clock.now();
    // The whole row as it was read goes back, as in Nango: a patch made meanwhile is lost.
    app.write(|state| {
        if state.connections.by_id(connection.id).is_some() {
            state.connections.put(connection);
        }
    });
    Ok(())
}

async fn ask(
    app: &App,
    provider: &Provider,
    integration: &Integration,
    connection: &Connection,
) -> Option<Credentials> {
    let now = app.clock.now();
    let old = &connection.credentials;
    if old.text("type") == Some("OAUTH2_CC") {
        let (id, secret) = (old.text("client_id")?, old.text("client_secret").unwrap_or_default());
        let answer = token::client_credentials(app, provider, &connection.connection_config, id, secret);
        return Credentials::client_credentials(&answer.await.ok()?, id, secret, now);
    }
    let refresh_token = old.text("refresh_token")?;
    let client = token::Client::of(integration, old.fields().get("config_override"));
    let answer = token::refresh(app, provider, &connection.connection_config, &client, refresh_token);
    let mut answer: Map<String, Value> = answer.await.ok()?;
    // A provider that does not rotate refresh tokens leaves the old one in force.
    answer.entry("refresh_token").or_insert_with(|| refresh_token.into());
    let mut credentials = Credentials::oauth2(&answer, now)?;
    if let Some(client) = old.fields().get("config_override") {
        credentials.fields_mut().insert("config_override".into(), client.clone());
    }
    Some(credentials)
}

/// Notes the failure on the connection and tells the customer. One webhook an attempt.
fn failed(app: &App, connection: &Connection, code: &'static str) -> Trouble {
    let now = app.clock.now();
    let log_id = app.ids.log_id(now);
    let noted = app.write(|state| {
        state.connections.change_by_id(connection.id, |row| {
            row.errors.retain(|error| error.kind != "auth");
            row.errors.push(ConnectionError { kind: "auth".into(), log_id });
            row.refresh.failed_at = Some(now);
            row.refresh.failure_days.insert(now.as_second().div_euclid(24 * 3600));
            row.clone()
        })
    });
    if let Some(row) = noted {
        payload::send_refresh_failure(app, &row, code);
    }
    Trouble::Failed { code }
}
