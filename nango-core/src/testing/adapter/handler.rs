//! The app's handler, for which no reply waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use super::app::{App, creation};
use super::{Call, Mount};
use crate::boxed::BoxError;
use crate::events::{ConnectionChanged, WebhookHandler};
use crate::nango::Nango;
use crate::owner::TagMapper;

/// The time that the slow handler takes.
const SLOW: Duration = Duration::from_secs(3);

/// The longest time by which a reply may be later with the slow handler than without one. It is far
/// more than a machine with other work needs, and far less than the handler does.
const TOLERANCE: Duration = Duration::from_secs(1);

/// Takes a while, then records the handle and the health.
#[derive(Default)]
struct Slow(Arc<Mutex<Vec<(String, &'static str)>>>);

#[async_trait]
impl WebhookHandler for Slow {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        sleep(SLOW).await;
        let connection = event.connection;
        let notified = (connection.handle(), connection.health().as_str());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notified);
        Ok(())
    }
}

/// A handler that takes seconds delays neither a reply to Nango nor one to an owner, and is called.
pub async fn a_slow_handler_delays_no_reply<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let without =
        App::<E, A>::configured(&mount, "/nango", |builder| builder.sync_period(Duration::ZERO)).await;
    let without = timed_replies(&without).await;
    let slow = Slow::default();
    let notified = Arc::clone(&slow.0);
    let app =
        App::<E, A>::configured(mount, "/nango", |builder| builder.sync_period(Duration::ZERO).handler(slow));
    let app = app.await;
    for ((what, took), (_, without)) in timed_replies(&app).await.into_iter().zip(without) {
        println!("{what}: {took:?} with a handler of {SLOW:?}, {without:?} without one");
        assert!(
            took < without + TOLERANCE,
            "{what} waits for the handler: {took:?}, and {without:?} without"
        );
    }
    app.own.settled().await;
    let notified = notified.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let count = |health| notified.iter().filter(|(_, notified)| *notified == health).count();
    assert_eq!((count("healthy"), count("gone")), (2, 2), "{notified:?}");
}

/// Makes requests that change a connection each, and returns the time of each reply.
async fn timed_replies<E: TagMapper, A: Call>(app: &App<E, A>) -> Vec<(&'static str, Duration)> {
    let mut times = Vec::new();
    let began = Instant::now();
    app.nango.connect("c1", "alice");
    let body = creation("c1");
    assert_eq!(app.send(app.delivery(body.as_bytes()), body).await.status, 200);
    times.push(("a delivery", began.elapsed()));

    let ended = app.handle("alice").await;
    let began = Instant::now();
    assert_eq!(app.send(app.alice("DELETE", &format!("/connections/{ended}")), "").await.status, 204);
    times.push(("DELETE /connections/{handle}", began.elapsed()));

    app.nango.connect("c2", "alice");
    let began = Instant::now();
    let list = app.send(app.alice("GET", "/connections?sync=true"), "").await.json();
    times.push(("GET /connections?sync=true", began.elapsed()));

    let handle = list[0]["handle"].as_str().unwrap();
    app.nango.disconnect("c2");
    let began = Instant::now();
    let checked = app.send(app.alice("POST", &format!("/connections/{handle}/check")), "").await.json();
    assert_eq!(checked["health"], "gone");
    times.push(("POST /connections/{handle}/check", began.elapsed()));
    times
}
