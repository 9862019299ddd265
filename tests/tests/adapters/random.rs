//! Random requests, malformed in most ways that there are, to both adapters.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nango_core::{MemoryStore, NangoBuilder};
use nango_emulator::Credentials;
use nango_tests::App;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::axum;
use super::raw::{on_actix, on_axum};

/// Words of which requests are made: right ones, nearly right ones, and wrong ones.
const METHODS: &[&str] = &["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "CONNECT", "get", "G\tT", ""];
const PATHS: &[&str] = &[
    "/nango/webhook",
    "/nango/session-token",
    "/nango/reconnect-token",
    "/nango/connections",
    "/nango/connections?sync=true",
    "/nango/connections/h",
    "/nango/connections/h/check",
    "/nango/oauth-callback?code=a&state=b",
    "/nango/webhook/",
    "/nango/%77ebhook",
    "/nango//connections",
    "/nango/../nango/webhook",
    "/nango/connections/%2e%2e/check",
    "/own",
    "*",
    "http://x/nango/webhook",
    "/%",
    "/\0",
];
const HEADERS: &[&str] = &[
    "x-user: alice",
    "x-user: bob",
    "x-user: ",
    "x-user: \u{ff}",
    "host: app",
    "host: app\r\nhost: other",
    "content-length: 5",
    "content-length: 0",
    "content-length: -1",
    "content-length: 99999999999999999999",
    "content-length: 5\r\ncontent-length: 6",
    "transfer-encoding: chunked",
    "transfer-encoding: gzip, chunked",
    "content-type: application/json",
    "origin: null",
    "origin: https://evil.example",
    "sec-fetch-site: cross-site",
    "sec-fetch-site: same-origin",
    "x-nango-hmac-sha256: aa",
    "connection: close",
    "expect: 100-continue",
    ": x",
    "a b: c",
    "x-nango-hmac-sha256: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];
const BODIES: &[&str] = &[
    "",
    "{}",
    "hello",
    "{\"integrations\":[\"slack\"]}",
    "5\r\nhello\r\n0\r\n\r\n",
    "ffffffff\r\n",
    "\u{0}",
];

fn request(random: &mut StdRng) -> Vec<u8> {
    let pick = |random: &mut StdRng, words: &[&'static str]| *words.choose(random).unwrap();
    let mut bytes = format!("{} {} HTTP/1.1\r\n", pick(random, METHODS), pick(random, PATHS)).into_bytes();
    for _ in 0..random.random_range(0..7) {
        bytes.extend_from_slice(format!("{}\r\n", pick(random, HEADERS)).as_bytes());
    }
    bytes.extend_from_slice(format!("\r\n{}", pick(random, BODIES)).as_bytes());
    for _ in 0..random.random_range(0..3) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..3) {
            0 => bytes[at] = random.random(),
            1 => drop(bytes.remove(at)),
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

/// Sends bytes and hangs up, after the reply or soon. Returns the status of the first reply.
async fn send(server: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut reply = Vec::new();
    let _ = timeout(Duration::from_secs(1), stream.read_to_end(&mut reply)).await;
    if reply.is_empty() {
        return None;
    }
    let status = String::from_utf8_lossy(reply.get(9..12).unwrap_or_default()).parse();
    Some(status.unwrap_or_else(|_| panic!("no reply of HTTP: {:?}", String::from_utf8_lossy(&reply))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_requests_get_a_refusal_and_change_nothing() {
    let seconds =
        std::env::var("NANGO_TEST_RANDOM_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let entity = |builder: NangoBuilder| builder.entity::<axum::User>();
    let apps = [
        App::served_by(on_axum, MemoryStore::new(), entity).await,
        App::served_by(on_actix, MemoryStore::new(), entity).await,
    ];
    for app in &apps {
        let token = app.emulator.create_session(&[("end_user_id", "carol"), ("owner_kind", "user")]);
        app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
        app.settled().await;
    }
    let (until, mut sent) = (Instant::now() + Duration::from_secs(seconds), [0_usize; 2]);
    while Instant::now() < until {
        for (app, sent) in apps.iter().zip(&mut sent) {
            let server = app.url.trim_start_matches("http://").parse().unwrap();
            let requests: Vec<_> = (0..32).map(|_| request(&mut random)).collect();
            let statuses =
                futures_util::future::join_all(requests.iter().map(|bytes| send(server, bytes))).await;
            for (status, bytes) in statuses.into_iter().zip(&requests) {
                let fits = status.is_none_or(|status| {
                    (200..500).contains(&status) || matches!(status, 100 | 501 | 503 | 505)
                });
                assert!(fits, "{status:?} to {:?}, seed {seed}", String::from_utf8_lossy(bytes));
            }
            *sent += requests.len();
        }
    }
    println!("{sent:?} random requests on Axum and Actix, seed {seed}");
    for app in &apps {
        let rows = app.store.page(None, 10).await.unwrap();
        assert_eq!(rows.len(), 1, "seed {seed}");
        assert!(!rows[0].removed && rows[0].announced, "seed {seed}");
        assert_eq!(app.browser("carol").connections("/nango").await.len(), 1, "seed {seed}");
    }
}
