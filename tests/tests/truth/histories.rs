//! Random histories, with deliveries in any order, repeated, lost, forged and handled two at a time.
//!
//! The number of cases is `PROPTEST_CASES`, 256 by default; CI asks for more.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use nango_core::{
    Connection, ConnectionFilter, ConnectionRef, ConnectionStore, Health, MemoryStore, Nango,
    SIGNATURE_HEADER, SigningKeys, TagMapper,
};
use nango_emulator::{CallFaults, Credentials, Delivery, Emulator};
use nango_tests::{Organization, User, sign};
use proptest::prelude::*;
use serde_json::json;

/// What can happen. Numbers pick one of what there is.
#[derive(Debug, Clone)]
enum Event {
    Connect {
        user: bool,
        oauth: bool,
    },
    ReconnectByUs(usize),
    /// With nothing but the two ids, as Nango's guide has it: this wipes the tags.
    ReconnectByOthers(usize),
    Revoke(usize),
    Check(usize),
    DisconnectByUs(usize),
    /// Deleted in the dashboard, and imported again under the same id, for whom it was.
    MadeAgain(usize),
    DeletedAtNango(usize),
    Deliver(usize),
    /// Two deliveries at once, with Nango's answers held back for so many milliseconds.
    DeliverTwo(usize, usize, u8),
    DeliverAgain(usize),
    /// Genuine, and about a connection that never was.
    Invented,
    /// About a connection that is there, and with tags of somebody else.
    Stolen(usize),
    /// Signed by somebody else.
    Forged(usize),
}

fn event(silent: bool) -> impl Strategy<Value = Event> {
    let pick = || 0_usize..100;
    let heard = prop_oneof![
        4 => any::<(bool, bool)>().prop_map(|(user, oauth)| Event::Connect { user, oauth }),
        2 => pick().prop_map(Event::ReconnectByUs),
        2 => pick().prop_map(Event::ReconnectByOthers),
        2 => pick().prop_map(Event::Revoke),
        1 => pick().prop_map(Event::Check),
        2 => pick().prop_map(Event::DisconnectByUs),
        1 => pick().prop_map(Event::MadeAgain),
        4 => pick().prop_map(Event::Deliver),
        2 => (pick(), pick(), 0_u8..4).prop_map(|(a, b, held)| Event::DeliverTwo(a, b, held)),
        2 => pick().prop_map(Event::DeliverAgain),
        1 => Just(Event::Invented),
        1 => pick().prop_map(Event::Stolen),
        1 => pick().prop_map(Event::Forged),
    ];
    prop_oneof![
        8 => heard,
        u32::from(silent) => pick().prop_map(Event::DeletedAtNango),
    ]
}

/// The world of one history.
struct World {
    emulator: Emulator,
    nango: Nango,
    store: Arc<MemoryStore>,
    /// How many of the emulator's deliveries are in `waiting` or have been delivered.
    taken: usize,
    waiting: Vec<Delivery>,
    delivered: Vec<Delivery>,
    /// Who made which incarnation.
    makers: HashMap<(ConnectionRef, i64), String>,
    disconnected: HashSet<(ConnectionRef, i64)>,
}

impl World {
    async fn new() -> Self {
        let emulator = Emulator::builder()
            .listen("127.0.0.1:0")
            .webhook_url("http://127.0.0.1:9/")
            .start()
            .await
            .unwrap();
        // Written down and never sent: this test is the network.
        emulator.drop_next(1_000);
        let store = Arc::new(MemoryStore::new());
        let nango = Nango::builder(
            emulator.secret_key(),
            SigningKeys::new([emulator.signing_key()]).unwrap(),
            store.clone(),
        )
        .host(emulator.local_url())
        .allowed_integrations(["openai", "slack"])
        .entity::<User>()
        .entity::<Organization>()
        .build()
        .unwrap();
        let (makers, disconnected) = (HashMap::new(), HashSet::new());
        Self { emulator, nango, store, taken: 0, waiting: vec![], delivered: vec![], makers, disconnected }
    }

