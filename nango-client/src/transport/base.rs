//! The address of a Nango server.

use url::{Host, Url};

use crate::api_key::ConfigError;
use crate::error::{Error, ErrorKind};

#[derive(Clone)]
pub(super) struct Base(Url);

impl Base {
    pub(super) fn parse(host: &str) -> Result<Self, ConfigError> {
        let base = Url::parse(host).map_err(|_| ConfigError::InvalidHost)?;
        let is_plain = base.query().is_none() && base.fragment().is_none() && base.username().is_empty();
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() || !is_plain {
            return Err(ConfigError::InvalidHost);
        }
        Ok(Self(base))
    }

    /// Returns the address of a resource. A segment `.` or `..`, encoded or not, would lead to
    /// another resource.
    pub(super) fn join(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = self.0.clone();
        match url.path_segments_mut() {
            Ok(mut path) if !segments.iter().any(|segment| matches!(*segment, "." | "..")) => {
                path.pop_if_empty().extend(segments);
            }
            _ => return Err(Error::new(ErrorKind::InvalidRequest)),
        }
        Ok(url)
    }

    /// Returns `true` if Nango runs on this machine without TLS: an emulator, or a self-hosted one.
    pub(super) fn is_plain_loopback(&self) -> bool {
        let is_loopback = match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        is_loopback && self.0.scheme() == "http"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_address_of_a_server() {
        for host in ["", "api.nango.dev", "ftp://nango.example", "http://user@nango.example", "http://a/?b"] {
            assert!(matches!(Base::parse(host), Err(ConfigError::InvalidHost)), "{host}");
        }
        assert!(Base::parse("http://127.0.0.1:3003").is_ok());
    }

    #[test]
    fn ids_stay_in_their_segment() {
        let base = Base::parse("https://nango.example/base/").unwrap();
        let url = base.join(&["connections", "a/b?c#d%e"]).unwrap();
        assert_eq!(url.as_str(), "https://nango.example/base/connections/a%2Fb%3Fc%23d%25e");
        for segment in [".", ".."] {
            assert_eq!(base.join(&["connections", segment]).unwrap_err().kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn only_loopback_without_tls_is_reached_without_proxy_and_certificates() {
        let is_loopback = |host: &str| Base::parse(host).unwrap().is_plain_loopback();
        for host in
            ["http://localhost:3003", "http://127.0.0.1:3003/base", "http://127.1.2.3", "http://[::1]:3003"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["https://localhost:3003", "http://nango:3003", "http://10.0.0.1", "http://localhost.example"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
