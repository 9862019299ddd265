//! Providers for which the emulator stands in: its own consent page, token endpoint and echoing API
//! replace the addresses of the template.

use serde_json::{Map, Value};

use super::provider::Provider;

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
