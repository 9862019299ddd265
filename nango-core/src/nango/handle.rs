//! The handle.

use std::fmt;
use std::sync::Arc;

use nango_client::{Client, ConnectionKey, SigningKeys};

use super::session::{ForgetReport, SessionRequest, forget};
use super::settings::Settings;
use crate::connections::{Attempt, OwnedConnection, Shared, adopt, list, open};
use crate::engine::{Counters, Engine};
use crate::error::{Error, ErrorKind};
use crate::owner::{IntoOwner, TagMapper};
use crate::report::BackgroundFailure;

/// An app's handle of its users' connections: sessions, webhooks, the store and Nango's API.
///
/// Cheap to clone. A connection has an owner, and the ways to it differ in where that owner comes from:
///
/// - **In a request**, from the login: [`connection`](Self::connection) and [`connections`](Self::connections)
///   return the [`OwnedConnection`]s of one owner and of no other.
/// - **In a background job**, from the store: [`connections_of`](Self::connections_of) walks over those of all
///   owners.
/// - **In a handler**, from the store, too: [`connection_of`](Self::connection_of) returns the one that an event
///   is about.
/// - **In tools of those that operate the app** there is none: [`unscoped_client`](Self::unscoped_client)
///   does not know owners, and [`unscoped_connection`](Self::unscoped_connection) takes any key.
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
pub struct Nango(Arc<Parts>);

/// Behind one count of references: each request clones the handle several times, on every thread.
struct Parts {
    shared: Shared,
    settings: Arc<Settings>,
}

impl Nango {
    pub(crate) fn new(shared: Shared, settings: Arc<Settings>) -> Self {
        Self(Arc::new(Parts { shared, settings }))
    }

    /// Returns the client, whose calls do not check owners: `delete_connection` and `set_tags` take
    /// any connection. For tools, and calls that the handle does not have; not for what a request names.
    #[must_use]
    pub fn unscoped_client(&self) -> &Client {
        &self.engine().client
    }

    /// Returns the integrations that sessions may be created for.
    pub fn allowed_integrations(&self) -> impl Iterator<Item = &str> {
        self.0.settings.allowed_integrations.iter().map(String::as_str)
    }

    /// Returns the keys that deliveries are verified with, for a webhook route of the app's own.
    #[must_use]
    pub fn signing_keys(&self) -> &SigningKeys {
        &self.0.settings.signing_keys
    }

