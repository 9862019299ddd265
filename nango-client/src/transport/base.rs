//! The address of a Nango server.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use url::{Host, Url};

use crate::api_key::ConfigError;
use crate::error::Error;

#[derive(Clone)]
pub(crate) struct Base {
    url: Url,
    /// Host and port, for texts.
    authority: Arc<str>,
}

impl Base {
    pub(super) fn parse(host: &str) -> Result<Self, ConfigError> {
        let base = Url::parse(host).map_err(|_| ConfigError::InvalidHost)?;
        let is_plain = base.query().is_none() && base.fragment().is_none();
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() || !is_plain {
            return Err(ConfigError::InvalidHost);
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(ConfigError::HostWithCredentials);
        }
        if base.scheme() == "http" && base.domain().is_some_and(is_cloud) {
            return Err(ConfigError::PlainCloud);
        }
        let host = base.host_str().unwrap_or_default();
        let authority = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self { authority: authority.into(), url: base })
    }

    /// Parses the address that browsers reach. No key is sent there by this machine.
    pub(super) fn parse_public(host: &str) -> Result<Self, ConfigError> {
        Self::parse(host).map_err(|_| ConfigError::InvalidPublicHost)
    }

    pub(super) fn into_url(self) -> Url {
        self.url
    }

    /// Returns the address without a slash at its end, which clients would double.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Returns `true` for a name without a dot that is not this machine's, such as that of a
    /// container: only machines of one network know it.
    pub(crate) fn is_internal_name(&self) -> bool {
        let name = |url: &Url| url.domain().map(|name| name.trim_end_matches('.').to_owned());
        name(&self.url).is_some_and(|name| name != "localhost" && !name.contains('.'))
    }

    /// Returns `true` for the API of Nango's cloud, which the Connect UI calls by default.
    pub(super) fn is_cloud_api(&self) -> bool {
        self.as_str() == "https://api.nango.dev"
    }

    pub(super) fn authority(&self) -> &Arc<str> {
        &self.authority
    }

    /// Returns host and port.
    pub(super) fn address(&self) -> (&str, u16) {
        (self.url.host_str().unwrap_or_default(), self.url.port_or_known_default().unwrap_or_default())
    }

    /// Returns the address of a resource. A segment `.` or `..`, encoded or not, would lead to
    /// another resource.
    pub(super) fn join(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = self.url.clone();
        match url.path_segments_mut() {
            Ok(mut path) if !segments.iter().any(|segment| matches!(*segment, "." | "..")) => {
                path.pop_if_empty().extend(segments);
            }
            _ => {
                return Err(Error::invalid_request(
                    "an id is `.` or `..`, which would lead to another resource",
                ));
            }
        }
        Ok(url)
    }

    /// Returns `true` if Nango runs on this machine without TLS: an emulator, or a self-hosted one.
    pub(super) fn is_plain_loopback(&self) -> bool {
        let is_loopback = match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        is_loopback && self.url.scheme() == "http"
    }

    pub(super) fn needs_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns `true` if requests leave the network of this machine without TLS.
    pub(super) fn is_in_the_clear(&self) -> bool {
        let is_near = match self.url.host() {
            Some(Host::Domain(name)) => is_near_name(name),
            Some(Host::Ipv4(address)) => is_near_v4(address),
            Some(Host::Ipv6(address)) => is_near_v6(address),
            None => false,
        };
        self.url.scheme() == "http" && !is_near
    }
}

/// Returns `true` for Nango's cloud.
fn is_cloud(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "nango.dev" || name.ends_with(".nango.dev")
}

/// Returns `true` for names of a machine, such as a service of a compose file, and for this machine
/// under any of its names.
fn is_near_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains('.') || name.ends_with(".localhost")
}

fn is_near_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
}

fn is_near_v6(address: Ipv6Addr) -> bool {
    match address.to_ipv4_mapped() {
        Some(mapped) => is_near_v4(mapped),
        None => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_host_is_the_address_of_a_server() {
        for host in ["", "api.nango.dev", "ftp://nango.example", "http://a/?b", "https://a/#b"] {
            assert!(matches!(Base::parse(host), Err(ConfigError::InvalidHost)), "{host}");
        }
        assert!(Base::parse("http://127.0.0.1:3003").is_ok());
    }

    #[test]
    fn a_host_has_no_credentials() {
        for host in [
            "https://c0ffee@nango.example",
            "https://:c0ffee@nango.example",
            "https://user:c0ffee@nango.example",
            "http://user:c0ffee@localhost:3003",
            "http://user:c0ffee@api.nango.dev",
            "https://%63:@nango.example",
        ] {
            let Err(error) = Base::parse(host) else { panic!("{host}") };
            assert_eq!(error, ConfigError::HostWithCredentials, "{host}");
            assert!(!format!("{error} {error:?}").contains("c0ffee"));
        }
    }

    #[test]
    fn the_cloud_is_not_reached_without_tls() {
        for name in
            ["api.nango.dev", "API.NANGO.DEV", "api.nango.dev.", "api-staging.nango.dev:80", "nango.dev"]
        {
            assert!(matches!(Base::parse(&format!("http://{name}")), Err(ConfigError::PlainCloud)), "{name}");
        }
        assert!(Base::parse("http://api%2enango.dev").is_err());
        for host in ["https://api.nango.dev", "http://notnango.dev", "http://nango.dev.example"] {
            assert!(Base::parse(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn only_hosts_of_other_networks_are_reached_in_the_clear() {
        let is_in_the_clear = |host: &str| Base::parse(host).unwrap().is_in_the_clear();
        for host in [
            "http://nango.example",
            "http://nango.example.:3003",
            "http://8.8.8.8",
            "http://100.64.0.1",
            "http://11.0.0.1",
            "http://172.32.0.1",
            "http://192.169.0.1",
            "http://[2001:db8::1]",
            "http://[::ffff:8.8.8.8]",
            "http://[fe00::1]",
            "http://localhost.example",
        ] {
            assert!(is_in_the_clear(host), "{host}");
            assert!(!is_in_the_clear(&host.replace("http:", "https:")), "{host}");
        }
        for host in [
            "http://localhost:3003",
            "http://nango.localhost",
            "http://127.1.2.3",
            "http://0x7f.1",
            "http://0.0.0.0:3003",
            "http://10.255.0.1",
            "http://172.16.0.1",
            "http://172.31.255.255",
            "http://192.168.0.1",
            "http://169.254.1.1",
            "http://[::1]",
            "http://[fc00::1]",
            "http://[fdff::1]",
            "http://[fe80::1]",
            "http://[::ffff:10.0.0.1]",
            "http://nango",
            "http://nango-server:3003",
        ] {
            assert!(!is_in_the_clear(host), "{host}");
        }
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
