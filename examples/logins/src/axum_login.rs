//! [axum-login](::axum_login): the user of its `AuthSession`.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::post;
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend};
use nango_core::{Nango, TagMapper};
use tower_sessions::{MemoryStore, SessionManagerLayer};

/// The app's user. Only the two fields with an attribute are sent to Nango.
#[derive(Debug, Clone, TagMapper)]
#[non_exhaustive]
pub struct User {
    /// The name of the login.
    #[nango(id)]
    pub id: String,
    /// The e-mail address.
    #[nango(tag = "end_user_email")]
    pub email: String,
    password_hash: String,
}

impl AuthUser for User {
    type Id = String;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn session_auth_hash(&self) -> &[u8] {
        self.password_hash.as_bytes()
    }
}

/// A user database with one user, alice.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Users;

impl AuthnBackend for Users {
    type User = User;
    type Credentials = String;
    type Error = Infallible;

    async fn authenticate(&self, name: String) -> Result<Option<User>, Infallible> {
        self.get_user(&name).await
    }

    async fn get_user(&self, id: &String) -> Result<Option<User>, Infallible> {
        let user =
            || User { id: id.clone(), email: format!("{id}@app.example"), password_hash: "h".to_owned() };
        Ok((id == "alice").then(user))
    }
}

/// The extractor that Nango's routes need.
impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let session = AuthSession::<Users>::from_request_parts(parts, state).await;
        session.map_err(|(status, _)| status)?.user.ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// Returns the app. Its login asks for a name only; a real one also checks a password.
pub fn app(nango: Nango) -> Router {
    let log_in = async |mut session: AuthSession<Users>, Path(name): Path<String>| {
        let Ok(Some(user)) = session.authenticate(name).await else {
            return StatusCode::UNAUTHORIZED;
        };
        session.login(&user).await.map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::NO_CONTENT)
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    Router::new()
        .route("/login/{user}", post(log_in))
        .nest("/nango", nango_axum::router::<User, _>(nango))
        .layer(AuthManagerLayerBuilder::new(Users, sessions).build())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;
    use crate::{cookie, nango, send};

    #[tokio::test]
    async fn a_logged_in_user_owns_connections() {
        let app = app(nango::<User>().unwrap());
        assert_eq!(send(&app, Request::get("/nango/connections")).await.status(), 401);
        assert_eq!(send(&app, Request::post("/login/mallory")).await.status(), 401);
        let cookie = cookie(&send(&app, Request::post("/login/alice")).await);
        let list = Request::get("/nango/connections").header("cookie", cookie);
        assert_eq!(send(&app, list).await.status(), 200);
    }
}
