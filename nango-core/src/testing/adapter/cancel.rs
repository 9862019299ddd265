//! Clients that disconnect before the reply.

use std::time::Duration;

use tokio::time::timeout;

use super::app::{App, creation};
use super::{Call, Mount};
use crate::owner::TagMapper;

/// The time after which a server has ended cancelled requests.
const CANCELLED_WITHIN: Duration = Duration::from_secs(10);

/// A request that is cancelled during a call to Nango blocks neither its owner nor other owners.
pub async fn a_cancelled_request_blocks_no_other<E: TagMapper, A: Call>(mount: impl Mount<A>) {
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
    // A server may finish a cancelled request in the background; later requests look again.
    let asked = app.nango.asked();
    let looks_again = async {
        while app.nango.asked() == asked {
            let list = app.send(app.alice("GET", "/connections?sync=true"), "").await;
            assert_eq!(list.status, 200);
        }
    };
    timeout(CANCELLED_WITHIN, looks_again)
        .await
        .unwrap_or_else(|_| panic!("no request looks at Nango any more"));
    assert_eq!(app.send(app.alice("POST", "/session-token"), "").await.status, 200);
}

/// A cancelled delivery is not acknowledged. Its retry has the full effect.
pub async fn a_cancelled_delivery_is_not_lost<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.nango.connect("c1", "alice");
    let body = creation("c1");
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
