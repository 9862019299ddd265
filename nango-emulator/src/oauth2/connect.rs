//! `GET /oauth/connect/{integration}`: first page of the popup.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::outcome::{FlowError, failure_page};
use super::websocket;
use crate::app::App;
use crate::http::{ApiError, Call, reply};
use crate::model::template::Values;
use crate::model::{Client, Flow, Integration, Provider, Session, template};
use crate::{auth, browser_auth};

/// Error before the redirect: plain JSON, which the frontend SDK never receives, or a page with a
/// WebSocket message.
pub(crate) enum ConnectError {
    Json(ApiError),
    Page { error: FlowError, connection_id: String },
}

impl From<ApiError> for ConnectError {
    fn from(refusal: ApiError) -> Self {
        Self::Json(refusal)
    }
}

/// URL of the provider's authorization page, and the state that comes back from it.
pub(crate) struct Authorization {
    pub(crate) location: String,
    pub(crate) state: String,
}

pub(crate) async fn connect(State(app): State<App>, call: Call) -> Response {
    let ws_client_id = text(&call.query, "ws_client_id");
    match auth::session_from_query(&app, &call)
        .map_err(ConnectError::from)
        .and_then(|session| start(&app, &call, session))
    {
        Ok(started) => {
            let mut response = reply::found(&started.location);
            let cookie = format!("oauth2-{}=1; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax", started.state);
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(ConnectError::Json(refusal)) => refusal.into_response(),
        Err(ConnectError::Page { error, connection_id }) => {
            let integration = call.param("integration");
            websocket::failure(&app, ws_client_id, integration, &connection_id, &error);
            failure_page(&error.description)
        }
    }
}

/// Checks the request, stores the flow and returns the provider's URL.
pub(crate) fn start(app: &App, call: &Call, session: Session) -> Result<Authorization, ConnectError> {
    browser_auth::refuse_connection_id(call)?;
    let connection_id = browser_auth::connection_id(app, &session)?;
    let page = |error: FlowError| ConnectError::Page { error, connection_id: connection_id.clone() };
    let id = call.param("integration");
    let Some(integration) = app.read(|state| state.integration(id).cloned()) else {
        let message = format!("Could not find a Provider Config matching the \"{id}\" key.");
        return Err(page(FlowError::before_redirect("provider_config_err", message)));
    };
    if !session.allows(id) {
        return Err(ApiError::code(400, "integration_not_allowed").into());
    }
    let client = client_override(&call.query);
    let client_id = client.as_ref().map(|client| client.id.as_str());
    let client_id = client_id.or_else(|| integration.credential("client_id"));
    let Some(client_id) = client_id else {
        let message = format!("Provider Config \"{id}\" is missing client ID, secret and/or scopes.");
        return Err(page(FlowError::before_redirect("provider_config_err", message)));
    };
    let Some(provider) = app.provider_of(&integration) else {
        let message = format!("Provider Config \"{id}\" has a provider that is not there.");
        return Err(page(FlowError::before_redirect("provider_config_err", message)));
    };
    if provider.auth_mode() != "OAUTH2" {
        let message = format!("Auth mode {} is not supported here", provider.auth_mode());
        return Err(page(FlowError::before_redirect("auth_mode_err", message)));
    }
    let mut config = browser_auth::connection_config(&session, id, call);
    normalize_scopes(&session, id, &mut config);
    let state = app.ids.state(app.clock.now());
    let redirect_uri = app.settings().callback_url.clone();
    let verifier = (!provider.flag("disable_pkce")).then(|| app.ids.secret());
    let request = AuthorizationRequest {
        session: &session,
        integration: &integration,
        provider: &provider,
        config: &config,
        client_id,
        redirect_uri: &redirect_uri,
        state: &state,
        verifier: verifier.as_deref(),
    };
    let location = request.location(call).map_err(page)?;
    let flow = Flow {
        integration: id.to_owned(),
        connection_id,
        config,
        code_verifier: verifier,
        redirect_uri,
        ws_client_id: text(&call.query, "ws_client_id").map(str::to_owned),
        client_override: client,
        session,
    };
    let now = app.clock.now();
    app.write(|stored| stored.flows.insert(&state, flow, now));
    Ok(Authorization { location, state })
}

fn text<'a>(query: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    query.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn client_override(query: &Map<String, Value>) -> Option<Client> {
    let credentials = query.get("credentials")?.as_object()?;
    let id = text(credentials, "oauth_client_id_override")?.to_owned();
    let secret = text(credentials, "oauth_client_secret_override").unwrap_or_default().to_owned();
    Some(Client { id, secret })
}

