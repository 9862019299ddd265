//! Tests that header values and bodies reach `nango-core` byte for byte.

use http::HeaderValue;
use nango_client::SIGNATURE_HEADER;

use super::app::App;
use super::{Call, FALLBACK, Mount, REJECTION};
use crate::owner::TagMapper;

/// A header value that is not UTF-8 affects only the check that reads it.
pub async fn header_values_may_be_any_bytes<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    for broken in [&b"\xff\xfe"[..], b"caf\xc3\xa9", b"caf\xe9", b"\x80"] {
        let broken = HeaderValue::from_bytes(broken).unwrap();
        let aside = app.alice("POST", "/session-token").header("x-other", &broken).header("cookie", &broken);
        assert_eq!(app.send(aside, "{}").await.status, 200);
        let origin = app.alice("POST", "/session-token").header("origin", &broken);
        app.send(origin, "{}").await.assert_error(403, "cross_origin");
        let site = app.alice("POST", "/session-token").header("sec-fetch-site", &broken);
        app.send(site, "{}").await.assert_error(403, "cross_origin");
        let signature = app.request("POST", "/webhook").header(SIGNATURE_HEADER, &broken);
        app.send(signature, "{}").await.assert_error(401, "invalid_signature");
        let kind = app.alice("POST", "/session-token").header("content-type", &broken);
        assert_eq!(app.send(kind, "{}").await.status, 200);
    }
    let user = app.request("GET", "/connections").header("x-user", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(app.send(user, "").await.status, REJECTION.0);
}

/// A delivery with two signatures is refused, even if one is right: a proxy or an attacker has
/// added the other.
pub async fn a_repeated_header_stays_repeated<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    let right = super::app::sign(b"{}");
    for other in [right.as_str(), "", "x"] {
        for (first, second) in [(right.as_str(), other), (other, right.as_str())] {
            let twice = app.request("POST", "/webhook");
            let twice = twice.header(SIGNATURE_HEADER, first).header(SIGNATURE_HEADER, second);
            app.send(twice, "{}").await.assert_error(401, "invalid_signature");
        }
    }
    let crumbs = app.delivery(b"{}").header("cookie", "a=1").header("cookie", "b=2").header("accept", "*/*");
    assert_eq!(app.send(crumbs, "{}").await.status, 200);
}

/// The content decides how a body is read.
pub async fn the_content_type_is_ignored<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    for kind in [
        "application/json",
        "application/json; charset=latin1",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "nonsense",
        "",
    ] {
        for body in ["", "{}", " \n", r#"{"integrations":["slack"]}"#] {
            let request = app.alice("POST", "/session-token").header("content-type", kind);
            assert_eq!(app.send(request, body).await.status, 200, "{kind} {body}");
        }
        let delivery = app.delivery(b"{}").header("content-type", kind);
        assert_eq!(app.send(delivery, "{}").await.status, 200, "{kind}");
    }
    let form =
        app.alice("POST", "/session-token").header("content-type", "application/x-www-form-urlencoded");
    app.send(form, "integrations=slack").await.assert_error(400, "invalid_body");
}

/// Invalid UTF-8 and NUL bytes get the reply of any other invalid body.
pub async fn bodies_that_are_not_text_are_answered<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    for body in [&b"\xff"[..], b"{\"integrations\":[\"\xc3\x28\"]}", b"\x00", b"{}\x00", b"\xef\xbb\xbf{}"] {
        app.send(app.alice("POST", "/session-token"), body).await.assert_error(400, "invalid_body");
        assert_eq!(
            app.send(app.delivery(body), body).await.status,
            200,
            "a signed body is never the sender's error"
        );
    }
}

