//! Integrations whose provider the emulator plays itself: consent page, token endpoint and an API
//! that echoes stand in for the real addresses, whatever the template says.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Provider;
use crate::{app::Core, integrations::Integration};

impl Core {
    /// The template that an integration works with.
    pub(crate) fn provider_of(&self, integration: &Integration) -> Option<Cow<'_, Provider>> {
        let provider = self.providers.get(&integration.provider)?;
        if !integration.played {
            return Some(Cow::Borrowed(provider));
        }
        let mut played = provider.clone();
        let name = &played.name;
        let at = |base: &str, what: &str| Value::from(format!("{base}/_emulator/provider/{name}/{what}"));
        // The browser goes to the public address, the emulator itself to the local one.
        let authorize = at(&self.public_url, "authorize");
        let token = at(&self.local_url, "token");
        let api = at(&self.local_url, "api");
        played.template.insert("authorization_url".into(), authorize);
        played.template.insert("token_url".into(), token);
        played.template.shift_remove("refresh_url");
        played.template.shift_remove("body_format");
        played.template.shift_remove("token_request_auth_method");
        let proxy = played.template.entry("proxy").or_insert_with(|| Map::new().into());
        if let Value::Object(proxy) = proxy {
            proxy.insert("base_url".into(), api);
            proxy.shift_remove("verification");
        }
        Some(Cow::Owned(played))
    }
}
