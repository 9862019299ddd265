//! An app on Hyper, with an adapter written against the public API alone.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use nango_core::routes::{self, Admitted, Route};
use nango_core::testing::adapter::{FALLBACK, OWN, REJECTION, adapter_suite, send};
use nango_core::{Nango, TagMapper};
use tokio::net::TcpListener;

#[derive(TagMapper)]
struct User {
    #[nango(id = "end_user_id")]
    id: String,
}

/// The app's own login.
fn log_in(head: &Parts) -> Option<User> {
    let id = head.headers.get("x-user").and_then(|id| id.to_str().ok());
    id.map(|id| User { id: id.to_owned() })
}

fn rejection() -> Response<Bytes> {
    let (status, (name, value), body) = REJECTION;
    let mut rejection = text(status, body);
    rejection.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    rejection
}

/// The adapter.
async fn answer(nango: &Nango, route: Route, request: Request<Incoming>) -> Response<Bytes> {
    let (head, mut body) = request.into_parts();
    let chunks = |context: &mut Context<'_>| -> Poll<Option<Result<Bytes, hyper::Error>>> {
        Pin::new(&mut body).poll_frame(context).map_ok(|frame| frame.into_data().unwrap_or_default())
    };
    let mut request = match routes::admit(nango, route, head) {
        Ok(Admitted::Owner(request)) => request,
        Ok(Admitted::Public(request)) => return request.answer(chunks).await,
        Err(refusal) => return refusal,
    };
    let Some(user) = log_in(request.head()) else {
        return rejection();
    };
    request.answer(&user, chunks).await
}

/// Returns the route at this path, which is still percent-encoded.
fn route(prefix: &str, path: &str) -> Option<Route> {
    let path = path.strip_prefix(prefix)?;
    let depth = |path: &str| path.split('/').count();
    Route::ALL.iter().copied().find(|route| depth(route.path()) == depth(path) && route.matches_suffix(path))
}

/// The app around the adapter.
async fn app(nango: &Nango, prefix: &str, request: Request<Incoming>) -> Response<Bytes> {
    let is_head = request.method() == Method::HEAD;
    let path = request.uri().path();
    let mut reply = match (route(prefix, path), request.method(), path) {
        (Some(route), ..) => answer(nango, route, request).await,
        (None, _, path) if path.strip_prefix(prefix) == Some(routes::MISDIRECTED_WEBHOOK) => {
            routes::answer_misdirected_webhook(nango)
        }
        (None, &Method::GET, "/own") => text(200, OWN),
        _ => text(FALLBACK.0, FALLBACK.1),
    };
    if is_head {
        // Hyper leaves the length of a reply without its body to the app; Axum and Actix send it.
        let length = HeaderValue::from(reply.body().len());
        reply.headers_mut().insert("content-length", length);
    }
    reply
}

fn text(status: u16, body: &'static str) -> Response<Bytes> {
    let mut reply = Response::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap();
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    reply.headers_mut().insert("content-type", kind);
    reply
}

/// Serves the app of the suite's contract until the test ends.
pub(crate) async fn serve(nango: Nango, prefix: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let nango = nango.clone();
            let service = service_fn(move |request| {
                let nango = nango.clone();
                async move { Ok::<_, Infallible>(app(&nango, prefix, request).await.map(Full::new)) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn mount(nango: Nango, prefix: &'static str) -> impl AsyncFn(Request<Bytes>) -> Response<Bytes> {
    let server = serve(nango, prefix).await;
    async move |request| send(server, request).await
}

adapter_suite!(User, mount);
