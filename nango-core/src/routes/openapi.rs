//! The routes as an OpenAPI document, generated from the code that answers them.

use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ComponentsBuilder, Ref, SchemaType, Type};
use utoipa::openapi::{
    Content, InfoBuilder, ObjectBuilder, OpenApiBuilder, RefOr, Required, ResponseBuilder, Schema,
};

use super::Route;
use super::reply::Problem;

const JSON: &str = "application/json";

/// Describes the routes as mounted at `prefix`, such as `/nango`, as the JSON of an OpenAPI 3.1
/// document.
///
/// To serve it as part of an app's own document, parse it as utoipa's `OpenApi` and merge it. The
/// document does not describe rejections of the app's own login.
///
/// ```
/// let document = nango_core::routes::openapi("/nango");
/// assert!(document.contains("/nango/connections/{handle}/check"));
/// ```
#[must_use]
pub fn openapi(prefix: &str) -> String {
    let paths = Route::ALL.iter().fold(PathsBuilder::new(), |paths, &route| {
        let operation = PathItem::new(method(route), operation(route));
        paths.path(format!("{}{}", prefix.trim_end_matches('/'), route.path()), operation)
    });
    let components = ComponentsBuilder::new()
        .schema("Attempt", attempt())
        .schema("Connection", connection())
        .schema("Problem", problem())
        .schema("SessionToken", session_token());
    let info = InfoBuilder::new().title("Nango connections").version(env!("CARGO_PKG_VERSION"));
    let document =
        OpenApiBuilder::new().info(info.build()).paths(paths).components(Some(components.build())).build();
    // A document of strings and lists serializes without errors.
    document.to_json().unwrap_or_default()
}

fn method(route: Route) -> HttpMethod {
    match route {
        Route::Attempt | Route::Connections | Route::Callback => HttpMethod::Get,
        Route::Disconnect => HttpMethod::Delete,
        Route::SessionToken | Route::ReconnectToken | Route::Check | Route::Webhook => HttpMethod::Post,
    }
}

fn operation(route: Route) -> OperationBuilder {
    let (id, summary, status, said) = match route {
        Route::SessionToken => ("createSessionToken", "A token to connect accounts with", "200", "The token"),
        Route::ReconnectToken => {
            ("createReconnectToken", "A token to authorise a connection again with", "200", "The token")
        }
        Route::Attempt => ("getAttempt", "What became of an attempt to connect", "200", "The outcome so far"),
        Route::Connections => ("listConnections", "The owner's connections", "200", "All of them"),
        Route::Check => ("checkConnection", "A connection, freshly looked up", "200", "As it is now"),
        Route::Disconnect => {
            ("disconnect", "Ends a connection", "204", "It has ended, and does not come back")
        }
        Route::Webhook => {
            ("receiveWebhook", "A delivery of Nango", "200", "Handled, marked, or knowingly ignored")
        }
        Route::Callback => ("forwardCallback", "A provider's answer, sent on to Nango", "308", "To Nango"),
    };
    let reply = ResponseBuilder::new().description(said);
    let reply = match success(route) {
        Some(schema) => reply.content(JSON, Content::new(Some(schema))),
        None => reply,
    };
    let operation = OperationBuilder::new().operation_id(Some(id)).summary(Some(summary)).tag("nango");
    let operation = refusals(route, operation.response(status, reply.build()));
    match route {
        Route::SessionToken => operation.request_body(Some(body(
            ObjectBuilder::new().property("integrations", ArrayBuilder::new().items(text())),
            Required::False,
        ))),
        Route::ReconnectToken => operation.request_body(Some(body(
            ObjectBuilder::new().property("integration", text()).property("handle", text()),
            Required::True,
        ))),
        Route::Connections => {
            operation.parameter(parameter("sync", ParameterIn::Query, "`true`: look at Nango first"))
        }
        Route::Attempt => operation
            .parameter(parameter("attempt", ParameterIn::Path, "From the reply with the token"))
            .parameter(parameter(
                "wait",
                ParameterIn::Query,
                "The seconds to wait for a connection, at most 30",
            )),
        Route::Check | Route::Disconnect => {
            operation.parameter(parameter("handle", ParameterIn::Path, "From the list of connections"))
        }
        Route::Webhook => operation.parameter(parameter(
            crate::SIGNATURE_HEADER,
            ParameterIn::Header,
            "Hex HMAC-SHA256 of the body with the webhook signing key",
        )),
        Route::Callback => {
            let refused = ResponseBuilder::new()
                .description(
                    "The callback is guarded, and this browser has not begun an attempt: a page that says so",
                )
                .content("text/html", Content::new(Some(text())));
            operation.response("403", refused.build())
        }
    }
}

