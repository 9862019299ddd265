//! A connection of an owner, and the list of them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use nango_client::{ConnectionKey, SessionDefaults, Timestamp};

use super::handle_keys::HandleKeys;
use crate::attempts::AttemptKeys;
use crate::engine::Engine;
use crate::error::Error;
use crate::owner::{IntoOwner as _, Owner, OwnerIdentity};
use crate::record::{Health, HealthCause, Label, Record, State};

/// A connection of an owner, as the store had it at the look-up.
///
/// For a request only a look-up by owner creates one: [`Nango::connection`](crate::Nango::connection),
/// [`Nango::connections`](crate::Nango::connections). So code that takes one cannot be given
/// another owner's connection by mistake. Jobs and handlers get one together with its owner, from
/// [`Nango::connections_of`](crate::Nango::connections_of) and
/// [`Nango::connection_of`](crate::Nango::connection_of).
///
/// The calls that it makes are the app's own, and never limited here: neither the
/// [proxy](Self::proxy) nor [records](Self::records), [syncs](Self::syncs) and [actions](Self::action).
/// Builders of [`nango_client`] come with its error, which `?` turns into [`Error`].
#[derive(Clone)]
pub struct OwnedConnection {
    pub(super) shared: Shared,
    pub(super) identity: OwnerIdentity,
    pub(super) row: Box<Record>,
}

impl OwnedConnection {
    /// Takes a row, if it names the owner.
    pub(crate) fn new(shared: &Shared, row: Record, identity: &OwnerIdentity) -> Option<Self> {
        row.is_owned_by(identity.owner()).then(|| Self {
            shared: shared.clone(),
            identity: identity.clone(),
            row: Box::new(row),
        })
    }

    /// Takes a row for its own owner, if it names one.
    pub(crate) fn of_row(shared: &Shared, row: &Record) -> Option<Self> {
        let identity = row.owner.as_ref()?.into_owner();
        Some(Self { shared: shared.clone(), identity, row: Box::new(row.clone()) })
    }

    /// Returns the owner.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        self.identity.owner()
    }

    /// Returns the integration, such as `slack`.
    #[must_use]
    pub fn integration(&self) -> &str {
        self.row.key.integration()
    }

    /// Returns the provider, such as `slack`, which several integrations may share.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.state().provider
    }

    /// Returns the health at the last look.
    #[must_use]
    pub fn health(&self) -> Health {
        self.state().health.health
    }

    /// Returns the time since which it has had that health.
    #[must_use]
    pub fn health_since(&self) -> Timestamp {
        self.state().health.since
    }

    /// Returns the time at which it was first made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.state().created_at
    }

    /// Returns the name of its account, such as `anna@example.com`: what the app has
    /// [set](Self::set_label), or what the function of
    /// [`NangoBuilder::label_with`](crate::NangoBuilder::label_with) has returned.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.state().label.as_ref().map(Label::text)
    }

    /// Returns its tags at the last look, with `owner_kind`. They can be personal data.
    #[must_use]
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.state().tags
    }

    /// Returns the failure of its credentials, in Nango's words, while it is degraded or needs a
    /// reconnect.
    #[must_use]
    pub fn health_cause(&self) -> Option<HealthCause> {
        self.state().health.cause()
    }

    /// Returns its name for browsers: 22 characters that reveal nothing, and mean something only
    /// together with the owner.
    #[must_use]
    pub fn handle(&self) -> String {
        self.shared.settings.handle_keys.handle(&self.row.key)
    }

    /// Returns its key at Nango. Keep the connection id on the server.
    #[must_use]
    pub fn key(&self) -> &ConnectionKey {
        &self.row.key
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn row(&self) -> &Record {
        &self.row
    }

    pub(super) fn state(&self) -> &State {
        self.row.state()
    }

    /// Returns whether a row is of this incarnation, live, and of this owner.
    pub(super) fn still_owns(&self, row: &Record) -> bool {
        let is_same = row.state().incarnation == self.state().incarnation;
        is_same && !row.removed && row.is_owned_by(self.owner())
    }

    /// Reads the row anew; `None` unless it is still of this connection and this owner.
    pub(super) async fn reload_if_owned(&self) -> Result<Option<Record>, Error> {
        let row = self.engine().row(self.key()).await?;
        Ok(row.filter(|row| self.still_owns(row)))
    }
}

impl fmt::Debug for OwnedConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedConnection")
            .field("owner", self.owner())
            .field("integration", &self.integration())
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

/// The engine, and the app's choices for connections. A clone counts one reference.
#[derive(Clone)]
pub(crate) struct Shared(Arc<SharedParts>);

pub(crate) struct SharedParts {
    pub(crate) engine: Engine,
    pub(crate) settings: Arc<ConnectionSettings>,
}

impl Shared {
    pub(crate) fn new(engine: Engine, settings: Arc<ConnectionSettings>) -> Self {
        Self(Arc::new(SharedParts { engine, settings }))
    }
}

impl Deref for Shared {
    type Target = SharedParts;

    fn deref(&self) -> &SharedParts {
        &self.0
    }
}

/// The app's choices for connections.
pub(crate) struct ConnectionSettings {
    pub(crate) handle_keys: HandleKeys,
    pub(crate) session_defaults: Box<dyn Fn(&Owner) -> SessionDefaults + Send + Sync>,
    /// `None` while attempts are not tracked.
    pub(crate) attempt_keys: Option<AttemptKeys>,
}

/// Returns all connections of an owner, as the store has them, sorted by key.
pub(crate) async fn list(shared: &Shared, identity: &OwnerIdentity) -> Result<Vec<OwnedConnection>, Error> {
    let rows = shared.engine.store.list(identity.owner()).await?;
    Ok(rows.into_iter().filter_map(|row| OwnedConnection::new(shared, row, identity)).collect())
}

/// Returns the rows of all connections of an owner, as [`list`] does, for a reply that only shows them.
pub(crate) async fn rows_of(shared: &Shared, owner: &Owner) -> Result<Vec<Record>, Error> {
    let mut rows = shared.engine.store.list(owner).await?;
    rows.retain(|row| row.is_owned_by(owner));
    Ok(rows)
}
