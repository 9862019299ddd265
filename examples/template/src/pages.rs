//! The pages, their assets, and the data of their script.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use crate::product::INTEGRATIONS;
use crate::users::User;

/// The address of the Connect UI, for the page.
#[derive(Clone)]
pub(crate) struct ConnectUrl(pub(crate) String);

/// Nothing from elsewhere: the Connect UI opens in a window of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// `GET /`
pub(crate) async fn home(user: Result<User, StatusCode>) -> Response {
    match user {
        Ok(_) => page(StatusCode::OK, include_str!("../web/home.html").to_owned()),
        Err(StatusCode::UNAUTHORIZED) => Redirect::to("/login").into_response(),
        Err(status) => status.into_response(),
    }
}

/// `GET /login`
pub(crate) async fn login() -> Response {
    page(StatusCode::OK, login_page(""))
}

/// Returns the login page after a form that was not right.
pub(crate) fn login_failed() -> Response {
    let message = r#"<p role="alert">The address or the password is not right.</p>"#;
    page(StatusCode::UNAUTHORIZED, login_page(message))
}

fn login_page(message: &str) -> String {
    include_str!("../web/login.html").replace("<!-- message -->", message)
}

fn page(status: StatusCode, html: String) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html)).into_response()
}

/// `GET /me`: the data of the script.
pub(crate) async fn me(State(ConnectUrl(url)): State<ConnectUrl>, user: User) -> impl IntoResponse {
    let integration = |(id, name): &(&str, &str)| json!({"id": id, "name": name});
    let integrations: Vec<Value> = INTEGRATIONS.iter().map(integration).collect();
    let me = json!({"email": user.email, "integrations": integrations, "connectUrl": url});
    ([(CACHE_CONTROL, "no-store")], Json(me))
}

/// `GET /assets/app.js`
pub(crate) async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", include_str!("../web/app.js"))
}

/// `GET /assets/style.css`
pub(crate) async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("../web/style.css"))
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], text)
}
