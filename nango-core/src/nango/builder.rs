//! How a handle is configured.

use std::env;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::announce::Announcing;
use super::counters::Tally;
use super::handle::HandleKeys;
use super::limits::{Budget, SESSION_BURST, SESSIONS_A_MINUTE, SYNC_PERIOD, SessionLimit, SyncLimit};
use super::turns::Turns;
use super::{DefaultsOf, Inner, Nango};
use crate::client::{Client, SessionDefaults};
use crate::config::{ApiKey, ConfigError};
use crate::entity::{Owner, TagMapper};
use crate::kinds::Kinds;
use crate::store::ConnectionStore;
use crate::webhook::{SigningKeys, WebhookHandler};

const CLOUD: &str = "https://api.nango.dev";

/// The largest delivery that is read by default.
const WEBHOOK_LIMIT: usize = 1024 * 1024;

/// A configuration that becomes a [`Nango`].
#[must_use = "a builder does nothing until `.build()`"]
pub struct Builder {
    api_key: ApiKey,
    list_key: Option<ApiKey>,
    environment: Option<String>,
    signing_keys: SigningKeys,
    store: Box<dyn ConnectionStore>,
    host: String,
    kinds: Kinds,
    allowed_integrations: Vec<String>,
    session_defaults: Box<DefaultsOf>,
    handler: Option<Box<dyn WebhookHandler>>,
    handle_keys: Vec<String>,
    trusted_origins: Vec<String>,
    webhook_limit: usize,
    session_limit: (NonZeroU32, NonZeroU32),
    sync_period: Duration,
    keep_metadata: bool,
}

impl Builder {
    pub(super) fn new(api_key: ApiKey, signing_keys: SigningKeys, store: Box<dyn ConnectionStore>) -> Self {
        Self {
            api_key,
            list_key: None,
            environment: None,
            signing_keys,
            store,
            host: CLOUD.to_owned(),
            kinds: Kinds::default(),
            allowed_integrations: Vec::new(),
            session_defaults: Box::new(|_| SessionDefaults::new()),
            handler: None,
            handle_keys: Vec::new(),
            trusted_origins: Vec::new(),
            webhook_limit: WEBHOOK_LIMIT,
            session_limit: (SESSIONS_A_MINUTE, SESSION_BURST),
            sync_period: SYNC_PERIOD,
            keep_metadata: false,
        }
    }

    pub(super) fn from_env(store: Box<dyn ConnectionStore>) -> Result<Self, ConfigError> {
        let variable = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let api_key = variable("NANGO_SECRET_KEY")
            .or_else(|| variable("NANGO_API_KEY"))
            .ok_or(ConfigError::MissingVariable { name: "NANGO_SECRET_KEY" })?;
        let signing_keys = match variable("NANGO_WEBHOOK_SIGNING_KEY") {
            Some(keys) => SigningKeys::parse(&keys)?,
            None => {
                tracing::warn!(
                    "NANGO_WEBHOOK_SIGNING_KEY is not set: webhooks are verified with the API key, which is right only for \
                     environments made before 2026-04-20"
                );
                SigningKeys::new([api_key.as_str()])?
            }
        };
        let mut builder = Self::new(api_key.into(), signing_keys, store);
        if let Some(host) = variable("NANGO_HOST") {
            builder = builder.host(host);
        }
        if let Some(keys) = variable("NANGO_HANDLE_KEY") {
            builder = builder.handle_keys(keys.split(',').map(str::trim));
        }
        Ok(builder)
    }

    /// The Nango server, if it is not `https://api.nango.dev`.
    ///
    /// One on this machine without TLS (`http://localhost:3003`) is reached directly, whatever proxy the environment names.
    pub fn host(mut self, url: impl Into<String>) -> Self {
        self.host = url.into();
        self
    }