    async fn truth(&self) -> Vec<Connection> {
        self.nango.client().connections(&ConnectionFilter::new(), 0, 1000).await.unwrap()
    }

    async fn pick(&self, n: usize) -> Option<Connection> {
        let mut truth = self.truth().await;
        truth.sort_by(|a, b| a.key.cmp(&b.key));
        if truth.is_empty() { None } else { Some(truth.swap_remove(n % truth.len())) }
    }

    /// The owner of a connection that is there, if the store knows it.
    async fn owned(&self, n: usize) -> Option<(User, nango_core::OwnedConnection)> {
        let connection = self.pick(n).await?;
        let user = User::named(self.makers.get(&(connection.key.clone(), connection.incarnation))?)?;
        let theirs = self.nango.connections(&user).await.unwrap();
        Some((user, theirs.into_iter().find(|one| *one.key() == connection.key)?))
    }

    /// Whether the store has the incarnation that Nango has.
    async fn is_known(&self, key: &ConnectionRef) -> bool {
        let row = self.store.get(std::slice::from_ref(key)).await.unwrap().remove(0);
        let now = self.nango.client().connections(&ConnectionFilter::named(key), 0, 1).await.unwrap();
        row.map(|row| incarnation(&row)) == now.first().map(|now| now.incarnation)
    }

    async fn connect(&mut self, token: &str, integration: &str, user: &str) {
        let credentials = match integration {
            "slack" => Credentials::oauth2(),
            _ => Credentials::api_key("sk-test"),
        };
        // A session of a connection that was deleted meanwhile is refused.
        if let Ok(made) = self.emulator.connect(token, integration, credentials).await {
            self.made(&ConnectionRef::new(made.integration, made.connection_id), user).await;
        }
    }

    async fn made(&mut self, key: &ConnectionRef, user: &str) {
        let now = self.nango.client().connection(key).await;
        if let Ok(now) = now {
            self.makers.entry((key.clone(), now.incarnation)).or_insert_with(|| user.to_owned());
        }
    }

    async fn receive(&self, delivery: &Delivery) {
        self.receive_signed(&delivery.body, &delivery.hmac_sha256).await;
    }

    async fn receive_signed(&self, body: &str, signature: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(SIGNATURE_HEADER, signature.parse().unwrap());
        let keys = SigningKeys::new([self.emulator.signing_key()]).unwrap();
        if let Ok(delivery) = keys.verify(&headers, Bytes::copy_from_slice(body.as_bytes())) {
            self.nango.receive(&delivery).await.unwrap();
        }
    }

    fn collect(&mut self) {
        let all = self.emulator.deliveries();
        self.waiting.extend(all[self.taken..].iter().cloned());
        self.taken = all.len();
    }

