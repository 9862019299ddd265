//! An app on Axum.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRef, FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use nango_core::testing::adapter::{FALLBACK, OWN, REJECTION, adapter_suite, send};
use nango_core::{Nango, TagMapper};

#[derive(TagMapper)]
pub(crate) struct User {
    #[nango(id = "end_user_id")]
    id: String,
}

/// The part of the app's state from which the extractor reads, like a real login.
#[derive(Clone)]
struct Login {
    header: &'static str,
}

#[derive(Clone)]
struct AppState {
    own: Arc<str>,
    login: Login,
}

impl FromRef<AppState> for Login {
    fn from_ref(state: &AppState) -> Self {
        state.login.clone()
    }
}

impl<S: Sync> FromRequestParts<S> for User
where
    Login: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let id = parts.headers.get(Login::from_ref(state).header).and_then(|id| id.to_str().ok());
        assert_ne!(id, Some("panic"), "the login panics");
        id.map(|id| Self { id: id.to_owned() }).ok_or_else(|| {
            let (status, header, body) = REJECTION;
            (StatusCode::from_u16(status).unwrap(), [header], body).into_response()
        })
    }
}

/// Creates the app of the suite's contract.
pub(crate) fn app(nango: Nango, prefix: &str) -> Router {
    let routes = nango_axum::router::<User, AppState>(nango);
    let router = if prefix.is_empty() { routes } else { Router::new().nest(prefix, routes) };
    let (status, text) = FALLBACK;
    router
        .route("/own", get(async |State(state): State<AppState>| state.own.to_string()))
        .fallback(async move || (StatusCode::from_u16(status).unwrap(), text))
        .with_state(AppState { own: OWN.into(), login: Login { header: "x-user" } })
}

/// Serves the app until the test ends.
pub(crate) async fn serve(nango: Nango, prefix: &str) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app(nango, prefix);
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn mount(
    nango: Nango,
    prefix: &'static str,
) -> impl AsyncFn(http::Request<Bytes>) -> http::Response<Bytes> {
    let server = serve(nango, prefix).await;
    async move |request| send(server, request).await
}

adapter_suite!(User, mount);
