//! Requests without a route.

use axum::extract::{FromRequest as _, Request, State};
use axum::response::Response;
use http::Method;

use crate::app::App;
use crate::http::{ApiError, Call, LenientCall, reply};

/// First path segments below which Nango checks the content type before the route.
const JSON_ONLY: [&str; 18] = [
    "api-auth", "auth", "action", "connect", "connection", "connections", "environment",
    "environment-variables", "environments", "functions", "integrations", "mcp", "oauth", "providers",
    "records", "scripts", "sync", "v1",
];

/// Answers as Nango does: Express's 404 page or, for GET, the error of a missing dashboard. The
/// body is validated first.
pub(crate) async fn unknown(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path();
    let group = path.split('/').nth(1).unwrap_or_default();
    let call = if JSON_ONLY.contains(&group) && path != "/oauth/callback" {
        Call::from_request(request, &app).await?
    } else {
        LenientCall::from_request(request, &app).await?.0
    };
    let method = call.method;
    if method == Method::GET || method == Method::HEAD {
        return Err(ApiError::support(&app.ids.uuid()));
    }
    let path = reply::escape(&call.path);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Error</title>\n</head>\n<body>\n<pre>Cannot {method} {path}</pre>\n</body>\n\
         </html>\n"
    );
    Ok(reply::html(404, page))
}