/// A percent-encoded path is a different path on every framework.
pub async fn paths_are_matched_raw<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    for (method, path) in [
        ("GET", "/conn%65ctions"),
        ("GET", "/connections/"),
        ("GET", "/connections%2F"),
        ("GET", "//connections"),
        ("GET", "/CONNECTIONS"),
        ("GET", "/connections;x=1"),
        ("POST", "/connections/h/ch%65ck"),
        ("POST", "/connections/h/check/"),
        ("POST", "/connections/a/b/check"),
        ("DELETE", "/connections/a/b"),
        ("POST", "/%77ebhook"),
        ("GET", "/oauth%2Dcallback"),
        ("GET", "/../connections"),
        ("GET", ""),
        ("GET", "/"),
    ] {
        let reply = app.send(app.alice(method, path), "").await;
        assert_eq!((reply.status, reply.body.as_str()), FALLBACK, "{method} {path}");
    }
}

/// A webhook URL with a slash too many gets a reply of the library's, and a line in the log.
pub async fn a_misdirected_webhook_is_answered<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    for method in ["POST", "GET", "PUT"] {
        app.send(app.alice(method, "/webhook/"), "{}").await.assert_error(404, "not_found");
    }
    for path in ["/webhook//", "/x/webhook/", "/webhook/%2F"] {
        let reply = app.send(app.alice("POST", path), "").await;
        assert_eq!((reply.status, reply.body.as_str()), FALLBACK, "{path}");
    }
}

/// A handle is the raw segment of the path. A segment that cannot be a handle gets the reply of a
/// missing one.
pub async fn a_handle_is_the_last_raw_segment<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    app.connected("c1", "alice").await;
    let handle = app.handle("alice").await;
    let encoded = format!("%{:02x}{}", handle.as_bytes()[0], &handle[1..]);
    let long = "A".repeat(10_000);
    for wrong in [
        encoded.as_str(),
        "AAAAAAAAAAAAAAAAAAAAAA",
        "a%2Fb",
        "%00",
        "%ff",
        "%zz",
        "%",
        "..",
        ".",
        "%2e%2e",
        "a%20b",
        "+",
        ":",
        "c1",
        "{handle}",
        long.as_str(),
    ] {
        // A segment outside of `http::Uri` cannot be sent.
        if http::Uri::try_from(format!("/{wrong}")).is_err() {
            continue;
        }
        for (method, path) in
            [("DELETE", format!("/connections/{wrong}")), ("POST", format!("/connections/{wrong}/check"))]
        {
            let reply = app.send(app.alice(method, &path), "").await;
            reply.assert_error(404, "not_found");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {path}");
        }
    }
    let path = format!("/connections/{handle}/check?handle=other");
    assert_eq!(app.send(app.alice("POST", &path), "").await.status, 200);
    assert_eq!(app.send(app.alice("DELETE", &format!("/connections/{handle}")), "").await.status, 204);
}

/// A parameter that is dropped or encoded again is lost to the connection.
pub async fn the_callback_forwards_the_query_raw<E: TagMapper, A: Call>(mount: impl Mount<A>) {
    let app = App::<E, A>::start(mount).await;
    let target = format!("http://{}/oauth/callback", app.nango.address);
    let long = format!("?{}", "x".repeat(16 * 1024));
    for query in [
        "",
        "?",
        "?code=a%20b&state=x&state=y&z",
        "?code=a+b&x=%2F%zz&=&&",
        "?a=1?b=2",
        "?'\"<>|^`{}",
        "?%00%ff%C3%A9",
        long.as_str(),
    ] {
        let Ok(uri) = http::Uri::try_from(format!("/nango/oauth-callback{query}")) else {
            continue;
        };
        assert_eq!(
            uri.to_string(),
            format!("/nango/oauth-callback{query}"),
            "the client sends the query unchanged"
        );
        let reply = app.send(app.request("GET", &format!("/oauth-callback{query}")), "").await;
        assert_eq!((reply.status, reply.body.as_str()), (308, ""), "{query}");
        assert_eq!(reply.header("location"), Some(&*format!("{target}{query}")));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
}
