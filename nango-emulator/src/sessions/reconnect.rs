//! `POST /connect/sessions/reconnect` (wire reference 2.4). `connections/upsert.rs` has the rules
//! for the renewed connection.

use axum::{extract::State, response::Response};

use super::{body::SessionInput, store::store_and_reply};
use crate::{
    app::App,
    auth,
    check::{CONNECTION_ID, INTEGRATION_ID},
    http::{ApiError, Call, finish_body},
    model::{EndUser, ReconnectTarget},
};

pub(crate) async fn reconnect(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connect_sessions:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let integration = fields.required("integration_id", INTEGRATION_ID).unwrap_or_default();
    let end_user = EndUser::take(&mut fields, false);
    let common = SessionInput::take(&mut fields);
    finish_body(fields)?;
    let common = common.move_webhook_url()?;
    let id = app.read(|state| {
        let found = state.connections.get(integration, connection_id).map(|found| found.id);
        // Nango answers 400, not 404, for every mismatch.
        found.ok_or_else(|| {
            let message = "ConnectionID or IntegrationId does not exists";
            ApiError::new(400, "invalid_body", message)
        })
    })?;
    app.read(|state| common.check(state, &[]))?;
    let pinned = ReconnectTarget { id, connection_id: connection_id.to_owned() };
    let session = common.into_session(&app, end_user, Some(vec![integration.to_owned()]), Some(pinned))?;
    Ok(store_and_reply(&app, session))
}
