//! The framework-independent part of the replies: pages, assets, and the data for the scripts.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::models::User;

/// Compiles a file of the page into the program.
macro_rules! file {
    ($name:literal) => {
        current($name, include_str!(concat!("../web/", $name)))
    };
}

/// Returns a file as it is on the disk now, so that an edit shows at the next reload; in a release build, or where
/// the sources are gone, as it was compiled.
fn current(name: &str, compiled: &'static str) -> Cow<'static, str> {
    let folder =
        cfg!(debug_assertions).then(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../quickstart/web"));
    let read = folder.and_then(|folder| fs::read_to_string(folder.join(name)).ok());
    read.map_or(Cow::Borrowed(compiled), Cow::Owned)
}

pub fn login() -> Cow<'static, str> {
    file!("login.html")
}

pub fn home() -> Cow<'static, str> {
    file!("home.html")
}

/// Returns the login page with the message that the user is unknown.
pub fn unknown_user() -> String {
    let message = r#"<p class="message failed" role="alert">There is no user of that name. Sign in as alice, bob or carol.</p>"#;
    login().replace("<!-- message -->", message)
}

/// Returns the headers of a page.
pub fn headers(connect: &ConnectUi) -> [(&'static str, String); 4] {
    [
        ("cache-control", "no-store".to_owned()),
        ("content-security-policy", connect.policy()),
        ("referrer-policy", "same-origin".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ]
}

/// Returns the content type and text of an asset.
pub fn asset(name: &str) -> Option<(&'static str, Cow<'static, str>)> {
    Some(match name {
        "icon.svg" => ("image/svg+xml", file!("icon.svg")),
        "style.css" => ("text/css; charset=utf-8", file!("style.css")),
        "api.js" => ("text/javascript", file!("api.js")),
        "app.js" => ("text/javascript", file!("app.js")),
        "attempt.js" => ("text/javascript", file!("attempt.js")),
        "catalogue.js" => ("text/javascript", file!("catalogue.js")),
        "connect.js" => ("text/javascript", file!("connect.js")),
        "dom.js" => ("text/javascript", file!("dom.js")),
        "events.js" => ("text/javascript", file!("events.js")),
        "flow.js" => ("text/javascript", file!("flow.js")),
        "messages.js" => ("text/javascript", file!("messages.js")),
        "names.js" => ("text/javascript", file!("names.js")),
        "opening.js" => ("text/javascript", file!("opening.js")),
        "rows.js" => ("text/javascript", file!("rows.js")),
        "section.js" => ("text/javascript", file!("section.js")),
        "uses.js" => ("text/javascript", file!("uses.js")),
        "words.js" => ("text/javascript", file!("words.js")),
        _ => return None,
    })
}

/// Returns the data that the scripts need: the user and the integrations on offer.
pub fn me(user: &User, offers: &[Offer], connect: &ConnectUi) -> Value {
    json!({
        "user": {"id": user.id, "name": user.name},
        "organization": {"id": user.organization, "name": user.organization},
        "integrations": offers,
        "connect": connect,
    })
}

/// Returns the body of a 401.
pub fn not_logged_in() -> Value {
    json!({"error": {"code": "not_logged_in", "message": "log in first"}})
}

/// An integration on offer.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    pub id: String,
    pub name: String,
}

/// The URLs that the page needs to open Nango's Connect UI. None of them is secret.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectUi {
    /// Ends in a slash: the files of the Connect UI are relative to it.
    url: Url,
    /// Ends without a slash: the Connect UI appends paths that begin with one.
    api_url: String,
    sdk_url: Url,
}

impl ConnectUi {
    pub fn new(mut url: Url, api_url: &Url, sdk_url: Url) -> Self {
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Self { url, api_url: api_url.as_str().trim_end_matches('/').to_owned(), sdk_url }
    }

    /// Returns the content security policy: only our scripts and the SDK run, and only the Connect
    /// UI is framed.
    pub fn policy(&self) -> String {
        let sdk = self.sdk_url.join(".").unwrap_or_else(|_| self.sdk_url.clone());
        let connect = self.url.origin().ascii_serialization();
        format!(
            "default-src 'none'; script-src 'self' {sdk}; style-src 'self'; img-src 'self'; connect-src 'self'; \
             frame-src {connect}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_is_served_as_it_was_compiled() {
        assert_eq!(current("none.js", "compiled"), "compiled");
        assert_eq!(current("dom.js", "compiled") != "compiled", cfg!(debug_assertions));
    }

    #[test]
    fn the_connect_ui_ends_in_a_slash_and_nango_does_not() {
        let sdk = Url::parse("https://cdn.example/sdk.js").unwrap();
        for (url, api_url, expected) in [
            (
                "http://localhost:3009",
                "http://localhost:3003",
                ["http://localhost:3009/", "http://localhost:3003"],
            ),
            (
                "http://n.example/connect",
                "http://n.example/api/",
                ["http://n.example/connect/", "http://n.example/api"],
            ),
            (
                "http://n.example/connect/",
                "http://n.example//",
                ["http://n.example/connect/", "http://n.example"],
            ),
        ] {
            let connect =
                ConnectUi::new(Url::parse(url).unwrap(), &Url::parse(api_url).unwrap(), sdk.clone());
            let json = serde_json::to_value(connect).unwrap();
            assert_eq!([&json["url"], &json["apiUrl"]], expected, "{url} and {api_url}");
        }
    }
}
