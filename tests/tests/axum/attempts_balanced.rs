//! Attempts while each request goes to another instance of the app than the one before.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nango_core::{ConnectionStore, MemoryStore, NangoBuilder};
use nango_emulator::Credentials;
use nango_sqlx::SqliteStore;
use nango_tests::{App, Balancer, Browser, Organization, User, nango_builder, on_axum};
use serde_json::{Value, json};

/// The time that a busy machine may take beside the wait.
const SLACK: Duration = Duration::from_secs(5);

/// Two instances on one store, and a browser of alice in front of both.
struct Instances {
    app: App,
    balancer: Balancer,
    alice: Browser,
}

impl Instances {
    async fn start(one: impl ConnectionStore, other: impl ConnectionStore) -> Self {
        let app = App::with_store(one, NangoBuilder::track_attempts).await;
        let other = nango_builder(&app.emulator, other).track_attempts();
        let other = other.entity::<User>().entity::<Organization>().build().unwrap();
        let other = format!("http://{}", on_axum(other).await);
        let balancer = Balancer::start([app.url.clone(), other]).await;
        app.emulator.set_webhook_url(format!("{}/nango/webhook", balancer.url()));
        let alice = Browser::new(balancer.url()).with_login("x-user", "alice");
        Self { app, balancer, alice }
    }

    /// Begins an attempt. Returns the session token, and the path of the attempt.
    async fn begin(&self) -> (String, String) {
        let begun = self.alice.post("/nango/session-token", "").await.json();
        let text = |key: &str| begun[key].as_str().unwrap().to_owned();
        (text("sessionToken"), format!("/nango/attempts/{}", text("attempt")))
    }

    /// Asks for the outcome, and asserts that the request is not held longer than it may be.
    async fn outcome(&self, path: &str, wait: u64) -> (Value, Duration) {
        let began = Instant::now();
        let outcome = self.alice.get(&format!("{path}?wait={wait}")).await;
        assert_eq!(outcome.status, 200, "{}", outcome.body);
        assert!(began.elapsed() < Duration::from_secs(wait) + SLACK, "{wait} s: {:?}", began.elapsed());
        (outcome.json(), began.elapsed())
    }

    async fn attempts_end_right(&self) {
        // Requests of several tabs, for one attempt and for others.
        let (_, abandoned) = self.begin().await;
        let waits = (0..12).map(|n| self.outcome(&abandoned, n % 4));
        for (n, (outcome, held)) in join_all(waits).await.into_iter().enumerate() {
            assert_eq!(outcome, json!({"state": "pending"}));
            assert!(held >= Duration::from_secs(n as u64 % 4), "it was answered early: {held:?}");
        }
        for is_webhook_lost in [false, true, false, true] {
            if is_webhook_lost {
                self.app.emulator.drop_next(1);
            }
            let (token, path) = self.begin().await;
            let connect = async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.app.emulator.connect(&token, "openai", Credentials::api_key("sk-1")).await.unwrap();
            };
            let ((one, _), (other, held), ()) =
                tokio::join!(self.outcome(&path, 20), self.outcome(&path, 20), connect);
            assert_eq!((&one, &one["state"]), (&other, &json!("connected")));
            assert!(held < Duration::from_secs(10), "{held:?}");
            // Neither instance goes back.
            for _ in 0..2 {
                assert_eq!(self.outcome(&path, 0).await.0, one);
            }
        }
        assert_eq!(self.outcome(&abandoned, 0).await.0, json!({"state": "pending"}));
        let polls = |parity| {
            let taken = self.balancer.taken();
            let of_one = taken.iter().skip(parity).step_by(2);
            of_one.filter(|request| request.contains("/attempts/")).count()
        };
        assert!(polls(0) > 5 && polls(1) > 5, "both instances were asked: {} and {}", polls(0), polls(1));
    }
}

#[tokio::test]
async fn attempts_end_right_on_two_instances_with_one_memory() {
    let store = MemoryStore::new();
    Instances::start(store.clone(), store).await.attempts_end_right().await;
}

#[tokio::test]
async fn attempts_end_right_on_two_instances_with_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}/app.db?mode=rwc", folder.path().display());
    let one = SqliteStore::connect(&file).await.unwrap();
    let other = SqliteStore::connect(&file).await.unwrap();
    Instances::start(one, other).await.attempts_end_right().await;
}
