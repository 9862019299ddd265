//! Settings of an emulator before it starts.

use std::path::PathBuf;

use super::instance::Emulator;

/// Settings of an [`Emulator`]. All have defaults.
///
/// Does not implement `Debug`, since it holds keys.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nango_emulator::Emulator;
///
/// let nango = Emulator::builder()
///     .integrations(["slack", "github"])
///     .allow_host("nango.internal")
///     .seed(7) // the same ids and tokens in every run
///     .rate_limit(100)
///     .circuit_breaker(true)
///     .start()
///     .await?;
/// # drop(nango);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "nothing runs before `start`"]
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct EmulatorBuilder {
    pub(super) listen: Option<String>,
    pub(super) secret_key: Option<String>,
    pub(super) signing_key: Option<String>,
    pub(super) webhook_url: Option<String>,
    pub(super) secondary_webhook_url: Option<String>,
    pub(super) callback_url: Option<String>,
    pub(super) public_url: Option<String>,
    pub(super) config_file: Option<PathBuf>,
    pub(super) providers_file: Option<PathBuf>,
    pub(super) data_file: Option<PathBuf>,
    pub(super) integrations: Option<Vec<String>>,
    pub(super) provider_apis: Vec<(String, String)>,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) api_keys: Vec<(String, Vec<String>)>,
    pub(super) seed: Option<u64>,
    pub(super) rate_limit: Option<u32>,
    pub(super) circuit_breaker: bool,
}

impl Emulator {
    /// Returns a builder with the defaults: any free port of 127.0.0.1, the development keys, the
    /// demo's integrations, state in memory, no webhooks.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }
}

/// Declares the setters of fields that are absent by default.
macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident($argument:ident: $type:ty);)*) => {
        impl EmulatorBuilder {
            $($(#[$doc])* pub fn $field(mut self, $argument: impl Into<$type>) -> Self {
                self.$field = Some($argument.into());
                self
            })*
        }
    };
}

setters! {
    /// Sets address and port, such as `127.0.0.1:3003`. Default: 127.0.0.1 and any free port.
    listen(address: String);

    /// Sets the API key, a UUID v4. Default: [`DEV_SECRET_KEY`](crate::DEV_SECRET_KEY), which pages
    /// of other sites cannot use.
    secret_key(key: String);

    /// Sets the webhook signing key. Default: [`DEV_SIGNING_KEY`](crate::DEV_SIGNING_KEY).
    signing_key(key: String);

    /// Sets the URL that webhooks are sent to. Default: none.
    webhook_url(url: String);

    /// Sets the environment's second webhook URL, which is served after the first.
    secondary_webhook_url(url: String);

    /// Sets the `redirect_uri` for providers. Default: `{public url}/oauth/callback`.
    callback_url(url: String);

    /// Sets the URL under which browsers reach this server. Default: `http://localhost:{port}` on a
    /// loopback address.
    public_url(url: String);

    /// Reads environment, providers, integrations and keys from a JSON file; see the README.
    config_file(path: PathBuf);

    /// Reads provider templates from a file in Nango's YAML format, or in JSON without the feature `yaml`.
    providers_file(path: PathBuf);

    /// Keeps the state in this file. Default: in memory.
    data_file(path: PathBuf);
}

impl EmulatorBuilder {
    /// Sets the initial integrations by provider name, in place of the configuration file's.
    /// Default: the five of the demo.
    pub fn integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.integrations = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Sends what goes through the proxy to this address, in place of the integration's provider: the API that
    /// the app's code calls, served by its test. Consent, tokens and refreshes stay emulated.
    ///
    /// The calls carry the connection's credentials as the provider's would, and the API answers for itself, also
    /// after a [`revoke`](Emulator::revoke). nango-core asks for a connection's label through the proxy, too. The
    /// address may have a path. In the configuration file it is `api_url` of an integration.
    ///
    /// [`start`](Self::start) fails if there is no such integration.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use nango_emulator::Emulator;
    ///
    /// let provider = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// let address = format!("http://{}/api", provider.local_addr()?);
    /// let nango = Emulator::builder().provider_api("slack", address).start().await?;
    /// // Serve `/api/auth.test` with any web framework on `provider`.
    /// # drop(nango);
    /// # Ok(())
    /// # }
    /// ```
    pub fn provider_api(mut self, integration: impl Into<String>, url: impl Into<String>) -> Self {
        self.provider_apis.push((integration.into(), url.into()));
        self
    }

    /// Allows requests whose `Host` is this name, and pages of that host to use the API. Allowed
    /// without it are `localhost`, IP addresses and the host of the public URL; everything else is
    /// refused, since the name of an attacker's page can resolve to this machine.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Adds an API key with scopes, such as `environment:connections:read`.
    pub fn api_key<S: Into<String>>(
        mut self,
        key: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        self.api_keys.push((key.into(), scopes.into_iter().map(Into::into).collect()));
        self
    }

    /// Makes ids and tokens the same in every run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Refuses further requests of a minute beyond this number with 429. Default: none is refused,
    /// and the headers of replies describe a limit of 200, as a real Nango's do, of which at least
    /// half is left.
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// Enables the circuit breaker for webhooks. Default: off, as in a self-hosted Nango without
    /// Redis.
    pub fn circuit_breaker(mut self, on: bool) -> Self {
        self.circuit_breaker = on;
        self
    }
}
