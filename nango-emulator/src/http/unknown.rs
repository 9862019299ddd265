//! What has no route.

use axum::{
    extract::{FromRequest as _, Request, State},
    response::Response,
};
use http::Method;

use super::{
    call::{Call, LenientCall},
    envelope::Refusal,
    reply,
};
use crate::{app::App, oauth2::page};

/// Below these Nango looks at the content type before it looks for a route.
const JSON_ONLY: [&str; 18] = [
    "api-auth",
    "auth",
    "action",
    "connect",
    "connection",
    "connections",
    "environment",
    "environment-variables",
    "environments",
    "functions",
    "integrations",
    "mcp",
    "oauth",
    "providers",
    "records",
    "scripts",
    "sync",
    "v1",
];

/// A real Nango falls through to Express's page, or for GET to a dashboard that is not there; but the body is
/// looked at on the way.
pub(crate) async fn unknown(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let path = request.uri().path();
    let group = path.split('/').nth(1).unwrap_or_default();
    let call = if JSON_ONLY.contains(&group) && path != "/oauth/callback" {
        Call::from_request(request, &app).await?
    } else {
        LenientCall::from_request(request, &app).await?.0
    };
    let method = call.method;
    if method == Method::GET || method == Method::HEAD {
        return Err(Refusal::support(&app.ids.uuid()));
    }
    let path = page::escape(&call.path);
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>Error</title>\n</head>\n<body>\n<pre>Cannot {method} {path}</pre>\n</body>\n\
         </html>\n"
    );
    Ok(reply::html(404, page))
}
