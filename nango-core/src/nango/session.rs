//! Connect sessions, and the erasure of an owner.

use std::sync::Arc;

use nango_client::{ConnectionKey, SessionDefaults};

use super::settings::Settings;
use crate::connections::{BegunAttempt, Session, Shared, list};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::owner::OwnerIdentity;

/// A connect session to be created.
#[must_use = "a session is created by `.create()`"]
pub struct SessionRequest {
    shared: Shared,
    settings: Arc<Settings>,
    identity: OwnerIdentity,
    integrations: Option<Vec<String>>,
    defaults: Option<SessionDefaults>,
}

impl SessionRequest {
    pub(super) fn new(shared: Shared, settings: Arc<Settings>, identity: OwnerIdentity) -> Self {
        Self { shared, settings, identity, integrations: None, defaults: None }
    }

    /// Sets the integrations, which must be among those that the app allows. All of these by
    /// default.
    pub fn integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.integrations = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the defaults of this session, instead of the app's.
    pub fn defaults(mut self, defaults: SessionDefaults) -> Self {
        self.defaults = Some(defaults);
        self
    }

    /// Creates the session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAllowed`] when an integration is not among the app's, or the list is empty;
    /// [`ErrorKind::Tags`] when a tag that is part of an owner breaks a rule of Nango, others being
    /// left out and reported; and every failure of a call to Nango.
    pub async fn create(self) -> Result<Session, Error> {
        let chosen = self.chosen()?;
        let engine = &self.shared.engine;
        let owner = self.identity.owner();
        engine.check_registered(owner)?;
        let mut tags = engine.session_tags(&self.identity)?;
        // Without integrations, the attempt is for all of the app's.
        let integrations = || self.integrations.clone().unwrap_or_default();
        let keys = self.shared.settings.attempt_keys.as_ref();
        let attempt = keys.map(|keys| keys.begin(owner, integrations()));
        let attempt = BegunAttempt::new(attempt, &mut tags);
        let defaults = match &self.defaults {
            Some(defaults) => defaults.clone(),
            None => (self.shared.settings.session_defaults)(owner),
        };
        // In a box, so that a session is of a size that allocators have at hand.
        let session = Box::pin(engine.client.create_connect_session(&tags, &chosen, &defaults)).await?;
        Ok(attempt.complete(&self.shared, self.identity, session))
    }

    /// Checks that the integrations are among the app's.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.chosen().map(drop)
    }

    fn chosen(&self) -> Result<Vec<&str>, Error> {
        let allowed = || self.settings.allowed_integrations.iter().map(String::as_str);
        let chosen: Vec<&str> = match &self.integrations {
            Some(chosen) => chosen.iter().map(String::as_str).collect(),
            None => allowed().collect(),
        };
        // To Nango an empty list means all integrations.
        if chosen.is_empty() || !chosen.iter().all(|id| allowed().any(|allowed| allowed == *id)) {
            return Err(Error::new(ErrorKind::NotAllowed));
        }
        Ok(chosen)
    }
}

nango_client::__debug_only!(SessionRequest { identity, integrations });

/// The outcome of [`Nango::forget`](crate::Nango::forget).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct ForgetReport {
    /// Connections that could not be ended. Retry.
    pub failed: usize,
    /// Connections that were ended at Nango and in the store.
    pub removed: usize,
    /// `true` if Nango was searched for connections that the store does not have. It is not, when
    /// the key may not list, or when a listed connection cannot be read: a connection whose webhook
    /// was lost may then remain.
    pub searched_nango: bool,
}

pub(super) async fn forget(shared: &Shared, identity: &OwnerIdentity) -> Result<ForgetReport, Error> {
    let searched_nango = match shared.engine.look_at_owner(identity.owner(), &|| true).await {
        Ok(0) => true,
        Ok(unreadable) => {
            tracing::warn!(
                unreadable,
                "nango lists connections of an owner to forget that cannot be read; only stored ones are ended"
            );
            false
        }
        Err(error) if error.kind() == ErrorKind::Store => return Err(error),
        Err(error) => {
            tracing::warn!(%error, "could not search nango for the connections of an owner to forget; only stored ones are ended");
            false
        }
    };
    let mut report = ForgetReport { searched_nango, ..ForgetReport::default() };
    for connection in list(shared, identity).await? {
        match connection.disconnect().await {
            Ok(()) => {
                // The notification names the owner. In flight, it knows it already.
                let _ = shared.engine.notify_and_wait(connection.key()).await?;
                erase_owner(&shared.engine, connection.key()).await?;
                report.removed += 1;
            }
            Err(error) if error.kind() == ErrorKind::Store => return Err(error),
            // It was transferred meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => report.failed += 1,
        }
    }
    Ok(report)
}

/// Removes owner and tags from a tombstone.
async fn erase_owner(engine: &Engine, key: &ConnectionKey) -> Result<(), Error> {
    let update = engine.update(key, None, |row| {
        row.filter(|row| row.removed && row.owner.is_some()).map(|row| engine.context().owner_erased(row))
    });
    update.await?.settled().map(drop)
}
