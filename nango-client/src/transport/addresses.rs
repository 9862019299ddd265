//! The addresses of a server: for this machine, for browsers, and of the Connect UI.

use std::net::Ipv4Addr;

use url::{Url, form_urlencoded};

use super::base::Base;
use crate::api_key::ConfigError;

/// The addresses of a server.
#[derive(Clone)]
pub(crate) struct Addresses {
    /// The address that this machine calls.
    pub(crate) host: String,
    /// The address that browsers reach, if it is another.
    pub(crate) public_host: Option<String>,
    /// The address of the Connect UI, if the server does not know it.
    pub(crate) connect_url: Option<String>,
}

/// The address of the Connect UI, if the app has named it.
#[derive(Clone)]
pub(super) struct ConnectUi(Option<Url>);

impl ConnectUi {
    pub(super) fn parse(url: Option<&str>) -> Result<Self, ConfigError> {
        let Some(url) = url else { return Ok(Self(None)) };
        let url = Base::parse(url).map_err(|_| ConfigError::InvalidConnectUrl)?;
        Ok(Self(Some(url.into_url())))
    }

    /// Returns the link that opens a session: Nango's own, or one to the address that the app has
    /// named. The link names the server, since the Connect UI otherwise calls Nango's cloud, whichever
    /// server has created the session (observed on 0.71.4).
    pub(super) fn link(&self, server: &Base, token: &str, theirs: Option<&str>) -> Option<String> {
        match (&self.0, theirs) {
            // What Nango sends needs no parsing: it is a tenth of a session's cost beside the call.
            (None, Some(theirs)) if is_plain(theirs) => Some(named(theirs, server)),
            _ => self.parsed_link(server, token, theirs).map(String::from),
        }
    }

    fn parsed_link(&self, server: &Base, token: &str, theirs: Option<&str>) -> Option<Url> {
        let mut url = match &self.0 {
            Some(own) => {
                let mut url = own.clone();
                url.query_pairs_mut().append_pair("session_token", token);
                url
            }
            // Nothing but what a browser may open.
            None => Url::parse(theirs?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?,
        };
        let is_named = url.query_pairs().any(|(name, _)| name == "apiURL");
        if !server.is_cloud_api() && !is_named {
            url.query_pairs_mut().append_pair("apiURL", server.as_str());
        }
        Some(url)
    }
}

/// Returns `true` for an address that stays as it is when it is parsed.
fn is_plain(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let Some((authority, rest)) = rest.split_once('/') else { return false };
    let Some((path, query)) = rest.split_once('?') else { return false };
    let (host, port) = authority.split_once(':').unwrap_or((authority, "3009"));
    // A default port would be left out, and so would a zero before one.
    let is_port = port.parse::<u16>().is_ok_and(|number| number > 999 && number.to_string() == port);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    is_port
        && is_plain_host(host)
        && path.bytes().all(|byte| is_word(byte) || byte == b'/')
        && query.bytes().all(|byte| is_word(byte) || matches!(byte, b'=' | b'&' | b'%'))
}

/// Returns `true` for an IPv4 address, and for names of small letters and digits. A name whose last part begins with
/// a digit may be an address that is written in another way.
fn is_plain_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && !label.starts_with("xn--") && label.bytes().all(is_small)
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.parse::<Ipv4Addr>().is_ok()
        || (host.split('.').all(is_label) && last.starts_with(|first: char| first.is_ascii_lowercase()))
}

/// Returns `true` if a query names the server already.
fn is_named(query: &str) -> bool {
    query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)).any(|name| {
        // Few names are encoded, and only those have to be decoded.
        let is_encoded = name.contains('%');
        name == "apiURL"
            || (is_encoded && form_urlencoded::parse(name.as_bytes()).any(|(name, _)| name == "apiURL"))
    })
}

/// Adds the name of the server to a plain link.
fn named(link: &str, server: &Base) -> String {
    let (_, query) = link.split_once('?').unwrap_or_default();
    if server.is_cloud_api() || is_named(query) {
        return link.to_owned();
    }
    let mut named = String::with_capacity(link.len() + 48);
    named.push_str(link);
    if !query.is_empty() {
        named.push('&');
    }
    named.push_str("apiURL=");
    named.extend(form_urlencoded::byte_serialize(server.as_str().as_bytes()));
    named
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plain_link_is_the_one_that_a_parser_makes(
            link in "https?://([a-z0-9.-]{0,9}|[a-zA-Z0-9:@.]{0,9}|127.0.0.1|xn--a)(:[0-9]{1,5})?/?[a-z/.%#]{0,4}\\??\
                     ([a-zA-Z_]{0,7}=?[a-z0-9_%+-]{0,5}&?){0,3}(apiURL=[a-z%]?)?",
            server in prop::sample::select(vec!["https://api.nango.dev", "http://localhost:3003", "https://nango.example/a b/"]),
        ) {
            let server = Base::parse(server).unwrap();
            let ui = ConnectUi(None);
            let parsed = ui.parsed_link(&server, "token", Some(&link)).map(String::from);
            prop_assert_eq!(ui.link(&server, "token", Some(&link)), parsed);
        }
    }

    #[test]
    fn what_nango_sends_is_plain() {
        for link in ["https://connect.nango.dev", "http://localhost:3009", "http://127.0.0.1:3003/connect"] {
            assert!(is_plain(&format!(
                "{link}/?session_token=nango_connect_session_0a&apiURL=https%3A%2F%2Fa"
            )));
        }
        let others = [
            "ftp://a", "https://A", "https://1.2", "https://a:443", "https://a:03009", "https://",
            "https://u@a",
        ];
        for other in others.map(|other| format!("{other}/?b")).iter().map(String::as_str) {
            assert!(!is_plain(other), "{other}");
        }
        assert!(!is_plain("https://a/?b#c") && !is_plain("https://a?b") && !is_plain("https://a/.."));
    }
}