    /// Returns the counters since this handle was built. Clones share them.
    ///
    /// ```
    /// # fn metrics(nango: &nango_core::Nango) {
    /// let counters = nango.counters();
    /// println!("nango_owner_conflicts_total {}", counters.owner_conflicts);
    /// # }
    /// ```
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.engine().counters()
    }

    /// Prepares a session in which an owner connects accounts.
    ///
    /// For routes of the app's own; the ready-made ones do this, too. Nango keeps the owner's tags
    /// with every connection made in the session, and names them in the webhook.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner, SessionDefaults};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let session = nango
    ///     .connect_session(&user)
    ///     .integrations(["slack"])
    ///     .defaults(SessionDefaults::new().webhook_url("https://eu.example.com/nango/webhook"))
    ///     .create()
    ///     .await?;
    /// # let _ = session;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect_session(&self, owner: impl IntoOwner) -> SessionRequest {
        SessionRequest::new(self.0.shared.clone(), self.0.settings.clone(), owner.into_owner())
    }

    /// Returns all connections of an owner, as the store has them, sorted by integration.
    ///
    /// # Errors
    ///
    /// When the store fails, or the entity is not registered.
    pub async fn connections(&self, owner: impl IntoOwner) -> Result<Vec<OwnedConnection>, Error> {
        let identity = self.engine().registered(owner.into_owner())?;
        list(&self.0.shared, &identity).await
    }

    /// Returns the one connection of an owner to an integration.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::Ambiguous`] when there are several,
    /// and as [`connections`](Self::connections).
    pub async fn connection(
        &self,
        owner: impl IntoOwner,
        integration: &str,
    ) -> Result<OwnedConnection, Error> {
        let mut connections = self.connections(owner).await?;
        connections.retain(|connection| connection.integration() == integration);
        match (connections.pop(), connections.is_empty()) {
            (None, _) => Err(Error::new(ErrorKind::NotFound)),
            (Some(connection), true) => Ok(connection),
            (Some(_), false) => Err(Error::new(ErrorKind::Ambiguous)),
        }
    }

    /// Returns the connection of an owner with this handle.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner, handle: String) -> Result<(), Error> {
    /// let chosen = nango.connection_by_handle(&user, &handle).await?; // from the path of a request
    /// println!("{}", chosen.integration());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the owner does not have it, whether or not another owner does;
    /// and as [`connections`](Self::connections).
    pub async fn connection_by_handle(
        &self,
        owner: impl IntoOwner,
        handle: &str,
    ) -> Result<OwnedConnection, Error> {
        let keys = &self.0.shared.settings.handle_keys;
        let mut connections = self.connections(owner).await?.into_iter();
        let found = connections.find(|connection| keys.accepts(handle, connection.key()));
        found.ok_or_else(|| Error::new(ErrorKind::NotFound))
    }

    /// Reads the text of an attempt that this owner has begun, by any instance of the app.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when the text is not one of an attempt of this owner, or attempts are not
    /// [tracked](crate::NangoBuilder::track_attempts); and when the entity is not registered.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use nango_core::{AttemptState, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner, text: String) -> Result<(), nango_core::Error> {
    /// match nango.attempt(&user, &text)?.wait_for(Duration::from_secs(20)).await? {
    ///     AttemptState::Connected(connections) => println!("{} connected", connections.len()),
    ///     AttemptState::Expired => println!("nothing was connected; begin again"),
    ///     _ => println!("not finished yet"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn attempt(&self, owner: impl IntoOwner, text: &str) -> Result<Attempt, Error> {
        let identity = self.engine().registered(owner.into_owner())?;
        open(&self.0.shared, identity, text)
    }

    /// Looks at Nango for an owner's connections, and returns them in their current state.
    ///
    /// It makes local development work without a tunnel for webhooks, and closes the race between
    /// the browser's `connect` event and the webhook. At most 1000 connections are looked at.
    ///
    /// # Errors
    ///
    /// When Nango or the store is unavailable, or the entity is not registered.
    pub async fn sync(&self, owner: impl IntoOwner) -> Result<Vec<OwnedConnection>, Error> {
        let identity = self.engine().registered(owner.into_owner())?;
        self.engine().look_at_owner(identity.owner(), &|| true).await?;
        list(&self.0.shared, &identity).await
    }

    /// Gives an owner a connection that Nango has and that does not belong to another owner: one
    /// that was imported, or made before the app used this library.
    ///
    /// The owner's tags are added to those that it has, and it is stored. Idempotent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] when Nango does not have such a connection, or the app has
    /// disconnected it; [`ErrorKind::OwnerConflict`] when it is another owner's, in the store or by
    /// its tags; [`ErrorKind::Tags`] when the owner's tags do not fit beside those that it has,
    /// since Nango takes ten; [`ErrorKind::UnknownKind`] when the entity is not registered; and
    /// every failure of a call to Nango.
    ///
    /// ```no_run
    /// # use nango_core::{Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), nango_core::Error> {
    /// let imported = nango.adopt(&user, "slack", "legacy-42").await?;
    /// # let _ = imported;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn adopt(
        &self,
        owner: impl IntoOwner,
        integration: &str,
        connection_id: &str,
    ) -> Result<OwnedConnection, Error> {
        let identity = self.engine().registered(owner.into_owner())?;
        adopt(&self.0.shared, &identity, &ConnectionKey::new(integration, connection_id)).await
    }

    /// Ends all connections of an owner, at Nango and in the store, and erases their owner: for an
    /// account that is closed, or a person whose data has to be erased.
    ///
    /// A row that says that the connection has ended stays for an hour, without owner and tags, so
    /// that nothing brings the connection back. The handler is notified of each connection once,
    /// and not again if it fails: the row does not name the owner any more. So, and only here, where
    /// too many handlers run, this waits until one has ended.
    ///
    /// ```no_run
    /// # use nango_core::{Error, Nango, Owner};
    /// # async fn run(nango: Nango, user: Owner) -> Result<(), Error> {
    /// let report = nango.forget(&user).await?;
    /// println!("{} connections could not be ended; call it again", report.failed);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the store is unavailable, or the entity is not registered. Retry then.
    pub async fn forget(&self, owner: impl IntoOwner) -> Result<ForgetReport, Error> {
        forget(&self.0.shared, &self.engine().registered(owner.into_owner())?).await
    }

    /// Stops the program when `E` was not registered. For adapters, which call it when they mount the
    /// routes: the mistake then shows at start-up and not at the first request.
    ///
    /// ```
    /// use nango_core::{Nango, TagMapper};
    ///
    /// /// Mounts the routes of an owner in some framework.
    /// fn routes<E: TagMapper>(nango: &Nango) {
    ///     nango.assert_registered::<E>();
    ///     // ..
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When `.entity::<E>()` is missing in the builder.
    #[expect(clippy::panic, reason = "a mistake in the program, found when it starts")]
    pub fn assert_registered<E: TagMapper>(&self) {
        if !self.engine().kinds.contains(E::KIND) {
            let name = std::any::type_name::<E>();
            panic!(
                "routes are mounted for an entity that is not registered: add `.entity::<{name}>()` to the builder"
            );
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.shared.engine
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    pub(crate) fn report(&self, failure: BackgroundFailure) {
        self.engine().reporter.report(failure);
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }
}

impl fmt::Debug for Nango {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nango")
            .field("kinds", &self.engine().kinds)
            .field("allowed_integrations", &self.0.settings.allowed_integrations)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const _: () = {
        const fn is_shared_freely<T: Clone + Send + Sync>() {}
        is_shared_freely::<Nango>();
        is_shared_freely::<OwnedConnection>();
    };
}
