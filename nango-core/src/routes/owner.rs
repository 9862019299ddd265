//! The routes of owners: session tokens, and connections by handle, never by id.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue, Response, StatusCode, Uri};
use nango_client::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::reply::{Problem, Rejection, empty, json, json_of_about};
use crate::connections::{Attempt, AttemptState, OwnedConnection, Session, rows_of};
use crate::engine::Spender;
use crate::error::ErrorKind;
use crate::nango::{Nango, OwnerLimits};
use crate::owner::OwnerIdentity;
use crate::record::{Label, Record};
use crate::report::BackgroundFailure;

/// The body of `POST /session-token`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    integrations: Option<Vec<String>>,
}

/// The body of `POST /reconnect-token`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reconnect {
    integration: Option<String>,
    handle: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    session_token: &'a str,
    expires_at: Timestamp,
    /// Nango's address for browsers.
    api_url: &'a str,
    /// The text of the attempt, while attempts are tracked.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<&'a str>,
}

pub(super) async fn connect(
    nango: &Nango,
    caller: &OwnerIdentity,
    body: &Bytes,
) -> Result<Response<Bytes>, Rejection> {
    const SHAPE: &str = "send nothing, {} or {\"integrations\": [\"..\"]}";
    let Connect { integrations } = read(body, SHAPE)?;
    let mut request = nango.connect_session(caller);
    if let Some(integrations) = integrations {
        request = request.integrations(integrations);
    }
    // Last: a request that is refused costs the owner nothing, which may be a whole organisation.
    request.check()?;
    nango.settings().owner_limits.sessions.take(caller.owner()).map_err(Problem::TooManyRequests)?;
    token(nango, &request.create().await?)
}

pub(super) async fn reconnect(
    nango: &Nango,
    caller: &OwnerIdentity,
    body: &Bytes,
) -> Result<Response<Bytes>, Rejection> {
    const SHAPE: &str = "send either {\"integration\": \"..\"} or {\"handle\": \"..\"}";
    let connection = match read(body, SHAPE)? {
        Reconnect { integration: Some(integration), handle: None } => {
            nango.connection(caller, &integration).await?
        }
        Reconnect { integration: None, handle: Some(handle) } => {
            nango.connection_by_handle(caller, &handle).await?
        }
        _ => return Err(Problem::InvalidBody(SHAPE).into()),
    };
    nango.settings().owner_limits.sessions.take(caller.owner()).map_err(Problem::TooManyRequests)?;
    token(nango, &connection.reconnect().await?)
}

/// Without the session's link, which invites to send it to another person. See
/// [`Session::connect_link`].
fn token(nango: &Nango, session: &Session) -> Result<Response<Bytes>, Rejection> {
    let Session { token, expires_at, attempt, .. } = session;
    let token = Token {
        session_token: token.expose(),
        expires_at: *expires_at,
        api_url: nango.engine().client.public_url(),
        attempt: attempt.as_ref().map(Attempt::as_str),
    };
    let mut reply = json(StatusCode::OK, &token);
    if let Some(guard) = &nango.settings().callback_guard {
        let cookie = HeaderValue::from_str(&guard.set_cookie(*expires_at));
        reply.headers_mut().insert(SET_COOKIE, cookie.map_err(|_| Problem::Misconfigured)?);
    }
    Ok(reply)
}

#[derive(Serialize)]
struct Outcome {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle: Option<String>,
    /// All of them, where there is more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    handles: Vec<String>,
}

/// The longest time for which a request about an attempt is held.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Returns the time that `?wait=` asks for, in seconds; at most [`MAX_WAIT`].
pub(super) fn wait_in(uri: &Uri) -> Result<Duration, Problem> {
    let query = uri.query().unwrap_or_default();
    match form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "wait") {
        None => Ok(Duration::ZERO),
        Some((_, seconds)) => {
            let seconds = seconds.parse().map_err(|_| Problem::InvalidQuery)?;
            Ok(Duration::from_secs(seconds).min(MAX_WAIT))
        }
    }
}

pub(super) async fn attempt(
    nango: &Nango,
    caller: &OwnerIdentity,
    text: &str,
    wait: Duration,
) -> Result<Response<Bytes>, Rejection> {
    let attempt = nango.attempt(caller, text).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Rejection::Refused(Problem::NoAttempt),
        _ => error.into(),
    })?;
    let (state, connections) = match attempt.wait_for(wait).await? {
        AttemptState::Connected(connections) => ("connected", connections),
        AttemptState::Expired => ("expired", Vec::new()),
        AttemptState::Pending => ("pending", Vec::new()),
    };
    let handles: Vec<_> = connections.iter().map(OwnedConnection::handle).collect();
    let handle = handles.first().cloned();
    let handles = if handles.len() > 1 { handles } else { Vec::new() };
    Ok(json(StatusCode::OK, &Outcome { state, handle, handles }))
}

