//! `POST /connect/sessions` (wire reference 2.1).

use axum::{extract::State, response::Response};
use serde_json::Value;

use super::{body::Common, open};
use crate::{
    app::App,
    end_users::EndUser,
    http::{
        auth,
        call::{Call, refuse_body},
        check::{Fields, INTEGRATION_ID, wrong_type},
        envelope::Refusal,
    },
};

pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    auth::key(&app, &call, &["environment:connect_sessions:write"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    // Nobody says so, but an empty body complains about `end_user`, not about `tags`.
    let tagged = call.body.as_ref().is_some_and(|body| body.get("tags").is_some());
    let end_user = EndUser::take(&mut fields, !tagged);
    let allowed = take_allowed(&mut fields);
    let common = Common::take(&mut fields);
    fields.strict();
    refuse_body(&fields.issues)?;
    let common = common.move_webhook_url()?;
    app.read(|state| common.check(state, allowed.as_deref().unwrap_or_default()))?;
    let session = common.into_session(&app, end_user, allowed, None)?;
    Ok(open(&app, session))
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
