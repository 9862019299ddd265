//! What the bodies of both session calls have in common (wire reference 2.1).

use serde_json::{Map, Value};

use super::{Reconnects, Session};
use crate::{
    app::App,
    end_users::EndUser,
    http::{
        call::refuse_body,
        check::{Fields, INTEGRATION_ID, Text, entries, wrong_type},
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
    pub(super) defaults: Option<Map<String, Value>>,
    pub(super) overrides: Option<Map<String, Value>>,
    pub(super) webhook_url_override: Option<String>,
}

impl Common {
    pub(super) fn take(fields: &mut Fields<'_>) -> Self {
        let defaults = take_defaults(fields);
        let overrides = take_overrides(fields);
        let webhook_url_override = take_webhook_url(fields);
        let tags = take_tags(fields);
        Self { tags, defaults, overrides, webhook_url_override }
    }

    /// The older place for the override, still honoured: moved out of the config. Looked at once all
    /// else is well formed; one beside it wins, the empty one too.
    pub(super) fn move_webhook_url(mut self) -> Result<Self, Refusal> {
        const CONFIG: &str = "connection_config";
        const URL: &str = "webhook_url";
        let mut issues = Vec::new();
        let mut found = None;
        for (id, entry) in self.defaults.iter_mut().flatten() {
            let Some(config) = entry.get_mut(CONFIG).and_then(Value::as_object_mut) else { continue };
            let Some(url) = config.shift_remove(URL) else { continue };
            match webhook_url(&url) {
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

    /// The session that the body asks for.
    pub(super) fn into_session(
        self,
        app: &App,
        end_user: Option<EndUser>,
        allowed_integrations: Option<Vec<String>>,
        reconnects: Option<Reconnects>,
    ) -> Result<Session, Refusal> {
        let tags = final_tags(end_user.as_ref(), self.tags.as_ref())?;
        Ok(Session {
            end_user,
            allowed_integrations,
            defaults: self.defaults,
            overrides: self.overrides,
            webhook_url_override: self.webhook_url_override.filter(|url| !url.is_empty()),
            reconnects,
            ..Session::new(app, tags)
        })
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
        let defaults = self.defaults.iter().flat_map(Map::keys);
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
    const NAME: &str = "webhook_url_override";
    let url = webhook_url(fields.take(NAME)?);
    let url = url.map(str::to_owned).map_err(|issue| fields.push(issue.at(&[NAME.to_owned()])));
    url.ok()
}

/// A URL that webhooks may go to, or nothing.
fn webhook_url(value: &Value) -> Result<&str, Issue> {
    let text = value.as_str().filter(|text| text.is_empty() || outbound::is_url(text));
    let text = text.ok_or_else(|| Issue::new("invalid_union", "Invalid input", &[]))?;
    outbound::webhook_target(text).map_err(|message| Issue::custom(message, &[]))?;
    Ok(text)
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

/// Unknown inner keys are dropped without a word.
fn take_overrides(fields: &mut Fields<'_>) -> Option<Map<String, Value>> {
    by_integration(fields, "overrides", |inner| {
        let docs = inner.optional("docs_connect", Text::ANY);
        docs.map(|docs| ("docs_connect".to_owned(), Value::from(docs))).into_iter().collect()
    })
}

/// A record of objects under integration ids.
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
        match Fields::of(Some(entry), &[name, id]) {
            Ok(mut inner) => {
                kept.insert(id.clone(), read(&mut inner).into());
                fields.issues.append(&mut inner.issues);
            }
            Err(issue) => fields.push(issue),
        }
    }
    Some(kept)
}

/// The tags a connection of this session will carry. More than ten, and U+0000, make a real Nango
/// stumble: 500.
fn final_tags(end_user: Option<&EndUser>, tags: Option<&Tags>) -> Result<Tags, Refusal> {
    let failed = || Refusal::new(500, "server_error", "Failed to create connect session");
    let none = Tags::new();
    let tags = tags::combine(end_user, tags.unwrap_or(&none)).map_err(|_| failed())?;
    if tags::storable(&tags) { Ok(tags) } else { Err(failed()) }
}
