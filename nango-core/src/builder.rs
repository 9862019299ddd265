//! The configuration of the handle.

use std::env;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use nango_client::{
    ApiKey, Client, ConfigError as ClientConfigError, HttpOptions, SessionDefaults, SigningKeys,
};

use crate::config::ConfigError;
use crate::connections::{ConnectionSettings, HandleKeys, Shared};
use crate::engine::{Config, Engine, Notifier};
use crate::events::{Bridge, WebhookHandler};
use crate::nango::{
    Nango, OriginTest, OwnerLimits, SESSION_BURST, SESSIONS_PER_MINUTE, SYNC_PERIOD, Settings, SyncLimit,
    TrustedOrigins, Unverified,
};
use crate::owner::{Owner, OwnerKinds, TagMapper, Unnamed};
use crate::report::{BackgroundFailure, Hook, Reporter};
use crate::store::ConnectionStore;

const CLOUD: &str = "https://api.nango.dev";

/// The default share of Nango's rate limit that looks may take.
const LOOK_SHARE: f64 = 0.3;

/// The largest delivery that is read by default.
const WEBHOOK_LIMIT: usize = 1024 * 1024;

/// The configuration of a [`Nango`].
#[must_use = "a builder does nothing until `.build()`"]
pub struct NangoBuilder {
    api_key: Result<ApiKey, ClientConfigError>,
    list_key: Option<Result<ApiKey, ClientConfigError>>,
    environment: Option<String>,
    signing_keys: SigningKeys,
    store: Box<dyn ConnectionStore>,
    host: String,
    public_host: Option<String>,
    connect_url: Option<String>,
    http: HttpOptions,
    kinds: OwnerKinds,
    allowed_integrations: Vec<String>,
    session_defaults: Box<dyn Fn(&Owner) -> SessionDefaults + Send + Sync>,
    handler: Option<Box<dyn WebhookHandler>>,
    handle_keys: Vec<String>,
    trusted_origins: Vec<String>,
    origin_test: Option<OriginTest>,
    bearer_only: bool,
    webhook_limit: usize,
    session_limit: (NonZeroU32, NonZeroU32),
    sync_period: Duration,
    keep_metadata: bool,
    look_share: f64,
    hook: Option<Hook>,
}

impl NangoBuilder {
    fn new(
        api_key: Result<ApiKey, ClientConfigError>,
        signing_keys: SigningKeys,
        store: Box<dyn ConnectionStore>,
    ) -> Self {
        Self {
            api_key,
            list_key: None,
            environment: None,
            signing_keys,
            store,
            host: CLOUD.to_owned(),
            public_host: None,
            connect_url: None,
            http: HttpOptions::new(),
            kinds: OwnerKinds::default(),
            allowed_integrations: Vec::new(),
            session_defaults: Box::new(|_| SessionDefaults::new()),
            handler: None,
            handle_keys: Vec::new(),
            trusted_origins: Vec::new(),
            origin_test: None,
            bearer_only: false,
            webhook_limit: WEBHOOK_LIMIT,
            session_limit: (SESSIONS_PER_MINUTE, SESSION_BURST),
            sync_period: SYNC_PERIOD,
            keep_metadata: false,
            look_share: LOOK_SHARE,
            hook: None,
        }
    }

