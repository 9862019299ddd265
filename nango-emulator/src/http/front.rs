//! What happens to every request: injected faults, CORS, rate-limit headers, conditional answers,
//! and waiting until a change is on disk.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use url::Url;

use super::{
    envelope::Refusal,
    ratelimit::{self, RateSlot},
    reply,
};
use crate::{
    app::App,
    control::{faults::CallFault, held},
};

/// Marks an answer of a provider, which is passed on without conditions.
#[derive(Clone)]
pub(crate) struct PassedThrough;

/// Marks an answer that Nango gives before it thinks of other origins.
#[derive(Clone)]
pub(crate) struct TooEarly;

/// The outermost layer.
pub(crate) async fn front(State(app): State<App>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if method == Method::OPTIONS {
        let mut response = preflight(request.headers());
        cors(&app, uri.path(), &mut response);
        return response;
    }
    let fault = app.faults().take_call(&method, uri.path());
    let response = answer(&app, request, next, fault).await;
    if fault.is_some_and(|fault| fault.hold) {
        held::hold(&app, &method, &uri, response.status()).await;
    }
    response
}

async fn answer(app: &App, mut request: Request, next: Next, fault: Option<CallFault>) -> Response {
    let method = request.method().clone();
    let known = known_tags(request.headers());
    let path = request.uri().path().to_owned();
    let slot = RateSlot::default();
    request.extensions_mut().insert(slot.clone());
    let mut response = match fault {
        Some(fault) => match play(app, fault, &method, &path).await {
            Some(response) => response,
            None => next.run(request).await,
        },
        None => next.run(request).await,
    };
    // An answer means that the change behind it survives a kill.
    app.store.settled().await;
    slot.write(response.headers_mut());
    cors(app, &path, &mut response);
    if unchanged(&method, known.as_deref(), &response) {
        let mut fresh = StatusCode::NOT_MODIFIED.into_response();
        let headers = std::mem::take(response.headers_mut());
        *fresh.headers_mut() = headers;
        fresh.headers_mut().remove(header::CONTENT_TYPE);
        fresh.headers_mut().remove(header::CONTENT_LENGTH);
        return fresh;
    }
    response
}

/// Open to all, but for the telemetry, which the Connect UI alone sends, with credentials, and the controls, which are
/// nobody's from outside. Nango answers some before it comes to that.
fn cors(app: &App, path: &str, response: &mut Response) {
    let early = path == "/health" || response.extensions().get::<TooEarly>().is_some();
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

/// The caller's `If-None-Match`, unless it wants the whole answer anyway: a reload's `no-cache`.
fn known_tags(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let reload = text(header::CACHE_CONTROL)
        .is_some_and(|control| control.split(',').any(|directive| directive.trim() == "no-cache"));
    if reload { None } else { text(header::IF_NONE_MATCH).map(str::to_owned) }
}

fn unchanged(method: &Method, known: Option<&str>, response: &Response) -> bool {
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

/// `None` when the request is to be handled after all (a mere delay).
async fn play(app: &App, fault: CallFault, method: &Method, path: &str) -> Option<Response> {
    app.clock.sleep(fault.delay).await;
    if fault.hang_up {
        // Dropping the body half-way is the closest a handler can come to a broken connection.
        let body = axum::body::Body::from_stream(Broken);
        return Some(body.into_response());
    }
    let status = fault.status?;
    if status == 429 {
        let mut response = ratelimit::too_many(method, path).into_response();
        response.headers_mut().insert("retry-after", HeaderValue::from_static("1"));
        return Some(response);
    }
    if status < 400 {
        return Some(StatusCode::from_u16(status).ok()?.into_response());
    }
    Some(Refusal::new(status, "server_error", "Injected by the emulator").into_response())
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
