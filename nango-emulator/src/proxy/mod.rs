//! `ANY /proxy/{path}`: calls to a provider with a connection's credentials (wire reference 6;
//! observed on Nango 0.71.4). A provider's errors come back as they are.

mod body;
pub(crate) mod headers;
mod request;
mod retry;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use request::Wanted;
use serde_json::Value;
use url::Url;

use crate::{
    app::App,
    connections::{
        Connection,
        refresh::{self, Trouble},
    },
    http::{
        auth,
        call::{Call, LenientCall},
        envelope::Refusal,
        front::PassedThrough,
    },
    providers::{
        Provider,
        template::{self, Values},
    },
};

/// What Nango's own HTTP client calls itself.
const USER_AGENT: &str = "axios/1.18.0";

pub(crate) async fn proxy(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:proxy"])?;
    let wanted = Wanted::read(&call.headers)?;
    // Before anything is looked up.
    wanted.refuse_denied_base()?;
    let (connection, provider) = find(&app, &wanted).await?;
    let values =
        Values { config: &connection.connection_config, credentials: connection.credentials.fields() };
    let url = target(&call, &wanted, &provider, values)?;
    let mut headers = headers::of_provider(&provider, values);
    headers.extend(wanted.forwarded.iter().cloned());
    let (content_type, body) = body::outgoing(&call);
    let mut wait = retry::Waits::new(&wanted, &provider);
    loop {
        let mut request = app
            .client
            .request(call.method.clone(), url.clone())
            .header("accept", "application/json, text/plain, */*")
            .header("user-agent", USER_AGENT)
            .header("accept-encoding", "gzip, compress, deflate, br")
            .header("connection", "keep-alive");
        if let Some(content_type) = &content_type {
            request = request.header("content-type", content_type);
        }
        // Later ones replace, so that a caller's `nango-proxy-accept` counts.
        request = request.headers(header_map(&headers));
        if let Some(body) = &body {
            request = request.body(body.clone());
        }
        let answer = request.send().await;
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        let said = answer.as_ref().ok().map(reqwest::Response::headers);
        if let Some(wait) = wait.next(status, said, app.clock.now()) {
            app.clock.sleep(wait).await;
            continue;
        }
        return answer.map(|answer| pass_on(&call.method, answer)).map_err(|_| {
            // No text of the client's: it would carry the address, and that may carry a key.
            Refusal::new(500, "server_error", "The provider did not answer")
        });
    }
}

async fn find(app: &App, wanted: &Wanted) -> Result<(Connection, Provider), Refusal> {
    let (integration, id) = (wanted.integration.as_str(), wanted.connection_id.as_str());
    let failed = |what: &str| Refusal::new(400, "server_error", format!("Failed to get {what}"));
    let found = app.read(|state| {
        let Some(found) = state.integration(integration).cloned() else {
            // 404 here, 400 on the connection itself.
            let message = "Provider config not found";
            return Err(Refusal::new(404, "unknown_provider_config", message));
        };
        state.connections.get(integration, id).ok_or_else(|| failed("connection"))?;
        Ok(found)
    })?;
    if let Err(trouble) = refresh::ensure(app, integration, id, false).await {
        let text = trouble.message();
        let others = |status| {
            let message = format!("No credentials for this connection: {text}");
            Refusal::new(status, "server_error", message)
        };
        return Err(match trouble {
            Trouble::BackingOff => Refusal::new(424, "connection_refresh_backoff", text),
            Trouble::Exhausted => others(424),
            Trouble::Failed { .. } => others(400),
        });
    }
    let provider = app.provider_of(&found).ok_or_else(|| failed("provider"))?;
    // Read again: it may have new credentials.
    let connection = app.read(|state| state.connections.get(integration, id).cloned());
    Ok((connection.ok_or_else(|| failed("connection"))?, provider.into_owned()))
}

/// Path and raw query of the call behind the template's base URL or the caller's.
fn target(call: &Call, wanted: &Wanted, provider: &Provider, values: Values<'_>) -> Result<Url, Refusal> {
    let base = match &wanted.base_url_override {
        Some(base) => base.clone(),
        None => {
            let base = provider.proxy("base_url").and_then(Value::as_str);
            let base = base.and_then(|base| template::fill(base, values).ok());
            base.ok_or_else(|| {
                let message = "The provider has no base url";
                Refusal::new(400, "unsupported_provider", message)
            })?
        }
    };
    let path = call.path.strip_prefix("/proxy").unwrap_or(&call.path).trim_start_matches('/');
    let mut text = format!("{}/{path}", base.trim_end_matches('/'));
    let own = provider.proxy("query").and_then(Value::as_object);
    let own = own
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, template::fill(value.as_str()?, values).ok()?)));
    let own = form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish();
    for query in [call.raw_query.as_str(), &own].into_iter().filter(|query| !query.is_empty()) {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(query);
    }
    Url::parse(&text).map_err(|_| Refusal::new(400, "server_error", "Invalid proxy url"))
}

fn header_map(headers: &[(String, String)]) -> http::HeaderMap {
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            map.insert(name, value);
        }
    }
    map
}

/// Status, body and nearly all headers as the provider sent them.
fn pass_on(method: &Method, answer: reqwest::Response) -> Response {
    let status = StatusCode::from_u16(answer.status().as_u16());
    let mut headers = answer.headers().clone();
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, HeaderName::from_static("keep-alive")] {
        headers.remove(name);
    }
    if method != Method::HEAD {
        // The body is streamed on in chunks; a HEAD has nothing but the length it tells of.
        headers.remove(header::CONTENT_LENGTH);
    }
    let mut response = Body::from_stream(answer.bytes_stream()).into_response();
    *response.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = headers;
    response.extensions_mut().insert(PassedThrough);
    response
}
