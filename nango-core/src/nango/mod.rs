//! The handle that an app holds, and what can be done with it.

mod announce;
mod builder;
mod caller;
mod counters;
mod deliver;
mod drain;
mod forget;
mod handle;
mod limits;
mod look;
mod owned;
mod repair;
mod schedule;
mod session;
mod sweep;
mod sweeper;
mod sync;
mod turns;

use std::fmt;
use std::sync::Arc;

pub use builder::Builder;
pub use caller::Caller;
pub use counters::Counters;
pub use drain::Drained;
pub use forget::Forgotten;
pub use owned::{Metadata, OwnedConnection, Proxy, ProxyReply, ProxyRequest, Token};
pub use session::SessionRequest;
pub use sweep::{Drift, DriftExample, ResumePoint, SweepProgress, SweepReport, SweepRequest};
pub use sweeper::Sweeper;

pub(crate) use counters::Count;

use crate::client::{Client, SessionDefaults};
use crate::config::{ApiKey, ConfigError};
use crate::entity::{Owner, TagMapper};
use crate::error::{Error, ErrorKind};
use crate::kinds::Kinds;
use crate::reconcile::Context;
use crate::store::ConnectionStore;
use crate::time::Timestamp;
use crate::webhook::{SigningKeys, WebhookHandler};
use announce::Announcing;
use counters::Tally;
use handle::HandleKeys;
use limits::{Budget, SessionLimit, SyncLimit};
use look::Observed;
use turns::Turns;

/// An app's way to its users' connections: sessions, webhooks, the store and Nango's API in one handle.
///
/// Cheap to clone. Everything that it does for a connection begins with an owner: [`connection`](Self::connection) and
/// [`connections`](Self::connections) are the only way to an [`OwnedConnection`].
///
/// ```
/// use nango_core::{MemoryStore, Nango, SigningKeys, TagMapper};
///
/// #[derive(TagMapper)]
/// struct User {
///     #[nango(id)]
///     id: u64,
/// }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let nango = Nango::builder("api-key", SigningKeys::new(["signing-key"])?, MemoryStore::new())
///     .allowed_integrations(["slack"])
///     .entity::<User>()
///     .build()?;
///
/// let user = User { id: 7 };
/// for connection in nango.connections(&user).await? {
///     println!("{} is {}", connection.integration(), connection.health());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Nango(Arc<Inner>);

struct Inner {
    client: Client,
    /// The same server, perhaps with another key: Nango advises against keys that may list everything.
    list: Client,
    signing_keys: SigningKeys,
    store: Box<dyn ConnectionStore>,
    kinds: Kinds,
    allowed_integrations: Vec<String>,
    session_defaults: Box<DefaultsOf>,
    handler: Option<Box<dyn WebhookHandler>>,
    handle_keys: HandleKeys,
    trusted_origins: Vec<String>,
    webhook_limit: usize,
    session_limit: SessionLimit,
    sync_limit: SyncLimit,
    budget: Budget,
    turns: Turns<Result<Observed, Arc<Error>>>,
    environment: Option<String>,
    keep_metadata: bool,
    tally: Tally,
    announcing: Announcing,
}

/// What an owner's sessions ask for.
type DefaultsOf = dyn Fn(&Owner) -> SessionDefaults + Send + Sync;

impl Nango {
    /// Starts a configuration with what every app needs: the environment's API key and webhook signing keys, and a store.
    pub fn builder(
        api_key: impl Into<ApiKey>,
        signing_keys: SigningKeys,
        store: impl ConnectionStore,
    ) -> Builder {
        Builder::new(api_key.into(), signing_keys, Box::new(store))
    }

    /// Starts a configuration with what the environment says.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `NANGO_SECRET_KEY`, or `NANGO_API_KEY` | the API key; required |
    /// | `NANGO_WEBHOOK_SIGNING_KEY` | the signing keys, separated by commas; without it the API key, with a warning: only environments made before 2026-04-20 use one key for both |
    /// | `NANGO_HOST` | the server, if it is not `https://api.nango.dev` |
    /// | `NANGO_HANDLE_KEY` | the keys that connection handles are made with, separated by commas, the first for new ones |
    ///
    /// # Errors
    ///
    /// When there is no API key, or when a value cannot be what it should be.
    pub fn from_env(store: impl ConnectionStore) -> Result<Builder, ConfigError> {
        Builder::from_env(Box::new(store))
    }

