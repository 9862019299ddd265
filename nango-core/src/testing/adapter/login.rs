//! Logins, and what depends on them.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::timeout;

use super::app::{App, creation};
use super::{Call, Mount, REJECTION};
use crate::builder::NangoBuilder;
use crate::owner::TagMapper;

/// Less than the time after which a body has stalled.
const BEFORE_STALL: Duration = Duration::from_secs(8);

/// The extractor's rejection is the reply, without a change.
pub async fn a_rejection_is_forwarded_unchanged<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    let (status, (name, value), body) = REJECTION;
    for (method, path) in [
        ("POST", "/session-token"),
        ("POST", "/reconnect-token"),
        ("GET", "/connections"),
        ("GET", "/connections?sync=true"),
        ("POST", "/connections/h/check"),
        ("DELETE", "/connections/h"),
    ] {
        let reply = app.send(app.request(method, path), "").await;
        assert_eq!((reply.status, reply.body.as_str()), (status, body), "{method} {path}");
        assert_eq!(reply.header(name), Some(value), "{method} {path}");
        assert_eq!(reply.header("cache-control"), None, "{method} {path}");
    }
    assert_eq!(app.nango.asked(), 0);
}

/// A body without a login is not read.
pub async fn the_extractor_runs_before_the_body_is_read<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    let request = app.request("POST", "/session-token").header("transfer-encoding", "chunked");
    let reply = app.send(request, vec![b'x'; 100 * 1024]).await;
    assert_eq!((reply.status, reply.body.as_str()), (REJECTION.0, REJECTION.2));
    // A body that never arrives.
    let declared = app.send(app.request("POST", "/session-token").header("content-length", 10), "");
    let reply =
        timeout(BEFORE_STALL, declared).await.unwrap_or_else(|_| panic!("the reply waits for the body"));
    assert_eq!((reply.status, reply.body.as_str()), (REJECTION.0, REJECTION.2));
}

/// Deliveries of Nango and redirects of providers have no session.
pub async fn the_public_routes_need_no_login<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    assert_eq!(app.send(app.delivery(b"{}"), "{}").await.status, 200);
    assert_eq!(app.send(app.request("GET", "/oauth-callback"), "").await.status, 308);
}

/// The rate limit of sessions is the app's, and each owner has one.
pub async fn rate_limits_are_per_owner<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let (per_minute, burst) = (NonZeroU32::new(30).unwrap(), NonZeroU32::new(3).unwrap());
    let limited = |builder: NangoBuilder| builder.session_rate_limit(per_minute, burst);
    let app = App::<E, A>::configured(mount, "/nango", limited).await;
    for _ in 0..3 {
        assert_eq!(app.send(app.alice("POST", "/session-token"), "").await.status, 200);
    }
    let reply = app.send(app.alice("POST", "/session-token"), "").await;
    reply.assert_error(429, "too_many_requests");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    let bob = app.request("POST", "/session-token").header("x-user", "bob");
    assert_eq!(app.send(bob, "").await.status, 200);
}

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
