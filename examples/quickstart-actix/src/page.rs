//! The pages and their assets, on Actix Web.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, LOCATION, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{Data, Path};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use nango_core::TagMapper;
use serde_json::Value;

use crate::app::AppState;
use crate::events;
use crate::models::User;
use crate::origin;
use crate::session::NotLoggedIn;
use crate::slack;
use crate::web;

pub async fn home(
    state: Data<AppState>,
    request: HttpRequest,
    user: Result<User, NotLoggedIn>,
) -> HttpResponse {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if let Some(page) = origin::page_of_callback(state.callback.as_ref(), host) {
        return HttpResponse::TemporaryRedirect().insert_header((LOCATION, page)).finish();
    }
    let page = if user.is_ok() { web::home() } else { web::login() };
    html(&state, StatusCode::OK, page.into_owned())
}

pub fn unknown_user(state: &AppState) -> HttpResponse {
    html(state, StatusCode::UNAUTHORIZED, web::unknown_user())
}

fn html(state: &AppState, status: StatusCode, page: String) -> HttpResponse {
    let mut reply = HttpResponse::build(status);
    for header in web::headers(&state.connect) {
        reply.insert_header(header);
    }
    reply.content_type("text/html; charset=utf-8").body(page)
}

pub async fn asset(name: Path<String>) -> HttpResponse {
    match web::asset(&name) {
        Some((kind, text)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, kind))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(text.into_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}

pub async fn me(state: Data<AppState>, user: User) -> impl Responder {
    let me = web::me(&user, &state.offers, &state.connect);
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(me)
}

/// Answers with the handled events of the logged-in user, or of the user's organisation.
pub async fn events<O: TagMapper + FromRequest>(state: Data<AppState>, owner: O) -> HttpResponse {
    let (status, body) = events::list(&state.inbox, &owner).await;
    json(status, &body)
}

/// Answers with the Slack channels of the logged-in user, or of the user's organisation.
pub async fn channels<O: TagMapper + FromRequest>(
    state: Data<AppState>,
    handle: Option<Path<String>>,
    owner: O,
) -> HttpResponse {
    let handle = handle.as_deref().map(String::as_str);
    let (status, body) = slack::channels(&state.nango, &owner, handle).await;
    json(status, &body)
}

/// Makes a reply of what a user may read: it is not for caches.
fn json(status: u16, body: &Value) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(body)
}
