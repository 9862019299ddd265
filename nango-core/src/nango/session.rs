//! Connect sessions.

use std::fmt;
use std::sync::Arc;

use nango_client::{ConnectSession, SessionDefaults};

use super::settings::Settings;
use crate::connections::Shared;
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
    /// [`ErrorKind::Tags`] when the entity's tags break a rule of Nango; and every failure of a
    /// call to Nango.
    pub async fn create(self) -> Result<ConnectSession, Error> {
        let Self { shared, settings, identity, integrations, defaults } = self;
        let engine = &shared.engine;
        let identity = engine.registered(identity)?;
        let allowed: Vec<&str> = settings.allowed_integrations.iter().map(String::as_str).collect();
        let chosen: Vec<&str> = match &integrations {
            Some(chosen) => chosen.iter().map(String::as_str).collect(),
            None => allowed.clone(),
        };
        // To Nango an empty list means all integrations.
        if chosen.is_empty() || !chosen.iter().all(|id| allowed.contains(id)) {
            return Err(Error::new(ErrorKind::NotAllowed));
        }
        let tags = identity.session_tags(engine.kinds())?;
        let defaults = defaults.unwrap_or_else(|| (shared.settings.session_defaults)(identity.owner()));
        Ok(engine.client().create_connect_session(&tags, &chosen, &defaults).await?)
    }
}

impl fmt::Debug for SessionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRequest")
            .field("identity", &self.identity)
            .field("integrations", &self.integrations)
            .finish_non_exhaustive()
    }
}
