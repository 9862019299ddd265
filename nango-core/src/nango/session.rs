//! New connections.

use super::{Caller, Nango};
use crate::client::{ConnectSession, SessionDefaults};
use crate::error::{Error, ErrorKind};

/// A connect session that is about to be opened.
#[derive(Debug)]
#[must_use = "a session is opened by `.create()`"]
pub struct SessionRequest {
    nango: Nango,
    caller: Caller,
    integrations: Option<Vec<String>>,
    defaults: Option<SessionDefaults>,
}

impl Nango {
    /// Prepares a session in which an owner connects accounts.
    ///
    /// For routes of the app's own; the ready-made ones do this too. Nango keeps the owner's tags with every connection made
    /// in the session, and names them in the webhook.
    pub fn connect_session(&self, owner: impl Into<Caller>) -> SessionRequest {
        SessionRequest { nango: self.clone(), caller: owner.into(), integrations: None, defaults: None }
    }
}

impl SessionRequest {
    /// Only these integrations, which must be among those that the app allows. Without it: all that the app allows.
    pub fn integrations<I: Into<String>>(mut self, ids: impl IntoIterator<Item = I>) -> Self {
        self.integrations = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// What this session asks for, instead of the app's defaults.
    pub fn defaults(mut self, defaults: SessionDefaults) -> Self {
        self.defaults = Some(defaults);
        self
    }

    /// Opens the session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotAllowed`] when an integration is not among the app's, or none is named; [`ErrorKind::Tags`] when the
    /// entity's tags break a rule of Nango; and what any call can fail with.
    pub async fn create(self) -> Result<ConnectSession, Error> {
        let caller = self.nango.known(self.caller)?;
        let allowed: Vec<&str> = self.nango.allowed_integrations().collect();
        let chosen: Vec<&str> = match &self.integrations {
            Some(chosen) => chosen.iter().map(String::as_str).collect(),
            None => allowed.clone(),
        };
        // To Nango an empty list means all integrations.
        if chosen.is_empty() || !chosen.iter().all(|id| allowed.contains(id)) {
            return Err(Error::new(ErrorKind::NotAllowed));
        }
        let tags = caller.session_tags(&self.nango.0.kinds)?;
        let defaults = self.defaults.unwrap_or_else(|| (self.nango.0.session_defaults)(caller.owner()));
        self.nango.0.client.create_session(&tags, &chosen, &defaults).await
    }
}
