//! `GET /oauth/connect/{integration}`: the popup's first stop.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    flow::{Flow, FlowError},
    page,
    token::Client,
    websocket,
};
use crate::{
    app::App,
    browser_auth,
    clock::later,
    http::{auth, call::Call, envelope::Refusal, reply},
    integrations::Integration,
    providers::{
        Provider,
        template::{self, Values},
    },
    sessions::{LIFETIME, Session},
};

/// Refusals before the redirect are of two kinds: plain JSON, of which the frontend SDK never hears,
/// and a page with a WebSocket message.
pub(crate) enum Refused {
    Json(Refusal),
    Page { error: FlowError, connection_id: String },
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Json(refusal)
    }
}

/// Where to go, and the state that comes back from there.
pub(crate) struct Started {
    pub(crate) location: String,
    pub(crate) state: String,
}

pub(crate) async fn connect(State(app): State<App>, call: Call) -> Response {
    let ws_client_id = text(&call.query, "ws_client_id");
    match auth::browser(&app, &call).map_err(Refused::from).and_then(|session| start(&app, &call, session)) {
        Ok(started) => {
            let mut response = reply::found(&started.location);
            let cookie = format!("oauth2-{}=1; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax", started.state);
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().insert(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(Refused::Json(refusal)) => refusal.into_response(),
        Err(Refused::Page { error, connection_id }) => {
            let integration = call.param("integration");
            websocket::failure(&app, ws_client_id, integration, &connection_id, &error);
            page::failure(&error.description)
        }
    }
}

/// Checks everything, remembers the flow and gives the provider's address.
pub(crate) fn start(app: &App, call: &Call, session: Session) -> Result<Started, Refused> {
    browser_auth::refuse_connection_id(call)?;
    let connection_id = browser_auth::connection_id(app, &session)?;
    let page = |error: FlowError| Refused::Page { error, connection_id: connection_id.clone() };
    let id = call.param("integration");
    let Some(integration) = app.read(|state| state.integration(id).cloned()) else {
        let message = format!("Could not find a Provider Config matching the \"{id}\" key.");
        return Err(page(FlowError::early("provider_config_err", message)));
    };
    if !session.allows(id) {
        return Err(Refusal::code(400, "integration_not_allowed").into());
    }
    let client = client_override(&call.query);
    let client_id = client.as_ref().map(|client| client.id.as_str());
    let client_id = client_id.or_else(|| integration.credential("client_id"));
    let Some(client_id) = client_id else {
        let message = format!("Provider Config \"{id}\" is missing client ID, secret and/or scopes.");
        return Err(page(FlowError::early("provider_config_err", message)));
    };
    let Some(provider) = app.provider_of(&integration) else {
        let message = format!("Provider Config \"{id}\" has a provider that is not there.");
        return Err(page(FlowError::early("provider_config_err", message)));
    };
    if provider.auth_mode() != "OAUTH2" {
        let message = format!("Auth mode {} is not supported here", provider.auth_mode());
        return Err(page(FlowError::early("auth_mode_err", message)));
    }
    let mut config = browser_auth::connection_config(&session, id, call);
    normalise_scopes(&session, id, &mut config);
    let state = app.ids.state(app.clock.now());
    let redirect_uri = app.settings().callback_url.clone();
    let verifier = (!provider.flag("disable_pkce")).then(|| app.ids.secret());
    let request = Authorize {
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
    app.write(|stored| {
        // Whoever did not come back while their session lived will not come any more.
        stored.flows.retain(|_, flow| now < later(flow.session.expires_at, LIFETIME));
        stored.flows.insert(state.clone(), flow)
    });
    Ok(Started { location, state })
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

/// `user_scopes` of the session lands in the connection's config; an override becomes a list.
fn normalise_scopes(session: &Session, integration: &str, config: &mut Map<String, Value>) {
    let user_scopes = session.default_of(integration, "user_scopes");
    if let Some(scopes) = user_scopes.filter(|scopes| scopes.as_str() != Some("")) {
        config.insert("user_scope".into(), scopes.clone());
    }
    if let Some(Value::String(scopes)) = config.get("oauth_scopes_override") {
        let list: Vec<Value> = scopes.split(',').map(|scope| scope.trim().into()).collect();
        config.insert("oauth_scopes_override".into(), list.into());
    }
}

struct Authorize<'a> {
    session: &'a Session,
    integration: &'a Integration,
    provider: &'a Provider,
    config: &'a Map<String, Value>,
    client_id: &'a str,
    redirect_uri: &'a str,
    state: &'a str,
    verifier: Option<&'a str>,
}

impl Authorize<'_> {
    fn location(&self, call: &Call) -> Result<String, FlowError> {
        let none = Map::new();
        let values = Values { config: self.config, credentials: &none };
        let missing = |missing: template::Missing| {
            let message = format!("Missing a parameter of the authorization url: {}", missing.0);
            FlowError::early("url_param_err", message)
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

    /// An override wins over the integration's scopes.
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

    /// The template's parameters, then the caller's. A session's replace the query's wholesale, and
    /// the text `undefined` takes one of the template's away.
    fn extra(&self, call: &Call) -> Vec<(String, String)> {
        let mut all = Map::new();
        if let Some(params) = self.provider.object("authorization_params") {
            all.extend(params.clone());
        }
        let id = &self.integration.unique_key;
        let of_session = self.session.default_object(id, "authorization_params");
        let of_query = call.query.get("authorization_params").and_then(Value::as_object);
        all.extend(of_session.or(of_query).cloned().unwrap_or_default());
        // Slack's second kind of scopes.
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
