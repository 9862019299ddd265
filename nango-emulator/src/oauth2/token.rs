//! Requests to a provider's token endpoint.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    integrations::Integration,
    providers::{
        Provider,
        template::{self, Values},
    },
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// The client that Nango is at the provider.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(..)")
    }
}

impl Client {
    /// The integration's, with a connection's `config_override` laid over it.
    pub(crate) fn of(integration: &Integration, config_override: Option<&Value>) -> Self {
        let text = |name: &str| {
            let own = config_override.and_then(|over| over.get(name)).and_then(Value::as_str);
            own.or_else(|| integration.credential(name)).unwrap_or_default().to_owned()
        };
        Self { id: text("client_id"), secret: text("client_secret") }
    }
}

/// What a provider answered instead of a token.
#[derive(Debug)]
pub(crate) struct Rejected {
    status: Option<u16>,
    body: Value,
}

impl Rejected {
    pub(crate) fn payload(&self) -> Value {
        self.body.clone()
    }

    /// The text that Nango shows for it: JSON, indented, in a string.
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

type Answer = Result<Map<String, Value>, Rejected>;

/// `grant_type=authorization_code`, form-encoded, in Nango's order.
pub(crate) async fn exchange(
    app: &App,
    provider: &Provider,
    config: &Map<String, Value>,
    client: &Client,
    code: &str,
    redirect_uri: &str,
    code_verifier: Option<&str>,
) -> Answer {
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
) -> Answer {
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
) -> Answer {
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
) -> Answer {
    let local = |reason: &str| Rejected { status: None, body: json!({ "error": reason }) };
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
    let answer = request.send().await.map_err(|_| local("the provider cannot be reached"))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|_| local("the provider hung up"))?;
    let body = serde_json::from_slice::<Value>(&body)
        .unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into());
    match body {
        Value::Object(map) if status.is_success() => Ok(map),
        // A 200 that is no JSON object has no token in it, but it is no rejection either.
        body if status.is_success() => Ok(Map::from_iter([("body".to_owned(), body)])),
        body => Err(Rejected { status: Some(status.as_u16()), body }),
    }
}
