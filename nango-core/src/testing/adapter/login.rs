//! Who is logged in, and what that decides.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::timeout;

use super::app::App;
use super::{Call, Mount, REJECTION};
use crate::entity::TagMapper;
use crate::nango::Builder;

/// Less than a body may stall.
const AT_ONCE: Duration = Duration::from_secs(8);

/// What the extractor says goes to the browser as it is: nothing of ours is added.
pub async fn a_rejection_is_passed_on_untouched<E: TagMapper, A: Call>(mount: impl Mount<A>) {
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

/// A body of somebody who is not logged in is not read.
pub async fn the_extractor_comes_before_the_body<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    let request = app.request("POST", "/session-token").header("transfer-encoding", "chunked");
    let reply = app.send(request, vec![b'x'; 100 * 1024]).await;
    assert_eq!((reply.status, reply.body.as_str()), (REJECTION.0, REJECTION.2));
    // This one never comes, and nobody waits for it.
    let announced = app.send(app.request("POST", "/session-token").header("content-length", 10), "");
    let reply = timeout(AT_ONCE, announced).await.unwrap_or_else(|_| panic!("the body is waited for"));
    assert_eq!((reply.status, reply.body.as_str()), (REJECTION.0, REJECTION.2));
}

/// Nango and providers' redirects come without a session.
pub async fn the_public_routes_need_no_login<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    assert_eq!(app.send(app.delivery(b"{}"), "{}").await.status, 200);
    assert_eq!(app.send(app.request("GET", "/oauth-callback"), "").await.status, 308);
}

/// Sessions are limited per owner, and as the app says.
pub async fn owners_have_limits_of_their_own<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let (a_minute, at_once) = (NonZeroU32::new(30).unwrap(), NonZeroU32::new(3).unwrap());
    let limited = |builder: Builder| builder.session_limit(a_minute, at_once);
    let app = App::<E, A>::configured(mount, "/nango", limited).await;
    for _ in 0..3 {
        assert_eq!(app.send(app.alice("POST", "/session-token"), "").await.status, 200);
    }
    let reply = app.send(app.alice("POST", "/session-token"), "").await;
    reply.is(429, "too_many_requests");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    let bob = app.request("POST", "/session-token").header("x-user", "bob");
    assert_eq!(app.send(bob, "").await.status, 200);
}
