//! Control endpoints that complete a connect session in place of a browser.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::flows::{self, Credentials};
use crate::app::App;
use crate::error::EmulatorError;
use crate::http::{ApiError, Call, reply};
use crate::model::Account;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    session_token: String,
    integration: String,
    /// Generated ones of the integration's kind without it.
    credentials: Option<Entered>,
    /// Parameters of the provider, such as `subdomain`.
    #[serde(default)]
    params: BTreeMap<String, String>,
    /// E-mail address of the account at the emulated provider.
    account: Option<String>,
}

/// Credentials in the form in which Nango's API returns them.
#[derive(Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Entered {
    #[serde(rename = "API_KEY")]
    ApiKey {
        #[serde(rename = "apiKey")]
        api_key: String,
    },
    #[serde(rename = "BASIC")]
    Basic { username: String, password: String },
    #[serde(rename = "NONE")]
    None {},
    #[serde(rename = "OAUTH2")]
    OAuth2 {},
    #[serde(rename = "OAUTH2_CC")]
    ClientCredentials { client_id: String, client_secret: String },
}

impl Entered {
    fn credentials(self) -> Credentials {
        match self {
            Self::ApiKey { api_key } => Credentials::api_key(api_key),
            Self::Basic { username, password } => Credentials::basic(username, password),
            Self::None {} => Credentials::none(),
            Self::OAuth2 {} => Credentials::oauth2(),
            Self::ClientCredentials { client_id, client_secret } => {
                Credentials::client_credentials(client_id, client_secret)
            }
        }
    }
}

/// Returns credentials as a person could enter them. Nango itself refuses an unknown integration.
fn generated(app: &App, integration: &str) -> Credentials {
    let provider = app.read(|state| state.integration(integration).map(|found| found.provider.clone()));
    let provider = provider.and_then(|name| app.providers.get(&name));
    match provider.as_ref().map_or("", |provider| provider.auth_mode()) {
        "API_KEY" => Credentials::api_key("entered"),
        "BASIC" => Credentials::basic("entered", "entered"),
        "NONE" => Credentials::none(),
        "OAUTH2_CC" => Credentials::client_credentials("entered", "entered"),
        _ => Credentials::oauth2(),
    }
}

/// `POST /_emulator/connect`.
pub(super) async fn connect(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let Connect { session_token, integration, credentials, params, account } = call.json()?;
    let mut credentials = match credentials {
        Some(entered) => entered.credentials(),
        None => generated(&app, &integration),
    };
    for (name, value) in params {
        credentials = credentials.param(name, value);
    }
    if let Some(email) = account {
        credentials = credentials.account(Account::new(email));
    }
    let made = flows::connect(&app, &session_token, &integration, credentials).await;
    let made = made.map_err(|error| refused(&error))?;
    Ok(reply::json(200, &json!({ "connection_id": made.connection_id, "integration": made.integration })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deny {
    session_token: String,
    integration: String,
}

/// `POST /_emulator/deny`.
pub(super) async fn deny(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let Deny { session_token, integration } = call.json()?;
    let denied = flows::deny(&app, &session_token, &integration).await;
    let error_type = denied.map_err(|error| refused(&error))?;
    Ok(reply::json(200, &json!({ "error_type": error_type })))
}

fn refused(error: &EmulatorError) -> ApiError {
    match error {
        EmulatorError::Refused { code } => ApiError::new(400, code, error.to_string()),
        _ => ApiError::new(502, "flow_failed", error.to_string()),
    }
}
