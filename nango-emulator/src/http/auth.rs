//! Who is calling: API keys with scopes and connect-session tokens (wire reference 1.1, 1.2;
//! observed on Nango 0.71.4).

use http::header;
use serde_json::{Value, json};

use super::{call::Call, envelope::Refusal, ratelimit::Bucket};
use crate::{
    app::App,
    keys::is_key,
    sessions::{Session, TOKEN_PREFIX},
};

/// A caller that showed an API key.
pub(crate) struct KeyHolder {
    scopes: Vec<String>,
}

impl KeyHolder {
    /// `environment:*` covers everything, `environment:connections:*` all of that family, and some
    /// older scopes cover several newer ones.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| match held.strip_suffix('*') {
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

fn refuse(code: &str, detail: &str) -> Refusal {
    Refusal::legacy(401, code, &format!("Authentication failed. {detail}"), json!({}))
}

fn no_header() -> Refusal {
    refuse("missing_auth_header", "The request is missing the Authorization header.")
}

fn bearer(call: &Call) -> Result<&str, Refusal> {
    let Some(value) = call.headers.get(header::AUTHORIZATION).filter(|value| !value.is_empty()) else {
        return Err(no_header());
    };
    // Whatever follows the last `Bearer `; the prefix is optional and case-sensitive.
    let value = value.to_str().unwrap_or_default();
    Ok(value.rsplit("Bearer ").next().unwrap_or_default())
}

/// An API key that holds one of `scopes`.
pub(crate) fn key(app: &App, call: &Call, scopes: &[&str]) -> Result<KeyHolder, Refusal> {
    let token = bearer(call)?;
    if !is_key(token) {
        let detail = "The provided secret key is not a UUID v4.";
        return Err(refuse("invalid_secret_key_format", detail));
    }
    let Some(held) = app.keys.scopes_of(token) else {
        let detail = "The provided authorization header does not match any account.";
        return Err(refuse("unknown_account", detail));
    };
    app.rate.admit(Bucket::Key, call, app.clock.now())?;
    let holder = KeyHolder { scopes: held };
    if !scopes.is_empty() && !scopes.iter().any(|scope| holder.has(scope)) {
        return Err(lacks(scopes));
    }
    Ok(holder)
}

/// The key has none of `scopes`.
pub(crate) fn lacks(scopes: &[&str]) -> Refusal {
    let several = if scopes.len() > 1 { " one of" } else { "" };
    let message = format!("Insufficient scope. Required{several}: {}", scopes.join(" or "));
    Refusal::new(403, "forbidden", message)
}

/// A live connect session, its token in the `Authorization` header.
pub(crate) fn session(app: &App, call: &Call) -> Result<Session, Refusal> {
    let token = bearer(call)?;
    self::token(app, call, token)
}

/// A session token when it looks like one, otherwise an API key.
pub(crate) fn either(app: &App, call: &Call, scopes: &[&str]) -> Result<Option<Session>, Refusal> {
    let token = bearer(call)?;
    if token.starts_with(TOKEN_PREFIX) {
        return self::token(app, call, token).map(Some);
    }
    key(app, call, scopes).map(|_| None)
}

/// A session token in the query: what the browser-facing endpoints take.
pub(crate) fn browser(app: &App, call: &Call) -> Result<Session, Refusal> {
    let text = |name| call.query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = text("connect_session_token") {
        return self::token(app, call, token);
    }
    if let Some(key) = text("public_key") {
        if !is_key(key) {
            return Err(refuse("invalid_public_key", "The provided public key is not a UUID v4."));
        }
        let message = "Public key authentication is deprecated. Please use connect session \
                       authentication instead.";
        return Err(Refusal::new(401, "deprecated_authentication", message));
    }
    Err(refuse("missing_public_key", "The request is missing a valid public key parameter."))
}

/// A session token in the body: what the Connect UI's beacon sends, which can set no header.
pub(crate) fn beacon(app: &App, call: &Call) -> Result<Session, Refusal> {
    match call.body.as_ref().and_then(|body| body.get("token")) {
        Some(Value::String(token)) if !token.is_empty() => self::token(app, call, token),
        None | Some(Value::Null | Value::String(_)) => Err(no_header()),
        Some(_) => token(app, call, ""),
    }
}

/// A live connect session by its token.
pub(crate) fn token(app: &App, call: &Call, token: &str) -> Result<Session, Refusal> {
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
    app.rate.admit(Bucket::Session, call, now)?;
    Ok(session)
}
