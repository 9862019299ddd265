//! A Nango, an app, and the network between them, which is the test.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use nango_core::{
    Connection, ConnectionKey, ConnectionStore, Nango, OwnedConnection, SIGNATURE_HEADER, SigningKeys,
    Verified,
};
use nango_emulator::{Delivery, Emulator};
use nango_tests::{Organization, User, nango_builder, sign};
use serde_json::json;

use crate::oracle::incarnation;
use crate::store::{Handler, SharedStore};

pub(crate) struct Harness {
    pub(crate) emulator: Emulator,
    pub(crate) store: Arc<SharedStore>,
    /// One instance of the app.
    pub(crate) nango: Nango,
    /// The number of the emulator's deliveries that are in `waiting` or have been delivered.
    collected: usize,
    pub(crate) waiting: Vec<Delivery>,
    pub(crate) delivered: Vec<Delivery>,
}

impl Harness {
    pub(crate) async fn new() -> Self {
        let emulator = Emulator::builder()
            .listen("127.0.0.1:0")
            .webhook_url("http://127.0.0.1:9/")
            .start()
            .await
            .unwrap();
        Self::on(emulator)
    }

    /// Creates a harness with a server of an earlier one, which takes less time than a new server.
    pub(crate) fn on(emulator: Emulator) -> Self {
        emulator.reset();
        // Recorded and never sent: the test delivers.
        emulator.drop_next(1_000);
        let store = Arc::new(SharedStore::default());
        let nango = instance(&emulator, emulator.local_url(), store.clone());
        Self { emulator, store, nango, collected: 0, waiting: vec![], delivered: vec![] }
    }

    /// Creates another instance of the app.
    pub(crate) fn instance(&self) -> Nango {
        self.instance_behind(self.emulator.local_url())
    }

    /// Creates an instance that reaches Nango through a gateway.
    pub(crate) fn instance_behind(&self, host: &str) -> Nango {
        instance(&self.emulator, host, self.store.clone())
    }

    pub(crate) async fn truth(&self) -> Vec<Connection> {
        self.nango.unscoped_client().connections().limit(1000).send().await.unwrap().connections
    }

    /// Returns the connection as Nango has it.
    pub(crate) async fn now(&self, key: &ConnectionKey) -> Option<Connection> {
        self.nango.unscoped_client().connections().key(key).send().await.unwrap().connections.pop()
    }

    /// Picks one of Nango's connections.
    pub(crate) async fn pick(&self, n: usize) -> Option<ConnectionKey> {
        let mut truth: Vec<_> = self.truth().await.into_iter().map(|connection| connection.key).collect();
        truth.sort();
        if truth.is_empty() { None } else { Some(truth.swap_remove(n % truth.len())) }
    }

    /// Returns the owner of the connection that Nango has.
    pub(crate) async fn owner(&self, key: &ConnectionKey) -> Option<User> {
        let now = self.now(key).await?;
        let name = self.store.oracle().owners.get(&(now.key, now.incarnation)).cloned()?;
        User::named(&name)
    }

    /// Returns the connection as its owner looks it up, if the app knows it.
    pub(crate) async fn owned(&self, key: &ConnectionKey) -> Option<(User, OwnedConnection)> {
        let user = self.owner(key).await?;
        let owned = self.nango.connections(&user).await.unwrap();
        Some((user, owned.into_iter().find(|one| one.key() == key)?))
    }

    /// Returns whether the store has the incarnation that Nango has.
    pub(crate) async fn is_known(&self, key: &ConnectionKey) -> bool {
        let row = self.store.get(std::slice::from_ref(key)).await.unwrap().remove(0);
        row.map(|row| incarnation(&row)) == self.now(key).await.map(|now| now.incarnation)
    }

    /// Runs a future whose own calls to Nango are not held; those that were held before stay so.
    pub(crate) async fn unheld<T>(&self, future: impl Future<Output = T>) -> T {
        let before: Vec<_> = self.emulator.held_calls().iter().map(|call| call.id).collect();
        let mut future = std::pin::pin!(future);
        loop {
            tokio::select! {
                done = &mut future => return done,
                held = self.emulator.wait_for_held_calls(before.len() + 1) => {
                    for call in held.iter().filter(|call| !before.contains(&call.id)) {
                        self.emulator.release_call(call.id);
                    }
                }
            }
        }
    }

    pub(crate) fn collect(&mut self) {
        let all = self.emulator.deliveries();
        self.waiting.extend(all[self.collected..].iter().cloned());
        self.collected = all.len();
    }

    /// Verifies a delivery as the app's routes do; returns `None` where they would refuse it.
    pub(crate) fn verify(&self, body: &str, signature: &str) -> Option<Verified> {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, signature.parse().unwrap());
        let keys = SigningKeys::new([self.emulator.signing_key()]).unwrap();
        keys.verify(&headers, Bytes::copy_from_slice(body.as_bytes())).ok()
    }

    pub(crate) async fn receive(&self, delivery: &Delivery) {
        self.receive_signed(&self.nango, &delivery.body, &delivery.hmac_sha256).await;
    }

    pub(crate) async fn receive_at(&self, nango: &Nango, delivery: &Delivery) {
        self.receive_signed(nango, &delivery.body, &delivery.hmac_sha256).await;
    }

    async fn receive_signed(&self, nango: &Nango, body: &str, signature: &str) {
        if let Some(delivery) = self.verify(body, signature) {
            nango.receive(&delivery).await.unwrap();
            nango.settled().await;
        }
    }

    /// Drains every mark.
    pub(crate) async fn drain(&self) {
        loop {
            let drained = self.nango.drain().await.unwrap();
            if drained.looked + drained.announced == 0 {
                break;
            }
        }
        self.check_now().await;
    }

    /// Delivers everything that waits, oldest first.
    pub(crate) async fn deliver_all(&mut self) {
        for delivery in std::mem::take(&mut self.waiting) {
            self.receive(&delivery).await;
            self.check_now().await;
            self.delivered.push(delivery);
        }
    }

    /// Makes up a delivery that says that a user has made a connection; returns its body and its
    /// signature.
    pub(crate) fn false_delivery(&self, key: &ConnectionKey, user: &str, signed: bool) -> (String, String) {
        let body = json!({
            "type": "auth", "from": "nango", "operation": "creation", "success": true,
            "connectionId": key.connection_id(), "providerConfigKey": key.integration(),
            "tags": {"end_user_id": user, "owner_kind": "user"},
        })
        .to_string();
        let key = if signed { self.emulator.signing_key() } else { "guess".to_owned() };
        let signature = sign(&key, &body);
        (body, signature)
    }

    pub(crate) async fn receive_false(&self, key: &ConnectionKey, user: &str, signed: bool) {
        let (body, signature) = self.false_delivery(key, user, signed);
        self.receive_signed(&self.nango, &body, &signature).await;
    }
}

fn instance(emulator: &Emulator, host: &str, store: Arc<SharedStore>) -> Nango {
    nango_builder(emulator, store.clone())
        .handler(Handler(store))
        .host(host)
        .entity::<User>()
        .entity::<Organization>()
        .build()
        .unwrap()
}