    /// The integrations that sessions may be made for. Required: to Nango, no list means all integrations.
    pub fn allowed_integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.allowed_integrations = ids.into_iter().map(Into::into).collect();
        self
    }

    /// Registers a kind of owner. A kind whose tags contain another's identity tag goes before it: users before the
    /// organisations that they name.
    pub fn entity<E: TagMapper>(mut self) -> Self {
        self.kinds.register::<E>();
        self
    }

    /// Names the app, where several apps share one environment of Nango: none sees the others' connections then.
    ///
    /// Connections that were made under another name, or none, belong to nobody here.
    pub fn app(mut self, name: impl Into<String>) -> Self {
        self.kinds.name_app(name.into());
        self
    }

    /// The key that lists connections, where the API key may not: Nango advises backends to do without that scope, since
    /// with it a stolen key gives all customers away. Without a key that may list, deliveries and checks work, and
    /// [`Nango::sync`] and [`Nango::sweep`] do not.
    pub fn list_key(mut self, key: impl Into<ApiKey>) -> Self {
        self.list_key = Some(key.into());
        self
    }

    /// The name of the environment, such as `prod`. Deliveries of another one are then ignored, with a warning: a webhook
    /// URL that is entered in two environments is an easy mistake.
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Who hears of what happens.
    pub fn handler(mut self, handler: impl WebhookHandler) -> Self {
        self.handler = Some(Box::new(handler));
        self
    }

    /// What every session asks for, reconnects included.
    pub fn session_defaults(self, defaults: SessionDefaults) -> Self {
        self.session_defaults_of(move |_| defaults.clone())
    }

    /// The same, told by the owner: for scopes that depend on the plan, or a subdomain that the app knows already.
    pub fn session_defaults_of(
        mut self,
        defaults: impl Fn(&Owner) -> SessionDefaults + Send + Sync + 'static,
    ) -> Self {
        self.session_defaults = Box::new(defaults);
        self
    }

    /// Remembers the metadata of connections, and gives it back where a reconnect has emptied it: Nango does that to
    /// connections by API key, basic auth and the like (observed on 0.71.4).
    ///
    /// The store then has a copy of it. It is as new as the last look, or the last
    /// [`metadata().set(..)`](crate::Metadata::set). To empty metadata for good, set it through [`Metadata`](crate::Metadata):
    /// one that is emptied elsewhere is taken for wiped.
    pub fn keep_metadata(mut self) -> Self {
        self.keep_metadata = true;
        self
    }

    /// The keys that connection handles are made with: the first makes them, all are accepted. By default a key is derived
    /// from the API key, so that all handles change when that is rotated.
    pub fn handle_keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.handle_keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Origins, such as `https://app.example.com`, whose pages may call the owner routes besides those of the same origin.
    ///
    /// It does not make a browser send them: that takes CORS headers, which are the app's business.
    pub fn trusted_origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.trusted_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// The largest delivery that is read, in bytes; 1 MiB by default. Forwarded provider webhooks can be large.
    pub fn webhook_limit(mut self, bytes: usize) -> Self {
        self.webhook_limit = bytes;
        self
    }

    /// How many session and reconnect tokens an owner gets from the ready-made routes: so many a minute, and so many of them at
    /// once. By default 30 and 20. Whoever asks for more gets a 429 that says how long to wait.
    pub fn session_limit(mut self, a_minute: NonZeroU32, at_once: NonZeroU32) -> Self {
        self.session_limit = (a_minute, at_once);
        self
    }

    /// How far apart `GET /connections?sync=true` looks at Nango for one owner; 2 s by default. In between, and while a look
    /// is under way, it answers with the stored list.
    pub fn sync_period(mut self, period: Duration) -> Self {
        self.sync_period = period;
        self
    }

    /// The handle. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// When something is missing or cannot work; the error says what to write.
    pub fn build(self) -> Result<Nango, ConfigError> {
        self.kinds.check()?;
        let blank = |id: &String| id.trim().is_empty();
        if self.allowed_integrations.is_empty() || self.allowed_integrations.iter().any(blank) {
            return Err(ConfigError::NoIntegration);
        }
        if !self.trusted_origins.iter().all(|origin| is_origin(origin)) {
            return Err(ConfigError::Origin);
        }
        let handle_keys = HandleKeys::new(&self.handle_keys, &self.api_key)?;
        let client = Client::new(&self.host, self.api_key)?;
        let list = match self.list_key {
            Some(key) => client.with_key(&self.host, &key)?,
            None => client.clone(),
        };
        Ok(Nango(Arc::new(Inner {
            client,
            list,
            signing_keys: self.signing_keys,
            store: self.store,
            kinds: self.kinds,
            allowed_integrations: self.allowed_integrations,
            session_defaults: self.session_defaults,
            handler: self.handler,
            handle_keys,
            trusted_origins: self.trusted_origins,
            webhook_limit: self.webhook_limit,
            session_limit: SessionLimit::new(self.session_limit.0, self.session_limit.1),
            sync_limit: SyncLimit::new(self.sync_period),
            budget: Budget::new(),
            turns: Turns::new(),
            environment: self.environment,
            keep_metadata: self.keep_metadata,
            tally: Tally::default(),
            announcing: Announcing::default(),
        })))
    }
}

/// Scheme, host and port as a browser writes them.
fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text && text != "null")
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("host", &self.host)
            .field("kinds", &self.kinds)
            .field("allowed_integrations", &self.allowed_integrations)
            .finish_non_exhaustive()
    }
}
