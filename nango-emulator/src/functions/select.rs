//! Names of syncs in requests, and the syncs of connections that they mean.

use serde_json::{Value, json};

use crate::app::App;
use crate::check::{Fields, Issue, wrong_type};
use crate::http::ApiError;
use crate::model::functions::SyncKey;
use crate::runs;

/// A sync and its variant, as a request names it.
pub(super) struct SyncName {
    pub(super) name: String,
    pub(super) variant: String,
}

impl SyncName {
    /// Parses `name` or `name::variant`.
    pub(super) fn parse(text: &str) -> Self {
        let (name, variant) = text.split_once("::").unwrap_or((text, "base"));
        Self { name: name.to_owned(), variant: variant.to_owned() }
    }

    fn of(item: &Value) -> Option<Self> {
        let text = |name: &str| item.get(name)?.as_str().map(str::to_owned);
        match item {
            Value::String(text) => Some(Self::parse(text)),
            _ => Some(Self { name: text("name")?, variant: text("variant")? }),
        }
    }

    pub(super) fn is_of(&self, key: &SyncKey) -> bool {
        self.name == key.name && self.variant == key.variant
    }
}

/// Takes names, or names with variants.
pub(super) fn take_syncs(fields: &mut Fields<'_>, max: Option<usize>) -> Vec<SyncName> {
    const FIELD: &str = "syncs";
    let items = match fields.take(FIELD) {
        Some(Value::Array(items)) => items,
        other => {
            fields.push(wrong_type("array", other, &[FIELD]));
            return Vec::new();
        }
    };
    let mut names = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let message = "Each sync must be either a string or a { name: string, variant: string } object";
        match SyncName::of(item) {
            Some(name) => names.push(name),
            None => fields.push(Issue::new("invalid_union", message, &[FIELD, &at.to_string()])),
        }
    }
    if let Some(max) = max.filter(|&max| items.len() > max) {
        let message = format!("Too big: expected array to have <={max} items");
        fields.push(Issue::new("too_big", message, &[FIELD]));
    }
    names
}

/// Returns the syncs of a connection, or of all connections of the integration, in order.
pub(super) fn syncs_of(app: &App, integration: &str, connection_id: Option<&str>) -> Vec<SyncKey> {
    app.write_unsynced(|state| {
        let mut ids: Vec<_> = match connection_id {
            Some(id) => state.connections.get(integration, id).map(|one| one.id).into_iter().collect(),
            None => state.connections.with_integration(integration).map(|one| one.id).collect(),
        };
        ids.sort_unstable();
        for &id in &ids {
            runs::ensure_syncs(app, state, id, integration);
        }
        ids.iter().flat_map(|&id| state.syncs.of(id)).map(|sync| sync.key.clone()).collect()
    })
}

/// Calls `each` for the syncs with these names, or for all. Fails at the first name that there is
/// not, after those before it were called (observed).
pub(super) fn for_each(
    known: &[SyncKey],
    names: &[SyncName],
    mut each: impl FnMut(&SyncKey),
) -> Result<(), ApiError> {
    if known.is_empty() {
        return Err(no_syncs_found());
    }
    if names.is_empty() {
        known.iter().for_each(each);
        return Ok(());
    }
    for name in names {
        let mut found = known.iter().filter(|key| name.is_of(key)).peekable();
        if found.peek().is_none() {
            return Err(no_syncs_found());
        }
        found.for_each(&mut each);
    }
    Ok(())
}

fn no_syncs_found() -> ApiError {
    ApiError::legacy(400, "no_syncs_found", "No syncs found given the inputs.", json!({}))
}

/// Fails for a connection that does not exist.
pub(super) fn require(app: &App, integration: &str, connection_id: Option<&str>) -> Result<(), ApiError> {
    let Some(id) = connection_id.filter(|id| !app.has_connection(integration, id)) else { return Ok(()) };
    let payload = json!({ "connectionId": id, "providerConfigKey": integration });
    let message = format!(
        "No connection matching the provided params of 'connection_id' and 'provider_config_key'. \
         Please make sure these values exist in the Nango dashboard {payload:#}"
    );
    Err(ApiError::legacy(404, "unknown_connection", &message, payload))
}
