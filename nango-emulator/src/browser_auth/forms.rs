//! `POST /api-auth/api-key/{integration}`, `/api-auth/basic/{integration}`,
//! `/auth/unauthenticated/{integration}` and `/oauth2/auth/{integration}`, which is OAuth2 client
//! credentials and takes any content type.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::target::{check_request, connected, finish, refuse_connection_id, session, target};
use crate::app::App;
use crate::check::Fields;
use crate::connections::upsert::StoreMode;
use crate::http::{ApiError, Call, LenientCall, finish_body, reply};
use crate::model::Credentials;
use crate::upstream::token;

pub(crate) async fn api_key(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    store(&app, &call, "API_KEY", Credentials::take_api_key).await
}

pub(crate) async fn basic(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    store(&app, &call, "BASIC", Credentials::take_basic).await
}

async fn store(
    app: &App,
    call: &Call,
    mode: &str,
    take: fn(&mut Fields<'_>) -> Credentials,
) -> Result<Response, ApiError> {
    let session = session(app, call)?;
    let mut fields = call.fields()?;
    let credentials = take(&mut fields);
    finish_body(fields)?;
    check_request(call)?;
    let target = target(app, call, session, mode)?;
    let connection = finish(app, target, StoreMode::Plain, credentials).await?;
    Ok(connected(&connection))
}

pub(crate) async fn none(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    let session = session(&app, &call)?;
    call.no_body()?;
    check_request(&call)?;
    let target = target(&app, &call, session, "NONE")?;
    let connection = finish(&app, target, StoreMode::Plain, Credentials::default()).await?;
    Ok(connected(&connection))
}

pub(crate) async fn client_credentials(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, ApiError> {
    let session = session(&app, &call)?;
    refuse_connection_id(&call)?;
    let text = |name: &str| {
        let value = call.body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
        value.filter(|text| !text.is_empty())
    };
    let missing =
        |code: &str, name: &str| ApiError::legacy(400, code, &format!("Missing param '{name}'."), json!({}));
    let Some(client_id) = text("client_id") else {
        return Err(missing("missing_client_id", "oauth_client_id"));
    };
    let Some(secret) = text("client_secret").or_else(|| text("client_private_key")) else {
        return Err(missing("missing_client_secret", "oauth_client_secret"));
    };
    let target = target(&app, &call, session, "OAUTH2_CC")?;
    let response = token::client_credentials(&app, &target.provider, &target.config, client_id, secret).await;
    let now = app.clock.now();
    let credentials = match response {
        Ok(response) => Credentials::client_credentials(&response, client_id, secret, now)
            .ok_or_else(|| Value::Object(response)),
        Err(rejected) => Err(rejected.payload()),
    };
    let credentials = credentials.map_err(|payload| {
        // Nango puts the provider's response into the envelope as a JSON text.
        let message = "Error fetching the client credentials token";
        ApiError::legacy(400, "client_credentials_fetch_error", message, payload.to_string().into())
    })?;
    let connection = finish(&app, target, StoreMode::OAuth2, credentials).await?;
    let view =
        json!({ "providerConfigKey": connection.integration, "connectionId": connection.connection_id });
    Ok(reply::json(200, &view))
}
