//! The routes: paths, methods and audiences.

use http::Method;

/// A route: a path and the one method that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// `POST /session-token`: returns a token with which the browser connects accounts of its
    /// owner.
    SessionToken,
    /// `POST /reconnect-token`: returns a token with which the browser authorises one connection
    /// again.
    ReconnectToken,
    /// `GET /attempts/{attempt}`: returns what became of an attempt to connect. With `?wait=25` it waits
    /// that many seconds for a connection, at most 30.
    Attempt,
    /// `GET /connections`: lists the owner's connections.
    Connections,
    /// `POST /connections/{handle}/check`: looks at a connection and returns its state.
    Check,
    /// `DELETE /connections/{handle}`: ends a connection.
    Disconnect,
    /// `POST /webhook`: receives Nango's deliveries.
    Webhook,
    /// `GET /oauth-callback`: redirects the browser to Nango's callback.
    Callback,
}

/// The callers of a route.
#[expect(clippy::exhaustive_enums, reason = "an adapter has to handle every audience")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Browsers of owners, whom the app's extractor identifies.
    Owner,
    /// Nango, and browsers on their way back from a provider, without a login.
    Public,
}

impl Route {
    /// All routes.
    pub const ALL: &'static [Self] = &[
        Self::SessionToken,
        Self::ReconnectToken,
        Self::Attempt,
        Self::Connections,
        Self::Check,
        Self::Disconnect,
        Self::Webhook,
        Self::Callback,
    ];

    /// Returns the path below the mount point. `{handle}` and `{attempt}` stand for any
    /// one segment.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SessionToken => "/session-token",
            Self::ReconnectToken => "/reconnect-token",
            Self::Attempt => "/attempts/{attempt}",
            Self::Connections => "/connections",
            Self::Check => "/connections/{handle}/check",
            Self::Disconnect => "/connections/{handle}",
            Self::Webhook => "/webhook",
            Self::Callback => "/oauth-callback",
        }
    }

    /// Returns true for a percent-encoded path that ends in the path of this route.
    ///
    /// A framework that decodes paths before it matches them takes `/%77ebhook` for `/webhook`;
    /// others do not. With this as a guard, all adapters have the same routes. The start of the
    /// path is the app's.
    #[must_use]
    pub fn matches_suffix(self, raw_path: &str) -> bool {
        let mut found = raw_path.rsplit('/');
        self.path().rsplit('/').all(|expected| match (expected, found.next()) {
            // The part before the first slash.
            ("", before) => before.is_some(),
            ("{handle}" | "{attempt}", segment) => segment.is_some_and(|segment| !segment.is_empty()),
            (expected, segment) => segment == Some(expected),
        })
    }

    /// Returns the one method that it answers. Mount it for all methods: [`admit`](super::admit)
    /// answers the others.
    #[must_use]
    pub const fn method(self) -> Method {
        match self {
            Self::SessionToken | Self::ReconnectToken | Self::Check | Self::Webhook => Method::POST,
            Self::Attempt | Self::Connections | Self::Callback => Method::GET,
            Self::Disconnect => Method::DELETE,
        }
    }

    /// Returns its callers.
    #[must_use]
    pub const fn audience(self) -> Audience {
        match self {
            Self::Webhook | Self::Callback => Audience::Public,
            _ => Audience::Owner,
        }
    }
}
