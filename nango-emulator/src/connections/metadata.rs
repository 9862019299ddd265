//! `POST` and `PATCH /connections/metadata` (wire reference 4.7). Both reply with the request's
//! body.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use crate::app::App;
use crate::auth;
use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, Issue, record};
use crate::http::{ApiError, Call, finish_body, reply};
use crate::jsonb;

/// Replaces the metadata.
pub(crate) async fn replace(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    change(&app, &call, 201, |_, new| new.clone())
}

/// Merges into the metadata, one level deep. Null is stored like any other value.
pub(crate) async fn update(State(app): State<App>, call: Call) -> Result<Response, ApiError> {
    change(&app, &call, 200, |old, new| {
        let mut merged = old.clone();
        merged.extend(new.clone());
        merged
    })
}

type Metadata = Map<String, Value>;

fn change(
    app: &App,
    call: &Call,
    status: u16,
    merge: fn(&Metadata, &Metadata) -> Metadata,
) -> Result<Response, ApiError> {
    auth::api_key(app, call, &["environment:connections:update"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let ids = take_ids(&mut fields);
    let integration = fields.required("provider_config_key", INTEGRATION_ID).unwrap_or_default();
    let metadata = record(fields.take("metadata"), &["metadata"]).map_err(|issue| fields.push(issue));
    let metadata = metadata.cloned().unwrap_or_default();
    finish_body(fields)?;
    let storable = jsonb::is_storable_map(&metadata);
    app.write(|state| {
        // Either all connections exist and change, or none does.
        for id in &ids {
            if state.connections.get(integration, id).is_none() {
                let all = "No actions were taken on any of the connections as a result of this failure.";
                let message = format!(
                    "Connection with connection id {id} and provider config key {integration} not found. \
                     Please make sure the connection exists in the Nango dashboard{}",
                    if ids.len() > 1 { format!(". {all}") } else { String::new() }
                );
                return Err(ApiError::new(404, "unknown_connection", message));
            }
        }
        if !storable {
            return Err(ApiError::support(&app.ids.uuid()));
        }
        for id in &ids {
            state.connections.update(integration, id, |connection| {
                let old = connection.metadata.take().unwrap_or_default();
                connection.metadata = Some(merge(&old, &metadata));
            });
        }
        Ok(())
    })?;
    Ok(reply::json(status, &call.body))
}

/// Takes one id or a list of ids. Zod reports one issue for the whole union.
fn take_ids(fields: &mut Fields<'_>) -> Vec<String> {
    const NAME: &str = "connection_id";
    let given = match fields.take(NAME) {
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(Value::String(id)) => Some(vec![id.as_str()]),
        _ => None,
    };
    match given.filter(|ids| ids.iter().all(|id| CONNECTION_ID.check(id, &[]).is_empty())) {
        Some(ids) => ids.into_iter().map(str::to_owned).collect(),
        None => {
            fields.push(Issue::new("invalid_union", "Invalid input", &[NAME]));
            Vec::new()
        }
    }
}
