//! HTML pages. Their files are in this folder.

use axum::Router;
use axum::extract::RawQuery;
use axum::response::Response;
use axum::routing::get;

use crate::app::App;
use crate::http::reply;
use crate::http::reply::escape;

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

/// Returns the page of the Connect UI.
pub(crate) async fn connect() -> Response {
    let mut response = reply::html(200, CONNECT_HTML);
    let headers = response.headers_mut();
    // The page's address contains a session token.
    headers.insert("referrer-policy", http::HeaderValue::from_static("no-referrer"));
    headers.insert("cache-control", http::HeaderValue::from_static("no-cache"));
    response
}

/// Redirects to the address with a slash, to which the page's files are relative.
pub(crate) async fn connect_without_slash(RawQuery(query): RawQuery) -> Response {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    reply::found(&format!("/connect/{query}"))
}

pub(crate) async fn connect_css() -> Response {
    reply::typed(200, "text/css; charset=utf-8", CONNECT_CSS)
}

/// Returns one route per script of the Connect UI.
pub(crate) fn scripts() -> Router<App> {
    SCRIPTS.into_iter().fold(Router::new(), |router, (name, script)| {
        let answer = move || async move { reply::typed(200, "text/javascript; charset=utf-8", script) };
        router.route(&format!("/connect/{name}"), get(answer))
    })
}

/// Returns the page at the server's root.
pub(crate) fn index(app: &App) -> Response {
    let page = INDEX_HTML
        .replace("{{public_url}}", &escape(&app.public_url))
        .replace("{{environment}}", &escape(&app.environment.name));
    reply::html(200, page)
}
