//! The origins whose pages may call the owner routes.

use std::fmt;

use url::{Origin, Url};

use crate::config::ConfigError;

/// The best-known suffixes below which every customer of a host has names: a wildcard there trusts
/// strangers.
const SHARED_SUFFIXES: [&str; 22] = [
    "amazonaws.com", "app.github.dev", "appspot.com", "azurestaticapps.net", "azurewebsites.net",
    "cloudfront.net", "firebaseapp.com", "fly.dev", "github.io", "gitlab.io", "herokuapp.com", "netlify.app",
    "ngrok.app", "ngrok.io", "ngrok-free.app", "onrender.com", "pages.dev", "trycloudflare.com",
    "up.railway.app", "vercel.app", "web.app", "workers.dev",
];

/// The app's own test of an origin.
pub(crate) type OriginTest = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// The origins besides the app's own whose pages may call the owner routes.
#[derive(Default)]
pub(crate) struct TrustedOrigins {
    listed: Vec<Pattern>,
    test: Option<OriginTest>,
}

impl TrustedOrigins {
    /// Reads the origins that the app lists.
    pub(crate) fn new(listed: &[String], test: Option<OriginTest>) -> Result<Self, ConfigError> {
        let listed = listed.iter().enumerate().map(|(index, text)| {
            Pattern::parse(text).ok_or(ConfigError::InvalidOrigin { position: index + 1 })
        });
        let listed: Vec<Pattern> = listed.collect::<Result<_, _>>()?;
        for pattern in listed.iter().filter(|pattern| pattern.is_shared()) {
            tracing::warn!(
                origin = %pattern,
                "a trusted origin has a wildcard below a suffix that customers of a host share, so pages of strangers \
                 are trusted; list the origins one by one, or decide in `.trusted_origins_with(..)`"
            );
        }
        Ok(Self { listed, test })
    }

    /// Returns whether an origin, as a browser writes it, is trusted.
    pub(crate) fn contain(&self, origin: &str) -> bool {
        self.listed.iter().any(|pattern| pattern.matches(origin))
            || self.test.as_ref().is_some_and(|test| test(origin))
    }
}

/// An origin that the app lists, perhaps with a wildcard for one label.
#[derive(Debug, PartialEq, Eq)]
enum Pattern {
    /// One origin.
    Exact(String),
    /// What comes before the label that may be any, and what comes after it.
    AnyLabel { before: String, after: String },
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        if let Some((before, after)) = text.split_once("*.") {
            let is_pattern =
                matches!(before, "https://" | "http://") && is_web_origin(&format!("{before}label.{after}"));
            // One label alone, such as `com`, has no owner.
            let has_owner = after.split(':').next().is_some_and(|host| host.trim_matches('.').contains('.'));
            return (is_pattern && has_owner)
                .then(|| Self::AnyLabel { before: before.to_owned(), after: format!(".{after}") });
        }
        (is_web_origin(text) || is_app_origin(text)).then(|| Self::Exact(text.to_owned()))
    }

    fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(trusted) => trusted.eq_ignore_ascii_case(origin),
            Self::AnyLabel { before, after } => {
                let label = strip_prefix(origin, before).and_then(|rest| strip_suffix(rest, after));
                let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                label.is_some_and(|label| !label.is_empty() && label.chars().all(is_sign))
            }
        }
    }

    fn is_shared(&self) -> bool {
        let Self::AnyLabel { after, .. } = self else { return false };
        let host = after.split(':').next().unwrap_or_default().trim_start_matches('.');
        SHARED_SUFFIXES.contains(&host)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(origin) => f.write_str(origin),
            Self::AnyLabel { before, after } => write!(f, "{before}*{after}"),
        }
    }
}

/// Returns whether a text is scheme, host and port as a browser writes them.
fn is_web_origin(text: &str) -> bool {
    let origin = Url::parse(text).map(|url| url.origin());
    // To the standard, `*` is a sign like any other.
    origin.is_ok_and(|origin| matches!(origin, Origin::Tuple(..)) && origin.ascii_serialization() == text)
        && !text.contains('*')
}

