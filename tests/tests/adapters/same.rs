//! One request to both adapters, over TCP, with one handle and one emulator behind them: one reply.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use nango_core::testing::adapter::send;
use nango_core::{MemoryStore, Nango, Owner, SigningKeys};
use nango_emulator::{Credentials, Emulator};
use nango_tests::sign;

use super::{actix, axum};

const MANY: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

/// The same routes twice.
struct Twins {
    emulator: Emulator,
    axum: SocketAddr,
    actix: SocketAddr,
    /// Handles of alice's and bob's connections.
    handles: [String; 2],
}

impl Twins {
    async fn start() -> Self {
        let emulator = Emulator::builder().start().await.unwrap();
        let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
        let nango = Nango::builder(emulator.secret_key(), keys, MemoryStore::new())
            .host(emulator.local_url())
            .allowed_integrations(["openai", "slack"])
            .trusted_origins(["https://trusted.example"])
            .session_limit(MANY, MANY)
            .sync_period(Duration::ZERO)
            .entity::<axum::User>()
            .build()
            .unwrap();
        let mut handles = Vec::new();
        for user in ["alice", "bob"] {
            let token = emulator.create_session(&[("end_user_id", user), ("owner_kind", "user")]);
            emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
            handles.push(nango.sync(&Owner::new("user", user)).await.unwrap()[0].handle());
        }
        let handles = handles.try_into().unwrap();
        let axum = axum::serve(nango.clone(), "/t/nango").await;
        let actix = actix::serve(nango, "/t/nango").await;
        Self { emulator, axum, actix, handles }
    }

    /// Sends it to both, and gives the one reply.
    async fn send(&self, request: &Request<Bytes>) -> String {
        let (one, other) = tokio::join!(send(self.axum, request.clone()), send(self.actix, request.clone()));
        let (one, other) = (text(&one), text(&other));
        assert_eq!(one, other, "axum, then actix: {request:?}");
        one
    }
}

/// The whole reply, but for the server's own headers and for what Nango draws at random.
fn text(reply: &Response<Bytes>) -> String {
    let own = |name: &str| matches!(name, "connection" | "date" | "keep-alive" | "transfer-encoding");
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

/// Which of so many comes next: always the same ones, as if at random.
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
async fn whatever_is_asked() {
    let twins = Twins::start().await;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut replies = std::collections::BTreeSet::new();
    for _ in 0..600 {
        let path = dice.roll(PATHS).replace("{alice}", &twins.handles[0]).replace("{bob}", &twins.handles[1]);
        let method =
            *dice.roll(&["GET", "GET", "POST", "POST", "POST", "DELETE", "HEAD", "PUT", "OPTIONS", "MKCOL"]);
        // A server that has a body left to read takes a second to hang up, and only then is it sure that a HEAD has none.
        let body = if method == "HEAD" { b"" } else { *dice.roll(BODIES) };
        let mut request =
            Request::builder().method(method).uri(format!("/t/nango{path}{}", dice.roll(QUERIES)));
        for _ in 0..*dice.roll(&[0, 1, 2, 4]) {
            let (name, value) = *dice.roll(HEADERS);
            let twice = request.headers_ref().is_some_and(|headers| headers.contains_key(name));
            // A message that is framed twice is refused by both servers, each with words of its own.
            if !(twice && name == "transfer-encoding") {
                request = request.header(name, HeaderValue::from_bytes(value).unwrap());
            }
        }
        if path == "/webhook" && *dice.roll(&[true, false]) {
            let signature = sign(&twins.emulator.signing_key(), &String::from_utf8_lossy(body));
            request = request.header("x-nango-hmac-sha256", signature);
        }
        // What one ends, the other does not find.
        if method == "DELETE" && path.contains(&twins.handles[1]) {
            request = request.header("x-user", "carol");
            request.headers_mut().unwrap().insert("x-user", HeaderValue::from_static("carol"));
        }
        replies.insert(twins.send(&request.body(Bytes::from_static(body)).unwrap()).await);
    }
    assert!(replies.len() > 25, "only {} different replies were seen: {replies:#?}", replies.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_ended_alike() {
    let twins = Twins::start().await;
    let end = |user: &str, handle: &str| {
        let request = Request::delete(format!("/t/nango/connections/{handle}")).header("x-user", user);
        request.body(Bytes::new()).unwrap()
    };
    let [alice, bob] = &twins.handles;
    let (one, other) =
        tokio::join!(send(twins.axum, end("alice", alice)), send(twins.actix, end("bob", bob)));
    assert_eq!(text(&one), text(&other));
    assert_eq!(one.status(), 204);
    assert!(twins.send(&end("alice", alice)).await.starts_with("404"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stalls_is_given_up_alike() {
    let twins = Twins::start().await;
    let stalled =
        Request::post("/t/nango/session-token").header("x-user", "alice").header("content-length", 10);
    let reply = twins.send(&stalled.body(Bytes::from_static(b"{")).unwrap()).await;
    assert!(reply.starts_with("408"), "{reply}");
}
