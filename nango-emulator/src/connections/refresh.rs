//! Token refresh and its failures (wire reference 4.2; observed on Nango 0.71.4).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::app::App;
use crate::model::{
    Client, Connection, ConnectionError, Credentials, Integration, Provider, RefreshHistory, failure,
};
use crate::time::saturating_add;
use crate::upstream::{token, verification};
use crate::webhooks::payload;

/// Remaining lifetime at or below which a token is refreshed.
const MARGIN: Duration = Duration::from_secs(15 * 60);

/// Back-off after a failure; a forced refresh ignores it.
const BACKOFF: Duration = Duration::from_secs(30);

/// Number of different days with failures that exhausts a connection (read in Nango's source).
const EXHAUSTED_DAYS: usize = 4;

/// Error of handing out credentials.
#[derive(Debug)]
pub(crate) enum RefreshError {
    /// The refresh or test of this request failed.
    Failed { code: &'static str },
    /// A recent attempt failed and its back-off is not over.
    BackingOff,
    /// Too many attempts failed.
    Exhausted,
}

impl RefreshError {
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::Failed { code } => failure::text(code),
            Self::BackingOff => "A recent refresh attempt failed. Backing off before retrying.",
            Self::Exhausted => "The refresh limit has been reached for this connection.",
        }
    }
}

/// Refreshes the stored credentials if they expire soon or `force` is set.
pub(crate) async fn ensure_fresh(
    app: &App,
    integration: &str,
    connection_id: &str,
    force: bool,
) -> Result<(), RefreshError> {
    // Refreshes of one connection are single-flight: a second one would use up the first one's
    // refresh token.
    let lock = app.refresh_lock(integration, connection_id);
    let _guard = lock.lock().await;
    let found = app.read(|state| {
        let connection = state.connections.get(integration, connection_id).cloned()?;
        Some((connection, state.integration(integration).cloned()?))
    });
    let Some((connection, integration)) = found else { return Ok(()) };
    let now = app.clock.now();
    if !force {
        if connection.refresh.failure_days.len() >= EXHAUSTED_DAYS {
            return Err(RefreshError::Exhausted);
        }
        if connection.refresh.failed_at.is_some_and(|at| now < saturating_add(at, BACKOFF)) {
            return Err(RefreshError::BackingOff);
        }
    }
    let expires_soon =
        connection.credentials.expires_at().is_some_and(|at| at <= saturating_add(now, MARGIN));
    if !(force || expires_soon) || !can_refresh(&connection) {
        return Ok(());
    }
    refresh(app, connection, &integration).await
}

/// Refreshes or tests a connection, as Nango's cron does for connections without a fetch for a day.
pub(crate) async fn refresh_or_test(app: &App, connection: Connection) -> Result<(), RefreshError> {
    let lock = app.refresh_lock(&connection.integration, &connection.connection_id);
    let _guard = lock.lock().await;
    let Some(integration) = app.read(|state| state.integration(&connection.integration).cloned()) else {
        return Ok(());
    };
    if can_refresh(&connection) {
        return refresh(app, connection, &integration).await;
    }
    if !matches!(connection.credentials.text("type"), Some("API_KEY" | "BASIC")) {
        return Ok(());
    }
    let valid = !connection.revoked && {
        let config = &connection.connection_config;
        match app.provider_of(&integration) {
            Some(provider) => verification::verify(app, &provider, &connection.credentials, config).await,
            None => true,
        }
    };
    if valid {
        app.write(|state| {
            state.connections.update_by_id(connection.id, |row| {
                row.errors.retain(|error| error.kind != "auth");
                row.refresh = RefreshHistory::default();
            })
        });
        return Ok(());
    }
    Err(record_failure(app, &connection, failure::TEST_FAILED))
}

fn can_refresh(connection: &Connection) -> bool {
    match connection.credentials.text("type") {
        Some("OAUTH2") => connection.credentials.text("refresh_token").is_some(),
        Some("OAUTH2_CC") => true,
        _ => false,
    }
}

async fn refresh(
    app: &App,
    mut connection: Connection,
    integration: &Integration,
) -> Result<(), RefreshError> {
    let response = match app.provider_of(integration) {
        Some(provider) if !connection.revoked => {
            request_credentials(app, &provider, integration, &connection).await
        }
        _ => None,
    };
    let Some(credentials) = response else {
        return Err(record_failure(app, &connection, failure::REFRESH_FAILED));
    };
    connection.credentials = credentials;
    connection.errors.retain(|error| error.kind != "auth");
    connection.refresh = RefreshHistory::default();
    connection.updated_at = app.clock.now();
    // Stores the whole row as it was read, as Nango does: a concurrent patch is lost.
    app.write(|state| {
        if state.connections.by_id(connection.id).is_some() {
            state.connections.put(connection);
        }
    });
    Ok(())
}

async fn request_credentials(
    app: &App,
    provider: &Provider,
    integration: &Integration,
    connection: &Connection,
) -> Option<Credentials> {
    let now = app.clock.now();
    let old = &connection.credentials;
    if old.text("type") == Some("OAUTH2_CC") {
        let (id, secret) = (old.text("client_id")?, old.text("client_secret").unwrap_or_default());
        let response = token::client_credentials(app, provider, &connection.connection_config, id, secret);
        return Credentials::client_credentials(&response.await.ok()?, id, secret, now);
    }
    let refresh_token = old.text("refresh_token")?;
    let client = Client::of(integration, old.fields().get("config_override"));
    let response = token::refresh(app, provider, &connection.connection_config, &client, refresh_token);
    let mut response: Map<String, Value> = response.await.ok()?;
    // A provider that does not rotate refresh tokens keeps the old one valid.
    response.entry("refresh_token").or_insert_with(|| refresh_token.into());
    let mut credentials = Credentials::oauth2(&response, now)?;
    if let Some(client) = old.fields().get("config_override") {
        credentials.fields_mut().insert("config_override".into(), client.clone());
    }
    Some(credentials)
}

/// Records the failure on the connection and sends a webhook. Each attempt sends one.
fn record_failure(app: &App, connection: &Connection, code: &'static str) -> RefreshError {
    let now = app.clock.now();
    let log_id = app.ids.log_id(now);
    let noted = app.write(|state| {
        state.connections.update_by_id(connection.id, |row| {
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
    RefreshError::Failed { code }
}
