//! Provider templates: what Nango knows about Slack, Google and the others.

mod builtin;
mod endpoints;
pub(crate) mod logo;
mod played;
pub(crate) mod template;
mod yaml;

use std::path::Path;

use serde_json::{Map, Value};

pub(crate) use builtin::DEMO;
pub(crate) use endpoints::{get, list, templates};

use crate::error::EmulatorError;

/// One provider template in Nango's own shape.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) template: Map<String, Value>,
}

impl Provider {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.template.get(key).and_then(Value::as_str)
    }

    /// `OAUTH2`, `API_KEY`, `BASIC`, `OAUTH2_CC`, `NONE`, …
    pub(crate) fn auth_mode(&self) -> &str {
        self.text("auth_mode").unwrap_or_default()
    }

    pub(crate) fn display_name(&self) -> &str {
        self.text("display_name").unwrap_or(&self.name)
    }

    pub(crate) fn object(&self, key: &str) -> Option<&Map<String, Value>> {
        self.template.get(key).and_then(Value::as_object)
    }

    /// A value below `proxy`, such as `base_url`.
    pub(crate) fn proxy(&self, key: &str) -> Option<&Value> {
        self.object("proxy")?.get(key)
    }

    /// A list of names, such as `token_response_metadata`.
    pub(crate) fn names(&self, key: &str) -> Vec<String> {
        let list = self.template.get(key).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.template.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// As `GET /providers/{name}` shows it.
    pub(crate) fn view(&self, public_url: &str) -> Value {
        let mut view = self.template.clone();
        view.insert("name".into(), self.name.clone().into());
        view.insert("logo_url".into(), logo::url(public_url, &self.name).into());
        Value::Object(view)
    }
}

/// All providers, in the order of their source.
#[derive(Debug)]
pub(crate) struct Catalog(Vec<Provider>);

/// More would be a circle.
const MAX_ALIASES: usize = 8;

impl Catalog {
    /// The built-in providers, whose OAuth pages and APIs the emulator plays itself.
    pub(crate) fn builtin(public_url: &str, local_url: &str) -> Self {
        Self(builtin::providers(public_url, local_url))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.name == name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    /// Adds templates; one of the same name is replaced. `alias` is resolved as Nango does: the
    /// other template with this one's keys laid over it.
    pub(crate) fn add(&mut self, templates: &Map<String, Value>) {
        for (name, template) in templates {
            let Some(own) = template.as_object() else { continue };
            let template = self.resolved(own, templates, MAX_ALIASES);
            self.0.retain(|known| known.name != *name);
            self.0.push(Provider { name: name.clone(), template });
        }
    }

    /// An alias may be one of an alias.
    fn resolved(
        &self,
        own: &Map<String, Value>,
        templates: &Map<String, Value>,
        deep: usize,
    ) -> Map<String, Value> {
        let alias = own.get("alias").and_then(Value::as_str).filter(|_| deep > 0);
        let mut merged = match alias.map(|alias| (alias, templates.get(alias).and_then(Value::as_object))) {
            Some((_, Some(other))) => self.resolved(other, templates, deep - 1),
            Some((alias, None)) => self.get(alias).map(|known| known.template.clone()).unwrap_or_default(),
            None => Map::new(),
        };
        merged.extend(own.clone());
        merged.shift_remove("alias");
        merged
    }

    /// Adds every template of a file in Nango's YAML shape.
    pub(crate) fn add_file(&mut self, path: &Path) -> Result<(), EmulatorError> {
        self.add(&yaml::read(path)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn aliases_of_aliases_and_in_circles() {
        let mut catalog = Catalog(Vec::new());
        let templates = json!({
            "mcp": { "alias": "calendar", "display_name": "MCP" },
            "calendar": { "alias": "google", "proxy": { "base_url": "https://calendar" } },
            "google": { "auth_mode": "OAUTH2", "proxy": { "base_url": "https://google" } },
            "a": { "alias": "b" },
            "b": { "alias": "a", "auth_mode": "NONE" },
        });
        catalog.add(templates.as_object().unwrap());
        let mcp = catalog.get("mcp").unwrap();
        assert_eq!((mcp.auth_mode(), mcp.display_name()), ("OAUTH2", "MCP"));
        assert_eq!(mcp.proxy("base_url").unwrap(), "https://calendar");
        assert!(!mcp.template.contains_key("alias"));
        assert_eq!(catalog.get("a").unwrap().auth_mode(), "NONE");
    }
}
