//! Requests to a provider's token endpoint.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::model::template::Values;
use crate::model::{Client, Provider, template};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Response of a provider without a token.
#[derive(Debug)]
pub(crate) struct TokenError {
    status: Option<u16>,
    body: Value,
}

impl TokenError {
    /// Returns the known fields of the rejection in Nango's wrapping, as a JSON text.
    pub(crate) fn wrapped(&self) -> String {
        const FIELDS: [&str; 8] = [
            "message", "error", "error_description", "error_message", "detail", "details", "reason",
            "description",
        ];
        let Self { status: Some(_), body } = self else {
            return json!({ "name": "TypeError", "message": "fetch failed" }).to_string();
        };
        let mut known = Map::new();
        // The fields of an inner error come first, and those outside of it replace them.
        for map in [body.get("error"), Some(body)].into_iter().flatten().filter_map(Value::as_object) {
            for name in FIELDS {
                if let Some(value) = map.get(name).filter(|value| !value.is_object() && !value.is_array()) {
                    known.insert(name.to_owned(), value.clone());
                }
            }
        }
        let payload = if body.is_string() { body.clone() } else { Value::Object(known) };
        let is_empty = payload.as_object().is_some_and(Map::is_empty) || payload == "";
        if is_empty { json!({}) } else { json!({ "provider_error_payload": payload }) }.to_string()
    }

    /// Returns Nango's text for it: indented JSON in a string.
    pub(crate) fn description(&self) -> String {
        let status = self.status.map_or(Value::Null, Value::from);
        let shown = json!({
            "message": "The provider rejected the token request",
            "status": status,
            "provider_error_payload": self.body,
        });
        serde_json::to_string_pretty(&shown).unwrap_or_default()
    }
}

type TokenResult = Result<Map<String, Value>, TokenError>;

/// Sends `grant_type=authorization_code`, form-encoded, in Nango's order of parameters.
pub(crate) async fn exchange(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    client: &Client,
    code: &str,
    redirect_uri: &str,
    code_verifier: Option<&str>,
) -> TokenResult {
    let mut form = vec![
        ("grant_type".to_owned(), "authorization_code".to_owned()),
        ("code".to_owned(), code.to_owned()),
        ("redirect_uri".to_owned(), redirect_uri.to_owned()),
    ];
    if let Some(verifier) = code_verifier {
        form.push(("code_verifier".to_owned(), verifier.to_owned()));
    }
    add_params(&mut form, provider.object("token_params"));
    send(app, provider, provider.text("token_url"), config, client, form).await
}

pub(crate) async fn refresh(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    client: &Client,
    refresh_token: &str,
) -> TokenResult {
    let mut form = vec![
        ("grant_type".to_owned(), "refresh_token".to_owned()),
        ("refresh_token".to_owned(), refresh_token.to_owned()),
    ];
    add_params(&mut form, provider.object("refresh_params"));
    let url = provider.text("refresh_url").or_else(|| provider.text("token_url"));
    send(app, provider, url, config, client, form).await
}

pub(crate) async fn client_credentials(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    client_id: &str,
    client_secret: &str,
) -> TokenResult {
    let mut form = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
    add_params(&mut form, provider.object("token_params"));
    let client = Client { id: client_id.to_owned(), secret: client_secret.to_owned() };
    send(app, provider, provider.text("token_url"), config, &client, form).await
}

fn add_params(form: &mut Vec<(String, String)>, params: Option<&Map<String, Value>>) {
    for (name, value) in params.into_iter().flatten() {
        if let Some(value) = value.as_str() {
            form.retain(|(known, _)| known != name);
            form.push((name.clone(), value.to_owned()));
        }
    }
}

async fn send(
    app: &App,
    provider: &Provider,
    url: Option<&str>,
    config: &Map<String, Value>,
    client: &Client,
    mut form: Vec<(String, String)>,
) -> TokenResult {
    let local = |reason: &str| TokenError { status: None, body: json!({ "error": reason }) };
    let none = Map::new();
    let values = Values { config, credentials: &none };
    let url = url.and_then(|url| template::fill(url, values).ok());
    let Some(url) = url else { return Err(local("the template has no usable token url")) };
    let mut request = app.client.post(url).timeout(TIMEOUT);
    if provider.text("token_request_auth_method") == Some("basic") {
        let pair = STANDARD.encode(format!("{}:{}", client.id, client.secret));
        request = request.header("authorization", format!("Basic {pair}"));
    } else {
        form.push(("client_id".to_owned(), client.id.clone()));
        form.push(("client_secret".to_owned(), client.secret.clone()));
    }
    request = request.header("accept", "application/json").header("user-agent", "Nango");
    request = if provider.text("body_format") == Some("json") {
        let body: Map<_, _> = form.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        let body = Value::Object(body).to_string();
        request.header("content-type", "application/json").body(body)
    } else {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        request.header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    let response = request.send().await.map_err(|_| local("the provider cannot be reached"))?;
    let status = response.status();
    let body = response.bytes().await.map_err(|_| local("the provider hung up"))?;
    let body = serde_json::from_slice::<Value>(&body)
        .unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into());
    match body {
        Value::Object(map) if status.is_success() => Ok(map),
        // A 200 whose body is not a JSON object is not a rejection, although it contains no token.
        body if status.is_success() => Ok(Map::from_iter([("body".to_owned(), body)])),
        body => Err(TokenError { status: Some(status.as_u16()), body }),
    }
}
