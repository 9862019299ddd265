//! An app as people write it, on a free port, with an emulator behind it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use nango_axum::nango_core::{
    Builder, ConnectionRef, ConnectionStore, MemoryStore, Nango, OwnedConnection, SigningKeys,
};
use nango_emulator::{Credentials, Emulator};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Browser, Organization, User, http};

/// A running app. It stops when this is dropped.
#[non_exhaustive]
pub struct App {
    /// The Nango behind the app.
    pub emulator: Emulator,
    /// The app's own handle.
    pub nango: Nango,
    /// The app's store.
    pub store: Arc<dyn ConnectionStore>,
    /// Where it serves, without a slash at the end.
    pub url: String,
    server: JoinHandle<()>,
}

impl App {
    /// Starts one with an emulator of its own.
    pub async fn start() -> Self {
        Self::configured(|builder| builder).await
    }

    /// Starts one, configured further.
    pub async fn configured(configure: impl FnOnce(Builder) -> Builder) -> Self {
        Self::with_store(MemoryStore::new(), configure).await
    }

    /// Starts one on a store of the test's own.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot start")]
    pub async fn with_store(store: impl ConnectionStore, configure: impl FnOnce(Builder) -> Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let emulator = Emulator::builder()
            .listen("127.0.0.1:0")
            .webhook_url(format!("{url}/nango/webhook"))
            .callback_url(format!("{url}/nango/oauth-callback"))
            .start()
            .await
            .unwrap();
        let store: Arc<dyn ConnectionStore> = Arc::new(store);
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let builder = Nango::builder(emulator.secret_key(), keys, store.clone())
            .host(emulator.local_url())
            .allowed_integrations(["slack", "openai", "freshdesk"])
            .entity::<User>()
            .entity::<Organization>();
        let nango = configure(builder).build().unwrap();
        let router: Router = Router::new()
            .nest("/nango", nango_axum::router::<User, _>(nango.clone()))
            .nest("/org/nango", nango_axum::owner_routes::<Organization, _>(nango.clone()));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { emulator, nango, store, url, server }
    }

    /// The browser of someone who is logged in.
    #[must_use]
    pub fn browser(&self, user: &str) -> Browser {
        Browser::new(&self.url, Some(user))
    }

    /// The browser of someone who is not.
    #[must_use]
    pub fn stranger(&self) -> Browser {
        Browser::new(&self.url, None)
    }

    /// Connects `openai` for a user, through the routes, and waits until the webhook has come through.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot connect")]
    pub async fn connect(&self, user: &str, key: &str) -> OwnedConnection {
        let token = self.browser(user).session_token("{}").await;
        self.emulator.connect(&token, "openai", Credentials::api_key(key)).await.unwrap();
        self.settled().await;
        self.nango.connection(&User::named(user).unwrap(), "openai").await.unwrap()
    }

    /// Somebody authorises a connection by API key again in a session that repeats nothing, as Nango's documentation shows it.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot reconnect")]
    pub async fn reconnect_by_others(&self, key: &ConnectionRef, api_key: &str) {
        let body = format!(
            r#"{{"connection_id":"{}","integration_id":"{}"}}"#,
            key.connection_id(),
            key.integration()
        );
        let request = http()
            .post(format!("{}/connect/sessions/reconnect", self.emulator.local_url()))
            .bearer_auth(self.emulator.secret_key())
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await.unwrap().bytes().await.unwrap();
        let session: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        let token = session["data"]["token"].as_str().unwrap();
        self.emulator.connect(token, key.integration(), Credentials::api_key(api_key)).await.unwrap();
        self.settled().await;
    }

    /// Waits until every webhook has been answered.
    pub async fn settled(&self) {
        assert!(self.emulator.deliveries_settled(Duration::from_secs(15)).await, "webhooks are under way");
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

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
    }
}
