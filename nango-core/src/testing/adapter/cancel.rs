//! Browsers go away, and Nango gives up waiting.

use std::time::Duration;

use tokio::time::timeout;

use super::app::{App, told};
use super::{Call, Mount};
use crate::entity::TagMapper;

/// How long a server may go on with what nobody waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whoever goes away while Nango is asked holds nothing up: neither the owner's next request nor anybody else's.
pub async fn a_cancelled_request_leaves_nothing_behind<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::configured(mount, "/nango", |builder| builder.sync_period(Duration::ZERO)).await;
    app.connected("c1", "alice").await;
    let handle = app.handle("alice").await;
    for (method, path) in [
        ("POST", "/session-token".to_owned()),
        ("GET", "/connections?sync=true".to_owned()),
        ("POST", format!("/connections/{handle}/check")),
        ("DELETE", format!("/connections/{handle}")),
    ] {
        app.nango.hold(true);
        let asked = app.nango.asked();
        tokio::select! {
            reply = app.send(app.alice(method, &path), "") => panic!("{reply:?} without Nango"),
            () = app.nango.asked_more_than(asked) => {}
        }
        app.nango.hold(false);
    }
    // What a server goes on with by itself ends soon, and then somebody looks again.
    let asked = app.nango.asked();
    let looks_again = async {
        while app.nango.asked() == asked {
            let list = app.send(app.alice("GET", "/connections?sync=true"), "").await;
            assert_eq!(list.status, 200);
        }
    };
    timeout(PATIENCE, looks_again).await.unwrap_or_else(|_| panic!("nobody looks any more"));
    assert_eq!(app.send(app.alice("POST", "/session-token"), "").await.status, 200);
}

/// A delivery that was broken off was not acknowledged. Sent again, it does what it always does.
pub async fn a_cancelled_delivery_is_not_lost<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.nango.connect("c1", "alice");
    let body = told("c1");
    app.nango.hold(true);
    tokio::select! {
        reply = app.send(app.delivery(body.as_bytes()), body.clone()) => panic!("{reply:?} without Nango"),
        () = app.nango.asked_more_than(0) => {}
    }
    app.nango.hold(false);
    assert_eq!(app.send(app.delivery(body.as_bytes()), body.clone()).await.status, 200);
    assert_eq!(app.rows().await, 1);
    app.handle("alice").await;
}
