//! The API of an emulated provider, which answers well-known endpoints and echoes other requests. The echo shows no credential: an
//! application that passes a provider's reply on would pass the credential on, too.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::accounts;
use super::profiles::Family;
use crate::app::App;
use crate::http::{Call, LenientCall, reply};
use crate::model::Provider;
use crate::model::masks::split_scheme;

/// Any method on `/_emulator/provider/{provider}/api/{path}`: answers a well-known endpoint, or echoes
/// the request.
pub(crate) async fn api(State(app): State<App>, LenientCall(call): LenientCall) -> Response {
    let provider = app.providers.get(call.param("provider"));
    let oauth2 = provider.is_some_and(|provider| provider.auth_mode() == "OAUTH2");
    let family = Family::of(call.param("provider"));
    let prefix = format!("/_emulator/provider/{}/api", call.param("provider"));
    let path = call.path.strip_prefix(&prefix).unwrap_or(&call.path);
    let credential = accounts::credential_of(&call.headers, provider);
    let accepted = app.read(|state| {
        let token = credential.as_deref().unwrap_or_default();
        if oauth2 { state.grants.access_tokens.contains(token) } else { credential.is_some() }
    });
    if !accepted && (oauth2 || family.is_some()) {
        let refusal = || reply::json(401, &json!({ "error": "invalid_token" }));
        return family.map_or_else(refusal, |family| family.refusal(path));
    }
    if let (Some(family), Some(credential)) = (family, &credential) {
        let account = app.read(|state| state.accounts.of(credential));
        if let Some(profile) = family.profile(&call.method, path, &account) {
            return reply::json(200, &profile);
        }
    }
    let mut echo = Echo { app: &app, provider, seen: Vec::new() }.of(&call, path);
    if call.param("provider") == "slack" && path == "/conversations.list" {
        echo["ok"] = true.into();
        echo["channels"] = json!([{ "id": "C0EMULATOR", "name": "general" }]);
    }
    reply::json(200, &echo)
}

/// An echo in the making.
struct Echo<'a> {
    app: &'a App,
    provider: Option<&'a Provider>,
    /// Credentials of the request, each with its mask.
    seen: Vec<(String, String)>,
}

impl Echo<'_> {
    fn of(mut self, call: &Call, path: &str) -> Value {
        let mut headers = Map::new();
        for (name, value) in &call.headers {
            let (name, value) = (name.as_str(), value.to_str().unwrap_or_default());
            let shown = if self.is_credential("headers", name) {
                self.note(split_scheme(value).1);
                self.app.masks.header(value)
            } else {
                value.to_owned()
            };
            headers.insert(name.to_owned(), shown.into());
        }
        let query: Vec<_> = call.raw_query.split('&').map(|pair| self.pair(pair)).collect();
        let url =
            if call.raw_query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
        // A caller may repeat a credential elsewhere.
        let url = self.mask_seen(&url);
        for value in headers.values_mut() {
            *value = self.mask_seen(value.as_str().unwrap_or_default()).into();
        }
        let body = self.mask_seen(&String::from_utf8_lossy(&call.raw));
        json!({ "method": call.method.as_str(), "url": url, "headers": headers, "body": body })
    }

    /// Masks the value of one `name=value` of the query.
    fn pair(&mut self, pair: &str) -> String {
        match pair.split_once('=') {
            Some((name, value)) if self.is_credential("query", name) => {
                self.note(value);
                format!("{name}={}", self.app.masks.mask(value))
            }
            _ => pair.to_owned(),
        }
    }

    /// Returns true for names that usually have a credential, and for those that the provider's
    /// template fills with one.
    fn is_credential(&self, part: &str, name: &str) -> bool {
        let by_template = self.provider.and_then(|provider| provider.proxy(part)).and_then(Value::as_object);
        let mut by_template = by_template.into_iter().flatten();
        is_usual_name(name)
            || by_template.any(|(known, template)| {
                known.eq_ignore_ascii_case(name) && template.as_str().is_some_and(accounts::is_filled)
            })
    }

    /// Remembers a credential. A short one would match unrelated text.
    fn note(&mut self, credential: &str) {
        if credential.len() >= 8 {
            self.seen.push((credential.to_owned(), self.app.masks.mask(credential)));
        }
    }

    fn mask_seen(&self, text: &str) -> String {
        self.seen.iter().fold(text.to_owned(), |text, (credential, mask)| text.replace(credential, mask))
    }
}

fn is_usual_name(name: &str) -> bool {
    const ANYWHERE: [&str; 7] =
        ["accesskey", "apikey", "authorization", "cookie", "password", "secret", "token"];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    ANYWHERE.iter().any(|part| name.contains(part)) || ["auth", "key", "signature"].contains(&&*name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_of_credentials() {
        for name in
            ["authorization", "Proxy-Authorization", "X-Api-Key", "api_key", "key", "access_token", "Cookie"]
        {
            assert!(is_usual_name(name), "{name}");
        }
        for name in ["x-trace", "author", "idempotency-key", "limit", "q", "content-type", ""] {
            assert!(!is_usual_name(name), "{name}");
        }
    }
}
