//! The connection.

use std::str::FromStr;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, ServerAddr};
use nango_core::StoreError;
use percent_encoding::percent_decode_str;

use super::diagnosis::Diagnosis;
use super::request::{Server, attempt};

/// A server that has vanished without a word is given up after two of these.
const PING: Duration = Duration::from_secs(5);

/// The longest attempt to connect.
const CONNECT: Duration = Duration::from_secs(5);

/// The longest pause between attempts to connect again.
const MAX_PAUSE: Duration = Duration::from_secs(1);

impl Server {
    /// Wraps a client of the app's.
    pub(crate) fn of(client: Client) -> Self {
        let place = client.try_server_info().and_then(|info| match info.host.as_str() {
            // A server that listens on all addresses does not know its name.
            "" | "0.0.0.0" | "::" => None,
            host => Some(host_and_port(host, info.port)),
        });
        Self { client, place }
    }

    /// Connects to the servers of a URL, or of several, separated by commas. Once made, the connection is
    /// made anew whenever it is lost.
    pub(crate) async fn connect(url: &str) -> Result<Self, StoreError> {
        let failed = |diagnosis: Diagnosis, place: Option<&str>, raw: nango_core::BoxError| {
            let Diagnosis { kind, cause, remedy } = diagnosis;
            let error = StoreError::new(kind, raw)
                .with_attempt(attempt::CONNECT)
                .with_cause(cause)
                .with_remedy(remedy);
            match place {
                Some(place) => error.with_place(place.to_owned()),
                None => error,
            }
        };
        let servers: Result<Vec<_>, _> = url.split(',').map(|url| ServerAddr::from_str(url.trim())).collect();
        let servers = servers.map_err(|error| failed(Diagnosis::invalid_url(), None, error.into()))?;
        let credentials = servers.iter().find_map(Credentials::of);
        let servers: Vec<_> = servers.into_iter().map(without_credentials).collect();
        let place = servers.first().map(|server| host_and_port(server.host(), server.port()));
        if !has_tls() && servers.iter().any(ServerAddr::tls_required) {
            return Err(failed(Diagnosis::without_tls(), place.as_deref(), "no TLS".into()));
        }
        install_tls();
        let options =
            ConnectOptions::new().name("nango-nats").connection_timeout(CONNECT).ping_interval(PING);
        let options = options.reconnect_delay_callback(pause);
        let options = match credentials {
            Some(Credentials::Token(token)) => options.token(token),
            Some(Credentials::User(user, password)) => options.user_and_password(user, password),
            None => options,
        };
        // In a task: where the server demands TLS and rustls has none, the client panics.
        let client = tokio::spawn(options.connect(servers)).await;
        let client =
            client.map_err(|error| failed(Diagnosis::without_tls(), place.as_deref(), error.into()))?;
        let client =
            client.map_err(|error| failed(Diagnosis::of_connect(&error), place.as_deref(), error.into()))?;
        Ok(Self { client, place })
    }
}

/// The credentials in a URL, which the client leaves alone.
enum Credentials {
    Token(String),
    User(String, String),
}

impl Credentials {
    fn of(server: &ServerAddr) -> Option<Self> {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = decode(server.username()?);
        Some(match server.password() {
            Some(password) => Self::User(user, decode(password)),
            None => Self::Token(user),
        })
    }
}

/// Returns the address alone, as the client logs addresses.
fn without_credentials(server: ServerAddr) -> ServerAddr {
    let original = server.clone();
    let mut url = server.into_inner();
    // These fail for URLs that have no host, which are none of NATS.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    ServerAddr::from_url(url).unwrap_or(original)
}

/// Returns the pause before an attempt to connect again.
fn pause(attempt: usize) -> Duration {
    let doublings = u32::try_from(attempt.min(10)).unwrap_or_default();
    Duration::from_millis(5).saturating_mul(1 << doublings).min(MAX_PAUSE)
}

fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn has_tls() -> bool {
    cfg!(feature = "rustls") || async_nats::rustls::crypto::CryptoProvider::get_default().is_some()
}

/// Chooses the provider of TLS, unless the app has: in a program with two of them, rustls would panic.
fn install_tls() {
    #[cfg(feature = "rustls")]
    {
        // Fails when there is one already, which is then used.
        let _ = async_nats::rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}
