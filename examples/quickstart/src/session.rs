//! The login: a signed cookie with the id of a session. The extractors of `User` and `Organization` read
//! it, for the app's own handlers and for Nango's routes.

use std::time::Duration;

use axum::Form;
use axum::Json;
use axum::extract::{FromRequest as _, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::SignedCookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;
use tokio::time::timeout;

use crate::app::AppState;
use crate::models::{Organization, User};
use crate::page;
use crate::web;

const COOKIE: &str = "quickstart_session";

/// The longest wait for the form of a login.
const FORM_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
pub struct Login {
    user: String,
}

pub async fn log_in(
    State(state): State<AppState>,
    jar: SignedCookieJar,
    request: Request,
) -> Result<Response, StatusCode> {
    // An extractor would wait for the form without end.
    let login = timeout(FORM_TIMEOUT, Form::<Login>::from_request(request, &state));
    let Form(login) = match login.await.map_err(|_| StatusCode::REQUEST_TIMEOUT)? {
        Ok(login) => login,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let Some(user) = User::find(&login.user) else {
        return Ok(page::unknown_user(&state));
    };
    // A real app also checks a password, and sets `secure`, since it is served over HTTPS.
    end_session(&state, &jar)?;
    let id = state.sessions.start(&user.id).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let cookie = Cookie::build((COOKIE, id)).path("/").http_only(true).same_site(SameSite::Lax);
    Ok((jar.add(cookie), Redirect::to("/")).into_response())
}

pub async fn log_out(
    State(state): State<AppState>,
    jar: SignedCookieJar,
) -> Result<impl IntoResponse, StatusCode> {
    end_session(&state, &jar)?;
    Ok((jar.remove(Cookie::build(COOKIE).path("/")), Redirect::to("/")))
}

/// Ends the session on the server: the browser's copy of the cookie may not be the only one.
fn end_session(state: &AppState, jar: &SignedCookieJar) -> Result<(), StatusCode> {
    let ended = jar.get(COOKIE).map_or(Ok(()), |cookie| state.sessions.end(cookie.value()));
    ended.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// The rejection of a request without a login.
#[derive(Debug)]
pub struct NotLoggedIn;

impl IntoResponse for NotLoggedIn {
    fn into_response(self) -> Response {
        (StatusCode::UNAUTHORIZED, Json(web::not_logged_in())).into_response()
    }
}

impl FromRequestParts<AppState> for User {
    type Rejection = NotLoggedIn;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let jar = SignedCookieJar::from_headers(&parts.headers, state.key.clone());
        let user = jar.get(COOKIE).and_then(|cookie| state.sessions.user(cookie.value()));
        user.and_then(|id| Self::find(&id)).ok_or(NotLoggedIn)
    }
}

impl FromRequestParts<AppState> for Organization {
    type Rejection = NotLoggedIn;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let user = User::from_request_parts(parts, state).await?;
        Ok(Self { id: user.organization })
    }
}
