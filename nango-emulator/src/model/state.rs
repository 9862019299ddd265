//! Persistent state of the emulator.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    connections::Connections, flow::Flow, grants::Grants, integration::Integration, session::Session,
};

/// State that survives a restart if there is a data file.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) integrations: Vec<Integration>,
    pub(crate) connections: Connections,
    pub(crate) sessions: HashMap<String, Session>,
    /// OAuth2 flows in progress, by `state`. Each is removed on first use.
    pub(crate) flows: HashMap<String, Flow>,
    /// Codes and tokens of the built-in provider.
    pub(crate) grants: Grants,
    pub(crate) variables: Vec<Variable>,
    /// Offset of the clock, in milliseconds.
    pub(crate) clock_offset: i64,
}

/// Variable of the Nango environment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl State {
    pub(crate) fn integration(&self, unique_key: &str) -> Option<&Integration> {
        self.integrations.iter().find(|one| one.unique_key == unique_key)
    }

    /// Returns a session that has not expired.
    pub(crate) fn session(&self, token: &str, now: Timestamp) -> Option<&Session> {
        self.sessions.get(token).filter(|session| now < session.expires_at)
    }
}
