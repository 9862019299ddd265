//! One small world: a Nango, an app that remembers, and the network between them, which is the test.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use nango_core::{
    Connection, ConnectionFilter, ConnectionRef, ConnectionStore, Nango, OwnedConnection, SIGNATURE_HEADER,
    SigningKeys, Verified,
};
use nango_emulator::{Delivery, Emulator};
use nango_tests::{Organization, User, sign};
use serde_json::json;

use crate::store::{Listener, SharedStore, incarnation};

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) store: Arc<SharedStore>,
    /// One instance of the app.
    pub(crate) nango: Nango,
    /// How many of the emulator's deliveries are in `waiting` or have been delivered.
    taken: usize,
    pub(crate) waiting: Vec<Delivery>,
    pub(crate) delivered: Vec<Delivery>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::builder()
            .listen("127.0.0.1:0")
            .webhook_url("http://127.0.0.1:9/")
            .start()
            .await
            .unwrap();
        Self::on(emulator)
    }

    /// A new world with the same server in it, which takes less time than a new server.
    pub(crate) fn on(emulator: Emulator) -> Self {
        emulator.reset();
        // Written down and never sent: this test is the network.
        emulator.drop_next(1_000);
        let store = Arc::new(SharedStore::default());
        let nango = app(&emulator, emulator.local_url(), store.clone());
        Self { emulator, store, nango, taken: 0, waiting: vec![], delivered: vec![] }
    }

    /// One more instance of the app.
    pub(crate) fn instance(&self) -> Nango {
        self.instance_behind(self.emulator.local_url())
    }

    /// One that reaches Nango through something else.
    pub(crate) fn instance_behind(&self, host: &str) -> Nango {
        app(&self.emulator, host, self.store.clone())
    }

    pub(crate) async fn truth(&self) -> Vec<Connection> {
        self.nango.client().connections(&ConnectionFilter::new(), 0, 1000).await.unwrap()
    }

    /// The connection as Nango has it.
    pub(crate) async fn now(&self, key: &ConnectionRef) -> Option<Connection> {
        self.nango.client().connections(&ConnectionFilter::named(key), 0, 1).await.unwrap().pop()
    }

    /// One of the connections that are there.
    pub(crate) async fn pick(&self, n: usize) -> Option<ConnectionRef> {
        let mut truth: Vec<_> = self.truth().await.into_iter().map(|connection| connection.key).collect();
        truth.sort();
        if truth.is_empty() { None } else { Some(truth.swap_remove(n % truth.len())) }
    }

    /// Who made the connection that is there.
    pub(crate) async fn maker(&self, key: &ConnectionRef) -> Option<User> {
        let now = self.now(key).await?;
        let name = self.store.facts().makers.get(&(now.key, now.incarnation)).cloned()?;
        User::named(&name)
    }

    /// The connection in its owner's hands, if the app knows it.
    pub(crate) async fn owned(&self, key: &ConnectionRef) -> Option<(User, OwnedConnection)> {
        let user = self.maker(key).await?;
        let theirs = self.nango.connections(&user).await.unwrap();
        Some((user, theirs.into_iter().find(|one| one.key() == key)?))
    }

    /// Whether the store has the incarnation that Nango has.
    pub(crate) async fn is_known(&self, key: &ConnectionRef) -> bool {
        let row = self.store.get(std::slice::from_ref(key)).await.unwrap().remove(0);
        row.map(|row| incarnation(&row)) == self.now(key).await.map(|now| now.incarnation)
    }

    /// Lets through what is asked meanwhile, and nothing that was held before.
    pub(crate) async fn freely<T>(&self, does: impl Future<Output = T>) -> T {
        let before: Vec<_> = self.emulator.held_calls().iter().map(|call| call.id).collect();
        let mut does = std::pin::pin!(does);
        loop {
            tokio::select! {
                done = &mut does => return done,
                held = self.emulator.calls_held(before.len() + 1) => {
                    for call in held.iter().filter(|call| !before.contains(&call.id)) {
                        self.emulator.release_call(call.id);
                    }
                }
            }
        }
    }

    pub(crate) fn collect(&mut self) {
        let all = self.emulator.deliveries();
        self.waiting.extend(all[self.taken..].iter().cloned());
        self.taken = all.len();
    }

    /// A delivery as the app's routes hand it on; `None` when they would not.
    pub(crate) fn verify(&self, body: &str, signature: &str) -> Option<Verified> {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, signature.parse().unwrap());
        let keys = SigningKeys::new([self.emulator.signing_key()]).unwrap();
        keys.verify(&headers, Bytes::copy_from_slice(body.as_bytes())).ok()
    }

    pub(crate) async fn receive(&self, delivery: &Delivery) {
        self.receive_signed(&delivery.body, &delivery.hmac_sha256).await;
    }

    async fn receive_signed(&self, body: &str, signature: &str) {
        if let Some(delivery) = self.verify(body, signature) {
            self.nango.receive(&delivery).await.unwrap();
        }
    }

    /// Looks after everything that was put off.
    pub(crate) async fn drain(&self) {
        loop {
            let drained = self.nango.drain().await.unwrap();
            if drained.looked + drained.announced == 0 {
                break;
            }
        }
        self.check_now().await;
    }

    /// Hands over everything that was not yet, oldest first.
    pub(crate) async fn deliver_all(&mut self) {
        for delivery in std::mem::take(&mut self.waiting) {
            self.receive(&delivery).await;
            self.check_now().await;
            self.delivered.push(delivery);
        }
    }

    /// That a user has made a connection, as body and signature.
    pub(crate) fn lie(&self, key: &ConnectionRef, user: &str, genuine: bool) -> (String, String) {
        let body = json!({
            "type": "auth", "from": "nango", "operation": "creation", "success": true,
            "connectionId": key.connection_id(), "providerConfigKey": key.integration(),
            "tags": {"end_user_id": user, "owner_kind": "user"},
        });
        let key = if genuine { self.emulator.signing_key() } else { "guess".to_owned() };
        let body = body.to_string();
        let signature = sign(&key, &body);
        (body, signature)
    }

    pub(crate) async fn hear_lie(&self, key: &ConnectionRef, user: &str, genuine: bool) {
        let (body, signature) = self.lie(key, user, genuine);
        self.receive_signed(&body, &signature).await;
    }
}

fn app(emulator: &Emulator, host: &str, store: Arc<SharedStore>) -> Nango {
    let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
    Nango::builder(emulator.secret_key(), keys, store.clone())
        .handler(Listener(store))
        .host(host)
        .allowed_integrations(["openai", "slack"])
        .entity::<User>()
        .entity::<Organization>()
        .build()
        .unwrap()
}
