//! Catalog of provider templates.

use std::path::Path;

use serde_json::{Map, Value};

use super::provider::Provider;
use super::{builtin, file};
use crate::error::EmulatorError;

/// Provider templates in the order of their source.
#[derive(Debug)]
pub(crate) struct Catalog(Vec<Provider>);

/// Bound on chains of aliases, so that a circle ends.
const MAX_ALIASES: usize = 8;

impl Catalog {
    /// Creates a catalog of the built-in providers.
    pub(crate) fn builtin(public_url: &str, local_url: &str) -> Self {
        Self(builtin::providers(public_url, local_url))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.name == name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    /// Adds templates and replaces those with the same name. Resolves `alias` as Nango does: the
    /// template's keys are laid over those of the other template.
    pub(crate) fn add(&mut self, templates: &Map<String, Value>) {
        for (name, template) in templates {
            let Some(own) = template.as_object() else { continue };
            let template = self.resolved(own, templates, MAX_ALIASES);
            self.0.retain(|known| known.name != *name);
            self.0.push(Provider { name: name.clone(), template });
        }
    }

    /// Resolves the alias of a template, which may itself be an alias.
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

    /// Adds the templates of a file.
    pub(crate) fn add_file(&mut self, path: &Path) -> Result<(), EmulatorError> {
        self.add(&file::read(path)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn aliases_chain_and_may_be_circular() {
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
