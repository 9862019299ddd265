//! The configuration of the handle.

mod attempts;
mod environment;
mod owners;
mod routes;
mod server;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use nango_client::{
    ApiKey, Client, ConfigError as ClientConfigError, HttpOptions, SessionDefaults, SigningKeys,
};

use crate::attempts::{AttemptKeys, CallbackGuard};
use crate::config::ConfigError;
use crate::connections::{ConnectionSettings, HandleKeys, Shared};
use crate::engine::{Config, Engine, Labeller, Notifier};
use crate::events::{Asking, Bridge, LabelFn, WebhookHandler};
use crate::keys::AppKeys;
use crate::nango::{
    Nango, OriginTest, OwnerLimits, RefusalPage, SESSION_BURST, SESSIONS_PER_MINUTE, SYNC_PERIOD, Settings,
    SyncLimit, TrustedOrigins, Unverified,
};
use crate::owner::{Owner, OwnerKinds};
use crate::queue::EventQueue;
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
    event_queue: Option<Arc<dyn EventQueue>>,
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
    track_attempts: bool,
    callback_url: Option<String>,
    refusal_page: RefusalPage,
    label: Option<LabelFn>,
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
            event_queue: None,
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
            track_attempts: false,
            callback_url: None,
            refusal_page: RefusalPage::default(),
            label: None,
        }
    }

    /// Sets the handler that is notified of changes.
    pub fn handler(mut self, handler: impl WebhookHandler) -> Self {
        self.handler = Some(Box::new(handler));
        self
    }

    /// Sets the queue that keeps events until the handler has handled them: runs of syncs, providers'
    /// webhooks and ends of actions, of which no state is left once their delivery is over.
    ///
    /// With it, such a delivery is answered with 2xx when its event is in the queue, and is then handled at
    /// least once, by an [`EventWorker`](crate::EventWorker) in this process or in another one. Without
    /// it, the handler has one chance: an event is lost if its call fails, or if the process ends before.
    /// Changes of connections need no queue: the store keeps them.
    ///
    /// ```
    /// # use nango_core::{MemoryEventQueue, NangoBuilder, WebhookHandler};
    /// # fn configure(builder: NangoBuilder, handler: impl WebhookHandler) -> Result<(), Box<dyn std::error::Error>> {
    /// // For tests. `nango-sqlx` has queues that survive the process.
    /// let queue = MemoryEventQueue::new();
    /// let nango = builder.handler(handler).event_queue(queue.clone()).build()?;
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// # let _guard = runtime.enter();
    /// let worker = nango.event_worker(queue).spawn();
    /// # drop(worker);
    /// # Ok(())
    /// # }
    /// ```
    pub fn event_queue(mut self, queue: impl EventQueue) -> Self {
        self.event_queue = Some(Arc::new(queue));
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
        let keys = AppKeys::new(&self.handle_keys, &api_key)?;
        let handle_keys = HandleKeys::new(&keys)?;
        let app = self.kinds.app_name();
        let attempt_keys = match self.track_attempts {
            true => Some(AttemptKeys::new(&keys, app)?),
            false => None,
        };
        let callback_guard = match &self.callback_url {
            Some(url) => Some(CallbackGuard::new(&keys, app, url)?),
            None => None,
        };
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
        if self.handler.is_some() && self.event_queue.is_none() {
            tracing::info!(
                "there is no event queue: events of syncs, forwarded webhooks and actions are lost if the handler fails, or \
                 this process ends before it is called; add `.event_queue(..)` to keep them"
            );
        }
        let list = match self.list_key {
            Some(key) => client.with_key(key?)?,
            None => client.clone(),
        };
        let list = if self.keep_metadata { list } else { list.without_metadata() };
        let connections = Arc::new(ConnectionSettings {
            handle_keys,
            session_defaults: self.session_defaults,
            attempt_keys,
        });
        let settings = Arc::new(Settings {
            allowed_integrations: self.allowed_integrations,
            signing_keys: self.signing_keys,
            trusted_origins,
            bearer_only: self.bearer_only,
            webhook_limit: self.webhook_limit,
            owner_limits: OwnerLimits::new(self.session_limit.0, self.session_limit.1),
            sync_limit: SyncLimit::new(self.sync_period),
            unverified: Unverified::new(),
            callback_guard,
            refusal_page: self.refusal_page,
        });
        let bridge = |handler| -> Box<dyn Notifier> {
            Box::new(Bridge { handler, connections: connections.clone(), settings: settings.clone() })
        };
        let asking =
            |label| -> Box<dyn Labeller> { Box::new(Asking { label, connections: connections.clone() }) };
        let engine = Engine::new(Config {
            labeller: self.label.map(asking),
            client,
            list,
            store: self.store,
            kinds: self.kinds,
            notifier: self.handler.map(bridge),
            event_queue: self.event_queue,
            keep_metadata: self.keep_metadata,
            environment: self.environment,
            look_share: self.look_share,
            reporter: Reporter::new(self.hook),
            handle_of: {
                let connections = connections.clone();
                Box::new(move |key| connections.handle_keys.handle(key))
            },
        });
        Ok(Nango::new(Shared::new(engine, connections), settings))
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
