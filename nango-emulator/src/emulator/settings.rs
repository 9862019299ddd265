//! Settings that can change while an emulator runs. A reset restores the configured ones.

use super::instance::Emulator;

impl Emulator {
    /// Replaces the primary webhook URL.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        let mut settings = self.app.settings();
        let url = url.into();
        match settings.webhook_urls.first_mut() {
            Some(first) => *first = url,
            None => settings.webhook_urls.push(url),
        }
    }

    /// Removes all webhook URLs, so that no webhook is sent.
    pub fn clear_webhook_urls(&self) {
        self.app.settings().webhook_urls.clear();
    }

    /// Replaces the `redirect_uri` for providers.
    pub fn set_callback_url(&self, url: impl Into<String>) {
        self.app.settings().callback_url = url.into();
    }

    /// Replaces the secondary webhook URL. It receives each webhook after the first URL is done.
    pub fn set_secondary_webhook_url(&self, url: impl Into<String>) {
        let mut settings = self.app.settings();
        settings.webhook_urls.truncate(1);
        settings.webhook_urls.push(url.into());
    }

    /// Enables or disables webhooks for created connections and failed flows. Reconnects always
    /// send one.
    pub fn set_on_auth_creation(&self, on: bool) {
        self.app.settings().on_auth_creation = on;
    }

    /// Enables or disables webhooks for failed refreshes and key tests.
    pub fn set_on_auth_refresh_error(&self, on: bool) {
        self.app.settings().on_auth_refresh_error = on;
    }

    /// Adds an API key, a UUID v4, with scopes such as `environment:connections:read`.
    pub fn add_api_key(&self, key: impl Into<String>, scopes: &[&str]) {
        self.app.keys.add(key.into(), scopes.iter().map(|&scope| scope.to_owned()).collect());
    }
}
