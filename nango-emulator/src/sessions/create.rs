//! `POST /connect/sessions` (wire reference 2.1).

use axum::{extract::State, response::Response};
use serde_json::Value;

use super::{body::SessionInput, store::store_and_reply};
use crate::{
    app::App,
    auth,
    check::{Fields, INTEGRATION_ID, wrong_type},
    http::{ApiError, Call, finish_body},
    model::EndUser,
};

pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:connect_sessions:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    // An empty body is reported as a missing `end_user`, not as missing `tags`.
    let tagged = call.body.as_ref().is_some_and(|body| body.get("tags").is_some());
    let end_user = EndUser::take(&mut fields, !tagged);
    let allowed = take_allowed(&mut fields);
    let common = SessionInput::take(&mut fields);
    finish_body(fields)?;
    let common = common.move_webhook_url()?;
    app.read(|state| common.check(state, allowed.as_deref().unwrap_or_default()))?;
    let session = common.into_session(&app, end_user, allowed, None)?;
    Ok(store_and_reply(&app, session))
}

fn take_allowed(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    const NAME: &str = "allowed_integrations";
    let value = fields.take(NAME)?;
    let Value::Array(items) = value else {
        fields.push(wrong_type("array", Some(value), &[NAME]));
        return None;
    };
    let mut allowed = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let path = [NAME, &at.to_string()];
        match item {
            Value::String(id) => {
                fields.extend(INTEGRATION_ID.check(id, &path));
                allowed.push(id.clone());
            }
            other => fields.push(wrong_type("string", Some(other), &path)),
        }
    }
    Some(allowed)
}