    /// Starts a configuration with the values of the environment.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `NANGO_SECRET_KEY`, or `NANGO_API_KEY` | the API key; required |
    /// | `NANGO_WEBHOOK_SIGNING_KEY` | the signing keys, separated by commas; without it the API key, with a warning: only environments made before 2026-04-20 use one key for both |
    /// | `NANGO_HOST` | the server, if it is not `https://api.nango.dev` |
    /// | `NANGO_PUBLIC_SERVER_URL` | the server's address for browsers, if it is not the same |
    /// | `NANGO_PUBLIC_CONNECT_URL` | the address of the Connect UI, if the server does not name the right one |
    /// | `NANGO_HANDLE_KEY` | the keys that connection handles are made with, separated by commas, the first for new ones |
    ///
    /// # Errors
    ///
    /// When there is no API key, or when a value is not valid.
    pub fn from_env(store: impl ConnectionStore) -> Result<Self, ConfigError> {
        let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let api_key = variable("NANGO_SECRET_KEY")
            .or_else(|| variable("NANGO_API_KEY"))
            // A line end, of the file that it was read from.
            .map(|key| key.trim().to_owned())
            .ok_or(ConfigError::MissingVariable { name: "NANGO_SECRET_KEY" })?;
        let signing_keys = match variable("NANGO_WEBHOOK_SIGNING_KEY") {
            Some(keys) => keys.parse()?,
            None => {
                tracing::warn!(
                    "NANGO_WEBHOOK_SIGNING_KEY is not set: webhooks are verified with the API key, which is right only for \
                     environments made before 2026-04-20"
                );
                SigningKeys::new([api_key.as_str()])?
            }
        };
        let mut builder = Self::new(ApiKey::new(api_key), signing_keys, Box::new(store));
        if let Some(host) = variable("NANGO_HOST") {
            builder = builder.host(host);
        }
        if let Some(url) = variable("NANGO_PUBLIC_SERVER_URL") {
            builder = builder.public_host(url.trim());
        }
        if let Some(url) = variable("NANGO_PUBLIC_CONNECT_URL") {
            builder = builder.connect_url(url.trim());
        }
        if let Some(keys) = variable("NANGO_HANDLE_KEY") {
            builder = builder.handle_keys(keys.split(',').map(str::trim));
        }
        Ok(builder)
    }

    /// Sets the Nango server, if it is not `https://api.nango.dev`.
    ///
    /// One on this machine without TLS (`http://localhost:3003`) is reached directly, whatever
    /// proxy the environment names. One without TLS elsewhere causes a warning by
    /// [`build`](Self::build), unless its address is private or its name has no dot; Nango's cloud
    /// is refused without TLS.
    pub fn host(mut self, url: impl Into<String>) -> Self {
        self.host = url.into();
        self
    }

    /// Sets the address under which browsers reach the server, if it is another than the
    /// [host](Self::host), such as that of a container.
    ///
    /// It is where the callback route redirects to, and what is named to the Connect UI. A
    /// self-hosted Nango has the same setting, `NANGO_PUBLIC_SERVER_URL`.
    ///
    /// ```
    /// # fn configure(builder: nango_core::NangoBuilder) -> nango_core::NangoBuilder {
    /// builder.host("http://nango-server:3003").public_host("https://nango.example.com")
    /// # }
    /// ```
    pub fn public_host(mut self, url: impl Into<String>) -> Self {
        self.public_host = Some(url.into());
        self
    }

    /// Sets the address of the Connect UI, for the links of sessions, if the server does not name the
    /// right one: that of a self-hosted Nango is `http://localhost:3009` unless it has the same
    /// setting, `NANGO_PUBLIC_CONNECT_URL`.
    pub fn connect_url(mut self, url: impl Into<String>) -> Self {
        self.connect_url = Some(url.into());
        self
    }

    /// Sets the options of the HTTP client: certificates, proxy, time-outs, headers, the app's name,
    /// or another client.
    ///
    /// Time-outs of calls do not prolong the deadlines of looks, deliveries and handlers.
    ///
    /// ```
    /// use nango_core::HttpOptions;
    /// # fn configure(builder: nango_core::NangoBuilder) -> std::io::Result<nango_core::NangoBuilder> {
    /// let http = HttpOptions::new()
    ///     .root_certificates(std::fs::read("/etc/ssl/company.pem")?)
    ///     .user_agent("billing/2.1");
    /// # let builder =
    /// builder.http(http)
    /// # ;
    /// # Ok(builder)
    /// # }
    /// ```
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Sets the integrations that sessions may be created for. Required: to Nango, an empty list
    /// means all integrations.
    pub fn allowed_integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.allowed_integrations = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Registers a kind of owner. A kind whose tags contain another's identity tag goes before it:
    /// users before the organisations that they name.
    pub fn entity<E: TagMapper>(mut self) -> Self {
        self.kinds.register::<E>();
        self
    }

