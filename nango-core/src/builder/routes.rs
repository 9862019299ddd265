//! The ready-made routes: the pages that may call them, and their limits.

use std::num::NonZeroU32;
use std::time::Duration;

use super::NangoBuilder;

impl NangoBuilder {
    /// Sets the origins whose pages may call the owner routes besides those of the same origin. A
    /// browser sends such requests only if the app also answers with CORS headers.
    ///
    /// - `https://app.example.com`: scheme, host and port as a browser writes them. Behind a proxy
    ///   that changes the `Host` header, list the app's own origin, too: browsers that do not send
    ///   `Sec-Fetch-Site` are otherwise refused with 403, since `Origin` and `Host` differ.
    /// - `https://*.preview.example.com`: the wildcard is exactly one label. Below a suffix that
    ///   customers of a host share, such as `vercel.app`, it would trust strangers: the best-known
    ///   ones cause a warning by [`build`](Self::build).
    /// - `capacitor://localhost`, `tauri://localhost`, `chrome-extension://` and an id: pages of
    ///   apps and of browser extensions.
    ///
    /// ```
    /// # fn configure(builder: nango_core::NangoBuilder) -> nango_core::NangoBuilder {
    /// builder.trusted_origins(["https://app.example.com", "capacitor://localhost"])
    /// # }
    /// ```
    pub fn trusted_origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.trusted_origins = origins.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a function that returns whether an origin is trusted, for sets that change while the
    /// app runs, such as the domains of its customers. Origins of
    /// [`trusted_origins`](Self::trusted_origins) are trusted besides.
    ///
    /// It gets the header `Origin` as the browser sent it, such as `https://app.example.com` or
    /// `null`, on each request of another origin: compare whole texts, and be quick.
    ///
    /// ```
    /// # use std::{collections::HashSet, sync::{Arc, RwLock}};
    /// # fn configure(
    /// #     builder: nango_core::NangoBuilder,
    /// #     domains: Arc<RwLock<HashSet<String>>>,
    /// # ) -> nango_core::NangoBuilder {
    /// builder.trusted_origins_with(move |origin| {
    ///     domains.read().is_ok_and(|domains| domains.contains(origin))
    /// })
    /// # }
    /// ```
    pub fn trusted_origins_with(mut self, test: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.origin_test = Some(Box::new(test));
        self
    }

    /// Declares that the login of the owner routes reads only the header `Authorization`: requests
    /// with a bearer token and without a cookie are then admitted from any origin, since no page can
    /// make a browser add the token.
    ///
    /// Do not set it where a proxy in front of the app turns a cookie of its own into the bearer
    /// token, as oauth2-proxy, AWS's load balancers and Google's IAP can: the browser adds that
    /// cookie to requests of any page, and the app does not see it.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.owner_routes_use_bearer_only().trusted_origins(["https://app.example.com"])
    /// # }
    /// ```
    pub fn owner_routes_use_bearer_only(mut self) -> Self {
        self.bearer_only = true;
        self
    }

    /// Sets the largest delivery that is read, in bytes; 1 MiB by default. Forwarded provider
    /// webhooks can be large.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.webhook_limit(4 * 1024 * 1024)
    /// # }
    /// ```
    pub fn webhook_limit(mut self, bytes: usize) -> Self {
        self.webhook_limit = bytes;
        self
    }

    /// Sets the rate limit of session and reconnect tokens for each owner, in the ready-made
    /// routes: 30 per minute in bursts of 20 by default. Beyond it the reply is 429, with
    /// `Retry-After`.
    ///
    /// Disconnects and checks of one owner have the same limit each. Beyond it a disconnect is
    /// replied to with 429, too, and a check with the stored state.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # use std::num::NonZeroU32;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// let (per_minute, burst) = (NonZeroU32::MIN.saturating_add(9), NonZeroU32::MIN.saturating_add(4));
    /// builder.session_rate_limit(per_minute, burst) // 10 a minute, 5 at once
    /// # }
    /// ```
    pub fn session_rate_limit(mut self, per_minute: NonZeroU32, burst: NonZeroU32) -> Self {
        self.session_limit = (per_minute, burst);
        self
    }

    /// Sets the share of Nango's rate limit that deliveries may take for looks, and owners through
    /// the ready-made routes as much again; 0.3 by default, at most 0.5. Nango's responses name the
    /// limit; until one has, it is taken for 200 requests a minute.
    ///
    /// Beyond it, and while Nango asks for a pause (`Retry-After`, or `X-RateLimit-Remaining: 0`), a
    /// delivery leaves a mark, which the sweeper processes, and an owner's request is replied to
    /// with the stored state, with `Nango-Sync: limited` where it asked for a sync. Sessions and
    /// disconnects take nothing from it, nor do the app's own calls of this crate.
    ///
    /// A new limit counts from the next response on. Several instances of the app each have a share:
    /// of four, set a quarter.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.look_share(0.3 / 4.0) // four instances
    /// # }
    /// ```
    pub fn look_share(mut self, share: f64) -> Self {
        self.look_share = share;
        self
    }

    /// Sets the minimum time between the syncs with Nango that `GET /connections?sync=true` starts
    /// for one owner; 2 s by default. Within that time, and while a sync is in flight, the reply is
    /// the stored list.
    ///
    /// ```
    /// # use nango_core::NangoBuilder;
    /// # use std::time::Duration;
    /// # fn configure(builder: NangoBuilder) -> NangoBuilder {
    /// builder.sync_period(Duration::from_secs(5))
    /// # }
    /// ```
    pub fn sync_period(mut self, period: Duration) -> Self {
        self.sync_period = period;
        self
    }
}
