//! Refusals, and how early they are sent.

use super::app::{App, Reply};
use super::{Call, Mount};
use crate::owner::TagMapper;
use crate::routes::{Audience, Route};
use nango_client::SIGNATURE_HEADER;

const OWNER_LIMIT: usize = 64 * 1024;

/// Returns a path of the route.
fn path(route: Route) -> String {
    route.path().replace("{handle}", "h").replace("{attempt}", "a")
}

/// A route replies 405 to every other method before login, including `HEAD` and unknown methods,
/// and names its own.
pub async fn other_methods_get_405<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    for &route in Route::ALL {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"] {
            if method == route.method().as_str() {
                continue;
            }
            let reply = app.send(app.request(method, &path(route)), "").await;
            assert_eq!(reply.status, 405, "{method} {route:?}: {reply:?}");
            assert_eq!(reply.header("allow"), Some(route.method().as_str()), "{method} {route:?}");
            let private = (route.audience() == Audience::Owner).then_some("no-store");
            assert_eq!(reply.header("cache-control"), private, "{method} {route:?}");
            if method == "HEAD" {
                assert_eq!(reply.body, "", "{route:?}");
            } else {
                reply.assert_error(405, "method_not_allowed");
            }
        }
    }
}

/// Only pages of the app's own origins may change anything or take from Nango's rate limit.
pub async fn other_origins_are_refused_before_login<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::configured(mount, "/nango", |builder| {
        builder.trusted_origins(["https://trusted.example"])
    })
    .await;
    for (method, path) in [
        ("POST", "/session-token"),
        ("POST", "/reconnect-token"),
        ("GET", "/attempts/a?wait=1"),
        ("GET", "/connections?sync=true"),
        ("POST", "/connections/h/check"),
        ("DELETE", "/connections/h"),
    ] {
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let other = app.request(method, path).header("host", "app.example").header(name, value);
            let reply = app.send(other, "").await;
            reply.assert_error(403, "cross_origin");
            assert_eq!(reply.header("cache-control"), Some("no-store"));
        }
        for (name, value) in [
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "none"),
            ("origin", "http://app.example"),
            ("origin", "https://trusted.example"),
        ] {
            let own = app.request(method, path).header("host", "app.example").header(name, value);
            let reply = app.send(own, "").await;
            assert_eq!(reply.status, super::REJECTION.0, "{name} {value} {method} {path}");
        }
    }
    let read = app.alice("GET", "/connections").header("sec-fetch-site", "cross-site");
    assert_eq!(app.send(read, "").await.status, 200, "browsers themselves protect a read");
}

/// A request that its head decides is answered before its body, which here never arrives.
pub async fn a_head_is_refused_before_the_body_arrives<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    let declared = |method, path, length: usize| {
        app.request(method, path).header("x-user", "alice").header("content-length", length)
    };
    app.send(declared("PUT", "/session-token", 10), "").await.assert_error(405, "method_not_allowed");
    app.send(declared("POST", "/session-token", OWNER_LIMIT + 1), "")
        .await
        .assert_error(413, "body_too_large");
    app.send(declared("POST", "/webhook", 10), "").await.assert_error(401, "invalid_signature");
    let signed = declared("POST", "/webhook", 2 * 1024 * 1024).header(SIGNATURE_HEADER, "a".repeat(64));
    app.send(signed, "").await.assert_error(413, "body_too_large");
    let foreign = declared("POST", "/session-token", 10).header("sec-fetch-site", "cross-site");
    app.send(foreign, "").await.assert_error(403, "cross_origin");
    let long = format!("/oauth-callback?{}", "x".repeat(16 * 1024 + 1));
    app.send(declared("GET", &long, 10), "").await.assert_error(414, "query_too_long");
    assert_eq!(app.nango.asked(), 0);
}

/// A limit is exact to the byte. The app sets that of the webhook.
pub async fn bodies_are_read_to_their_limit<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    limits::<E, A>(mount, None).await;
}

/// The limits also hold for bodies without a declared length.
pub async fn bodies_of_unknown_length_are_read_to_their_limit<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    limits::<E, A>(mount, Some("chunked")).await;
}

async fn limits<E: TagMapper, A: Call>(mount: impl Mount<A>, encoding: Option<&str>) {
    let app = App::<E, A>::configured(mount, "/nango", |builder| builder.webhook_limit(1_000)).await;
    let session = async |length: usize| -> Reply {
        let mut request = app.alice("POST", "/session-token");
        if let Some(encoding) = encoding {
            request = request.header("transfer-encoding", encoding);
        }
        app.send(request, vec![b' '; length]).await
    };
    assert_eq!(session(OWNER_LIMIT).await.status, 200);
    for length in [OWNER_LIMIT + 1, 4 * OWNER_LIMIT] {
        let reply = session(length).await;
        reply.assert_error(413, "body_too_large");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    for (length, status) in [(1_000, 200), (1_001, 413)] {
        let body = vec![b' '; length];
        let mut request = app.delivery(&body);
        if let Some(encoding) = encoding {
            request = request.header("transfer-encoding", encoding);
        }
        assert_eq!(app.send(request, body).await.status, status, "{length}");
    }
    let mut callback = app.request("GET", "/oauth-callback");
    if let Some(encoding) = encoding {
        callback = callback.header("transfer-encoding", encoding);
    }
    assert_eq!(app.send(callback, "not read").await.status, 308);
}
