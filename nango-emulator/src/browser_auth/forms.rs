//! `POST /api-auth/api-key/{integration}`, `/api-auth/basic/{integration}`,
//! `/auth/unauthenticated/{integration}` and `/oauth2/auth/{integration}`, which is OAuth2 client
//! credentials and takes any content type.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::target::{
    check_request, connected, finish, refuse_connection_id, session, store_connection, target,
};
use crate::app::App;
use crate::check::Fields;
use crate::connections::upsert::StoreMode;
use crate::http::{ApiError, Call, LenientCall, finish_body, reply};
use crate::model::{Credentials, template};
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
    refuse_connection_id(&call)?;
    let mut target = target(&app, &call, session, "OAUTH2_CC").map_err(older)?;
    let response = token::client_credentials(&app, &target.provider, &target.config, client_id, secret).await;
    let response = response.map_err(|rejected| {
        // Nango puts a part of the provider's response into the envelope as a JSON text.
        let payload = rejected.wrapped();
        let message = format!("Failed to fetch client credentials token: {}", json!(payload));
        ApiError::legacy(400, "client_credentials_fetch_error", &message, payload.into())
    })?;
    let credentials = Credentials::client_credentials(&response, client_id, secret, app.clock.now());
    let credentials = credentials.ok_or_else(|| ApiError::support(&app.ids.uuid()))?;
    target.config.extend(template::token_metadata(&target.provider, &response));
    let connection = store_connection(&app, target, StoreMode::OAuth2, credentials);
    let view =
        json!({ "providerConfigKey": connection.integration, "connectionId": connection.connection_id });
    Ok(reply::json(200, &view))
}

/// Returns the error of this endpoint, which is older than the others and has the older envelope.
fn older(error: ApiError) -> ApiError {
    let message = match error.error_code() {
        "unknown_provider_config" => return ApiError::unknown_config(),
        "invalid_auth_mode" => "Invalid auth mode. The provider does not support this auth mode.",
        _ => return error,
    };
    ApiError::legacy(400, error.error_code(), message, json!({}))
}