/// Returns whether a text is the origin of an app that shows its pages itself, such as
/// `capacitor://localhost`, or of an extension of a browser, such as `chrome-extension://` and its
/// id. The standard of URLs gives them none, but browsers send one: scheme and host.
fn is_app_origin(text: &str) -> bool {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.split_once("://").is_some_and(|(scheme, host)| {
        let is_standard =
            matches!(scheme, "http" | "https" | "ws" | "wss" | "ftp" | "file" | "blob" | "data");
        scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
            && !is_standard
            && !host.is_empty()
            && host.chars().all(is_sign)
    })
}

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(listed: &[&str]) -> Result<TrustedOrigins, ConfigError> {
        TrustedOrigins::new(&listed.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), None)
    }

    #[test]
    fn origins_of_apps_and_extensions_are_taken_as_they_are() {
        for origin in [
            "capacitor://localhost",
            "ionic://localhost",
            "tauri://localhost",
            "http://tauri.localhost",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "safari-web-extension://0BC1DA1D-3C5A-4B7E-9F4E-8A1E8C7B6A51",
            "https://app.example.com",
            "http://[::1]:3000",
        ] {
            let trusted = trusted(&[origin]).unwrap();
            assert!(trusted.contain(origin) && trusted.contain(&origin.to_lowercase()), "{origin}");
            assert!(!trusted.contain(&format!("{origin}.evil")), "{origin}");
        }
    }

    #[test]
    fn a_wildcard_is_exactly_one_label() {
        let trusted = trusted(&["https://*.preview.example.com", "http://*.local.test:3000"]).unwrap();
        for origin in [
            "https://pr-7.preview.example.com",
            "https://A_b.Preview.example.com",
            "http://x.local.test:3000",
        ] {
            assert!(trusted.contain(origin), "{origin}");
        }
        for origin in [
            "https://preview.example.com",
            "https://.preview.example.com",
            "https://a.b.preview.example.com",
            "http://pr-7.preview.example.com",
            "https://pr-7.preview.example.com:8443",
            "https://pr-7.preview.example.com.evil.com",
            "https://evil.com/.preview.example.com",
            "https://evil.com#.preview.example.com",
            "https://u:p@x.preview.example.com",
            "https://ü.preview.example.com",
            "http://x.local.test",
            "null",
            "",
        ] {
            assert!(!trusted.contain(origin), "{origin}");
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused_with_its_place_in_the_list() {
        for text in [
            "",
            "*",
            "null",
            "app.example.com",
            "https://app.example.com/",
            "https://APP.example.com",
            "https://app.example.com:443",
            "https://*",
            "https://*.com",
            "https://*.com:8443",
            "https://*.example.com/path",
            "https://a.*.example.com",
            "https://*.*.example.com",
            "https://a*.example.com",
            "*://a.example.com",
            "capacitor://*.localhost",
            "capacitor://",
            "capacitor://localhost/",
            "Capacitor://localhost",
            "file://",
            "data://x",
            "chrome-extension://user@id",
        ] {
            let error = trusted(&["https://a.example.com", text]).err();
            assert_eq!(error, Some(ConfigError::InvalidOrigin { position: 2 }), "{text}");
        }
    }

    #[test]
    fn an_app_may_decide_by_itself() {
        let test: OriginTest = Box::new(|origin| origin.ends_with("://tenant.example"));
        let trusted = TrustedOrigins::new(&[], Some(test)).unwrap();
        assert!(trusted.contain("https://tenant.example") && !trusted.contain("https://other.example"));
    }

    #[test]
    fn wildcards_below_a_shared_suffix_are_known() {
        let shared = |text| Pattern::parse(text).unwrap().is_shared();
        assert!(shared("https://*.vercel.app") && shared("https://*.github.io:8443"));
        assert!(!shared("https://*.acme.vercel.app") && !shared("https://acme.vercel.app"));
    }
}