/// Copies the session's `user_scopes` into the connection's config, and splits an override of
/// scopes into a list.
fn normalize_scopes(session: &Session, integration: &str, config: &mut Map<String, Value>) {
    let user_scopes = session.default_of(integration, "user_scopes");
    if let Some(scopes) = user_scopes.filter(|scopes| scopes.as_str() != Some("")) {
        config.insert("user_scope".into(), scopes.clone());
    }
    if let Some(Value::String(scopes)) = config.get("oauth_scopes_override") {
        let list: Vec<Value> = scopes.split(',').map(|scope| scope.trim().into()).collect();
        config.insert("oauth_scopes_override".into(), list.into());
    }
}

struct AuthorizationRequest<'a> {
    session: &'a Session,
    integration: &'a Integration,
    provider: &'a Provider,
    config: &'a Map<String, Value>,
    client_id: &'a str,
    redirect_uri: &'a str,
    state: &'a str,
    verifier: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    fn location(&self, call: &Call) -> Result<String, FlowError> {
        let none = Map::new();
        let values = Values { config: self.config, credentials: &none };
        let missing = |missing: template::Missing| {
            let message = format!("Missing a parameter of the authorization url: {}", missing.0);
            FlowError::before_redirect("url_param_err", message)
        };
        let url = self.provider.text("authorization_url").unwrap_or_default();
        let url = template::fill(url, values).map_err(missing)?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &self.scopes())
            .append_pair("state", self.state);
        if let Some(verifier) = self.verifier {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
            query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
        }
        for (name, value) in self.extra(call) {
            query.append_pair(&name, &value);
        }
        let joint = if url.contains('?') { '&' } else { '?' };
        Ok(format!("{url}{joint}{}", query.finish()))
    }

    /// Returns the override of scopes or, without one, the integration's scopes.
    fn scopes(&self) -> String {
        let separator = self.provider.text("scope_separator").unwrap_or(" ");
        if let Some(Value::Array(list)) = self.config.get("oauth_scopes_override") {
            let list: Vec<_> = list.iter().filter_map(Value::as_str).collect();
            return list.join(separator);
        }
        let scopes = self.integration.credential("scopes").unwrap_or_default();
        let scopes = scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty());
        scopes.collect::<Vec<_>>().join(separator)
    }

    /// Returns the template's parameters, overridden by the caller's. A session's parameters
    /// replace all of the query's. The text `undefined` removes a parameter of the template.
    fn extra(&self, call: &Call) -> Vec<(String, String)> {
        let mut all = Map::new();
        if let Some(params) = self.provider.object("authorization_params") {
            all.extend(params.clone());
        }
        let id = &self.integration.unique_key;
        let of_session = self.session.default_object(id, "authorization_params");
        let of_query = call.query.get("authorization_params").and_then(Value::as_object);
        all.extend(of_session.or(of_query).cloned().unwrap_or_default());
        // Slack has user scopes beside those of the app.
        if self.provider.name.starts_with("slack")
            && let Some(scopes) = self.config.get("user_scope")
        {
            all.insert("user_scope".into(), scopes.clone());
        }
        let none = Map::new();
        let values = Values { config: self.config, credentials: &none };
        all.into_iter()
            .filter_map(|(name, value)| {
                let value = match value {
                    Value::String(text) => template::fill(&text, values).unwrap_or(text),
                    other => other.to_string(),
                };
                (value != "undefined").then_some((name, value))
            })
            .collect()
    }
}
