//! OAuth2 provider and API of the recorded integrations.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get, post};
use http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts the provider on a free port. Returns `address:port`.
pub(crate) async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = Router::new()
        .route("/oauth/authorize", get(authorize))
        .route("/{tenant}/oauth/authorize", get(authorize))
        .route("/oauth/token", post(token))
        .route("/api/verify", any(|| async { json_answer(200, &json!({ "ok": true })) }))
        .route("/api/redirect", any(|| async { Redirect::to("/api/echo?redirected=1") }))
        .route("/api/echo", any(echo))
        .route("/api/other/echo", any(echo))
        .route("/api/404", any(|| async { json_answer(404, &json!({ "message": "not here" })) }))
        .route("/api/422", any(|| async { json_answer(422, &json!({ "errors": ["bad"] })) }))
        .route("/api/500", any(|| async { json_answer(500, &json!({ "message": "boom" })) }))
        .route("/api/text", any(|| async { "plain text" }))
        .route("/api", any(path))
        .route("/api/", any(path));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

fn json_answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("content-type", "application/json")], body.to_string()).into_response()
}

async fn path(uri: Uri) -> Response {
    json_answer(200, &json!({ "path": uri.path() }))
}

async fn authorize(Query(query): Query<std::collections::HashMap<String, String>>) -> Redirect {
    let back = url::Url::parse_with_params(
        &query["redirect_uri"],
        [("code", "code-1"), ("realm_id", "realm-77"), ("state", &query["state"])],
    );
    Redirect::to(back.unwrap().as_str())
}

async fn token(body: String) -> Response {
    let refresh = body.contains("grant_type=refresh_token");
    json_answer(
        200,
        &json!({
            "access_token": if refresh { "at_2" } else { "at_1" },
            "token_type": "Bearer",
            "scope": "read write",
            "team_id": "T-42",
            "expires_in": 3600,
            "refresh_token": "rt_1",
        }),
    )
}

async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let headers: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().into())).collect();
    json_answer(
        200,
        &json!({
            "method": method.as_str(),
            "url": uri.to_string(),
            "headers": headers,
            "body": String::from_utf8_lossy(&body),
        }),
    )
}
