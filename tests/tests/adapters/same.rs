//! One request to every adapter, over TCP, with one handle and one emulator behind them, gets one
//! reply.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use nango_core::testing::adapter::send;
use nango_core::{MemoryStore, Owner};
use nango_emulator::{Credentials, Emulator};
use nango_tests::{nango_builder, sign};

use super::{actix, axum, hyper};

/// A limit that no test reaches.
const UNLIMITED: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

const USERS: [&str; 3] = ["alice", "bob", "carol"];

/// One handle behind all adapters.
struct Adapters {
    emulator: Emulator,
    /// Of Axum, Actix and Hyper.
    servers: [SocketAddr; 3],
    /// Of one connection of each user.
    handles: [String; 3],
}

impl Adapters {
    async fn start() -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let nango = nango_builder(&emulator, MemoryStore::new())
            .allowed_integrations(["openai", "slack"])
            .trusted_origins(["https://trusted.example"])
            .session_rate_limit(UNLIMITED, UNLIMITED)
            .sync_period(Duration::ZERO)
            .entity::<axum::User>()
            .build()
            .unwrap();
        let mut handles = Vec::new();
        for user in USERS {
            let token = emulator.create_session(&[("end_user_id", user), ("owner_kind", "user")]);
            emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
            handles.push(nango.sync(&Owner::new("user", user)).await.unwrap()[0].handle());
        }
        let handles = handles.try_into().unwrap();
        let servers = [
            axum::serve(nango.clone(), "/t/nango").await,
            actix::serve(nango.clone(), "/t/nango").await,
            hyper::serve(nango, "/t/nango").await,
        ];
        Self { emulator, servers, handles }
    }

    /// Sends a request to all adapters and returns their one reply.
    async fn send(&self, request: &Request<Bytes>) -> String {
        self.send_each([request.clone(), request.clone(), request.clone()]).await
    }

    /// Sends a request to each adapter and returns their one reply.
    async fn send_each(&self, requests: [Request<Bytes>; 3]) -> String {
        let described = format!("{requests:?}");
        let [for_axum, for_actix, for_hyper] = requests;
        let [axum, actix, hyper] = self.servers;
        let (axum, actix, hyper) =
            tokio::join!(send(axum, for_axum), send(actix, for_actix), send(hyper, for_hyper));
        let (axum, actix, hyper) = (text(&axum), text(&actix), text(&hyper));
        assert_eq!(axum, actix, "axum, then actix: {described}");
        assert_eq!(axum, hyper, "axum, then hyper: {described}");
        axum
    }
}

/// Returns the whole reply except the server's own headers, the one that depends on the time, and
/// Nango's random tokens.
fn text(reply: &Response<Bytes>) -> String {
    let own = |name: &str| {
        matches!(name, "connection" | "date" | "keep-alive" | "nango-sync" | "transfer-encoding")
    };
    let headers = reply.headers().iter().filter(|(name, _)| !own(name.as_str()));
    let mut headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    let mut body = String::from_utf8_lossy(reply.body()).into_owned();
    if body.starts_with(r#"{"sessionToken":""#) {
        let end = body.find(r#","expiresAt":"#).unwrap();
        body.replace_range(17..end, "...");
        body.truncate(40);
    }
    format!("{} {headers:?} {body}", reply.status())
}

/// A pseudo-random choice, equal in every run.
struct Dice(u64);

impl Dice {
    fn roll<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        &of[(self.0 % of.len() as u64) as usize]
    }
}

const PATHS: &[&str] = &[
    "/session-token",
    "/reconnect-token",
    "/connections",
    "/connections/{alice}/check",
    "/connections/{bob}/check",
    "/connections/%2e/check",
    "/connections/{bob}",
    "/connections/a%2Fb",
    "/connections/%ff%00",
    "/connections/..",
    "/webhook",
    "/oauth-callback",
    "/%77ebhook",
    "/webhook/",
    "/connections/",
    "/conn%65ctions",
    "/nope",
    "",
];

const QUERIES: &[&str] =
    &["", "", "", "?", "?sync=true", "?sync=%74rue", "?code=a%20b&&=%zz?'", "?sync=true&sync=false"];

