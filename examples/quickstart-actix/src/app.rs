//! The app: its state and its routes.

use actix_session::SessionMiddleware;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::{Key, SameSite};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use nango_core::Nango;
use url::Url;

use crate::inbox::Inbox;
use crate::models::{Organization, User};
use crate::sessions::Sessions;
use crate::web::{ConnectUi, Offer};
use crate::{guard, page, session};

const COOKIE: &str = "quickstart_session";

pub struct AppState {
    pub nango: Nango,
    pub sessions: Sessions,
    pub allowed_hosts: Vec<String>,
    pub offers: Vec<Offer>,
    pub connect: ConnectUi,
    /// The guarded callback, if one is.
    pub callback: Option<Url>,
    pub inbox: Inbox,
}

/// Returns all routes. Each worker of the server clones them; they share the handle and its limits.
pub fn routes(state: Data<AppState>) -> impl FnOnce(&mut web::ServiceConfig) + Clone {
    let users = nango_actix::routes::<User>(state.nango.clone());
    let organizations = nango_actix::owner_routes::<Organization>(state.nango.clone());
    move |config: &mut web::ServiceConfig| {
        // Nango's routes have the guard's rule already, and its webhooks come from no page. The app's
        // own come last: their scope takes every path.
        let own = web::scope("")
            .wrap(from_fn(guard::same_origin))
            .route("/", web::get().to(page::home))
            .route("/me", web::get().to(page::me))
            .route("/assets/{name}", web::get().to(page::asset))
            .route("/events", web::get().to(page::events::<User>))
            .route("/org/events", web::get().to(page::events::<Organization>))
            .route("/slack/channels", web::get().to(page::channels::<User>))
            .route("/slack/channels/{handle}", web::get().to(page::channels::<User>))
            .route("/org/slack/channels/{handle}", web::get().to(page::channels::<Organization>))
            .route("/login", web::get().to(session::to_home))
            .route("/login", web::post().to(session::log_in))
            .route("/logout", web::post().to(session::log_out));
        config
            .app_data(state)
            .service(web::scope("/nango").configure(users))
            .service(web::scope("/org/nango").configure(organizations))
            .service(own);
    }
}

/// Returns the session middleware. A real app sets `cookie_secure`, since it is served over HTTPS.
pub fn sessions(key: Key) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::builder(CookieSessionStore::default(), key)
        .cookie_name(COOKIE.to_owned())
        .cookie_same_site(SameSite::Lax)
        .cookie_secure(false)
        .build()
}
