//! Functions as they are deployed, and how the API shows them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::FunctionError;
use super::frequency::Frequency;
use super::step::Step;
use crate::check::{MODEL, NAME};
use crate::time;

/// Kind of a function, in the order in which Nango lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FunctionKind {
    Action,
    OnEvent,
    Sync,
}

impl FunctionKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::OnEvent => "on-event",
            Self::Sync => "sync",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [Self::Action, Self::OnEvent, Self::Sync].into_iter().find(|kind| kind.name() == name)
    }
}

/// What is deployed: a function's description, and what it does if no code of the test does it. It
/// is an entry of the configuration file, too.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deployment {
    pub(crate) integration: String,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: FunctionKind,
    /// Models of a sync; the type that an action returns.
    #[serde(default)]
    pub(crate) models: Vec<String>,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default = "first_version")]
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) input: Option<String>,
    #[serde(default)]
    pub(crate) json_schema: Option<Value>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    #[serde(default)]
    pub(crate) attributes: Map<String, Value>,
    /// Frequency of a sync.
    #[serde(default)]
    pub(crate) runs: Option<String>,
    #[serde(default = "yes")]
    pub(crate) auto_start: bool,
    #[serde(default)]
    pub(crate) track_deletes: bool,
    #[serde(default)]
    pub(crate) features: Vec<String>,
    #[serde(default)]
    pub(crate) webhook_subscriptions: Vec<String>,
    #[serde(default)]
    pub(crate) sdk_version: Option<String>,
    /// TypeScript, which is only shown.
    #[serde(default)]
    pub(crate) code: Option<String>,
    /// Records that every run of the sync saves, by model.
    #[serde(default)]
    pub(crate) records: BTreeMap<String, Vec<Map<String, Value>>>,
    /// What every run of the sync does after that.
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
    /// What the sync does for a webhook of the provider.
    #[serde(default)]
    pub(crate) on_webhook: Vec<Step>,
    /// Output of the action.
    #[serde(default)]
    pub(crate) output: Value,
    /// Error of the action, in place of the output.
    #[serde(default)]
    pub(crate) error: Option<FunctionError>,
}

fn first_version() -> String {
    "1.0.0".to_owned()
}

fn yes() -> bool {
    true
}

impl Deployment {
    pub(crate) fn new(kind: FunctionKind, integration: &str, name: &str) -> Self {
        Self {
            integration: integration.to_owned(),
            name: name.to_owned(),
            kind,
            models: Vec::new(),
            description: String::new(),
            version: first_version(),
            input: None,
            json_schema: None,
            scopes: Vec::new(),
            attributes: Map::new(),
            runs: None,
            auto_start: true,
            track_deletes: false,
            features: Vec::new(),
            webhook_subscriptions: Vec::new(),
            sdk_version: None,
            code: None,
            records: BTreeMap::new(),
            steps: Vec::new(),
            on_webhook: Vec::new(),
            output: Value::Null,
            error: None,
        }
    }

    /// Checks Nango's rules and adds what follows from the rest. Returns the broken rule.
    pub(crate) fn check(mut self) -> Result<Self, String> {
        for model in self.records.keys() {
            if !self.models.contains(model) {
                self.models.push(model.clone());
            }
        }
        if !NAME.check(&self.name, &[]).is_empty() {
            return Err(format!("name {:?} has other characters than letters, digits, _ and -", self.name));
        }
        if self.kind != FunctionKind::Sync {
            return Ok(self);
        }
        if self.models.is_empty() {
            return Err(format!("sync {:?} has no model", self.name));
        }
        if let Some(model) = self.models.iter().find(|model| !MODEL.check(model, &[]).is_empty()) {
            return Err(format!("model {model:?} is not a capital letter with letters, digits, _ and -"));
        }
        let runs = self.runs.get_or_insert_with(|| "every hour".to_owned());
        if Frequency::parse(runs).is_none() {
            return Err(format!("{runs:?} is not a frequency of at least 30 seconds, such as `every hour`"));
        }
        Ok(self)
    }
}

/// A deployed function.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) id: u64,
    pub(crate) last_deployed: Timestamp,
    pub(crate) deployed: Deployment,
}

impl Function {
    pub(crate) fn is(&self, kind: FunctionKind, integration: &str, name: &str) -> bool {
        self.deployed.kind == kind && self.deployed.integration == integration && self.deployed.name == name
    }

    fn schema(&self) -> Value {
        let definitions = || -> Map<_, _> {
            let deployed = &self.deployed;
            deployed.models.iter().chain(&deployed.input).map(|name| (name.clone(), json!({}))).collect()
        };
        self.deployed.json_schema.clone().unwrap_or_else(|| json!({ "definitions": definitions() }))
    }

    /// Returns the entry of `GET /integrations/{key}/functions`.
    pub(crate) fn entry(&self) -> Value {
        let deployed = &self.deployed;
        let mut entry = json!({
            "name": deployed.name,
            "description": deployed.description,
            "scopes": deployed.scopes,
            "type": deployed.kind.name(),
            "input": deployed.input,
            "returns": deployed.models,
            "json_schema": self.schema(),
        });
        if deployed.kind == FunctionKind::Sync {
            entry["runs"] = json!(deployed.runs);
            entry["auto_start"] = json!(deployed.auto_start);
            entry["track_deletes"] = json!(deployed.track_deletes);
        }
        entry["id"] = json!(self.id);
        entry["enabled"] = json!(true);
        entry["last_deployed"] = time::utc(self.last_deployed).into();
        entry["source"] = json!("repo");
        entry
    }

    /// Returns the entry of `GET /scripts/config`.
    pub(crate) fn script(&self) -> Value {
        let deployed = &self.deployed;
        let schema = self.schema();
        let definitions = schema.get("definitions").and_then(Value::as_object);
        let names = definitions.into_iter().flat_map(Map::keys);
        let models: Vec<_> = names.map(|name| json!({ "name": name, "fields": [] })).collect();
        let mut script = json!({
            "id": self.id,
            "name": deployed.name,
            "type": deployed.kind.name(),
            "returns": deployed.models,
            "description": deployed.description,
            "attributes": deployed.attributes,
            "scopes": deployed.scopes,
            "version": deployed.version,
            "source": "repo",
            "endpoints": [],
            "input": deployed.input,
            "enabled": true,
            "last_deployed": time::utc(self.last_deployed),
            "webhookSubscriptions": deployed.webhook_subscriptions,
            "json_schema": schema,
            "sdk_version": deployed.sdk_version,
            "models": models,
            "features": deployed.features,
        });
        if deployed.kind == FunctionKind::Sync {
            script["sync_type"] = json!("full");
            script["auto_start"] = json!(deployed.auto_start);
            script["runs"] = json!(deployed.runs);
            script["track_deletes"] = json!(deployed.track_deletes);
        }
        script
    }

    /// Returns the tool of `GET /scripts/config?format=openai`.
    pub(crate) fn tool(&self) -> Value {
        let schema = self.schema();
        let input = self.deployed.input.as_deref().and_then(|name| schema.get("definitions")?.get(name));
        let part = |name: &str, none: Value| input.and_then(|input| input.get(name)).cloned().unwrap_or(none);
        json!({
            "name": self.deployed.name,
            "description": self.deployed.description,
            "parameters": {
                "type": "object",
                "properties": part("properties", json!({})),
                "required": part("required", json!([])),
            },
        })
    }

    /// Returns the name that a stack trace shows.
    pub(crate) fn file(&self) -> String {
        format!("{}-{}", self.deployed.name, self.deployed.integration)
    }
}