/// Returns the schema of a successful reply.
fn success(route: Route) -> Option<RefOr<Schema>> {
    match route {
        Route::SessionToken | Route::ReconnectToken => Some(Ref::from_schema_name("SessionToken").into()),
        Route::Attempt => Some(Ref::from_schema_name("Attempt").into()),
        Route::Connections => Some(ArrayBuilder::new().items(Ref::from_schema_name("Connection")).into()),
        Route::Check => Some(Ref::from_schema_name("Connection").into()),
        Route::Webhook => {
            let received = ObjectBuilder::new().schema_type(Type::Boolean);
            Some(ObjectBuilder::new().property("received", received).required("received").into())
        }
        Route::Disconnect | Route::Callback => None,
    }
}

/// Adds a response for each status that a route refuses with, which lists the codes.
fn refusals(route: Route, mut operation: OperationBuilder) -> OperationBuilder {
    let mut problems: Vec<_> = Problem::possible_for(route).iter().map(Problem::describe).collect();
    problems.sort_by_key(|(status, ..)| *status);
    for same in problems.chunk_by(|one, other| one.0 == other.0) {
        let said: Vec<_> = same.iter().map(|(_, code, message)| format!("`{code}`: {message}")).collect();
        let content = Content::new(Some(Ref::from_schema_name("Problem")));
        let reply = ResponseBuilder::new().description(said.join("; ")).content(JSON, content);
        operation = operation.response(same[0].0.as_str(), reply.build());
    }
    operation
}

fn body(schema: ObjectBuilder, required: Required) -> utoipa::openapi::request_body::RequestBody {
    RequestBodyBuilder::new().content(JSON, Content::new(Some(schema))).required(Some(required)).build()
}

fn parameter(name: &str, place: ParameterIn, description: &str) -> ParameterBuilder {
    let required = if place == ParameterIn::Query { Required::False } else { Required::True };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(description))
        .schema(Some(text()))
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn all_texts(names: &[&str]) -> ObjectBuilder {
    names.iter().fold(ObjectBuilder::new(), |object, name| object.property(*name, text()).required(*name))
}

fn session_token() -> ObjectBuilder {
    // The attempt is there while attempts are tracked.
    all_texts(&["sessionToken", "expiresAt", "apiUrl"]).property("attempt", text())
}

fn attempt() -> ObjectBuilder {
    let state = text().enum_values(Some(["pending", "connected", "expired"]));
    // All handles, where there is more than one.
    let handles = ArrayBuilder::new().items(text());
    ObjectBuilder::new()
        .property("state", state)
        .required("state")
        .property("handle", text())
        .property("handles", handles)
}

fn connection() -> ObjectBuilder {
    let health = text().enum_values(Some(["healthy", "degraded", "needs_reconnect", "gone", "unknown"]));
    all_texts(&["handle", "integration", "provider", "healthSince", "createdAt"])
        .property("health", health)
        .required("health")
        .property(
            "label",
            ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null])),
        )
        .required("label")
}

fn problem() -> ObjectBuilder {
    ObjectBuilder::new().property("error", all_texts(&["code", "message"])).required("error")
}
