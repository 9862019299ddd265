//! The login: the session of actix-session, a signed cookie, with the id of a live session. The
//! extractors of `User` and `Organization` read it, for the app's own handlers and for Nango's
//! routes.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_session::{Session, SessionExt as _};
use actix_web::dev;
use actix_web::error::{ErrorInternalServerError, ErrorRequestTimeout};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::rt::time::timeout;
use actix_web::web::{Data, Form, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use serde::Deserialize;

use crate::app::AppState;
use crate::models::{Organization, User};
use crate::page;
use crate::web;

/// The key in the cookie for the id of the live session.
const ID: &str = "id";

/// The longest wait for the form of a login.
const FORM_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
pub struct Login {
    user: String,
}

pub async fn log_in(
    state: Data<AppState>,
    session: Session,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, actix_web::Error> {
    // An extractor would wait for the form without end.
    let login = timeout(FORM_TIMEOUT, Form::<Login>::from_request(&request, &mut payload.into_inner()));
    let Form(login) = login.await.map_err(|_| ErrorRequestTimeout("the form took too long"))??;
    let Some(user) = User::find(&login.user) else {
        return Ok(page::unknown_user(&state));
    };
    // A real app also checks a password.
    end_session(&state, &session)?;
    let id = state.sessions.start(&user.id).map_err(ErrorInternalServerError)?;
    session.renew();
    session.insert(ID, id)?;
    Ok(to_home().await)
}

pub async fn log_out(state: Data<AppState>, session: Session) -> Result<HttpResponse, actix_web::Error> {
    end_session(&state, &session)?;
    session.purge();
    Ok(to_home().await)
}

/// Ends the session on the server: the browser's copy of the cookie may not be the only one, and
/// `purge` removes only that.
fn end_session(state: &AppState, session: &Session) -> Result<(), actix_web::Error> {
    let id = session.get::<String>(ID)?;
    id.map_or(Ok(()), |id| state.sessions.end(&id)).map_err(ErrorInternalServerError)
}

pub async fn to_home() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/")).finish()
}

/// The rejection of a request without a login.
#[derive(Debug)]
pub struct NotLoggedIn;

impl std::fmt::Display for NotLoggedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not logged in")
    }
}

impl ResponseError for NotLoggedIn {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Unauthorized().json(web::not_logged_in())
    }
}

impl FromRequest for User {
    type Error = NotLoggedIn;
    type Future = Ready<Result<Self, NotLoggedIn>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let id = request.get_session().get::<String>(ID).ok().flatten();
        let state = request.app_data::<Data<AppState>>();
        let user = state.zip(id).and_then(|(state, id)| state.sessions.user(&id));
        ready(user.and_then(|id| Self::find(&id)).ok_or(NotLoggedIn))
    }
}

impl FromRequest for Organization {
    type Error = NotLoggedIn;
    type Future = Ready<Result<Self, NotLoggedIn>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let user = User::from_request(request, payload).into_inner();
        ready(user.map(|user| Self { id: user.organization }))
    }
}
