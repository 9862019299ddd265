//! Authentication: API keys with scopes, and connect-session tokens (wire reference 1.1, 1.2;
//! observed on Nango 0.71.4).

use http::header;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::{ApiError, Bucket, Call, too_many};
use crate::model::Session;
use crate::model::keys::{TOKEN_PREFIX, is_key, is_published};

/// Scopes of the API key that a request was authenticated with.
pub(crate) struct HeldScopes(Vec<String>);

impl HeldScopes {
    /// Returns true if a held scope covers `scope`. `environment:*` covers everything,
    /// `environment:connections:*` its family, and some older scopes cover several newer ones.
    pub(crate) fn include(&self, scope: &str) -> bool {
        self.0.iter().any(|held| match held.strip_suffix('*') {
            Some(family) => scope.starts_with(family),
            None => held == scope || OLDER.contains(&(held, scope)),
        })
    }
}

const OLDER: [(&str, &str); 11] = [
    ("environment:connections:write", "environment:connections:create"),
    ("environment:connections:write", "environment:connections:update"),
    ("environment:connections:write", "environment:connections:delete"),
    ("environment:integrations:write", "environment:integrations:create"),
    ("environment:integrations:write", "environment:integrations:update"),
    ("environment:integrations:write", "environment:integrations:delete"),
    ("environment:syncs:manage", "environment:syncs:update"),
    ("environment:syncs:manage", "environment:syncs:variant:create"),
    ("environment:syncs:manage", "environment:syncs:variant:delete"),
    ("environment:config:read", "environment:variables:read"),
    ("environment:config:read", "environment:integrations:list_functions"),
];

fn refuse(code: &str, detail: &str) -> ApiError {
    ApiError::legacy(401, code, &format!("Authentication failed. {detail}"), json!({}))
}

fn no_header() -> ApiError {
    refuse("missing_auth_header", "The request is missing the Authorization header.")
}

fn bearer(call: &Call) -> Result<&str, ApiError> {
    let Some(value) = call.headers.get(header::AUTHORIZATION).filter(|value| !value.is_empty()) else {
        return Err(no_header());
    };
    // The token follows the last `Bearer `; the prefix is optional and case-sensitive.
    let value = value.to_str().unwrap_or_default();
    Ok(value.rsplit("Bearer ").next().unwrap_or_default())
}

/// Authenticates a request by an API key that holds one of `scopes`. Pages of other sites may use
/// only keys that are not published: every page knows those.
pub(crate) fn api_key(app: &App, call: &Call, scopes: &[&str]) -> Result<HeldScopes, ApiError> {
    if app.keys.secret_is_published() {
        app.refuse_foreign(&call.headers)?;
    }
    let token = bearer(call)?;
    if is_published(token) {
        app.refuse_foreign(&call.headers)?;
    }
    if !is_key(token) {
        let detail = "The provided secret key is not a UUID v4.";
        return Err(refuse("invalid_secret_key_format", detail));
    }
    let Some(scopes_held) = app.keys.scopes_of(token) else {
        let detail = "The provided authorization header does not match any account.";
        return Err(refuse("unknown_account", detail));
    };
    admit(app, call, Bucket::Key)?;
    let held = HeldScopes(scopes_held);
    if !scopes.is_empty() && !scopes.iter().any(|scope| held.include(scope)) {
        return Err(insufficient_scope(scopes));
    }
    Ok(held)
}

/// Like [`api_key`], for replies that contain credentials: no page of another site gets those,
/// whatever its key.
pub(crate) fn api_key_for_credentials(
    app: &App,
    call: &Call,
    scopes: &[&str],
) -> Result<HeldScopes, ApiError> {
    app.refuse_foreign(&call.headers)?;
    api_key(app, call, scopes)
}

/// Counts the call against its bucket's rate limit.
fn admit(app: &App, call: &Call, bucket: Bucket) -> Result<(), ApiError> {
    let standing = app.rate.admit(bucket, app.clock.now());
    call.rate.set(standing);
    if standing.is_exceeded() { Err(too_many(&call.method, &call.path)) } else { Ok(()) }
}

/// Returns the error for a key without any of `scopes`.
pub(crate) fn insufficient_scope(scopes: &[&str]) -> ApiError {
    let several = if scopes.len() > 1 { " one of" } else { "" };
    let message = format!("Insufficient scope. Required{several}: {}", scopes.join(" or "));
    ApiError::new(403, "forbidden", message)
}

/// Authenticates a request by the session token in its `Authorization` header.
pub(crate) fn session_from_header(app: &App, call: &Call) -> Result<Session, ApiError> {
    let token = bearer(call)?;
    session_of(app, call, token)
}

/// Authenticates a request by its bearer token: a session token, recognized by its prefix, or else
/// an API key. Returns the session, or `None` for an API key.
pub(crate) fn key_or_session(app: &App, call: &Call, scopes: &[&str]) -> Result<Option<Session>, ApiError> {
    let token = bearer(call)?;
    if token.starts_with(TOKEN_PREFIX) {
        return session_of(app, call, token).map(Some);
    }
    api_key(app, call, scopes).map(|_| None)
}

/// Authenticates a request of a browser by the session token in its query.
pub(crate) fn session_from_query(app: &App, call: &Call) -> Result<Session, ApiError> {
    let text = |name| call.query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = text("connect_session_token") {
        return session_of(app, call, token);
    }
    if let Some(key) = text("public_key") {
        if !is_key(key) {
            return Err(refuse("invalid_public_key", "The provided public key is not a UUID v4."));
        }
        let message = "Public key authentication is deprecated. Please use connect session \
                       authentication instead.";
        return Err(ApiError::new(401, "deprecated_authentication", message));
    }
    Err(refuse("missing_public_key", "The request is missing a valid public key parameter."))
}

/// Authenticates a beacon of the Connect UI by the session token in its body: a beacon cannot set
/// headers.
pub(crate) fn session_from_body(app: &App, call: &Call) -> Result<Session, ApiError> {
    match call.body.as_ref().and_then(|body| body.get("token")) {
        Some(Value::String(token)) if !token.is_empty() => session_of(app, call, token),
        None | Some(Value::Null | Value::String(_)) => Err(no_header()),
        Some(_) => session_of(app, call, ""),
    }
}

/// Looks up the session of a token and counts the request against the rate limit.
pub(crate) fn session_of(app: &App, call: &Call, token: &str) -> Result<Session, ApiError> {
    let random = token.strip_prefix(TOKEN_PREFIX).unwrap_or_default();
    let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if random.len() != 64 || !random.bytes().all(hex) {
        let detail = "The provided connect session token is not following correct format: \
                      nango_connect_session_RANDOM)";
        return Err(refuse("invalid_connect_session_token_format", detail));
    }
    let now = app.clock.now();
    let Some(session) = app.read(|state| state.session(token, now).cloned()) else {
        let detail = "The provided connect session token does not match any account.";
        return Err(refuse("unknown_connect_session_token", detail));
    };
    admit(app, call, Bucket::Session)?;
    Ok(session)
}
