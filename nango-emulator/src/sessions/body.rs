//! What the bodies of both session calls have in common (wire reference 2.1).

use serde_json::{Map, Value};

use crate::{
    app::App,
    http::{
        call::refuse_body,
        check::{Fields, INTEGRATION_ID, Text, wrong_type},
        envelope::{Issue, Refusal},
    },
    outbound,
    state::State,
    tags::{self, Tags, Values},
};

/// The parts that both calls take.
#[derive(Default)]
pub(super) struct Common {
    pub(super) tags: Option<Tags>,
    pub(super) defaults: Map<String, Value>,
    pub(super) overrides: Option<Map<String, Value>>,
    pub(super) webhook_url_override: Option<String>,
}

impl Common {
    pub(super) fn take(fields: &mut Fields<'_>) -> Self {
        let mut defaults = take_defaults(fields);
        let overrides = take_overrides(fields);
        let mut webhook_url_override = take_webhook_url(fields);
        let tags = take_tags(fields);
        // The older place for it, still honoured: moved out of the config.
        for entry in defaults.values_mut() {
            let config = entry.get_mut("connection_config").and_then(Value::as_object_mut);
            if let Some(Value::String(url)) = config.and_then(|map| map.shift_remove("webhook_url")) {
                webhook_url_override = webhook_url_override.or(Some(url));
            }
        }
        Self { tags, defaults, overrides, webhook_url_override }
    }

    /// Complaints about integrations that do not exist, and about what no plan allows.
    pub(super) fn check(&self, state: &State, allowed: &[String]) -> Result<(), Refusal> {
        let unknown = |id: &str, path: &[&str]| {
            let missing = state.integration(id).is_none();
            missing.then(|| Issue::custom("Integration does not exist", path))
        };
        let at = |(at, id): (usize, &String)| unknown(id, &["allowed_integrations", &at.to_string()]);
        // The allowed ones are complained about first, and alone.
        refuse_body(&allowed.iter().enumerate().filter_map(at).collect::<Vec<_>>())?;
        let defaults = self.defaults.keys();
        let defaults = defaults.filter_map(|id| unknown(id, &["integrations_config_defaults", id]));
        let overrides = self.overrides.iter().flat_map(Map::keys);
        let overrides = overrides.filter_map(|id| unknown(id, &["overrides", id]));
        refuse_body(&defaults.chain(overrides).collect::<Vec<_>>())?;
        let wants_docs = |entry: &Value| {
            entry.get("docs_connect").and_then(Value::as_str).is_some_and(|docs| !docs.is_empty())
        };
        if self.overrides.iter().flat_map(Map::values).any(wants_docs) {
            let message = "Overriding docs_connect is not allowed here";
            return Err(Refusal::new(403, "forbidden", message));
        }
        Ok(())
    }
}

pub(crate) fn take_tags(fields: &mut Fields<'_>) -> Option<Tags> {
    let value = fields.take("tags")?;
    match tags::parse(value, &["tags"], Values::NonEmpty) {
        Ok(tags) => Some(tags),
        Err(issues) => {
            fields.extend(issues);
            None
        }
    }
}

/// `Some("")` clears an override.
pub(crate) fn take_webhook_url(fields: &mut Fields<'_>) -> Option<String> {
    let path = ["webhook_url_override"];
    let value = fields.take("webhook_url_override")?;
    let Some(text) = value.as_str().filter(|text| text.is_empty() || outbound::is_url(text)) else {
        fields.push(Issue::new("invalid_union", "Invalid input", &path));
        return None;
    };
    if let Err(message) = outbound::webhook_target(text) {
        fields.push(Issue::custom(message, &path));
        return None;
    }
    Some(text.to_owned())
}

fn take_defaults(fields: &mut Fields<'_>) -> Map<String, Value> {
    const NAME: &str = "integrations_config_defaults";
    let Some(map) = fields.object(NAME) else { return Map::new() };
    for (id, entry) in map {
        if !INTEGRATION_ID.check(id, &[]).is_empty() {
            fields.push(Issue::new("invalid_key", "Invalid key in record", &[NAME, id]));
            continue;
        }
        let mut inner = match Fields::of(Some(entry), &[NAME, id]) {
            Ok(inner) => inner,
            Err(issue) => {
                fields.push(issue);
                continue;
            }
        };
        inner.optional("user_scopes", Text::ANY);
        if let Some(params) = inner.object("authorization_params") {
            for (key, value) in params.iter().filter(|(_, value)| !value.is_string()) {
                inner.push(wrong_type("string", Some(value), &["authorization_params", key]));
            }
        }
        if let Some(config) = inner.object("connection_config")
            && let Some(scopes) = config.get("oauth_scopes_override")
            && !scopes.is_string()
        {
            let path = ["connection_config", "oauth_scopes_override"];
            inner.push(wrong_type("string", Some(scopes), &path));
        }
        inner.strict();
        fields.issues.append(&mut inner.issues);
    }
    map.clone()
}

/// Unknown inner keys are dropped without a word.
fn take_overrides(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    let map = fields.object("overrides")?;
    let mut kept = Map::new();
    for (id, entry) in map {
        if !INTEGRATION_ID.check(id, &[]).is_empty() {
            fields.push(Issue::new("invalid_key", "Invalid key in record", &["overrides", id]));
            continue;
        }
        let mut inner = match Fields::of(Some(entry), &["overrides", id]) {
            Ok(inner) => inner,
            Err(issue) => {
                fields.push(issue);
                continue;
            }
        };
        let docs = inner.optional("docs_connect", Text::ANY);
        let docs = docs.map(|docs| ("docs_connect".to_owned(), Value::from(docs)));
        kept.insert(id.clone(), Value::Object(docs.into_iter().collect()));
        fields.issues.append(&mut inner.issues);
    }
    Some(kept)
}

/// The tags a connection of this session will carry. More than ten, and U+0000, make a real Nango
/// stumble: 500.
pub(super) fn final_tags(
    end_user: Option<&crate::end_users::EndUser>,
    tags: Option<&Tags>,
) -> Result<Tags, Refusal> {
    let failed = || Refusal::new(500, "server_error", "Failed to create connect session");
    let none = Tags::new();
    let tags = tags::combine(end_user, tags.unwrap_or(&none)).map_err(|_| failed())?;
    if tags::storable(&tags) { Ok(tags) } else { Err(failed()) }
}

pub(super) fn expiry(app: &App) -> jiff::Timestamp {
    crate::clock::later(app.clock.now(), super::LIFETIME)
}
