//! An app on a free port, with an emulator behind it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use nango_core::{ConnectionKey, ConnectionStore, MemoryStore, Nango, NangoBuilder, OwnedConnection};
use nango_emulator::{Credentials, Emulator, EmulatorBuilder};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{Browser, Organization, User, call_nango, nango_builder};

/// A running app.
#[non_exhaustive]
pub struct App {
    /// The Nango behind the app.
    pub emulator: Emulator,
    /// The app's own handle.
    pub nango: Nango,
    /// The address at which it serves, without a slash at the end.
    pub url: String,
    /// The app's store.
    pub store: Arc<dyn ConnectionStore>,
}

impl App {
    /// Starts an app on Axum with an emulator of its own.
    pub async fn start() -> Self {
        Self::configured(|builder| builder).await
    }

    /// Starts one, configured further.
    pub async fn configured(configure: impl FnOnce(NangoBuilder) -> NangoBuilder) -> Self {
        Self::with_store(MemoryStore::new(), configure).await
    }

    /// Starts one on a store of the test's own.
    pub async fn with_store(
        store: impl ConnectionStore,
        configure: impl FnOnce(NangoBuilder) -> NangoBuilder,
    ) -> Self {
        let entities = |builder: NangoBuilder| configure(builder.entity::<User>().entity::<Organization>());
        Self::served_by(on_axum, store, entities).await
    }

    /// Starts one that a server of the test's own serves below `/nango`.
    pub async fn served_by(
        serve: impl AsyncFnOnce(Nango) -> SocketAddr,
        store: impl ConnectionStore,
        configure: impl FnOnce(NangoBuilder) -> NangoBuilder,
    ) -> Self {
        Self::with_emulator(Emulator::builder(), serve, store, configure).await
    }

    /// Starts one with an emulator that is configured further.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot start")]
    pub async fn with_emulator(
        emulator: EmulatorBuilder,
        serve: impl AsyncFnOnce(Nango) -> SocketAddr,
        store: impl ConnectionStore,
        configure: impl FnOnce(NangoBuilder) -> NangoBuilder,
    ) -> Self {
        let emulator = emulator.listen("127.0.0.1:0").start().await.unwrap();
        let store: Arc<dyn ConnectionStore> = Arc::new(store);
        let nango = configure(nango_builder(&emulator, store.clone())).build().unwrap();
        let url = format!("http://{}", serve(nango.clone()).await);
        emulator.set_webhook_url(format!("{url}/nango/webhook"));
        emulator.set_callback_url(format!("{url}/nango/oauth-callback"));
        Self { emulator, nango, url, store }
    }

    /// Opens the browser of a user who is logged in.
    #[must_use]
    pub fn browser(&self, user: &str) -> Browser {
        self.stranger().with_login("x-user", user)
    }

    /// Opens a browser in which no user is logged in.
    #[must_use]
    pub fn stranger(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// Connects `openai` for a user, through the routes, and waits until the webhook has had all its
    /// effects.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot connect")]
    pub async fn connect(&self, user: &str, key: &str) -> OwnedConnection {
        let token = self.browser(user).session_token("{}").await;
        self.emulator.connect(&token, "openai", Credentials::api_key(key)).await.unwrap();
        self.settled().await;
        self.nango.connection(&User::named(user).unwrap(), "openai").await.unwrap()
    }

    /// Authorises a connection again in a session that repeats no tags, as Nango's documentation
    /// shows it.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot reconnect")]
    pub async fn reconnect_without_tags(&self, key: &ConnectionKey, api_key: &str) {
        let body = json!({"connection_id": key.connection_id(), "integration_id": key.integration()});
        let path = "/connect/sessions/reconnect";
        let session = call_nango(&self.emulator, Method::POST, path, Some(&body)).await.json();
        let token = session["data"]["token"].as_str().unwrap();
        self.emulator.connect(token, key.integration(), Credentials::api_key(api_key)).await.unwrap();
        self.settled().await;
    }

    /// Keeps sweepers from checking the set-up when they start, for tests with faults: the calls of that
    /// check would take the place of those that are meant.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do without the lease")]
    pub async fn skip_setup_check(&self) {
        let lease = self.store.lease().unwrap();
        assert!(lease.acquire("setup", "the test", Duration::from_secs(3_600)).await.unwrap());
    }

    /// Waits until every webhook has been answered, and the handler was notified.
    pub async fn settled(&self) {
        assert!(self.emulator.wait_for_deliveries(Duration::from_secs(15)).await, "webhooks are in flight");
        self.nango.settled().await;
    }

    /// Returns the statuses with which the attempts of one delivery were answered.
    #[must_use]
    pub fn answers(&self, delivery: usize) -> Vec<Option<u16>> {
        self.emulator.deliveries()[delivery].attempts.iter().map(|attempt| attempt.status).collect()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("emulator", &self.emulator)
            .field("nango", &self.nango)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Serves the routes of users below `/nango` and those of organisations below `/org/nango`, on Axum.
#[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot start")]
pub async fn on_axum(nango: Nango) -> SocketAddr {
    let router: Router = Router::new()
        .nest("/nango", nango_axum::router::<User, _>(nango.clone()))
        .nest("/org/nango", nango_axum::owner_routes::<Organization, _>(nango));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Polls a condition until it holds.
///
/// # Panics
///
/// When it does not hold in time.
pub async fn eventually(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
