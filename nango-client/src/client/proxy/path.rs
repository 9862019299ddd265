//! The path of a proxied call.

use crate::error::ErrorKind;

/// Returns the path below that of `/proxy`. It must stay there: a call reaches the provider with a
/// user's credentials, and beside it is Nango's own API, reached with the app's key.
pub(super) fn below_proxy(proxy: &str, path: &str) -> Result<String, ErrorKind> {
    let path = path.trim_start_matches('/');
    let leads_up = |segment: &str| matches!(&*segment.to_ascii_lowercase().replace("%2e", "."), "." | "..");
    let is_odd = |c: char| matches!(c, '\\' | '?' | '#') || c.is_control();
    if path.contains(is_odd) || path.contains("://") || path.split('/').any(leads_up) {
        return Err(ErrorKind::InvalidRequest);
    }
    Ok(format!("{}/{path}", proxy.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_below_the_proxy() {
        let below = |text| below_proxy("/proxy", text).ok();
        assert_eq!(below("/chat.postMessage").as_deref(), Some("/proxy/chat.postMessage"));
        assert_eq!(below("users/me").as_deref(), Some("/proxy/users/me"));
        assert_eq!(below("///evil.example/x").as_deref(), Some("/proxy/evil.example/x"));
        assert_eq!(below("/a%2Fb/...").as_deref(), Some("/proxy/a%2Fb/..."));
        assert_eq!(below("").as_deref(), Some("/proxy/"));
        for text in [
            "..",
            "/../connections",
            "/a/../../connections",
            "/%2e%2E/connections",
            "/.%2e/connections",
            "/a/.",
            "/..\\connections",
            "/a?x=1",
            "/a#b",
            "https://evil.example/",
            "/a\nb",
            "/a\tb",
            "/\u{0}",
        ] {
            assert_eq!(below(text), None, "{text}");
        }
    }
}
