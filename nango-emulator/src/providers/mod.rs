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
            let mut merged = own
                .get("alias")
                .and_then(Value::as_str)
                .and_then(|alias| {
                    let other = templates.get(alias).and_then(Value::as_object).cloned();
                    other.or_else(|| self.get(alias).map(|known| known.template.clone()))
                })
                .unwrap_or_default();
            merged.extend(own.clone());
            merged.remove("alias");
            self.0.retain(|known| known.name != *name);
            self.0.push(Provider { name: name.clone(), template: merged });
        }
    }

    /// Adds every template of a file in Nango's YAML shape.
    pub(crate) fn add_file(&mut self, path: &Path) -> Result<(), EmulatorError> {
        self.add(&yaml::read(path)?);
        Ok(())
    }
}