const HEADERS: &[(&str, &[u8])] = &[
    ("x-user", b"alice"),
    ("x-user", b"alice"),
    ("x-user", b"bob"),
    ("x-user", b"\xff"),
    ("content-type", b"application/json"),
    ("content-type", b"multipart/form-data"),
    ("content-type", b"\xe9"),
    ("origin", b"null"),
    ("origin", b"https://trusted.example"),
    ("origin", b"caf\xc3\xa9"),
    ("sec-fetch-site", b"same-origin"),
    ("sec-fetch-site", b"cross-site"),
    ("x-nango-hmac-sha256", b"00"),
    ("cookie", b"a=1; b=\x80"),
    ("accept-encoding", b"gzip, br"),
    ("if-none-match", b"*"),
    ("range", b"bytes=0-1"),
    ("expect", b"nothing"),
    ("transfer-encoding", b"chunked"),
];

const BODIES: &[&[u8]] = &[
    b"",
    b"{}",
    b" \n",
    b"{",
    b"[]",
    b"\xff\xfe",
    b"{\"integrations\":[\"slack\"]}",
    b"{\"integrations\":[\"nope\"]}",
    b"{\"integrations\":[]}",
    b"{\"integration\":\"openai\"}",
    b"{\"integration\":\"slack\"}",
    b"{\"handle\":\"x\"}",
    &[b' '; 70_000],
];

#[tokio::test(flavor = "multi_thread")]
async fn random_requests_get_the_same_reply() {
    let adapters = Adapters::start().await;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut replies = std::collections::BTreeSet::new();
    for _ in 0..600 {
        let path =
            dice.roll(PATHS).replace("{alice}", &adapters.handles[0]).replace("{bob}", &adapters.handles[1]);
        let method =
            *dice.roll(&["GET", "GET", "POST", "POST", "POST", "DELETE", "HEAD", "PUT", "OPTIONS", "MKCOL"]);
        // A server with a body left to read takes a second to hang up, and only then has a HEAD
        // certainly no body.
        let body = if method == "HEAD" { b"" } else { *dice.roll(BODIES) };
        let mut request =
            Request::builder().method(method).uri(format!("/t/nango{path}{}", dice.roll(QUERIES)));
        for _ in 0..*dice.roll(&[0, 1, 2, 4]) {
            let (name, value) = *dice.roll(HEADERS);
            let twice = request.headers_ref().is_some_and(|headers| headers.contains_key(name));
            // Each server refuses a message that is framed twice with a text of its own.
            if !(twice && name == "transfer-encoding") {
                request = request.header(name, HeaderValue::from_bytes(value).unwrap());
            }
        }
        if path == "/webhook" && *dice.roll(&[true, false]) {
            let signature = sign(&adapters.emulator.signing_key(), &String::from_utf8_lossy(body));
            request = request.header("x-nango-hmac-sha256", signature);
        }
        // A connection that one adapter ends is missing for the others.
        if method == "DELETE" && path.contains(&adapters.handles[1]) {
            request = request.header("x-user", "dave");
            request.headers_mut().unwrap().insert("x-user", HeaderValue::from_static("dave"));
        }
        replies.insert(adapters.send(&request.body(Bytes::from_static(body)).unwrap()).await);
    }
    assert!(replies.len() > 25, "only {} different replies were seen: {replies:#?}", replies.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disconnect_gets_the_same_reply() {
    let adapters = Adapters::start().await;
    let end = |user: &str, handle: &str| {
        let request = Request::delete(format!("/t/nango/connections/{handle}")).header("x-user", user);
        request.body(Bytes::new()).unwrap()
    };
    let requests = std::array::from_fn(|index| end(USERS[index], &adapters.handles[index]));
    assert!(adapters.send_each(requests).await.starts_with("204"));
    assert!(adapters.send(&end("alice", &adapters.handles[0])).await.starts_with("404"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_body_gets_the_same_reply() {
    let adapters = Adapters::start().await;
    let stalled =
        Request::post("/t/nango/session-token").header("x-user", "alice").header("content-length", 10);
    let reply = adapters.send(&stalled.body(Bytes::from_static(b"{")).unwrap()).await;
    assert!(reply.starts_with("408"), "{reply}");
}
