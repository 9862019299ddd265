//! Common login crates as the source of the routes' owner: one extractor each.
//!
//! Each module is an app with a login and Nango's routes, and a test that logs in.

// Half of the compiler's own: what the routes add to the depth of an app's futures must leave it room.
#![recursion_limit = "64"]

pub mod actix_identity;
pub mod axum_login;
pub mod jwt;
pub mod tower_sessions;

use nango_core::{ConfigError, MemoryStore, Nango, SigningKeys, TagMapper};

/// Builds a handle. A real app reads its keys from the environment, and uses a persistent store.
///
/// # Errors
///
/// None: these values are valid.
pub fn nango<E: TagMapper>() -> Result<Nango, ConfigError> {
    Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
        .allowed_integrations(["slack"])
        .entity::<E>()
        .build()
}

/// Sends a request to a router.
#[cfg(test)]
async fn send(app: &axum::Router, request: axum::http::request::Builder) -> axum::response::Response {
    use tower::ServiceExt as _;
    app.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap()
}

/// Returns the cookie that a reply sets, in the form of a request's header.
#[cfg(test)]
fn cookie(reply: &axum::response::Response) -> String {
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}
