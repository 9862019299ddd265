//! What can be set while an emulator runs. A reset takes it back.

use super::Emulator;

impl Emulator {
    /// Sends webhooks here from now on.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        let mut settings = self.app.settings();
        let url = url.into();
        match settings.webhook_urls.first_mut() {
            Some(first) => *first = url,
            None => settings.webhook_urls.push(url),
        }
    }

    /// Sends no webhooks any more, as an environment without a URL.
    pub fn clear_webhook_urls(&self) {
        self.app.settings().webhook_urls.clear();
    }

    /// Gives providers another `redirect_uri` from now on.
    pub fn set_callback_url(&self, url: impl Into<String>) {
        self.app.settings().callback_url = url.into();
    }

    /// Sends webhooks to this second address, too, each when it is through at the first.
    pub fn set_secondary_webhook_url(&self, url: impl Into<String>) {
        let mut settings = self.app.settings();
        settings.webhook_urls.truncate(1);
        settings.webhook_urls.push(url.into());
    }

    /// Whether connections that are made, or fail to be, are announced. Reconnects always are.
    pub fn set_on_auth_creation(&self, on: bool) {
        self.app.settings().on_auth_creation = on;
    }

    /// Whether failed refreshes and tests of keys are announced.
    pub fn set_on_auth_refresh_error(&self, on: bool) {
        self.app.settings().on_auth_refresh_error = on;
    }

    /// Lets this API key, a UUID v4, do what its scopes say, such as `environment:connections:read`.
    pub fn add_api_key(&self, key: impl Into<String>, scopes: &[&str]) {
        self.app.keys.add(key.into(), scopes.iter().map(|&scope| scope.to_owned()).collect());
    }
}
