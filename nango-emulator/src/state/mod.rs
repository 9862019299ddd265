//! What the emulator remembers.

pub(crate) mod persist;

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    connections::Connections,
    integrations::Integration,
    oauth2::{consent::Grants, flow::Flow},
    sessions::Session,
};

/// Everything that survives a restart when a data file is given.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) integrations: Vec<Integration>,
    pub(crate) connections: Connections,
    pub(crate) sessions: HashMap<String, Session>,
    /// OAuth2 flows under way, by `state`; each is taken out on first use.
    pub(crate) flows: HashMap<String, Flow>,
    /// What the built-in provider has handed out.
    pub(crate) grants: Grants,
    pub(crate) variables: Vec<Variable>,
    /// How far the clock was moved, in milliseconds.
    pub(crate) clock_offset: i64,
}

/// An environment variable of the Nango environment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl State {
    pub(crate) fn integration(&self, unique_key: &str) -> Option<&Integration> {
        self.integrations.iter().find(|one| one.unique_key == unique_key)
    }

    /// A session that has not expired.
    pub(crate) fn session(&self, token: &str, now: Timestamp) -> Option<&Session> {
        self.sessions.get(token).filter(|session| now < session.expires_at)
    }
}
