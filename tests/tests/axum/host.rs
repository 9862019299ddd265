//! The host of Nango: what is refused, and what is warned of.

use nango_core::{ConfigError, MemoryStore, Nango, NangoBuilder, SigningKeys, nango_client};
use nango_tests::{Log, User};

const KEY: &str = "c0ffee-api-key";

fn builder(host: &str) -> NangoBuilder {
    Nango::builder(KEY, SigningKeys::new(["c0ffee-signing-key"]).unwrap(), MemoryStore::new())
        .host(host)
        .allowed_integrations(["slack"])
        .entity::<User>()
}

/// Builds a handle and returns the warnings of it.
fn warnings(host: &str) -> Vec<String> {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).finish();
    let list_key = "c0ffee-list-key";
    tracing::subscriber::with_default(subscriber, || builder(host).list_key(list_key).build().unwrap());
    log.text().lines().filter(|line| line.contains("WARN")).map(str::to_owned).collect()
}

#[test]
fn a_host_in_the_clear_causes_one_warning_when_the_handle_is_built() {
    for host in ["http://nango.example", "http://8.8.8.8:3003"] {
        let warnings = warnings(host);
        let [warning] = &warnings[..] else { panic!("{host}: {warnings:?}") };
        let expected = "WARN nango_core::builder: the Nango host is reached without TLS: the network in between can read the API \
                        key and all data; write the Nango host (NANGO_HOST) with https://";
        assert!(warning.trim_end().ends_with(expected), "{warning}");
    }
    for host in ["https://nango.example", "http://localhost:3003", "http://nango:3003", "http://10.0.0.7"] {
        assert_eq!(warnings(host), [""; 0], "{host}");
    }
}

#[test]
fn a_host_with_a_password_or_the_cloud_in_the_clear_is_refused() {
    use nango_client::ConfigError::{HostWithCredentials, PlainCloud};
    for (host, expected) in [
        ("https://user:c0ffee@nango.example", HostWithCredentials),
        ("https://:c0ffee@nango.example", HostWithCredentials),
        ("http://api.nango.dev", PlainCloud),
    ] {
        let builder = builder(host);
        assert!(!format!("{builder:?}").contains("c0ffee"), "{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error, ConfigError::Client(expected), "{host}");
        assert!(!format!("{error} {error:?}").contains("c0ffee"), "{error}");
    }
}
