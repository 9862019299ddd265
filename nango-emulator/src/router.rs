//! All routes of the emulator.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{RawQuery, Request, State};
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, patch, post, put};
use axum::{Router, middleware};
use serde_json::json;

use crate::app::App;
use crate::http::{LastSegment, reply};
use crate::oauth2::{callback, connect, websocket};
use crate::unknown::unknown;
use crate::{
    browser_auth, connections, control, environment, front, functions, integrations, pages,
    provider_webhooks, providers, proxy, sessions,
};

/// Returns the routes, which accept a slash at the end as Express does.
pub(crate) fn router(app: App) -> Router {
    Router::new().fallback_service(routes(app)).layer(middleware::map_request(without_slash))
}

async fn without_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    // The Connect UI's files are relative to its page, and a provider's paths must not change.
    let kept = path == "/connect/" || path.starts_with("/proxy/") || path.contains("/api/");
    if kept || path.len() < 2 || !path.ends_with('/') {
        return request;
    }
    let path = path.trim_end_matches('/');
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    if let Ok(uri) = target.parse() {
        *request.uri_mut() = uri;
    }
    request
}

fn routes(app: App) -> Router {
    Router::new()
        .route("/", get(root))
        .route("/health", get(health))
        .route("/connect/", get(pages::connect))
        .route("/connect", get(pages::connect_without_slash))
        .route("/connect/connect.css", get(pages::connect_css))
        .merge(pages::scripts())
        .route("/connect/sessions", post(sessions::create))
        .route("/connect/sessions/reconnect", post(sessions::reconnect))
        .route("/connect/session", get(sessions::get).delete(sessions::delete))
        .route("/integrations", get(integrations::list).post(integrations::create))
        .route(
            "/integrations/quickstart",
            post(integrations::quickstart).merge(or_else("key", one_integration())),
        )
        .route("/integrations/{key}/functions", get(functions::list))
        .route("/integrations/{key}/functions/{name}", get(functions::get).delete(functions::delete))
        .route("/integrations/{key}/functions/{name}/code", get(functions::code))
        .route("/integrations/{key}", one_integration())
        .route("/providers", get(providers::list))
        .route("/providers/{provider}", get(providers::get))
        .route("/providers/{provider}/templates", get(providers::templates))
        .route("/images/template-logos/{file}", get(providers::logo))
        .route("/api-auth/api-key/{integration}", post(browser_auth::api_key))
        .route("/api-auth/basic/{integration}", post(browser_auth::basic))
        .route("/auth/unauthenticated/{integration}", post(browser_auth::none))
        .route("/oauth2/auth/{integration}", post(browser_auth::client_credentials))
        .route("/oauth/connect/{integration}", get(connect::connect))
        .route("/oauth/callback", get(callback::callback))
        .route("/connections", get(connections::list).post(connections::import))
        .route("/connections/metadata", metadata().merge(or_else("connectionId", one_connection())))
        .route("/connections/{connectionId}", one_connection().patch(connections::patch))
        .route("/environment-variables", get(environment::variables))
        .route("/environments", get(environment::list))
        .route("/environment/webhook-signing-key/rotate", post(environment::rotate_signing_key))
        .route("/proxy", any(proxy::proxy))
        .route("/proxy/", any(proxy::proxy))
        .route("/proxy/{*path}", any(proxy::proxy))
        .route("/webhook/{environment}/{integration}", post(provider_webhooks::forward))
        .route("/connect/telemetry", post(environment::telemetry))
        .route("/sync/trigger", post(functions::trigger))
        .route("/sync/start", post(functions::start))
        .route("/sync/pause", post(functions::pause))
        .route("/sync/deploy", post(functions::deploy))
        .route("/sync/deploy/confirmation", post(functions::confirm))
        .route("/sync/status", get(functions::status))
        .route("/sync/update-connection-frequency", put(functions::frequency))
        .route(
            "/sync/{name}/variant/{variant}",
            post(functions::create_variant).delete(functions::delete_variant),
        )
        .route("/records", get(functions::records))
        .route("/records/prune", patch(functions::prune))
        .route("/action/trigger", post(functions::action).merge(or_else("id", get(functions::action_result))))
        .route("/action/{id}", get(functions::action_result))
        .route("/functions/invocations", post(functions::invoke))
        .route("/functions/compile", post(functions::compile))
        .route("/functions/deployments", post(functions::remote_deploy))
        .route("/scripts/config", get(functions::scripts))
        .route("/v1/{*path}", any(functions::endpoint))
        .route("/mcp", get(functions::mcp))
        // Older names of routes above, and an older form.
        .route("/config/{key}", get(integrations::config))
        .route("/connection", get(connections::list))
        .route("/connection/metadata", metadata().merge(or_else("connectionId", one_connection())))
        .route("/connection/{connectionId}", one_connection())
        .nest("/_emulator", control::router(&app))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn_with_state(app.clone(), front::front))
        .with_state(app)
}

fn one_integration() -> MethodRouter<App> {
    get(integrations::get).patch(integrations::patch).delete(integrations::delete)
}

fn one_connection() -> MethodRouter<App> {
    get(connections::get).delete(connections::delete)
}

fn metadata() -> MethodRouter<App> {
    post(connections::replace_metadata).patch(connections::update_metadata)
}

/// Lets an exact path also serve the methods of the route with a parameter in its place, which
/// Express tries next.
fn or_else(param: &'static str, methods: MethodRouter<App>) -> MethodRouter<App> {
    methods.layer(middleware::map_request(move |mut request: Request| async move {
        let segment = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        request.extensions_mut().insert(LastSegment { param, segment });
        request
    }))
}

async fn health() -> Response {
    reply::json(200, &json!({ "result": "ok" }))
}

/// Serves the WebSocket, the redirect of a connect link, or the index page.
async fn root(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if let Ok(upgrade) = upgrade {
        return upgrade.on_upgrade(move |socket| websocket::serve(app, socket));
    }
    match query {
        Some(query) if query.contains("session_token=") => reply::found(&format!("/connect/?{query}")),
        _ => pages::index(&app),
    }
}
