//! What the browser gets: two pages, their style and scripts, and what the scripts need to know.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use url::Url;

use crate::app::AppState;
use crate::models::User;
use crate::session::NotLoggedIn;

const LOGIN: &str = include_str!("../web/login.html");
const HOME: &str = include_str!("../web/home.html");

pub async fn home(State(state): State<AppState>, user: Result<User, NotLoggedIn>) -> Response {
    html(&state, StatusCode::OK, if user.is_ok() { HOME.to_owned() } else { LOGIN.to_owned() })
}

pub fn unknown_user(state: &AppState) -> Response {
    let message = r#"<p class="message failed" role="alert">Nobody here has that name. Sign in as alice, bob or carol.</p>"#;
    html(state, StatusCode::UNAUTHORIZED, LOGIN.replace("<!-- message -->", message))
}

fn html(state: &AppState, status: StatusCode, page: String) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, &state.connect.policy()),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(page)).into_response()
}

pub async fn asset(Path(name): Path<String>) -> Response {
    let (kind, text) = match name.as_str() {
        "icon.svg" => ("image/svg+xml", include_str!("../web/icon.svg")),
        "style.css" => ("text/css; charset=utf-8", include_str!("../web/style.css")),
        "api.js" => ("text/javascript", include_str!("../web/api.js")),
        "app.js" => ("text/javascript", include_str!("../web/app.js")),
        "connect.js" => ("text/javascript", include_str!("../web/connect.js")),
        "messages.js" => ("text/javascript", include_str!("../web/messages.js")),
        "rows.js" => ("text/javascript", include_str!("../web/rows.js")),
        "section.js" => ("text/javascript", include_str!("../web/section.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, text).into_response()
}

/// An integration on offer.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    pub id: String,
    pub name: String,
}

/// What the page needs to open Nango's Connect UI. Nothing here is secret.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectUi {
    pub url: Url,
    pub api_url: Url,
    pub sdk_url: Url,
}

impl ConnectUi {
    /// The pages run their own scripts and the SDK, and show nobody else's frame but the Connect UI's.
    fn policy(&self) -> String {
        let sdk = self.sdk_url.join(".").unwrap_or_else(|_| self.sdk_url.clone());
        let connect = self.url.origin().ascii_serialization();
        format!(
            "default-src 'none'; script-src 'self' {sdk}; style-src 'self'; img-src 'self'; connect-src 'self'; \
             frame-src {connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    }
}

/// Who is here and what there is to connect.
pub async fn me(State(state): State<AppState>, user: User) -> impl IntoResponse {
    let me = serde_json::json!({
        "user": {"id": user.id, "name": user.name},
        "organization": {"id": user.organization, "name": user.organization},
        "integrations": *state.offers,
        "connect": *state.connect,
    });
    ([(CACHE_CONTROL, "no-store")], Json(me))
}
