//! `ANY /proxy/{path}`: calls to a provider with a connection's credentials (wire reference 6;
//! observed on Nango 0.71.4). The provider's errors are returned unchanged.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use url::Url;

use super::request::{ProxyRequest, outgoing_body};
use super::retry;
use crate::app::App;
use crate::auth;
use crate::connections::refresh;
use crate::connections::refresh::RefreshError;
use crate::http::{ApiError, Call, LenientCall, PassedThrough};
use crate::model::template::Values;
use crate::model::{Connection, Provider, template};
use crate::upstream::verification::provider_headers;

/// User agent of Nango's HTTP client.
const USER_AGENT: &str = "axios/1.18.0";

pub(crate) async fn proxy(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, ApiError> {
    auth::api_key_for_credentials(&app, &call, &["environment:proxy"])?;
    let wanted = ProxyRequest::read(&call.headers)?;
    // Nango checks the base URL before it looks up the connection.
    wanted.refuse_denied_base()?;
    let (connection, provider) = find(&app, &wanted).await?;
    let values =
        Values { config: &connection.connection_config, credentials: connection.credentials.fields() };
    let own_api = app.provider_apis.get(&wanted.integration).map(String::as_str);
    let url = target(&call, &wanted, own_api, &provider, values)?;
    let mut headers = provider_headers(&provider, values);
    headers.extend(wanted.forwarded.iter().cloned());
    let (content_type, body) = outgoing_body(&call);
    let mut retries = retry::RetryPolicy::new(&wanted, &provider);
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
        // Later headers replace earlier ones, so that a caller's `nango-proxy-accept` wins.
        request = request.headers(header_map(&headers));
        if let Some(body) = &body {
            // The HTTP client leaves out the length of an empty body.
            request = request.header(header::CONTENT_LENGTH, body.len()).body(body.clone());
        }
        let response = request.send().await;
        let status = response.as_ref().ok().map(|response| response.status().as_u16());
        let headers_received = response.as_ref().ok().map(reqwest::Response::headers);
        if let Some(wait) = retries.next_delay(status, headers_received, app.clock.now()) {
            app.clock.sleep(wait).await;
            continue;
        }
        return response.map(|response| pass_on(&call.method, response)).map_err(|_| {
            // The client's error text contains the URL, which may contain a key.
            ApiError::new(500, "server_error", "The provider did not answer")
        });
    }
}

async fn find(app: &App, wanted: &ProxyRequest) -> Result<(Connection, Provider), ApiError> {
    let (integration, id) = (wanted.integration.as_str(), wanted.connection_id.as_str());
    let failed = |what: &str| ApiError::new(400, "server_error", format!("Failed to get {what}"));
    let found = app.read(|state| {
        let Some(found) = state.integration(integration).cloned() else {
            // 404 here, but 400 on the connection's own routes.
            let message = "Provider config not found";
            return Err(ApiError::new(404, "unknown_provider_config", message));
        };
        state.connections.get(integration, id).ok_or_else(|| failed("connection"))?;
        Ok(found)
    })?;
    if let Err(error) = refresh::ensure_fresh(app, integration, id, false).await {
        let text = error.message();
        let others = |status| {
            // Its beginning is what clients know it by, since a provider's own 400 may have the same code.
            let message = format!("Failed to get connection credentials: {text}");
            ApiError::new(status, "server_error", message)
        };
        return Err(match error {
            RefreshError::BackingOff => ApiError::new(424, "connection_refresh_backoff", text),
            RefreshError::Exhausted => others(424),
            RefreshError::Failed { .. } => others(400),
        });
    }
    let provider = app.provider_of(&found).ok_or_else(|| failed("provider"))?;
    // The refresh may have stored new credentials.
    let connection = app.read(|state| state.connections.get(integration, id).cloned());
    Ok((connection.ok_or_else(|| failed("connection"))?, provider.into_owned()))
}

/// Joins path and raw query of the call to the base URL of the caller, the test's own API, or the template.
fn target(
    call: &Call,
    wanted: &ProxyRequest,
    own_api: Option<&str>,
    provider: &Provider,
    values: Values<'_>,
) -> Result<Url, ApiError> {
    let base = match wanted.base_url_override.as_deref().or(own_api) {
        Some(base) => base.to_owned(),
        None => {
            let base = provider.proxy("base_url").and_then(Value::as_str);
            let base = base.and_then(|base| template::fill(base, values).ok());
            base.ok_or_else(|| {
                let message = "The provider has no base url";
                ApiError::new(400, "unsupported_provider", message)
            })?
        }
    };
    let path = call.path.strip_prefix("/proxy").unwrap_or(&call.path).trim_start_matches('/');
    let base = base.strip_suffix('/').unwrap_or(&base);
    // Without a path there is no slash, but with a query alone there is one.
    let slash = if path.is_empty() && call.raw_query.is_empty() { "" } else { "/" };
    let mut text = format!("{base}{slash}{path}");
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
    Url::parse(&text).map_err(|_| ApiError::new(400, "server_error", "Invalid proxy url"))
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

/// Returns the provider's response with status, body and nearly all headers.
fn pass_on(method: &Method, response: reqwest::Response) -> Response {
    let status = StatusCode::from_u16(response.status().as_u16());
    let mut headers = response.headers().clone();
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, HeaderName::from_static("keep-alive")] {
        headers.remove(name);
    }
    if method != Method::HEAD {
        // The body is streamed in chunks. A reply to HEAD has only the length that it declares.
        headers.remove(header::CONTENT_LENGTH);
    }
    let mut reply = Body::from_stream(response.bytes_stream()).into_response();
    *reply.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
    *reply.headers_mut() = headers;
    reply.extensions_mut().insert(PassedThrough);
    reply
}
