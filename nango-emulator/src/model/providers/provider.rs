//! Provider template.

use serde_json::{Map, Value};

/// Provider template in Nango's own format.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) template: Map<String, Value>,
}

impl Provider {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.template.get(key).and_then(Value::as_str)
    }

    /// Returns the auth mode: `OAUTH2`, `API_KEY`, `BASIC`, `OAUTH2_CC`, `NONE`, …
    pub(crate) fn auth_mode(&self) -> &str {
        self.text("auth_mode").unwrap_or_default()
    }

    pub(crate) fn display_name(&self) -> &str {
        self.text("display_name").unwrap_or(&self.name)
    }

    pub(crate) fn object(&self, key: &str) -> Option<&Map<String, Value>> {
        self.template.get(key).and_then(Value::as_object)
    }

    /// Returns a value below `proxy`, such as `base_url`.
    pub(crate) fn proxy(&self, key: &str) -> Option<&Value> {
        self.object("proxy")?.get(key)
    }

    /// Returns a list of names, such as `token_response_metadata`.
    pub(crate) fn names(&self, key: &str) -> Vec<String> {
        let list = self.template.get(key).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.template.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Returns the JSON of `GET /providers/{name}`.
    pub(crate) fn view(&self, public_url: &str) -> Value {
        let mut view = self.template.clone();
        view.insert("name".into(), self.name.clone().into());
        view.insert("logo_url".into(), logo_url(public_url, &self.name).into());
        Value::Object(view)
    }
}

/// Returns the address of a provider's logo.
pub(crate) fn logo_url(public_url: &str, provider: &str) -> String {
    format!("{public_url}/images/template-logos/{provider}.svg")
}

impl Provider {
    /// Returns the template with the emulator's own addresses.
    pub(crate) fn emulated(&self, public_url: &str, local_url: &str) -> Self {
        let mut emulated = self.clone();
        let name = &self.name;
        let at = |base: &str, what: &str| Value::from(format!("{base}/_emulator/provider/{name}/{what}"));
        // The browser uses the public address, the emulator itself the local one.
        emulated.template.insert("authorization_url".into(), at(public_url, "authorize"));
        emulated.template.insert("token_url".into(), at(local_url, "token"));
        emulated.template.shift_remove("refresh_url");
        emulated.template.shift_remove("body_format");
        emulated.template.shift_remove("token_request_auth_method");
        let proxy = emulated.template.entry("proxy").or_insert_with(|| Map::new().into());
        if let Value::Object(proxy) = proxy {
            proxy.insert("base_url".into(), at(local_url, "api"));
            proxy.shift_remove("verification");
        }
        emulated
    }
}
