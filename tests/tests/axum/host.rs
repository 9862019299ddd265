//! The host of Nango: what is refused, and what is warned of; and the way to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use nango_core::nango_client::ResponseBody;
use nango_core::{
    ConfigError, HttpOptions, MemoryStore, Nango, NangoBuilder, SigningKeys, Transport, TransportError,
    nango_client,
};
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

#[test]
fn addresses_for_browsers_are_refused_by_the_names_of_their_variables() {
    use nango_client::ConfigError::{InvalidConnectUrl, InvalidPublicHost};
    let host = || builder("http://nango-server:3003");
    for (builder, expected, variable) in [
        (host().public_host("nango.c0ffee"), InvalidPublicHost, "NANGO_PUBLIC_SERVER_URL"),
        (host().connect_url("https://c0ffee@connect"), InvalidConnectUrl, "NANGO_PUBLIC_CONNECT_URL"),
    ] {
        assert!(!format!("{builder:?}").contains("c0ffee"), "{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error, ConfigError::Client(expected));
        assert!(error.to_string().contains(variable), "{error}");
    }
}

/// Records the head of each request, and answers it with an empty list.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl Transport for Recorder {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        let user_agent = request.headers()["user-agent"].to_str().unwrap();
        self.0.lock().unwrap().push(format!("{} {}: {user_agent}", request.method(), request.uri()));
        Ok(Response::new(r#"{"data":[],"connections":[]}"#.into()))
    }
}

#[tokio::test]
async fn http_options_hold_for_every_call() {
    let recorder = Recorder::default();
    let http = HttpOptions::new().transport(recorder.clone()).user_agent("billing/2.1");
    let nango = builder("https://nango.example").list_key("list-key").http(http).build().unwrap();
    assert_eq!(nango.sweep().run().await.unwrap().listed, 0);
    nango.unscoped_client().integrations().await.unwrap();
    let user_agent = format!("nango-client/{} billing/2.1", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        *recorder.0.lock().unwrap(),
        [
            format!("GET https://nango.example/connections?limit=1000&page=0: {user_agent}"),
            format!("GET https://nango.example/integrations: {user_agent}"),
        ]
    );
    let http = HttpOptions::new().timeout(Duration::ZERO);
    let error = builder("https://nango.example").http(http).build().unwrap_err();
    assert_eq!(error.to_string(), "the option `timeout` must be above zero, and at most 60 s");
}