/// Parses a body as JSON, whatever its content type. An empty body is `{}`.
fn read<T: DeserializeOwned + Default>(body: &Bytes, shape: &'static str) -> Result<T, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(body).map_err(|_| Problem::InvalidBody(shape))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    handle: String,
    integration: &'a str,
    provider: &'a str,
    label: Option<&'a str>,
    health: &'static str,
    health_since: Timestamp,
    created_at: Timestamp,
}

impl<'a> Item<'a> {
    /// The usual size in a reply.
    const BYTES: usize = 256;

    fn of(nango: &Nango, row: &'a Record) -> Self {
        let state = row.state();
        Self {
            handle: nango.shared().settings.handle_keys.handle(&row.key),
            integration: row.key.integration(),
            provider: &state.provider,
            label: state.label.as_ref().map(Label::text),
            health: state.health.health.as_str(),
            health_since: state.health.since,
            created_at: state.created_at,
        }
    }
}

pub(super) fn wants_sync(uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "sync" && value == "true")
}

/// Returns the raw segment at this place of the path, counted from its end.
///
/// The start of the path is the app's, and frameworks decode it differently.
pub(super) fn segment_from_end(uri: &Uri, index: usize) -> String {
    uri.path().rsplit('/').nth(index).unwrap_or_default().to_owned()
}

pub(super) async fn list(
    nango: &Nango,
    caller: &OwnerIdentity,
    sync: bool,
) -> Result<Response<Bytes>, Rejection> {
    let synced = match sync {
        true => Some(synchronize(nango, caller).await?),
        false => None,
    };
    nango.engine().check_registered(caller.owner())?;
    let rows = rows_of(nango.shared(), caller.owner()).await?;
    let items: Vec<_> = rows.iter().map(|row| Item::of(nango, row)).collect();
    let mut reply = json_of_about(items.len() * Item::BYTES, StatusCode::OK, &items);
    if let Some(synced) = synced {
        reply.headers_mut().insert(SYNC_HEADER, HeaderValue::from_static(synced));
    }
    Ok(reply)
}

/// The header that says whether the list is in line with Nango.
const SYNC_HEADER: HeaderName = HeaderName::from_static("nango-sync");

/// Looks at Nango, unless a look of this owner was recent, as far as the budget of owners goes.
/// Returns the outcome.
///
/// While Nango is unavailable, the stored list is still the better reply: a page without it helps
/// no user.
async fn synchronize(nango: &Nango, caller: &OwnerIdentity) -> Result<&'static str, Rejection> {
    let Some(_permit) = nango.settings().sync_limit.take(caller.owner()) else {
        return Ok("recent");
    };
    let engine = nango.engine();
    let is_limited = AtomicBool::new(false);
    let may_call = || {
        let may_call = engine.take_look(Spender::Owner);
        is_limited.fetch_or(!may_call, Ordering::Relaxed);
        may_call
    };
    match engine.look_at_owner(caller.owner(), &may_call).await {
        Ok(_) if is_limited.into_inner() => Ok("limited"),
        Ok(_) => Ok("done"),
        Err(error)
            if error.kind() == ErrorKind::OtherEnvironment
                || matches!(
                    Problem::from(error.kind()),
                    Problem::NangoUnavailable(_) | Problem::NangoRefused
                ) =>
        {
            nango.report(BackgroundFailure::Sync { error });
            Ok("failed")
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn check(
    nango: &Nango,
    caller: &OwnerIdentity,
    handle: &str,
) -> Result<Response<Bytes>, Rejection> {
    let mut connection = nango.connection_by_handle(caller, handle).await?;
    let OwnerLimits { checks, checks_of_one, .. } = &nango.settings().owner_limits;
    // Beyond a limit the stored state is the reply: one owner must not use up Nango's rate limit,
    // which all owners share.
    if checks_of_one.take(connection.key()).is_ok()
        && checks.take(caller.owner()).is_ok()
        && nango.engine().take_look(Spender::Owner)
    {
        connection = connection.check().await?;
    }
    Ok(json(StatusCode::OK, &Item::of(nango, connection.row())))
}

pub(super) async fn disconnect(
    nango: &Nango,
    caller: &OwnerIdentity,
    handle: &str,
) -> Result<Response<Bytes>, Rejection> {
    let connection = nango.connection_by_handle(caller, handle).await?;
    nango.settings().owner_limits.disconnects.take(caller.owner()).map_err(Problem::TooManyRequests)?;
    connection.disconnect().await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
