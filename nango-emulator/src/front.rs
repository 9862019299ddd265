//! Middleware around all routes: allowed hosts, injected faults, CORS, rate-limit headers,
//! conditional replies, and the wait until a change is on disk.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use crate::app::App;
use crate::control::endpoints;
use crate::http::{ApiError, NoCors, PassedThrough, RateLimitSlot, reply, too_many};
use crate::model::CallFault;

/// Handles a request as the outermost layer.
pub(crate) async fn front(State(app): State<App>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if !app.origins.allow_host(&uri, request.headers()) {
        return ApiError::host_not_allowed().into_response();
    }
    if method == Method::OPTIONS {
        let mut response = preflight(request.headers());
        cors(&app, uri.path(), &mut response);
        return response;
    }
    let fault = app.faults().next_call_fault(&method, uri.path());
    let response = respond(&app, request, next, fault).await;
    if fault.is_some_and(|fault| fault.hold) {
        endpoints::hold(&app, &method, &uri, response.status()).await;
    }
    response
}

async fn respond(app: &App, mut request: Request, next: Next, fault: Option<CallFault>) -> Response {
    let method = request.method().clone();
    let known = if_none_match(request.headers());
    let path = request.uri().path().to_owned();
    let slot = RateLimitSlot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = match fault {
        Some(fault) => match apply_fault(app, fault, &method, &path).await {
            Some(response) => response,
            None => next.run(request).await,
        },
        None => next.run(request).await,
    };
    // A reply promises that its change survives a kill of the process.
    app.store.written().await;
    slot.write(response.headers_mut());
    cors(app, &path, &mut response);
    if is_not_modified(&method, known.as_deref(), &response) {
        let mut fresh = StatusCode::NOT_MODIFIED.into_response();
        let headers = std::mem::take(response.headers_mut());
        *fresh.headers_mut() = headers;
        fresh.headers_mut().remove(header::CONTENT_TYPE);
        fresh.headers_mut().remove(header::CONTENT_LENGTH);
        return fresh;
    }
    response
}

/// Adds the CORS header. All origins are allowed, except for telemetry, which the Connect UI sends
/// with credentials, and for the control endpoints. Nango sends some replies before its CORS layer
/// runs.
fn cors(app: &App, path: &str, response: &mut Response) {
    let early = path == "/health" || response.extensions().get::<NoCors>().is_some();
    if early || path.starts_with("/_emulator") {
        return;
    }
    let headers = response.headers_mut();
    let mut allow = HeaderValue::from_static("*");
    if path == "/connect/telemetry" {
        let origin = Url::parse(&app.public_url).map(|url| url.origin().ascii_serialization());
        let Some(origin) = origin.ok().and_then(|origin| HeaderValue::try_from(origin).ok()) else { return };
        allow = origin;
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allow);
}

/// Returns `If-None-Match`, or `None` if the client wants the whole reply: a reload sends
/// `no-cache`.
fn if_none_match(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let reload = text(header::CACHE_CONTROL)
        .is_some_and(|control| control.split(',').any(|directive| directive.trim() == "no-cache"));
    if reload { None } else { text(header::IF_NONE_MATCH).map(str::to_owned) }
}

fn is_not_modified(method: &Method, known: Option<&str>, response: &Response) -> bool {
    let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let (Some(known), Some(tag)) = (known, tag) else { return false };
    let bare = |value: &str| value.trim().trim_start_matches("W/").to_owned();
    (method == Method::GET || method == Method::HEAD)
        && response.extensions().get::<PassedThrough>().is_none()
        && response.status().is_success()
        && known.split(',').any(|candidate| candidate.trim() == "*" || bare(candidate) == bare(tag))
}

fn preflight(asked: &HeaderMap) -> Response {
    let mut response = reply::empty();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(wanted) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        let vary = HeaderValue::from_static("Access-Control-Request-Headers");
        headers.insert(header::VARY, vary);
    }
    response
}

/// Applies a fault. Returns `None` if the request is handled afterwards: the fault was a delay
/// only.
async fn apply_fault(app: &App, fault: CallFault, method: &Method, path: &str) -> Option<Response> {
    app.clock.sleep(fault.delay).await;
    if fault.hang_up {
        // A handler cannot reset the connection; a body that fails half-way comes closest.
        let body = axum::body::Body::from_stream(Broken);
        return Some(body.into_response());
    }
    let status = fault.status?;
    if status == 429 {
        let mut response = too_many(method, path).into_response();
        response.headers_mut().insert("retry-after", HeaderValue::from_static("1"));
        return Some(response);
    }
    if status < 400 {
        return Some(StatusCode::from_u16(status).ok()?.into_response());
    }
    Some(ApiError::new(status, "server_error", "Injected by the emulator").into_response())
}

struct Broken;

impl futures_util::Stream for Broken {
    type Item = Result<bytes::Bytes, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("connection broken on request"))))
    }
}
