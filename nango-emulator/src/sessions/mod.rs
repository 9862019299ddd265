//! Connect sessions (wire reference 2; observed on Nango 0.71.4).

mod body;
mod create;
mod current;
mod reconnect;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use body::{take_tags, take_webhook_url};
pub(crate) use create::create;
pub(crate) use current::{delete, get};
pub(crate) use reconnect::reconnect;

use crate::{app::App, end_users::EndUser, http::reply, tags::Tags, time};

pub(crate) const TOKEN_PREFIX: &str = "nango_connect_session_";

/// Exactly half an hour; success does not end a session.
pub(crate) const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// A live or expired session. No `Debug`: it holds its token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) token: String,
    /// As a connection will carry them: generated ones included, keys in lower case.
    pub(crate) tags: Tags,
    pub(crate) end_user: Option<EndUser>,
    /// `None` and `Some([])` both mean all.
    pub(crate) allowed_integrations: Option<Vec<String>>,
    /// `integrations_config_defaults`, by integration. The page is shown an empty one, too.
    pub(crate) defaults: Option<Map<String, Value>>,
    pub(crate) overrides: Option<Map<String, Value>>,
    pub(crate) webhook_url_override: Option<String>,
    pub(crate) reconnects: Option<Reconnects>,
    pub(crate) expires_at: Timestamp,
}

/// What a reconnect session is pinned to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Reconnects {
    /// Nango's numeric id: another incarnation under the same connection id is not meant.
    pub(crate) id: u64,
    pub(crate) connection_id: String,
}

impl Session {
    /// One for all integrations.
    fn new(app: &App, tags: Tags) -> Self {
        Self {
            token: app.ids.session_token(),
            tags,
            end_user: None,
            allowed_integrations: None,
            defaults: None,
            overrides: None,
            webhook_url_override: None,
            reconnects: None,
            expires_at: crate::clock::later(app.clock.now(), LIFETIME),
        }
    }

    pub(crate) fn allows(&self, integration: &str) -> bool {
        match self.allowed_integrations.as_deref() {
            None | Some([]) => true,
            Some(allowed) => allowed.iter().any(|one| one == integration),
        }
    }

    /// An entry of `integrations_config_defaults`, such as `user_scopes`.
    pub(crate) fn default_of(&self, integration: &str, key: &str) -> Option<&Value> {
        self.defaults.as_ref()?.get(integration)?.get(key)
    }

    /// The same where it is an object, such as `connection_config`.
    pub(crate) fn default_object(&self, integration: &str, key: &str) -> Option<&Map<String, Value>> {
        self.default_of(integration, key)?.as_object()
    }
}

/// Stores the session and answers 201.
fn open(app: &App, session: Session) -> axum::response::Response {
    let data = json!({ "data": {
        "token": session.token,
        // The Connect UI's base, a slash and the token, nothing else. `/` leads to `/connect/`.
        "connect_link": format!("{}/?session_token={}", app.public_url, session.token),
        "expires_at": time::zulu(session.expires_at),
    } });
    let now = app.clock.now();
    app.write(|state| {
        if state.sessions.len() > 10_000 {
            state.sessions.retain(|_, old| now < old.expires_at);
        }
        state.sessions.insert(session.token.clone(), session);
    });
    reply::json(201, &data)
}

/// A session for all integrations, made by the library itself.
pub(crate) fn make(app: &App, tags: Tags) -> String {
    let session = Session::new(app, tags);
    let token = session.token.clone();
    app.write(|state| state.sessions.insert(token.clone(), session));
    token
}
