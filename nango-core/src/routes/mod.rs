//! The ready-made routes, without a web framework.
//!
//! An adapter is a loop over [`Route::ALL`]. For a request it does this, in this order:
//!
//! 1. [`admit`]: what is refused by its head is refused before anything else runs.
//! 2. For routes of [`Audience::Owner`], the app's own extractor. Its rejection is passed on as it is.
//! 3. [`buffer`]: the body, up to the route's limit.
//! 4. [`owner`] or [`public`].
//!
//! Every status, header and body is decided here; an adapter converts types and knows nothing of Nango.

mod admit;
mod body;
mod callback;
mod connections;
mod csrf;
#[cfg(feature = "openapi")]
mod openapi;
mod reply;
mod sessions;
mod webhook;

use bytes::Bytes;
use http::{Method, Request, Response};

pub use admit::admit;
pub use body::buffer;
#[cfg(feature = "openapi")]
pub use openapi::openapi;

use crate::nango::{Caller, Nango};

/// The largest body that an owner route reads. The largest that makes sense is a list of integrations.
const OWNER_BODY_LIMIT: usize = 64 * 1024;

/// One route. Each has a path of its own, and answers one method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// `POST /session-token`: a token with which the browser connects accounts of its owner.
    SessionToken,
    /// `POST /reconnect-token`: a token with which the browser authorises one connection again.
    ReconnectToken,
    /// `GET /connections`: the owner's connections.
    Connections,
    /// `POST /connections/{handle}/check`: one of them, freshly looked up.
    Check,
    /// `DELETE /connections/{handle}`: ends one of them.
    Disconnect,
    /// `POST /webhook`: Nango's deliveries.
    Webhook,
    /// `GET /oauth-callback`: sends the browser on to Nango.
    Callback,
}

/// Who calls a route.
#[expect(clippy::exhaustive_enums, reason = "an adapter has to handle every audience")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The browser of an owner: the app's extractor says who.
    Owner,
    /// Nango, or a browser that comes from a provider. Nobody is logged in.
    Public,
}

impl Route {
    /// Every route.
    pub const ALL: [Self; 7] = [
        Self::SessionToken,
        Self::ReconnectToken,
        Self::Connections,
        Self::Check,
        Self::Disconnect,
        Self::Webhook,
        Self::Callback,
    ];

    /// The path below the mount point, with `{handle}` where any one segment stands.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SessionToken => "/session-token",
            Self::ReconnectToken => "/reconnect-token",
            Self::Connections => "/connections",
            Self::Check => "/connections/{handle}/check",
            Self::Disconnect => "/connections/{handle}",
            Self::Webhook => "/webhook",
            Self::Callback => "/oauth-callback",
        }
    }

    /// Whether a path ends as this route's does, where the path is still percent-encoded.
    ///
    /// A framework that decodes a path before it matches it takes `/%77ebhook` for `/webhook`, and one that does not takes it
    /// for something else. Matched by this, all adapters have the same routes. What stands before is the app's.
    #[must_use]
    pub fn matches_end_of(self, raw_path: &str) -> bool {
        let mut found = raw_path.rsplit('/');
        self.path().rsplit('/').all(|wanted| match (wanted, found.next()) {
            // Before the first slash.
            ("", before) => before.is_some(),
            ("{handle}", handle) => handle.is_some_and(|handle| !handle.is_empty()),
            (wanted, segment) => segment == Some(wanted),
        })
    }

    /// The one method that it answers. Mount it for every method: [`admit`] answers the others.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::SessionToken | Self::ReconnectToken | Self::Check | Self::Webhook => Method::POST,
            Self::Connections | Self::Callback => Method::GET,
            Self::Disconnect => Method::DELETE,
        }
    }

    /// Who calls it.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Webhook | Self::Callback => Audience::Public,
            _ => Audience::Owner,
        }
    }

    /// The largest body that it reads, in bytes.
    fn body_limit(self, nango: &Nango) -> usize {
        match self {
            Self::Webhook => nango.webhook_limit(),
            Self::Callback => 0,
            _ => OWNER_BODY_LIMIT,
        }
    }
}

/// Answers a request of an owner's browser that was admitted.
///
/// A route of another audience is answered like one that does not exist.
pub async fn owner(nango: &Nango, route: Route, caller: Caller, request: Request<Bytes>) -> Response<Bytes> {
    let reply = match route {
        Route::SessionToken => sessions::connect(nango, &caller, request.body()).await,
        Route::ReconnectToken => sessions::reconnect(nango, &caller, request.body()).await,
        Route::Connections => connections::list(nango, &caller, request.uri()).await,
        Route::Check => connections::check(nango, &caller, request.uri()).await,
        Route::Disconnect => connections::disconnect(nango, &caller, request.uri()).await,
        Route::Webhook | Route::Callback => Err(reply::Problem::NoRoute),
    };
    reply::private(reply.unwrap_or_else(|problem| problem.reply()))
}

/// Answers a request of Nango, or of a browser that a provider sends back, that was admitted.
///
/// A route of another audience is answered like one that does not exist.
pub async fn public(nango: &Nango, route: Route, request: Request<Bytes>) -> Response<Bytes> {
    match route {
        Route::Webhook => webhook::receive(nango, request).await,
        Route::Callback => callback::redirect(nango, request.uri()),
        _ => reply::Problem::NoRoute.reply(),
    }
}

#[cfg(test)]
mod tests {
    use super::Route;
    use crate::nango::Nango;
    use crate::store::MemoryStore;
    use crate::webhook::SigningKeys;
    use crate::{Owner, TagError, TagMapper, Tags};

    struct User;

    impl TagMapper for User {
        type Id = String;
        const KIND: &'static str = "user";
        const ID_TAG: &'static str = "end_user_id";
        const TAGS: &'static [&'static str] = &["end_user_id"];
        fn owner(&self) -> Owner {
            Owner::new("user", "alice")
        }
        fn to_tags(&self) -> Result<Tags, TagError> {
            let mut tags = Tags::new();
            tags.insert("end_user_id", "alice")?;
            Ok(tags)
        }
    }

    pub(super) fn nango() -> Nango {
        Nango::builder("key", SigningKeys::new(["signing"]).unwrap(), MemoryStore::new())
            .host("http://127.0.0.1:9")
            .allowed_integrations(["slack"])
            .entity::<User>()
            .trusted_origins(["https://trusted.example"])
            .build()
            .unwrap()
    }

    #[test]
    fn a_route_is_matched_at_the_end_of_the_raw_path() {
        let check = |path| Route::ALL.into_iter().filter(|r| r.matches_end_of(path)).collect::<Vec<_>>();
        assert_eq!(check("/webhook"), [Route::Webhook]);
        assert_eq!(check("/any/where/webhook"), [Route::Webhook]);
        assert_eq!(check("/connections/a%2Fb"), [Route::Disconnect]);
        assert_eq!(check("/nango/connections/.."), [Route::Disconnect]);
        assert_eq!(check("/nango/connections/h/check"), [Route::Check]);
        for path in [
            "",
            "/",
            "webhook",
            "/webhook/",
            "/%77ebhook",
            "/WEBHOOK",
            "/a-webhook",
            "/connections/",
            "/connections//check",
            "/connections%2Fa",
            "/connections/a%2Fcheck/b",
            "/conn%65ctions/h/check",
            "/connections/h/ch%65ck",
        ] {
            assert_eq!(check(path), [], "{path}");
        }
    }
}
