//! Built-in OAuth2 provider: a consent page, and a token endpoint that validates like a real one.

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::accounts;
use crate::app::App;
use crate::http::reply::escape;
use crate::http::{LenientCall, query, reply};
use crate::model::{Account, Code, DEFAULT_EMAIL, Integration, SECOND_EMAIL, logo_url};

const PAGE: &str = include_str!("../pages/consent.html");

/// Lifetime of an access token of the built-in provider, in seconds.
const EXPIRES_IN: u64 = 3600;

fn text<'a>(map: &'a Map<String, Value>, name: &str) -> &'a str {
    map.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// `GET /_emulator/provider/{provider}/authorize`.
pub(crate) async fn authorize(State(app): State<App>, LenientCall(call): LenientCall) -> Response {
    let name = call.param("provider");
    let Some(provider) = app.providers.get(name) else {
        return reply::html(404, "No such provider.");
    };
    if let Err(reason) = check(&app, name, &call.query) {
        return reply::html(400, format!("<!doctype html><p>{}</p>", escape(reason)));
    }
    let hidden: String = ["client_id", "redirect_uri", "state", "scope", "code_challenge"]
        .iter()
        .map(|field| {
            let value = escape(text(&call.query, field));
            format!(r#"<input type="hidden" name="{field}" value="{value}">"#)
        })
        .collect();
    let scopes: String = text(&call.query, "scope")
        .split([' ', ','])
        .filter(|scope| !scope.is_empty())
        .map(|scope| format!("<li>{}</li>", escape(scope)))
        .collect();
    let scopes = if scopes.is_empty() { "<li>basic access</li>".to_owned() } else { scopes };
    let hinted = accounts::preselected(text(&call.query, "login_hint"));
    let page = PAGE
        .replace("{{accounts}}", &offered(hinted))
        .replace("{{action}}", &format!("/_emulator/provider/{}/decision", escape(name)))
        .replace("{{logo}}", &escape(&logo_url(&app.public_url, name)))
        .replace("{{scopes}}", &scopes)
        .replace("{{hidden}}", &hidden)
        .replace("{{provider}}", &escape(provider.display_name()));
    reply::html(200, page)
}

/// Returns a radio button for each account that the page offers, the first of them checked.
fn offered(hinted: Option<&str>) -> String {
    let others = [DEFAULT_EMAIL, SECOND_EMAIL].into_iter().filter(|&email| Some(email) != hinted);
    let all = hinted.into_iter().chain(others).enumerate().map(|(at, email)| {
        let (email, checked) = (escape(email), if at == 0 { " checked" } else { "" });
        format!(r#"<label><input type="radio" name="account" value="{email}"{checked}> {email}</label>"#)
    });
    all.collect()
}

/// Checks client id and redirect URI as strictly as real providers do.
fn check(app: &App, provider: &str, query: &Map<String, Value>) -> Result<(), &'static str> {
    let client_id = text(query, "client_id");
    let known = app.read(|state| {
        let of_provider = |one: &&Integration| one.provider == provider;
        let mut clients = state.integrations.iter().filter(of_provider);
        clients.any(|one| one.credential("client_id") == Some(client_id))
    });
    if !known {
        return Err("This application is not known to the provider (client_id).");
    }
    if text(query, "redirect_uri") != app.settings().callback_url {
        return Err("This redirect_uri is not registered for the application.");
    }
    Ok(())
}

/// `POST /_emulator/provider/{provider}/decision`: redirects to the application, with a code or an
/// error.
pub(crate) async fn decision(State(app): State<App>, LenientCall(call): LenientCall) -> Response {
    let form = query::parse(&String::from_utf8_lossy(&call.raw));
    if let Err(reason) = check(&app, call.param("provider"), &form) {
        return reply::html(400, format!("<!doctype html><p>{}</p>", escape(reason)));
    }
    let allowed = text(&form, "decision") == "allow";
    let query = decide(&app, &form, allowed.then(|| accounts::chosen(account_of(&form))));
    match Url::parse(text(&form, "redirect_uri")) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(query);
            reply::found(url.as_str())
        }
        Err(_) => reply::html(400, "The redirect_uri is no URL."),
    }
}

/// Returns the query of the redirect to the application. Without an account, access is denied.
pub(crate) fn decide(
    app: &App,
    request: &Map<String, Value>,
    account: Option<Account>,
) -> Vec<(&'static str, String)> {
    let mut query = Vec::new();
    if let Some(account) = account {
        let code = Code {
            client_id: text(request, "client_id").to_owned(),
            redirect_uri: text(request, "redirect_uri").to_owned(),
            challenge: Some(text(request, "code_challenge").to_owned()).filter(|c| !c.is_empty()),
            scope: text(request, "scope").to_owned(),
            account,
        };
        let name = app.ids.secret();
        app.write(|state| state.grants.codes.insert(name.clone(), code));
        query.push(("code", name));
    } else {
        query.push(("error", "access_denied".to_owned()));
        query.push(("error_description", "The user denied the request".to_owned()));
    }
    query.push(("state", text(request, "state").to_owned()));
    query
}

/// Returns the account of the form: the typed one, or else the checked one.
fn account_of(form: &Map<String, Value>) -> &str {
    let other = text(form, "other_account");
    if other.trim().is_empty() { text(form, "account") } else { other }
}

/// `POST /_emulator/provider/{provider}/token`.
pub(crate) async fn token(State(app): State<App>, LenientCall(call): LenientCall) -> Response {
    let form = query::parse(&String::from_utf8_lossy(&call.raw));
    let granted = app.write(|state| match text(&form, "grant_type") {
        "authorization_code" => {
            let code = state.grants.codes.remove(text(&form, "code"))?;
            let verifier = text(&form, "code_verifier");
            let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
            let fits = code.client_id == text(&form, "client_id")
                && code.redirect_uri == text(&form, "redirect_uri")
                && code.challenge.is_none_or(|challenge| challenge == proof);
            fits.then_some((code.scope, code.account))
        }
        // A refresh token is valid once.
        "refresh_token" => {
            let token = text(&form, "refresh_token");
            let account = state.accounts.take(token);
            let known = state.grants.refresh_tokens.remove(token);
            known.then(|| (text(&form, "scope").to_owned(), account.unwrap_or_default()))
        }
        _ => None,
    });
    let Some((scope, account)) = granted else {
        let body = json!({ "error": "invalid_grant", "error_description": "expired or revoked" });
        return reply::json(400, &body);
    };
    let (access, refresh) = (app.ids.secret(), app.ids.secret());
    let mut token = json!({
        "access_token": access,
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": EXPIRES_IN,
        "scope": scope,
    });
    if call.param("provider") == "slack" {
        token["team"] = json!({ "id": account.team_id(), "name": account.team });
    }
    app.write(|state| {
        state.accounts.set(&access, account.clone());
        state.accounts.set(&refresh, account);
        state.grants.access_tokens.insert(access);
        state.grants.refresh_tokens.insert(refresh);
    });
    reply::json(200, &token)
}
