//! The paths that requests to providers may have.

use percent_encoding::percent_decode_str;

use crate::error::Error;

/// Returns the path below that of `/proxy`. It must stay there: a call reaches the provider with a
/// user's credentials, and beside it is Nango's own API, reached with the app's key.
///
/// A part `.` or `..` leads up, and every server on the way may decode the path before it resolves
/// such parts, so the decoded path is checked. It is decoded once: Nango passes the path on as it
/// came (read in its source), so that only the provider decodes it, and what is encoded twice is a
/// name to it.
pub(in crate::client) fn below_proxy(proxy: &str, path: &str) -> Result<String, Error> {
    let path = path.trim_start_matches('/');
    // The parser of URLs reads a backslash as a slash, and drops tabs and line ends.
    let problem = if path.contains('?') {
        "the path contains `?`; add parameters with `.query(name, value)`"
    } else if path.contains(|c: char| matches!(c, '\\' | '#') || c.is_control()) {
        "the path contains `#`, a backslash or a control character; percent-encode it"
    } else if path.contains("://") {
        "the path is a whole address; write only the part below the provider's base address"
    } else if leads_up(path) {
        "the path has a part `.` or `..`, which would lead out of the provider's API"
    } else {
        // The parser of URLs drops spaces at the end, and what is left of the last part may be dots.
        return Ok(format!("{}/{}", proxy.trim_end_matches('/'), path.replace(' ', "%20")));
    };
    Err(Error::invalid_request(problem))
}

/// Returns `true` if a part of the decoded path, between slashes or backslashes, is `.` or `..`.
pub(in crate::client) fn leads_up(path: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    decoded.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| matches!(part, b"." | b".."))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    const ALLOWED: [(&str, &str); 27] = [
        ("/chat.postMessage", "/proxy/chat.postMessage"),
        ("users/me", "/proxy/users/me"),
        ("///evil.example/x", "/proxy/evil.example/x"),
        ("", "/proxy/"),
        ("/", "/proxy/"),
        ("/a//b/", "/proxy/a//b/"),
        ("/projects/group%2Fproject", "/proxy/projects/group%2Fproject"),
        ("/projects/group%2fproject/issues", "/proxy/projects/group%2fproject/issues"),
        ("/a%5cb", "/proxy/a%5cb"),
        ("/...", "/proxy/..."),
        ("/a%2Fb/...", "/proxy/a%2Fb/..."),
        ("/.git/config", "/proxy/.git/config"),
        ("/a..b/..c/d../.e", "/proxy/a..b/..c/d../.e"),
        ("/..%20", "/proxy/..%20"),
        (".. ", "/proxy/..%20"),
        ("/a/.  ", "/proxy/a/.%20%20"),
        ("/a ", "/proxy/a%20"),
        ("/%2e%2e%2e", "/proxy/%2e%2e%2e"),
        ("/%2egit", "/proxy/%2egit"),
        ("/%252e%252e/x", "/proxy/%252e%252e/x"),
        ("/..%252f", "/proxy/..%252f"),
        ("/%%32e", "/proxy/%%32e"),
        ("/%2", "/proxy/%2"),
        ("/100%", "/proxy/100%"),
        ("/%c0%ae%c0%ae/", "/proxy/%c0%ae%c0%ae/"),
        ("/a b/é", "/proxy/a%20b/%C3%A9"),
        ("/\u{ff0e}\u{ff0e}/", "/proxy/%EF%BC%8E%EF%BC%8E/"),
    ];

    const REFUSED: [&str; 44] = [
        ".",
        "..",
        "/..",
        "/../connections",
        "//../connections",
        "/a/../../connections",
        "/a/.",
        "/a/./b",
        "/%2e",
        "/%2E/",
        "/%2e%2E/connections",
        "/%2e./connections",
        "/.%2e/connections",
        "/.%2E",
        "/..%2f",
        "/..%2Fconnections",
        "/a/..%2f..%2fconnections",
        "/a%2f..",
        "/a%2F..%2Fb",
        "/a%2f%2e%2e",
        "/%2f..",
        "/%2e%2e%2fconnections",
        "%2e%2e%5cconnections",
        "/a%5c..",
        "/a%5C..%5Cb",
        "/..%5c",
        "/..%5Cconnections",
        "/%5c%2e%2e",
        "/a%5c.%2fb",
        "/.%2f",
        "/.%5c",
        "/group%2Fproject/..",
        "/..\\connections",
        "\\..\\connections",
        "/a\\b",
        "/a?x=1",
        "/a#b",
        "https://evil.example/",
        "/a\nb",
        "/a\tb",
        "/.\t./connections",
        "/.\n.",
        "/\u{0}",
        "/\u{7f}",
    ];

    fn sent(path: &str) -> Option<String> {
        let mut url = Url::parse("https://nango.example/proxy").ok()?;
        url.set_path(&below_proxy(url.path(), path).ok()?);
        Some(url.path().to_owned())
    }

    #[test]
    fn a_path_that_stays_below_the_proxy_is_sent_as_it_is() {
        for (path, expected) in ALLOWED {
            assert_eq!(sent(path).as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_path_that_can_lead_up_is_refused() {
        for path in REFUSED {
            assert_eq!(sent(path), None, "{path}");
        }
    }

    /// Every combination of a few pieces, against a slower reading of the rule.
    #[test]
    fn no_combination_of_pieces_leads_up() {
        let pieces = ["", ".", "%2e", "%2E", "/", "%2f", "%5C", "a", "%252e", "%", " "];
        let decoded = |path: &str| {
            let mut path = path.to_owned();
            for (code, text) in [("%2e", "."), ("%2E", "."), ("%2f", "/"), ("%5C", "/"), ("%25", "\u{1}")] {
                path = path.replace(code, text);
            }
            path
        };
        let mut paths = vec![String::new()];
        for _ in 0..4 {
            let longer = |path: &String| pieces.map(|piece| format!("{path}{piece}"));
            paths = paths.iter().flat_map(longer).collect();
        }
        for path in paths {
            let leads_up = decoded(&path).split('/').any(|part| part == "." || part == "..");
            match sent(&path) {
                None => assert!(leads_up, "{path} is refused"),
                Some(sent) => {
                    assert!(!leads_up, "{path} is sent");
                    assert_eq!(sent, format!("/proxy/{}", path.trim_start_matches('/').replace(' ', "%20")));
                }
            }
        }
    }
}
