//! How the logins that people have give the routes their owner: one extractor each, and nothing else.
//!
//! Each module is an app that can be logged in to, with the routes mounted, and a test that does so.

pub mod actix_identity;
pub mod axum_login;
pub mod jwt;
pub mod tower_sessions;

use nango_core::{ConfigError, MemoryStore, Nango, SigningKeys, TagMapper};

/// A handle. A real app takes its keys from the environment, and has a store that lasts.
///
/// # Errors
///
/// None, with these values.
pub fn nango<E: TagMapper>() -> Result<Nango, ConfigError> {
    Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
        .allowed_integrations(["slack"])
        .entity::<E>()
        .build()
}

/// Sends requests to a router, as the tests of the Axum apps do.
#[cfg(test)]
async fn send(app: &axum::Router, request: axum::http::request::Builder) -> axum::response::Response {
    use tower::ServiceExt as _;
    app.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap()
}

/// The cookie that a reply sets, as a browser sends it back.
#[cfg(test)]
fn cookie(reply: &axum::response::Response) -> String {
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}
