//! `POST /connect/sessions/reconnect` (wire reference 2.4). What it does to the connection is
//! decided in `connections/upsert.rs`.

use axum::{extract::State, response::Response};

use super::{Reconnects, body::Common, open};
use crate::{
    app::App,
    end_users::EndUser,
    http::{
        auth,
        call::{Call, refuse_body},
        check::{CONNECTION_ID, INTEGRATION_ID},
        envelope::Refusal,
    },
};

pub(crate) async fn reconnect(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:connect_sessions:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    let integration = fields.required("integration_id", INTEGRATION_ID).unwrap_or_default();
    let end_user = EndUser::take(&mut fields, false);
    let common = Common::take(&mut fields);
    fields.strict();
    refuse_body(&fields.issues)?;
    let common = common.move_webhook_url()?;
    let id = app.read(|state| {
        let found = state.connections.get(integration, connection_id).map(|found| found.id);
        // One answer for whatever does not fit, 400 and not 404.
        found.ok_or_else(|| {
            let message = "ConnectionID or IntegrationId does not exists";
            Refusal::new(400, "invalid_body", message)
        })
    })?;
    app.read(|state| common.check(state, &[]))?;
    let pinned = Reconnects { id, connection_id: connection_id.to_owned() };
    let session = common.into_session(&app, end_user, Some(vec![integration.to_owned()]), Some(pinned))?;
    Ok(open(&app, session))
}
