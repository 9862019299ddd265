//! Logging in and out, and the extractor of the user, which Nango's routes use as well.

use std::time::Duration;

use axum::Form;
use axum::extract::{FromRef, FromRequest as _, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use sqlx::PgPool;
use tower_sessions::Session;

use crate::pages;
use crate::users::User;

/// The session's key for the user's id.
const USER: &str = "user";

/// The longest wait for the form.
const FORM_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

/// `POST /login`
pub(crate) async fn log_in(
    State(pool): State<PgPool>,
    session: Session,
    request: Request,
) -> Result<Response, StatusCode> {
    // As an argument it would be waited for without end.
    let form = tokio::time::timeout(FORM_TIMEOUT, Form::<Login>::from_request(request, &())).await;
    let Form(Login { email, password }) = match form.map_err(|_| StatusCode::REQUEST_TIMEOUT)? {
        Ok(form) => form,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let Some(user) = User::authenticate(&pool, &email, password).await.map_err(unavailable)? else {
        return Ok(pages::login_failed());
    };
    // A session that a browser brought may be known to another one.
    session.cycle_id().await.map_err(unavailable)?;
    session.insert(USER, user.id).await.map_err(unavailable)?;
    Ok(Redirect::to("/").into_response())
}

/// `POST /logout`: ends the session on the server, too.
pub(crate) async fn log_out(session: Session) -> Result<Redirect, StatusCode> {
    session.flush().await.map_err(unavailable)?;
    Ok(Redirect::to("/login"))
}

impl<S: Send + Sync> FromRequestParts<S> for User
where
    PgPool: FromRef<S>,
{
    /// 401 without a login, and 503 where that cannot be found out.
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let session = Session::from_request_parts(parts, state).await.map_err(|(status, _)| status)?;
        let id = session.get(USER).await.map_err(unavailable)?.ok_or(StatusCode::UNAUTHORIZED)?;
        let user = Self::find(&PgPool::from_ref(state), id).await.map_err(unavailable)?;
        user.ok_or(StatusCode::UNAUTHORIZED)
    }
}

fn unavailable(error: impl std::fmt::Display) -> StatusCode {
    tracing::error!("a login cannot be looked up: {error}");
    StatusCode::SERVICE_UNAVAILABLE
}
