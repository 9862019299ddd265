//! Events: from the delivery through the queue to the rows of their owner, with kills in between.

use std::collections::HashSet;
use std::process::Command;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use nango_core::{EventQueue, QueuedEvent, SIGNATURE_HEADER, SigningKeys};
use nango_emulator::{Credentials, Emulator};
use nango_tests::{Browser, Program, eventually};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::databases::{self, Home};
use crate::emulator;
use crate::program::{PROGRAM, free_port, login, start_with};

const SOON: Duration = Duration::from_secs(10);

/// A Nango beside the app, and what a process of the app needs to use it.
struct Rig {
    home: Home,
    port: u16,
    emulator: Emulator,
    environment: [(&'static str, String); 3],
}

impl Rig {
    async fn on(home: Home) -> Self {
        let port = free_port();
        let (emulator, environment) = emulator(port).await;
        Self { home, port, emulator, environment }
    }

    fn start(&self, flags: &[&str]) -> Program {
        start_with(&self.home, self.port, 1, &self.environment, flags)
    }

    /// Starts a process that has no web server.
    fn start_worker(&self) -> Program {
        let program = Program::start(
            Command::new(PROGRAM)
                .args(["--worker-only", "--database", self.home.url()])
                .current_dir(self.home.folder())
                .env("RUST_LOG", "debug")
                .envs(self.environment.iter().map(|(name, value)| (name, value))),
        );
        assert_eq!(program.url(), "worker");
        program
    }

    /// Connects an integration, and waits until the app knows it. Returns the connection's id.
    async fn connect(&self, browser: &Browser, mount: &str, tags: &[(&str, &str)]) -> String {
        let before = browser.connections(mount).await.len();
        let token = self.emulator.create_session(tags);
        let made = self.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        let is_listed = async || browser.connections(mount).await.len() > before;
        eventually(SOON, "a connection", is_listed).await;
        made.connection_id
    }

    async fn connect_alice(&self, alice: &Browser) -> String {
        self.connect(alice, "/nango", &[("end_user_id", "alice"), ("owner_kind", "user")]).await
    }

    fn sign(&self, body: &str) -> String {
        SigningKeys::new([self.emulator.signing_key()]).unwrap().sign(body.as_bytes())
    }

    async fn deliver(&self, browser: &Browser, body: &Value) {
        let body = body.to_string();
        let reply = browser.deliver(&body, &self.sign(&body)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    async fn depth(&self) -> (u64, u64, u64) {
        let depth = self.home.queue().await.depth().await.unwrap();
        (depth.waiting, depth.claimed, depth.dead)
    }

    async fn is_drained(&self) -> bool {
        self.depth().await == (0, 0, 0)
    }
}

/// As Nango delivers it.
fn sync(connection: &str, model: &str) -> Value {
    json!({
        "connectionId": connection, "from": "nango", "model": model, "modifiedAfter": "2026-11-28T01:04:43.132Z",
        "providerConfigKey": "openai", "queryTimeStamp": "2026-11-28T01:04:43.132Z",
        "responseResults": {"added": 1, "deleted": 0, "updated": 0}, "success": true, "syncName": "files",
        "syncType": "INCREMENTAL", "syncVariant": "base", "type": "sync",
    })
}

fn forward(connection: &str) -> Value {
    json!({
        "connectionId": connection, "from": "openai", "payload": {"id": "evt_1"}, "providerConfigKey": "openai",
        "type": "forward",
    })
}

fn action(connection: &str) -> Value {
    let id = "bda6bd61-b649-40e0-a93d-809c21b0db6b";
    json!({
        "connectionId": connection, "from": "nango", "payload": {"id": id, "statusUrl": format!("/action/{id}")},
        "providerConfigKey": "openai", "type": "async_action",
    })
}

async fn rows(browser: &Browser, path: &str) -> Vec<Value> {
    let reply = browser.get(path).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.body);
    reply.json().as_array().unwrap().clone()
}

async fn has_rows(browser: &Browser, path: &str, count: usize) {
    let has = async || rows(browser, path).await.len() == count;
    eventually(SOON, &format!("{count} rows at {path}"), has).await;
}

pub(crate) async fn an_event_is_listed_for_its_owner_alone(home: Home) {
    let rig = Rig::on(home).await;
    let app = rig.start(&[]);
    let [alice, bob, carol] =
        [login(&app, "alice").await, login(&app, "bob").await, login(&app, "carol").await];
    let mine = rig.connect_alice(&alice).await;
    let tags = [("organization_id", "acme"), ("owner_kind", "organization")];
    let ours = rig.connect(&bob, "/org/nango", &tags).await;

    for (count, body) in [sync(&mine, "File,Model"), forward(&mine), action(&mine)].iter().enumerate() {
        rig.deliver(&alice, body).await;
        has_rows(&alice, "/events", count + 1).await;
    }
    rig.deliver(&bob, &sync(&ours, "Invoice")).await;
    has_rows(&bob, "/org/events", 1).await;
    rig.deliver(&alice, &sync("of-another-app", "File")).await;
    eventually(SOON, "an empty queue", async || rig.is_drained().await).await;

    let listed = rows(&alice, "/events").await;
    let fields = ["kind", "integration", "model"];
    let seen: Vec<_> = listed.iter().map(|row| fields.map(|field| row[field].clone())).collect();
    let expected = json!([
        ["async_action", "openai", null],
        ["forward", "openai", null],
        ["sync", "openai", "File,Model"],
    ]);
    assert_eq!(json!(seen), expected, "the newest first");
    for row in &listed {
        assert_eq!(row["key"].as_str().unwrap().len(), 32);
        assert!(row["handled"].as_str().unwrap().parse::<nango_core::Timestamp>().is_ok(), "{row}");
        assert_eq!(row.as_object().unwrap().len(), 5, "{row}");
    }
    for (browser, path, count) in [
        (&alice, "/org/events", 1),
        (&bob, "/events", 0),
        (&bob, "/org/events", 1),
        (&carol, "/events", 0),
        (&carol, "/org/events", 0),
    ] {
        assert_eq!(rows(browser, path).await.len(), count, "{path}");
    }
    for path in ["/events", "/org/events"] {
        let refused = Browser::new(app.url()).get(path).await;
        assert_eq!((refused.status, refused.code().as_str()), (401, "not_logged_in"), "{path}");
    }

    // The queue forgets a key once its event is handled, and so it can come again.
    let body = sync(&mine, "Twice").to_string();
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, HeaderValue::from_str(&rig.sign(&body)).unwrap());
    let keys = SigningKeys::new([rig.emulator.signing_key()]).unwrap();
    let event = QueuedEvent::of(&keys.verify(&headers, body.into()).unwrap()).unwrap();
    for _ in 0..2 {
        rig.home.queue().await.push(&event).await.unwrap();
        eventually(SOON, "an empty queue", async || rig.is_drained().await).await;
    }
    let listed = rows(&alice, "/events").await;
    assert_eq!(listed.iter().filter(|row| row["key"] == event.key()).count(), 1);
    assert_eq!(listed.len(), 4);

    app.kill();
    let log = app.log();
    let is_dropped =
        |line: &String| line.contains("dropped a sync event of a connection that is not one of ours");
    assert_eq!(log.iter().filter(|line| is_dropped(line)).count(), 1);
    for secret in [&mine, &ours, "of-another-app", "alice@acme"] {
        assert_eq!(log.iter().find(|line| line.contains(secret)), None);
    }
}

pub(crate) async fn events_wait_for_a_process_that_handles_them(home: Home) {
    let rig = Rig::on(home).await;
    let web = rig.start(&["--no-worker"]);
    let alice = login(&web, "alice").await;
    let mine = rig.connect_alice(&alice).await;
    for model in ["A", "B", "C"] {
        rig.deliver(&alice, &sync(&mine, model)).await;
    }
    web.kill();
    assert_eq!(rig.depth().await, (3, 0, 0), "queued");

    let worker = rig.start_worker();
    eventually(SOON, "an empty queue", async || rig.is_drained().await).await;
    let _web = rig.start(&["--no-worker"]);
    assert_eq!(rows(&alice, "/events").await.len(), 3);
    rig.deliver(&alice, &sync(&mine, "D")).await;
    has_rows(&alice, "/events", 4).await;
    // A worker that is killed between the row and its acknowledgement leaves the event claimed.
    eventually(SOON, "an empty queue", async || rig.is_drained().await).await;
    worker.kill();

    rig.deliver(&alice, &sync(&mine, "E")).await;
    assert_eq!(rig.depth().await, (1, 0, 0), "the web process does not handle it");
    assert_eq!(rows(&alice, "/events").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_events_survive_a_kill_on_sqlite() {
    acknowledged_events_survive_a_kill(databases::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(with_postgres), ignore = "NANGO_TEST_POSTGRES_URL is not set, or the feature postgres is off")]
async fn acknowledged_events_survive_a_kill_on_postgres() {
    acknowledged_events_survive_a_kill(databases::postgres().await).await;
}

/// Kills the app as soon as it has acknowledged one of several events, again and again.
async fn acknowledged_events_survive_a_kill(home: Home) {
    const STORM: usize = 5;
    const KILLS: usize = 10;

    let rig = Rig::on(home).await;
    let app = rig.start(&[]);
    let alice = login(&app, "alice").await;
    let mine = rig.connect_alice(&alice).await;
    drop(app);

    let (mut acknowledged, mut pending) = (HashSet::new(), 0);
    for round in 0..KILLS {
        let app = rig.start(&[]);
        let mut deliveries = JoinSet::new();
        for at in 0..STORM {
            let model = format!("M{round}x{at}");
            let body = sync(&mine, &model).to_string();
            let request = alice.request(reqwest::Method::POST, "/nango/webhook");
            let request = request.header(SIGNATURE_HEADER, rig.sign(&body)).body(body);
            deliveries.spawn(async move {
                let reply = nango_tests::send(request).await;
                reply.is_ok_and(|reply| reply.status == 200).then_some(model)
            });
        }
        acknowledged.extend(deliveries.join_next().await.unwrap().unwrap());
        app.kill();
        acknowledged.extend(deliveries.join_all().await.into_iter().flatten());
        let (waiting, claimed, dead) = rig.depth().await;
        assert_eq!(dead, 0);
        pending += waiting + claimed;
    }
    assert!(pending > 0, "no kill came before the handler");

    let _app = rig.start(&[]);
    // What a killed process held is free after half a minute.
    eventually(Duration::from_secs(60), "an empty queue", async || rig.is_drained().await).await;
    let rows = rows(&alice, "/events").await;
    let handled: HashSet<_> = rows.iter().map(|row| row["model"].as_str().unwrap().to_owned()).collect();
    let lost: Vec<_> = acknowledged.difference(&handled).collect();
    assert_eq!(lost, Vec::<&String>::new(), "acknowledged and lost");
    assert_eq!(handled.len(), rows.len(), "handled twice, kept once");
    println!("{} acknowledged; after kills, {pending} were counted in the queue", acknowledged.len());
}
