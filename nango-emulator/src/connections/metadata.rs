//! `POST` and `PATCH /connections/metadata` (wire reference 4.7). Both echo the request.

use axum::{extract::State, response::Response};
use serde_json::{Map, Value};

use crate::{
    app::App,
    http::{
        auth,
        call::{Call, refuse_body},
        check::{Fields, Text, wrong_type},
        envelope::{Issue, Refusal},
        reply,
    },
};

/// 201; what was there is gone.
pub(crate) async fn replace(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
    change(&app, &call, 201, |_, new| new.clone())
}

/// 200; a shallow merge in which null is a value like any other.
pub(crate) async fn update(State(app): State<App>, call: Call) -> Result<Response, Refusal> {
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
) -> Result<Response, Refusal> {
    auth::key(app, call, &["environment:connections:update"])?;
    call.no_query()?;
    let mut fields = call.fields()?;
    let ids = take_ids(&mut fields);
    let integration =
        fields.required("provider_config_key", Text { min: 1, ..Text::ANY }).unwrap_or_default();
    let metadata = match fields.take("metadata") {
        Some(Value::Object(map)) => map.clone(),
        other => {
            fields.push(wrong_type("record", other, &["metadata"]));
            Map::new()
        }
    };
    fields.strict();
    refuse_body(&fields.issues)?;
    app.write(|state| {
        // All or nothing.
        for id in &ids {
            if state.connections.get(integration, id).is_none() {
                let message = format!(
                    "Connection with connection id {} and provider config key {integration} not \
                     found. Please make sure the connection exists in the Nango dashboard",
                    ids.join(", ")
                );
                return Err(Refusal::new(404, "unknown_connection", message));
            }
        }
        for id in &ids {
            if let Some(connection) = state.connections.get_mut(integration, id) {
                let old = connection.metadata.take().unwrap_or_default();
                connection.metadata = Some(merge(&old, &metadata));
            }
        }
        Ok(())
    })?;
    Ok(reply::json(status, &call.body))
}

fn take_ids(fields: &mut Fields<'_>) -> Vec<String> {
    const NAME: &str = "connection_id";
    match fields.take(NAME) {
        Some(Value::String(id)) if !id.is_empty() => vec![id.clone()],
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => {
            fields.push(Issue::new("invalid_union", "Invalid input", &[NAME]));
            Vec::new()
        }
    }
}