    /// Registers a kind of owner by its name and its tags, for tools that do not have the app's types.
    /// An app uses [`entity`](Self::entity).
    ///
    /// `tags` are the keys of all tags that the kind has, the identity tag among them.
    pub fn untyped_entity(
        mut self,
        kind: &'static str,
        id_tag: &'static str,
        scope_tag: Option<&'static str>,
        tags: &'static [&'static str],
    ) -> Self {
        self.kinds.register_untyped(kind, id_tag, scope_tag, tags);
        self
    }

    /// Sets the name of the app, where several apps share one environment of Nango: none sees the
    /// others' connections then.
    ///
    /// Connections that were made under another name, or without one, do not belong to an owner of
    /// this app. [`adopt_unnamed`](Self::adopt_unnamed) claims the latter.
    pub fn app(mut self, name: impl Into<String>) -> Self {
        self.kinds.name_app(name.into());
        self
    }

    /// Claims connections that do not have the app's [name](Self::app), for an app that got its name
    /// later, and writes the name into their tag `owner_kind`.
    ///
    /// Without it they are not this app's: in an environment that several apps share, another one
    /// may have made them. Set it only while no other app has such connections there, and remove it
    /// once a sweep has run.
    pub fn adopt_unnamed(mut self, which: Unnamed) -> Self {
        self.kinds.adopt_unnamed(which);
        self
    }

    /// Sets the key that lists connections, where the API key may not: Nango advises backends to do
    /// without that scope, since with it a stolen key reveals all customers. Without a key that may
    /// list, deliveries and checks work, and [`Nango::sync`] and [`Nango::sweep`] do not.
    pub fn list_key(mut self, key: impl TryInto<ApiKey, Error: Into<ClientConfigError>>) -> Self {
        self.list_key = Some(key.try_into().map_err(Into::into));
        self
    }

    /// Sets the name of the environment, such as `prod`. Deliveries of another one are then
    /// ignored, with a warning: a webhook URL that is entered in two environments is an easy
    /// mistake.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Sets the handler that is notified of changes.
    pub fn handler(mut self, handler: impl WebhookHandler) -> Self {
        self.handler = Some(Box::new(handler));
        self
    }

    /// Sets a hook that gets the failures that no caller sees, such as those of the sweeper, of the
    /// handler, and refused webhooks: to report them, or to count them by
    /// [`kind`](BackgroundFailure::kind). It should be quick. They are logged in any case.
    ///
    /// ```
    /// # fn configure(builder: nango_core::NangoBuilder) -> nango_core::NangoBuilder {
    /// builder.on_failure(|failure| eprintln!("{}: {failure}", failure.kind()))
    /// # }
    /// ```
    pub fn on_failure(mut self, hook: impl Fn(&BackgroundFailure) + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// Sets the defaults of every session, reconnects included.
    pub fn session_defaults(self, defaults: SessionDefaults) -> Self {
        self.session_defaults_with(move |_| defaults.clone())
    }

    /// Sets a function that returns the defaults of a session by its owner: for scopes that depend
    /// on the plan, or a subdomain that the app knows already.
    pub fn session_defaults_with(
        mut self,
        defaults: impl Fn(&Owner) -> SessionDefaults + Send + Sync + 'static,
    ) -> Self {
        self.session_defaults = Box::new(defaults);
        self
    }

    /// Remembers the metadata of connections, and restores it where a reconnect has emptied it:
    /// Nango does that to connections by API key, basic auth and the like (observed on 0.71.4).
    ///
    /// The store then has a copy of it. It is as new as the last look, or the last
    /// [`metadata().set(..)`](crate::MetadataClient::set). To empty metadata for good, set it
    /// through [`MetadataClient`](crate::MetadataClient): one that is emptied elsewhere is taken
    /// for wiped.
    pub fn keep_metadata(mut self) -> Self {
        self.keep_metadata = true;
        self
    }

    /// Sets the keys of connection handles: the first makes them, all are accepted. By default a
    /// key is derived from the API key, so that all handles change when that is rotated.
    pub fn handle_keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.handle_keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the origins whose pages may call the owner routes besides those of the same origin. A
    /// browser sends such requests only if the app also answers with CORS headers.
    ///
    /// - `https://app.example.com`: scheme, host and port as a browser writes them. Behind a proxy
    ///   that changes the `Host` header, list the app's own origin, too: browsers that do not send
    ///   `Sec-Fetch-Site` are otherwise refused with 403, since `Origin` and `Host` differ.
    /// - `https://*.preview.example.com`: the wildcard is exactly one label. Below a suffix that
    ///   customers of a host share, such as `vercel.app`, it would trust strangers: the best-known
    ///   ones cause a warning by [`build`](Self::build).
    /// - `capacitor://localhost`, `tauri://localhost`, `chrome-extension://` and an id: pages of
    ///   apps and of browser extensions.
    ///
    /// ```
    /// # fn configure(builder: nango_core::NangoBuilder) -> nango_core::NangoBuilder {
    /// builder.trusted_origins(["https://app.example.com", "capacitor://localhost"])
    /// # }
    /// ```
    pub fn trusted_origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.trusted_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a function that returns whether an origin is trusted, for sets that change while the
    /// app runs, such as the domains of its customers. Origins of
    /// [`trusted_origins`](Self::trusted_origins) are trusted besides.
    ///
    /// It gets the header `Origin` as the browser sent it, such as `https://app.example.com` or
    /// `null`, on each request of another origin: compare whole texts, and be quick.
    ///
    /// ```
    /// # use std::{collections::HashSet, sync::{Arc, RwLock}};
    /// # fn configure(
    /// #     builder: nango_core::NangoBuilder,
    /// #     domains: Arc<RwLock<HashSet<String>>>,
    /// # ) -> nango_core::NangoBuilder {
    /// builder.trusted_origins_with(move |origin| {
    ///     domains.read().is_ok_and(|domains| domains.contains(origin))
    /// })
    /// # }
    /// ```
    pub fn trusted_origins_with(mut self, test: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.origin_test = Some(Box::new(test));
        self
    }

    /// Declares that the login of the owner routes reads only the header `Authorization`: requests
    /// with a bearer token and without a cookie are then admitted from any origin, since no page can
    /// make a browser add the token.
    ///
    /// Do not set it where a proxy in front of the app turns a cookie of its own into the bearer
    /// token, as oauth2-proxy, AWS's load balancers and Google's IAP can: the browser adds that
    /// cookie to requests of any page, and the app does not see it.
    pub fn owner_routes_use_bearer_only(mut self) -> Self {
        self.bearer_only = true;
        self
    }

    /// Sets the largest delivery that is read, in bytes; 1 MiB by default. Forwarded provider
    /// webhooks can be large.
    pub fn webhook_limit(mut self, bytes: usize) -> Self {
        self.webhook_limit = bytes;
        self
    }

    /// Sets the rate limit of session and reconnect tokens for each owner, in the ready-made
    /// routes: 30 per minute in bursts of 20 by default. Beyond it the reply is 429, with
    /// `Retry-After`.
    ///
    /// Disconnects and checks of one owner have the same limit each. Beyond it a disconnect is
    /// replied to with 429, too, and a check with the stored state.
    pub fn session_rate_limit(mut self, per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        self.session_limit = (per_minute, burst);
        self
    }

    /// Sets the share of Nango's rate limit that deliveries may take for looks, and owners through
    /// the ready-made routes as much again; 0.3 by default, at most 0.5. Nango's responses name the
    /// limit; until one has, it is taken for 200 requests a minute.
    ///
    /// Beyond it, and while Nango asks for a pause (`Retry-After`, or `X-RateLimit-Remaining: 0`), a
    /// delivery leaves a mark, which the sweeper processes, and an owner's request is replied to
    /// with the stored state, with `Nango-Sync: limited` where it asked for a sync. Sessions and
    /// disconnects take nothing from it, nor do the app's own calls of this crate.
    ///
    /// A new limit counts from the next response on. Several instances of the app each have a share:
    /// of four, set a quarter.
    pub fn look_share(mut self, share: f64) -> Self {
        self.look_share = share;
        self
    }

    /// Sets the minimum time between the syncs with Nango that `GET /connections?sync=true` starts
    /// for one owner; 2 s by default. Within that time, and while a sync is in flight, the reply is
    /// the stored list.
    pub fn sync_period(mut self, period: Duration) -> Self {
        self.sync_period = period;
        self
    }

    /// Validates the configuration. Does not contact Nango.
    ///
    /// # Errors
    ///
    /// When something is missing or invalid; the error says what to write.
    pub fn build(self) -> Result<Nango, ConfigError> {
        self.kinds.check()?;
        let blank = |id: &String| id.trim().is_empty();
        if self.allowed_integrations.is_empty() || self.allowed_integrations.iter().any(blank) {
            return Err(ConfigError::MissingIntegration);
        }
        let trusted_origins = TrustedOrigins::new(&self.trusted_origins, self.origin_test)?;
        if !(self.look_share > 0.0 && self.look_share <= 0.5) {
            return Err(ConfigError::InvalidLookShare);
        }
        let api_key = self.api_key?;
        let handle_keys = HandleKeys::new(&self.handle_keys, &api_key)?;
        let mut client = Client::builder(&self.host, api_key).http(self.http);
        if let Some(url) = self.public_host {
            client = client.public_host(url);
        }
        if let Some(url) = self.connect_url {
            client = client.connect_url(url);
        }
        let client = client.build()?;
        if client.sends_key_in_the_clear() {
            tracing::warn!(
                "the Nango host is reached without TLS: the network in between can read the API key and all data; write \
                 the Nango host (NANGO_HOST) with https://"
            );
        }
        let list = match self.list_key {
            Some(key) => client.with_key(key?)?,
            None => client.clone(),
        };
        let list = if self.keep_metadata { list } else { list.without_metadata() };
        let connections =
            Arc::new(ConnectionSettings { handle_keys, session_defaults: self.session_defaults });
        let settings = Arc::new(Settings {
            allowed_integrations: self.allowed_integrations,
            signing_keys: self.signing_keys,
            trusted_origins,
            bearer_only: self.bearer_only,
            webhook_limit: self.webhook_limit,
            owner_limits: OwnerLimits::new(self.session_limit.0, self.session_limit.1),
            sync_limit: SyncLimit::new(self.sync_period),
            unverified: Unverified::new(),
        });
        let bridge = |handler| -> Box<dyn Notifier> {
            Box::new(Bridge { handler, connections: connections.clone(), settings: settings.clone() })
        };
        let engine = Engine::new(Config {
            client,
            list,
            store: self.store,
            kinds: self.kinds,
            notifier: self.handler.map(bridge),
            keep_metadata: self.keep_metadata,
            environment: self.environment,
            look_share: self.look_share,
            reporter: Reporter::new(self.hook),
            handle_of: {
                let connections = connections.clone();
                Box::new(move |key| connections.handle_keys.handle(key))
            },
        });
        Ok(Nango::new(Shared { engine, settings: connections }, settings))
    }
}

impl Nango {
    /// Returns a builder with the settings that every app needs: the API key and the webhook
    /// signing keys of a Nango environment, and a store.
    pub fn builder(
        api_key: impl TryInto<ApiKey, Error: Into<ClientConfigError>>,
        signing_keys: SigningKeys,
        store: impl ConnectionStore,
    ) -> NangoBuilder {
        NangoBuilder::new(api_key.try_into().map_err(Into::into), signing_keys, Box::new(store))
    }

    /// Starts a configuration with the values of the environment, as [`NangoBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// As [`NangoBuilder::from_env`].
    pub fn from_env(store: impl ConnectionStore) -> Result<NangoBuilder, ConfigError> {
        NangoBuilder::from_env(store)
    }
}

// Without the host, which is not checked yet and may contain a password.
nango_client::__debug_only!(NangoBuilder { kinds, allowed_integrations });