    async fn happen(&mut self, event: &Event) {
        match *event {
            Event::Connect { user, oauth } => {
                let user = User::named(if user { "alice" } else { "bob" }).unwrap();
                let session = self.nango.connect_session(&user).create().await.unwrap();
                let integration = if oauth { "slack" } else { "openai" };
                self.connect(session.token.expose(), integration, &user.id).await;
            }
            Event::ReconnectByUs(n) => {
                let Some((user, connection)) = self.owned(n).await else { return };
                let Ok(session) = connection.reconnect().await else { return };
                self.connect(session.token.expose(), connection.integration(), &user.id).await;
            }
            Event::ReconnectByOthers(n) => {
                // Tags that are wiped before anybody has seen them are lost: Nango itself knows the owner no more.
                let Some((user, connection)) = self.owned(n).await else { return };
                if !self.is_known(connection.key()).await {
                    return;
                }
                let token = self.bare_reconnect(connection.key()).await;
                self.connect(&token, connection.integration(), &user.id).await;
            }
            Event::Revoke(n) => {
                let Some(connection) = self.pick(n).await else { return };
                let key = &connection.key;
                self.emulator.revoke(key.integration(), key.connection_id()).await.unwrap();
            }
            Event::Check(n) => {
                if let Some((_, connection)) = self.owned(n).await {
                    connection.check().await.unwrap();
                }
            }
            Event::DisconnectByUs(n) => {
                let Some((_, connection)) = self.owned(n).await else { return };
                let incarnation = self.nango.client().connection(connection.key()).await;
                connection.disconnect().await.unwrap();
                if let Ok(was) = incarnation {
                    self.disconnected.insert((was.key, was.incarnation));
                }
            }
            Event::MadeAgain(n) => {
                let Some(connection) = self.pick(n).await else { return };
                let maker = self.makers.get(&(connection.key.clone(), connection.incarnation)).cloned();
                self.nango.client().delete_connection(&connection.key).await.unwrap();
                self.import(&connection.key, maker.as_deref().unwrap_or("alice")).await;
            }
            Event::DeletedAtNango(n) => {
                let Some(connection) = self.pick(n).await else { return };
                self.nango.client().delete_connection(&connection.key).await.unwrap();
            }
            Event::Deliver(n) => {
                if let Some(one) = take(&mut self.waiting, n) {
                    self.receive(&one).await;
                    self.delivered.push(one);
                }
            }
            Event::DeliverTwo(a, b, held) => {
                if self.waiting.len() < 2 {
                    return;
                }
                let (one, other) = (take(&mut self.waiting, a), take(&mut self.waiting, b));
                let (Some(one), Some(other)) = (one, other) else { return };
                let held = Duration::from_millis(u64::from(held));
                self.emulator.fail_calls(CallFaults::delay("/connections*", held, 1));
                tokio::join!(self.receive(&one), self.receive(&other), self.receive(&one));
                self.emulator.clear_faults();
                self.emulator.drop_next(1_000);
                self.delivered.extend([one, other]);
            }
            Event::DeliverAgain(n) => {
                if !self.delivered.is_empty() {
                    self.receive(&self.delivered[n % self.delivered.len()].clone()).await;
                }
            }
            Event::Invented => {
                self.claim("00000000-0000-4000-8000-000000000000", "openai", "alice", true).await;
            }
            Event::Stolen(n) => {
                let Some(connection) = self.pick(n).await else { return };
                self.claim(connection.key.connection_id(), connection.key.integration(), "carol", true).await;
            }
            Event::Forged(n) => {
                let Some(connection) = self.pick(n).await else { return };
                self.claim(connection.key.connection_id(), connection.key.integration(), "carol", false)
                    .await;
            }
        }
    }

    async fn claim(&self, id: &str, integration: &str, user: &str, genuine: bool) {
        let body = json!({
            "type": "auth", "from": "nango", "operation": "creation", "success": true, "connectionId": id,
            "providerConfigKey": integration, "tags": {"end_user_id": user, "owner_kind": "user"},
        });
        let (body, key) =
            (body.to_string(), if genuine { self.emulator.signing_key() } else { "guess".to_owned() });
        self.receive_signed(&body, &sign(&key, &body)).await;
    }

    async fn post(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let request = reqwest::Client::new().post(format!("{}{path}", self.emulator.local_url()));
        let request =
            request.bearer_auth(self.emulator.secret_key()).header("content-type", "application/json");
        let reply = request.body(body.to_string()).send().await.unwrap();
        serde_json::from_slice(&reply.bytes().await.unwrap()).unwrap()
    }

    async fn bare_reconnect(&self, key: &ConnectionRef) -> String {
        let body = json!({"connection_id": key.connection_id(), "integration_id": key.integration()});
        let reply = self.post("/connect/sessions/reconnect", &body).await;
        reply["data"]["token"].as_str().unwrap().to_owned()
    }

