//! Finishing a connect session without a browser.

use std::fmt;

use serde_json::{Map, Value, json};
use url::Url;

use super::Emulator;
use crate::{
    error::EmulatorError,
    http::query,
    oauth2::{callback, consent, flow::FlowError},
};

/// What somebody enters into the Connect UI. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Credentials {
    kind: Kind,
    params: Vec<(String, String)>,
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
        Self { kind, params: Vec::new() }
    }

    /// For `API_KEY` integrations.
    #[must_use]
    pub fn api_key(key: impl Into<String>) -> Self {
        Self::of(Kind::ApiKey(key.into()))
    }

    /// For `BASIC` integrations.
    #[must_use]
    pub fn basic(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self::of(Kind::Basic(username.into(), password.into()))
    }

    /// For `OAUTH2_CC` integrations.
    #[must_use]
    pub fn client_credentials(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::of(Kind::ClientCredentials(id.into(), secret.into()))
    }

    /// For `OAUTH2` integrations: the user allows the access on the consent page.
    #[must_use]
    pub fn oauth2() -> Self {
        Self::of(Kind::OAuth2)
    }

    /// For integrations without credentials.
    #[must_use]
    pub fn none() -> Self {
        Self::of(Kind::None)
    }

    /// A parameter of the provider, such as `subdomain`; it becomes part of `connection_config`.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// A connection that a flow made or renewed. `Debug` leaves the connection id out.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connected {
    /// The connection's id, given by the emulator.
    pub connection_id: String,
    /// The integration it belongs to.
    pub integration: String,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected").field("integration", &self.integration).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Finishes a session the way the Connect UI would, through the same endpoints. Webhooks go out
    /// as ever. An OAuth2 flow comes straight back to the emulator, not through a callback URL of
    /// the application's own.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Refused`] with Nango's code when a call is refused or the flow fails.
    pub async fn connect(
        &self,
        session_token: &str,
        integration: &str,
        credentials: Credentials,
    ) -> Result<Connected, EmulatorError> {
        let (path, body) = match &credentials.kind {
            Kind::OAuth2 => {
                return self.oauth2(session_token, integration, &credentials.params, true).await;
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
        let url = self.address(path, session_token, integration, &credentials.params);
        let request = self.app.client.post(url).header("content-type", "application/json");
        let (_, answer) = send(request.body(body.to_string())).await?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        match (text("connectionId"), text("providerConfigKey")) {
            (Some(connection_id), Some(integration)) => Ok(Connected { connection_id, integration }),
            _ => Err(refused(&answer)),
        }
    }

    /// The user denies the access on the consent page. Gives the WebSocket's error type, normally
    /// `callback_err`.
    ///
    /// # Errors
    ///
    /// [`EmulatorError::Refused`] when the flow does not even reach the consent page.
    pub async fn deny(&self, session_token: &str, integration: &str) -> Result<String, EmulatorError> {
        match self.oauth2(session_token, integration, &[], false).await {
            Err(EmulatorError::Refused { code }) if code == "callback_err" => Ok(code),
            Err(error) => Err(error),
            Ok(_) => Err(EmulatorError::Refused { code: "not_denied".to_owned() }),
        }
    }

    async fn oauth2(
        &self,
        token: &str,
        integration: &str,
        params: &[(String, String)],
        allow: bool,
    ) -> Result<Connected, EmulatorError> {
        let client = no_redirect()?;
        let url = self.address("oauth/connect", token, integration, params);
        let (location, answer) = send(client.get(url)).await?;
        let location = location.ok_or_else(|| refused(&answer))?;
        let request = query::parse(location.query().unwrap_or_default());
        let state = request.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        let consent = format!("{}/_emulator/provider/", self.app.public_url);
        let back: Map<String, Value> = if location.as_str().starts_with(&consent) {
            let query = consent::decide(&self.app, &request, allow);
            query.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
        } else {
            // A provider of the configuration: whatever it answers at once.
            let (location, answer) = send(client.get(location)).await?;
            let location = location.ok_or_else(|| refused(&answer))?;
            query::parse(location.query().unwrap_or_default())
        };
        let done = callback::complete_state(&self.app, &state, &back).await;
        let failed = |error: FlowError| EmulatorError::Refused { code: error.ws_type.to_owned() };
        let made = done.map_err(failed)?;
        Ok(Connected { connection_id: made.connection_id, integration: made.integration })
    }

    fn address(&self, path: &str, token: &str, integration: &str, params: &[(String, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("connect_session_token", token);
        for (name, value) in params {
            query.append_pair(&format!("params[{name}]"), value);
        }
        let id = percent_encoding::utf8_percent_encode(integration, percent_encoding::NON_ALPHANUMERIC);
        format!("{}/{path}/{id}?{}", self.app.local_url, query.finish())
    }
}

fn no_redirect() -> Result<reqwest::Client, EmulatorError> {
    let policy = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().no_proxy().redirect(policy).build();
    client.map_err(EmulatorError::Client)
}

/// Where a redirect leads, or the JSON that came instead.
async fn send(request: reqwest::RequestBuilder) -> Result<(Option<Url>, Value), EmulatorError> {
    let failed = |error: reqwest::Error| EmulatorError::Client(error.without_url());
    let answer = request.send().await.map_err(failed)?;
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    let location = location.and_then(|text| Url::parse(text).ok());
    let body = answer.bytes().await.map_err(failed)?;
    Ok((location, serde_json::from_slice(&body).unwrap_or_default()))
}

fn refused(answer: &Value) -> EmulatorError {
    let code = answer.pointer("/error/code").and_then(Value::as_str);
    EmulatorError::Refused { code: code.unwrap_or("provider_config_err").to_owned() }
}
