//! Storage of connect sessions.

use axum::response::Response;
use serde_json::json;

use crate::app::App;
use crate::http::reply;
use crate::model::session::LIFETIME;
use crate::model::{Session, Tags};
use crate::time;
use crate::time::saturating_add;

/// Creates a session for all integrations, without storing it.
pub(super) fn new_session(app: &App, tags: Tags) -> Session {
    Session::new(app.ids.session_token(), tags, saturating_add(app.clock.now(), LIFETIME))
}

/// Stores the session and returns the 201 reply.
pub(super) fn store_and_reply(app: &App, session: Session) -> Response {
    let data = json!({ "data": {
        "token": session.token,
        // The link is the Connect UI's base, a slash and the token. `/` redirects to `/connect/`.
        "connect_link": format!("{}/?session_token={}", app.public_url, session.token),
        "expires_at": time::utc(session.expires_at),
    } });
    let now = app.clock.now();
    app.write(|state| state.sessions.insert(&session.token.clone(), session, now));
    reply::json(201, &data)
}

/// Creates and stores a session for all integrations. Returns its token.
pub(crate) fn create_stored(app: &App, tags: Tags) -> String {
    let session = new_session(app, tags);
    let token = session.token.clone();
    let now = app.clock.now();
    app.write(|state| state.sessions.insert(&token, session, now));
    token
}
