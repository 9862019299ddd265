//! Variants of syncs (data plane reference 6).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use super::select::syncs_of;
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, INTEGRATION_ID, NAME};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::model::functions::SyncKey;
use crate::runs;

/// Variants of one sync and connection, at most (read in Nango's source).
const MOST: usize = 100;

/// `POST /sync/{name}/variant/{variant}`: a variant of a sync that starts by itself runs at once.
pub(crate) async fn create(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:variant:create"])?;
    let (integration, key) = check(&app, &call, "create")?;
    let known = syncs_of(&app, &integration.0, Some(&integration.1));
    if known.contains(&key) {
        return Err(ApiError::code(400, "sync_variant_already_exists"));
    }
    let variants = known.iter().filter(|one| one.name == key.name).count();
    if variants == 0 {
        return Err(ApiError::code(400, "unknown_sync"));
    }
    if variants > MOST {
        return Err(ApiError::new(400, "resource_capped", "The sync has 100 variants already"));
    }
    let (now, id) = (app.clock.now(), app.ids.uuid());
    let starts = app.write(|state| {
        let function = state.functions.sync(&integration.0, &key.name)?;
        let new = runs::new_state(function, key.clone(), id.clone(), now);
        let starts = !new.paused;
        state.syncs.put(new);
        Some(starts)
    });
    if starts == Some(true) {
        runs::start(&app, &key, false);
    }
    app.schedule_changed.notify_one();
    Ok(reply::json(200, &json!({ "id": id, "name": key.name, "variant": key.variant })))
}

/// `DELETE /sync/{name}/variant/{variant}`: the records of the variant stay (observed).
pub(crate) async fn delete(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:variant:delete"])?;
    let (_, key) = check(&app, &call, "delete")?;
    app.running.stop(&key);
    let removed = app.write(|state| state.syncs.remove(&key));
    removed.map(|_| reply::success()).ok_or_else(|| ApiError::code(404, "not_found"))
}

/// Returns integration and connection id, and what the request names.
fn check(app: &App, call: &Call, verb: &str) -> Result<((String, String), SyncKey), ApiError> {
    let mut fields = call.fields()?;
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.required("connection_id", CONNECTION_ID).unwrap_or_default();
    finish_body(fields)?;
    call.check_params(&["name", "variant"], NAME)?;
    call.no_query()?;
    let variant = call.param("variant");
    if variant.eq_ignore_ascii_case("base") {
        let message = format!("Cannot {verb} protected variant \"{variant}\".");
        return Err(ApiError::new(400, "invalid_variant", message));
    }
    let Some(connection) = app.connection_number(integration, connection_id) else {
        return Err(ApiError::code(400, "unknown_connection"));
    };
    let key = SyncKey { connection, name: call.param("name").to_owned(), variant: variant.to_owned() };
    Ok(((integration.to_owned(), connection_id.to_owned()), key))
}
