//! Completing a connect session without a browser: through the endpoints that the Connect UI uses.

use serde_json::{Map, Value, json};
use url::Url;

use crate::app::App;
use crate::error::{EmulatorError, HttpError};
use crate::http::query;
use crate::model::Account;
use crate::oauth2::outcome::FlowError;
use crate::oauth2::{accounts, callback, consent};

/// Credentials that a user enters in the Connect UI. `Debug` shows none of them.
#[derive(Clone)]
pub struct Credentials {
    kind: Kind,
    params: Vec<(String, String)>,
    account: Option<Account>,
}

#[derive(Clone)]
enum Kind {
    ApiKey(String),
    Basic(String, String),
    ClientCredentials(String, String),
    OAuth2,
    None,
}

impl Credentials {
    fn of(kind: Kind) -> Self {
        Self { kind, params: Vec::new(), account: None }
    }

    /// Creates credentials for an `API_KEY` integration.
    #[must_use]
    pub fn api_key(key: impl Into<String>) -> Self {
        Self::of(Kind::ApiKey(key.into()))
    }

    /// Creates credentials for a `BASIC` integration.
    #[must_use]
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::of(Kind::Basic(username.into(), password.into()))
    }

    /// Creates credentials for an `OAUTH2_CC` integration.
    #[must_use]
    pub fn client_credentials(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::of(Kind::ClientCredentials(id.into(), secret.into()))
    }

    /// Creates credentials for an `OAUTH2` integration: the user allows access on the consent page.
    #[must_use]
    pub fn oauth2() -> Self {
        Self::of(Kind::OAuth2)
    }

    /// Creates empty credentials for an integration without authentication.
    #[must_use]
    pub fn none() -> Self {
        Self::of(Kind::None)
    }

    /// Chooses the account at the emulated provider, as a person does on the consent page. Default:
    /// `anna@example.com` for OAuth2, and one that is derived from the credential for others.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.account = Some(account);
        self
    }

    /// Adds a parameter of the provider, such as `subdomain`, to the `connection_config`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

debug_only!(Credentials {});

/// Connection that a flow created or renewed. `Debug` omits the connection id.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connected {
    /// Connection id, chosen by the emulator.
    pub connection_id: String,
    /// Integration of the connection.
    pub integration: String,
}

debug_only!(Connected { integration });

/// Completes a session. An OAuth2 flow returns to the emulator directly.
pub(crate) async fn connect(
    app: &App,
    session_token: &str,
    integration: &str,
    credentials: Credentials,
) -> Result<Connected, EmulatorError> {
    let (path, body) = match &credentials.kind {
        Kind::OAuth2 => {
            let account = Some(credentials.account.unwrap_or_default());
            return oauth2(app, session_token, integration, &credentials.params, account).await;
        }
        Kind::ApiKey(key) => ("api-auth/api-key", json!({ "apiKey": key })),
        Kind::Basic(username, password) => {
            ("api-auth/basic", json!({ "username": username, "password": password }))
        }
        Kind::ClientCredentials(id, secret) => {
            ("oauth2/auth", json!({ "client_id": id, "client_secret": secret }))
        }
        Kind::None => ("auth/unauthenticated", json!({})),
    };
    let url = address(app, path, session_token, integration, &credentials.params);
    let request = app.client.post(url).header("content-type", "application/json");
    let (_, response) = send(request.body(body.to_string())).await?;
    let text = |name: &str| response.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("connectionId"), text("providerConfigKey")) {
        (Some(connection_id), Some(integration)) => {
            if let Some(account) = &credentials.account {
                accounts::set(app, &integration, &connection_id, account);
            }
            Ok(Connected { connection_id, integration })
        }
        _ => Err(refused(&response)),
    }
}

/// Denies access on the consent page. Returns the WebSocket's error type.
pub(crate) async fn deny(app: &App, session_token: &str, integration: &str) -> Result<String, EmulatorError> {
    match oauth2(app, session_token, integration, &[], None).await {
        Err(EmulatorError::Refused { code }) if code == "callback_err" => Ok(code),
        Err(error) => Err(error),
        Ok(_) => Err(EmulatorError::Refused { code: "not_denied".to_owned() }),
    }
}

/// Runs the flow of a browser. Without an account, the person denies access.
async fn oauth2(
    app: &App,
    token: &str,
    integration: &str,
    params: &[(String, String)],
    account: Option<Account>,
) -> Result<Connected, EmulatorError> {
    let client = no_redirect()?;
    let url = address(app, "oauth/connect", token, integration, params);
    let (location, response) = send(client.get(url)).await?;
    let location = location.ok_or_else(|| refused(&response))?;
    let request = query::parse(location.query().unwrap_or_default());
    let state = request.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
    let consent = format!("{}/_emulator/provider/", app.public_url);
    let back: Map<String, Value> = if location.as_str().starts_with(&consent) {
        let query = consent::decide(app, &request, account);
        query.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
    } else {
        // A configured provider has no consent page here: its immediate redirect counts.
        let (location, response) = send(client.get(location)).await?;
        let location = location.ok_or_else(|| refused(&response))?;
        query::parse(location.query().unwrap_or_default())
    };
    let done = callback::complete_state(app, &state, &back).await;
    let failed = |error: FlowError| EmulatorError::Refused { code: error.ws_type.to_owned() };
    let made = done.map_err(failed)?;
    Ok(Connected { connection_id: made.connection_id, integration: made.integration })
}

fn address(app: &App, path: &str, token: &str, integration: &str, params: &[(String, String)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("connect_session_token", token);
    for (name, value) in params {
        query.append_pair(&format!("params[{name}]"), value);
    }
    let id = percent_encoding::utf8_percent_encode(integration, percent_encoding::NON_ALPHANUMERIC);
    format!("{}/{path}/{id}?{}", app.local_url, query.finish())
}

fn no_redirect() -> Result<reqwest::Client, EmulatorError> {
    let policy = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().no_proxy().redirect(policy).build();
    client.map_err(|error| EmulatorError::Http(HttpError::new(error)))
}

/// Sends a request. Returns the target of a redirect and the JSON body.
async fn send(request: reqwest::RequestBuilder) -> Result<(Option<Url>, Value), EmulatorError> {
    let failed = |error| EmulatorError::Http(HttpError::new(error));
    let response = request.send().await.map_err(failed)?;
    let location = response.headers().get("location").and_then(|value| value.to_str().ok());
    let location = location.and_then(|text| Url::parse(text).ok());
    let body = response.bytes().await.map_err(failed)?;
    Ok((location, serde_json::from_slice(&body).unwrap_or_default()))
}

fn refused(response: &Value) -> EmulatorError {
    let code = response.pointer("/error/code").and_then(Value::as_str);
    EmulatorError::Refused { code: code.unwrap_or("provider_config_err").to_owned() }
}