    /// Calls to Nango that know no owner. For what the handle itself has no method for.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// The integrations that sessions may be made for.
    pub fn allowed_integrations(&self) -> impl Iterator<Item = &str> {
        self.0.allowed_integrations.iter().map(String::as_str)
    }

    /// All connections of an owner, as the store knows them, sorted by integration.
    ///
    /// # Errors
    ///
    /// When the store fails, or the entity is not registered.
    pub async fn connections(&self, owner: impl Into<Caller>) -> Result<Vec<OwnedConnection>, Error> {
        let caller = self.known(owner.into())?;
        let rows = self.0.store.list(caller.owner()).await?;
        Ok(rows.into_iter().filter_map(|row| OwnedConnection::new(self, row, &caller)).collect())
    }

    /// The one connection that an owner has of an integration.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::Ambiguous`] when there are several, and as
    /// [`connections`](Self::connections).
    pub async fn connection(
        &self,
        owner: impl Into<Caller>,
        integration: &str,
    ) -> Result<OwnedConnection, Error> {
        let mut theirs = self.connections(owner).await?;
        theirs.retain(|connection| connection.integration() == integration);
        match (theirs.pop(), theirs.is_empty()) {
            (None, _) => Err(Error::new(ErrorKind::NotFound)),
            (Some(connection), true) => Ok(connection),
            (Some(_), false) => Err(Error::new(ErrorKind::Ambiguous)),
        }
    }

    /// The connection of an owner with this handle.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the owner has none with it, whether or not somebody else has; and as
    /// [`connections`](Self::connections).
    pub async fn connection_by_handle(
        &self,
        owner: impl Into<Caller>,
        handle: &str,
    ) -> Result<OwnedConnection, Error> {
        let theirs = self.connections(owner).await?;
        let found = theirs.into_iter().find(|c| self.0.handle_keys.accepts(handle, c.key()));
        found.ok_or_else(|| Error::new(ErrorKind::NotFound))
    }

    /// Stops the program when `E` was not registered, so that it does so at start-up and not at the first request.
    ///
    /// # Panics
    ///
    /// When `.entity::<E>()` is missing in the builder.
    #[doc(hidden)]
    #[expect(clippy::panic, reason = "a mistake in the program, found when it starts")]
    pub fn assert_registered<E: TagMapper>(&self) {
        if !self.0.kinds.contains(E::KIND) {
            let name = std::any::type_name::<E>();
            panic!(
                "routes are mounted for an entity that is not registered: add `.entity::<{name}>()` to the builder"
            );
        }
    }

    fn known(&self, caller: Caller) -> Result<Caller, Error> {
        if self.0.kinds.contains(caller.owner().kind()) {
            Ok(caller)
        } else {
            Err(Error::new(ErrorKind::UnknownKind))
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            kinds: &self.0.kinds,
            now: Timestamp::now(),
            announce: self.0.handler.is_some(),
            keep_metadata: self.0.keep_metadata,
        }
    }

    pub(crate) fn signing_keys(&self) -> &SigningKeys {
        &self.0.signing_keys
    }

    pub(crate) fn trusts_origin(&self, origin: &str) -> bool {
        self.0.trusted_origins.iter().any(|trusted| trusted.eq_ignore_ascii_case(origin))
    }

    pub(crate) fn webhook_limit(&self) -> usize {
        self.0.webhook_limit
    }

    pub(crate) fn session_limit(&self) -> &SessionLimit {
        &self.0.session_limit
    }

    pub(crate) fn sync_limit(&self) -> &SyncLimit {
        &self.0.sync_limit
    }
}

impl fmt::Debug for Nango {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nango")
            .field("kinds", &self.0.kinds)
            .field("allowed_integrations", &self.0.allowed_integrations)
            .finish_non_exhaustive()
    }
}