    async fn import(&mut self, key: &ConnectionRef, user: &str) {
        let credentials = match key.integration() {
            "slack" => json!({"type": "OAUTH2", "access_token": "at"}),
            _ => json!({"type": "API_KEY", "apiKey": "sk-test"}),
        };
        let mut tags = serde_json::Map::new();
        for (name, value) in User::named(user).unwrap().to_tags().unwrap().iter() {
            tags.insert(name.to_owned(), value.into());
        }
        let body = json!({
            "connection_id": key.connection_id(), "provider_config_key": key.integration(), "credentials": credentials,
            "tags": tags,
        });
        self.post("/connections", &body).await;
        self.made(key, user).await;
    }

    /// What must hold at every moment.
    async fn check_now(&self) {
        for row in self.store.page(None, 1000).await.unwrap().into_iter().filter(|row| !row.removed) {
            let incarnation = incarnation(&row);
            let owner = row.owner.as_ref().unwrap().id().to_owned();
            let maker = self.makers.get(&(row.key.clone(), incarnation));
            assert_eq!(maker, Some(&owner), "an owner moved, or a connection was made up");
            assert!(
                !self.disconnected.contains(&(row.key.clone(), incarnation)),
                "a disconnected one came back"
            );
        }
    }

    /// What must hold when all is done: the store says what Nango says.
    async fn check_end(&self) {
        let rows = self.store.page(None, 1000).await.unwrap();
        let live: HashMap<_, _> =
            rows.into_iter().filter(|row| !row.removed).map(|row| (row.key.clone(), row)).collect();
        let truth = self.truth().await;
        assert_eq!(live.len(), truth.len(), "as many connections");
        for connection in truth {
            let row = live.get(&connection.key).expect("a connection is missing here");
            let user = User::named(row.owner.as_ref().unwrap().id()).unwrap();
            let ours = self.nango.connections(&user).await.unwrap();
            let ours = ours.iter().find(|one| *one.key() == connection.key).unwrap();
            let broken = connection.errors.iter().any(|error| error.kind == "auth");
            let ill = matches!(ours.health(), Health::Degraded | Health::NeedsReconnect);
            assert_eq!(ill, broken, "{:?}", ours.health());
            assert_eq!(
                connection.tags.get("end_user_id"),
                Some(user.id.as_str()),
                "tags were not given back"
            );
        }
    }
}

/// Nango's numeric id, which only core reads.
fn incarnation(row: &nango_core::Record) -> i64 {
    let details: serde_json::Value = serde_json::from_str(&row.details.to_json()).unwrap();
    details["incarnation"].as_i64().unwrap()
}

fn take<T>(from: &mut Vec<T>, n: usize) -> Option<T> {
    if from.is_empty() { None } else { Some(from.remove(n % from.len())) }
}

fn run(history: &[Event], order: &[usize], dropped: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut world = World::new().await;
        for event in history {
            world.happen(event).await;
            world.collect();
            world.check_now().await;
        }
        for n in order.iter().chain(std::iter::repeat(&0)) {
            let Some(one) = take(&mut world.waiting, *n) else { break };
            if !(dropped && n % 2 == 0) {
                world.receive(&one).await;
                world.check_now().await;
            }
        }
        if dropped {
            world.nango.sweep().allow_mass_removal().run().await.unwrap();
        }
        while world.nango.drain().await.unwrap().looked > 0 {}
        world.check_now().await;
        world.check_end().await;
    });
}

fn history(silent: bool) -> impl Strategy<Value = (Vec<Event>, Vec<usize>)> {
    (prop::collection::vec(event(silent), 1..16), prop::collection::vec(0_usize..100, 16))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn where_nothing_is_lost_deliveries_are_enough((history, order) in history(false)) {
        run(&history, &order, false);
    }

    #[test]
    fn where_deliveries_are_lost_one_sweep_is_enough((history, order) in history(true)) {
        run(&history, &order, true);
    }
}
