//! The pages that people see. Each is one of the files beside this one.

use axum::{Router, extract::RawQuery, response::Response, routing::get};

use crate::{app::App, http::reply, oauth2::page::escape};

const CONNECT_HTML: &str = include_str!("connect.html");
const CONNECT_CSS: &str = include_str!("connect.css");
const SCRIPTS: [(&str, &str); 10] = [
    ("api.js", include_str!("api.js")),
    ("connect.js", include_str!("connect.js")),
    ("credentials.js", include_str!("credentials.js")),
    ("dom.js", include_str!("dom.js")),
    ("errors.js", include_str!("errors.js")),
    ("fields.js", include_str!("fields.js")),
    ("form.js", include_str!("form.js")),
    ("oauth.js", include_str!("oauth.js")),
    ("shell.js", include_str!("shell.js")),
    ("state.js", include_str!("state.js")),
];
const INDEX_HTML: &str = include_str!("index.html");

/// The Connect UI.
pub(crate) async fn connect() -> Response {
    let mut response = reply::html(200, CONNECT_HTML);
    let headers = response.headers_mut();
    // A session token is in its address.
    headers.insert("referrer-policy", http::HeaderValue::from_static("no-referrer"));
    headers.insert("cache-control", http::HeaderValue::from_static("no-cache"));
    response
}

/// The page's own files are beside it, so the slash matters.
pub(crate) async fn connect_without_slash(RawQuery(query): RawQuery) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    reply::found(&format!("/connect/{query}"))
}

pub(crate) async fn connect_css() -> Response {
    reply::typed(200, "text/css; charset=utf-8", CONNECT_CSS)
}

/// One route for each script of the Connect UI.
pub(crate) fn scripts() -> Router<App> {
    SCRIPTS.into_iter().fold(Router::new(), |router, (name, script)| {
        let answer = move || async move { reply::typed(200, "text/javascript; charset=utf-8", script) };
        router.route(&format!("/connect/{name}"), get(answer))
    })
}

/// What somebody finds who opens the server's address.
pub(crate) fn index(app: &App) -> Response {
    let page = INDEX_HTML
        .replace("{{public_url}}", &escape(&app.public_url))
        .replace("{{environment}}", &escape(&app.environment.name));
    reply::html(200, page)
}
