//! [tower-sessions](::tower_sessions), without a login crate.

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::post;
use nango_core::{Nango, TagMapper};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

/// The session's key for the user's id.
const USER: &str = "user";

/// The user that the session names.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct User {
    /// The name of the login.
    #[nango(id)]
    pub id: String,
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let session = Session::from_request_parts(parts, state).await.map_err(|(status, _)| status)?;
        // A session store that is unavailable is not a missing login.
        let id = session.get::<String>(USER).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        id.map(|id| Self { id }).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// Returns the app. Its login accepts any name; a real one also checks a password.
pub fn app(nango: Nango) -> Router {
    let log_in = async |session: Session, Path(id): Path<String>| match session.insert(USER, id).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    Router::new()
        .route("/login/{user}", post(log_in))
        .nest("/nango", nango_axum::router::<User, _>(nango))
        .layer(SessionManagerLayer::new(MemoryStore::default()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::{cookie, nango, send};

    #[tokio::test]
    async fn the_user_of_the_session_owns_connections() {
        let app = app(nango::<User>().unwrap());
        assert_eq!(send(&app, Request::get("/nango/connections")).await.status(), 401);
        let cookie = cookie(&send(&app, Request::post("/login/alice")).await);
        let list = Request::get("/nango/connections").header("cookie", cookie);
        assert_eq!(send(&app, list).await.status(), 200);
        let callback = send(&app, Request::get("/nango/oauth-callback")).await;
        assert_eq!(callback.status(), 308, "the callback needs no login");
    }
}
