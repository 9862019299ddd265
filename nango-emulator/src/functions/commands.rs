//! Commands for syncs (data plane reference 6). A reply of success means that the syncs exist, and no
//! more.

use axum::extract::State;
use axum::response::Response;

use super::select::{for_each, require, syncs_of, take_syncs};
use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, INTEGRATION_ID, Text};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::runs;

/// `POST /sync/trigger`: also accepts the connection in headers.
pub(crate) async fn trigger(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    auth::api_key(&app, &call, &["environment:syncs:execute"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let syncs = take_syncs(&mut fields, None);
    let modes = ["incremental", "full_refresh", "full_refresh_and_clear_cache"];
    let mode = fields.optional_choice("sync_mode", &modes);
    let resync = fields.boolean("full_resync");
    // Current SDKs send `opts` (read in Nango's source).
    let opts = fields.take("opts");
    let mut wanted = (false, false);
    if let Some(opts) = opts {
        let read = fields.nested(Some(opts), &["opts"], |opts| {
            (opts.boolean("reset").unwrap_or(false), opts.boolean("emptyCache").unwrap_or(false))
        });
        wanted = read.unwrap_or(wanted);
    }
    let connection_id = fields.optional("connection_id", Text::ANY);
    let integration = fields.optional("provider_config_key", Text::ANY);
    finish_body(fields)?;
    let given = |of_body: Option<&'_ str>, name: &str| {
        let header = || call.headers.get(name).and_then(|value| value.to_str().ok());
        of_body.filter(|text| !text.is_empty()).or_else(header).map(str::to_owned)
    };
    let Some(integration) = given(integration, "provider-config-key") else {
        let message = "Missing provider_config_key. Provide it in the body or headers.";
        return Err(ApiError::new(400, "missing_provider_config_key", message));
    };
    if opts.is_some() && (mode.is_some() || resync.is_some()) {
        let message = "Cannot use opts with deprecated sync_mode/full_resync parameters";
        return Err(ApiError::new(400, "invalid_body", message));
    }
    let (reset, empty_cache) = match mode {
        Some("full_refresh_and_clear_cache") => (true, true),
        Some("full_refresh") => (true, false),
        _ if resync == Some(true) => (true, false),
        _ => wanted,
    };
    let connection_id = given(connection_id, "connection-id");
    require(&app, &integration, connection_id.as_deref())?;
    let known = syncs_of(&app, &integration, connection_id.as_deref());
    for_each(&known, &syncs, |key| runs::trigger(&app, key, reset, empty_cache))?;
    Ok(reply::success())
}

/// `POST /sync/start`: does not run a sync whose next run is still ahead (observed).
pub(crate) async fn start(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    set_paused(&app, &call, false)
}

/// `POST /sync/pause`: does not end a run in flight (observed).
pub(crate) async fn pause(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    set_paused(&app, &call, true)
}

fn set_paused(app: &App, call: &Call, paused: bool) -> Result<Response, ApiError> {
    auth::api_key(app, call, &["environment:syncs:execute"])?;
    let mut fields = call.fields()?;
    let syncs = take_syncs(&mut fields, Some(256));
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let connection_id = fields.optional("connection_id", CONNECTION_ID);
    finish_body(fields)?;
    require(app, integration, connection_id)?;
    let known = syncs_of(app, integration, connection_id);
    for_each(&known, &syncs, |key| {
        app.write(|state| {
            if let Some(sync) = state.syncs.get_mut(key) {
                sync.paused = paused;
            }
        });
    })?;
    app.schedule_changed.notify_one();
    Ok(reply::success())
}
