//! `POST /oauth2/auth/{integration}`: OAuth2 client credentials. Takes any content type.

use axum::{extract::State, response::Response};
use serde_json::{Value, json};

use super::{finish, session, target};
use crate::{
    app::App,
    connections::{Credentials, upsert::Manner},
    http::{call::LenientCall, envelope::Refusal, reply},
    oauth2::token,
};

pub(crate) async fn client_credentials(
    State(app): State<App>,
    LenientCall(call): LenientCall,
) -> Result<Response, Refusal> {
    let session = session(&app, &call)?;
    super::refuse_connection_id(&call)?;
    let text = |name: &str| {
        let value = call.body.as_ref().and_then(|body| body.get(name)).and_then(Value::as_str);
        value.filter(|text| !text.is_empty())
    };
    let missing =
        |code: &str, name: &str| Refusal::legacy(400, code, &format!("Missing param '{name}'."), json!({}));
    let Some(client_id) = text("client_id") else {
        return Err(missing("missing_client_id", "oauth_client_id"));
    };
    let Some(secret) = text("client_secret").or_else(|| text("client_private_key")) else {
        return Err(missing("missing_client_secret", "oauth_client_secret"));
    };
    let target = target(&app, &call, session, "OAUTH2_CC")?;
    let answer = token::client_credentials(&app, &target.provider, &target.config, client_id, secret).await;
    let now = app.clock.now();
    let credentials = match answer {
        Ok(answer) => Credentials::client_credentials(&answer, client_id, secret, now)
            .ok_or_else(|| Value::Object(answer)),
        Err(rejected) => Err(rejected.payload()),
    };
    let credentials = credentials.map_err(|payload| {
        // The payload is a JSON text inside JSON.
        let message = "Error fetching the client credentials token";
        Refusal::legacy(400, "client_credentials_fetch_error", message, payload.to_string().into())
    })?;
    let made = finish(&app, target, Manner::OAuth2, credentials).await?;
    let view = json!({ "providerConfigKey": made.integration, "connectionId": made.connection_id });
    Ok(reply::json(200, &view))
}
