//! Bodies of the two session calls (wire reference 2.1).

use serde_json::{Map, Value};

use super::store;
use crate::app::App;
use crate::check::{Fields, INTEGRATION_ID, Issue, Text, entries, wrong_type};
use crate::http::{ApiError, refuse_body};
use crate::model::tags::Values;
use crate::model::{EndUser, ReconnectTarget, Session, State, Tags, combine, tags};
use crate::outbound;

/// Fields that both calls take.
#[derive(Default)]
pub(super) struct SessionInput {
    pub(super) tags: Option<Tags>,
    pub(super) defaults: Option<Map<String, Value>>,
    pub(super) overrides: Option<Map<String, Value>>,
    pub(super) webhook_url_override: Option<String>,
}

impl SessionInput {
    pub(super) fn take(fields: &mut Fields<'_>) -> Self {
        let defaults = take_defaults(fields);
        let overrides = take_overrides(fields);
        let webhook_url_override = outbound::take_webhook_url(fields);
        let tags = tags::take(fields, Values::NonEmpty);
        Self { tags, defaults, overrides, webhook_url_override }
    }

    /// Moves a webhook override from its older place in the config, which is validated once all
    /// else is valid. `webhook_url_override` wins, even if empty.
    pub(super) fn move_webhook_url(mut self) -> Result<Self, ApiError> {
        const CONFIG: &str = "connection_config";
        const URL: &str = "webhook_url";
        let mut issues = Vec::new();
        let mut found = None;
        for (id, entry) in self.defaults.iter_mut().flatten() {
            let Some(config) = entry.get_mut(CONFIG).and_then(Value::as_object_mut) else { continue };
            let Some(url) = config.shift_remove(URL) else { continue };
            match outbound::webhook_url(&url) {
                Ok(url) => found = found.or(Some(url.to_owned()).filter(|url| !url.is_empty())),
                Err(issue) => {
                    let path = ["integrations_config_defaults", id, CONFIG, URL].map(str::to_owned);
                    issues.push(issue.at(&path));
                }
            }
            if config.is_empty()
                && let Some(entry) = entry.as_object_mut()
            {
                entry.shift_remove(CONFIG);
            }
        }
        refuse_body(&issues)?;
        self.webhook_url_override = self.webhook_url_override.or(found);
        Ok(self)
    }

    /// Creates the session of the body.
    pub(super) fn into_session(
        self,
        app: &App,
        end_user: Option<EndUser>,
        allowed_integrations: Option<Vec<String>>,
        reconnects: Option<ReconnectTarget>,
    ) -> Result<Session, ApiError> {
        let tags = final_tags(end_user.as_ref(), self.tags.as_ref())?;
        Ok(Session {
            end_user,
            allowed_integrations,
            defaults: self.defaults,
            overrides: self.overrides,
            webhook_url_override: self.webhook_url_override.filter(|url| !url.is_empty()),
            reconnects,
            ..store::new_session(app, tags)
        })
    }

    /// Checks that integrations exist and that nothing needs a paid plan.
    pub(super) fn check(&self, state: &State, allowed: &[String]) -> Result<(), ApiError> {
        let unknown = |id: &str, path: &[&str]| {
            let missing = state.integration(id).is_none();
            missing.then(|| Issue::custom("Integration does not exist", path))
        };
        let at = |(at, id): (usize, &String)| unknown(id, &["allowed_integrations", &at.to_string()]);
        let allowed = allowed.iter().enumerate().filter_map(at);
        let defaults = self.defaults.iter().flat_map(Map::keys);
        let defaults = defaults.filter_map(|id| unknown(id, &["integrations_config_defaults", id]));
        let overrides = self.overrides.iter().flat_map(Map::keys);
        let overrides = overrides.filter_map(|id| unknown(id, &["overrides", id]));
        refuse_body(&allowed.chain(defaults).chain(overrides).collect::<Vec<_>>())?;
        let wants_docs = |entry: &Value| {
            entry.get("docs_connect").and_then(Value::as_str).is_some_and(|docs| !docs.is_empty())
        };
        if self.overrides.iter().flat_map(Map::values).any(wants_docs) {
            let message = "Overriding docs_connect is not allowed here";
            return Err(ApiError::new(403, "forbidden", message));
        }
        Ok(())
    }
}

fn take_defaults(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    const NAME: &str = "integrations_config_defaults";
    by_integration(fields, NAME, |inner| {
        inner.optional("user_scopes", Text::ANY);
        inner.texts("authorization_params", Text::ANY);
        if let Some(config) = inner.object("connection_config")
            && let Some(scopes) = config.get("oauth_scopes_override")
            && !scopes.is_string()
        {
            let path = ["connection_config", "oauth_scopes_override"];
            inner.push(wrong_type("string", Some(scopes), &path));
        }
        inner.strict();
        inner.all().clone()
    })
}

/// Takes overrides. Ignores unknown inner keys.
fn take_overrides(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    by_integration(fields, "overrides", |inner| {
        let docs = inner.optional("docs_connect", Text::ANY);
        docs.map(|docs| ("docs_connect".to_owned(), Value::from(docs))).into_iter().collect()
    })
}

/// Takes a record of objects by integration id.
fn by_integration(
    fields: &mut Fields<'_>,
    name: &'static str,
    read: fn(&mut Fields<'_>) -> Map<String, Value>,
) -> Option<Map<String, Value>> {
    let map = fields.record(name)?;
    let mut kept = Map::new();
    for (id, entry) in entries(map) {
        if !INTEGRATION_ID.check(id, &[]).is_empty() {
            fields.push(Issue::new("invalid_key", "Invalid key in record", &[name, id]));
            continue;
        }
        if let Some(read) = fields.nested(Some(entry), &[name, id], read) {
            kept.insert(id.clone(), read.into());
        }
    }
    Some(kept)
}

/// Returns the tags of the session's connection. A real Nango answers too many tags, and U+0000,
/// with 500.
fn final_tags(end_user: Option<&EndUser>, tags: Option<&Tags>) -> Result<Tags, ApiError> {
    let none = Tags::new();
    combine(end_user, tags.unwrap_or(&none))
        .map_err(|_| ApiError::new(500, "server_error", "Failed to create connect session"))
}
