//! Requests that no HTTP client sends, byte by byte, to both adapters.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use nango_core::{MemoryStore, Nango, NangoBuilder};
use nango_emulator::Credentials;
use nango_tests::App;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{actix, axum};

/// The bodies that are held back at once.
const HELD: usize = 300;

/// The memory that they may take: 32 MiB for the bodies, and what the servers, and tests beside this
/// one, need. All that is sent would be 257 MiB.
const MOST: usize = 210 * 1024 * 1024;

/// The bodies of a flood: 33 a second, so that each has about a second until it gives way.
const FLOOD: usize = 150;

static PART: [u8; 900_000] = [b'x'; 900_000];

pub(crate) async fn on_axum(nango: Nango) -> SocketAddr {
    axum::serve(nango, "/nango").await
}

pub(crate) async fn on_actix(nango: Nango) -> SocketAddr {
    actix::serve(nango, "/nango").await
}

/// Returns the resident memory of this process, in bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

fn head(length: usize) -> String {
    signed_head(&"a".repeat(64), length)
}

fn signed_head(signature: &str, length: usize) -> String {
    format!(
        "POST /nango/webhook HTTP/1.1\r\nhost: app\r\nconnection: close\r\nx-nango-hmac-sha256: {signature}\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// Sends bytes, waits until the server hangs up, and returns its reply.
async fn exchange(server: SocketAddr, parts: Vec<Bytes>, pause: Duration) -> String {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let (mut reply, mut parts) = (Vec::new(), parts.into_iter());
    loop {
        let next = async {
            tokio::time::sleep(pause).await;
            parts.next()
        };
        tokio::select! {
            read = stream.read_buf(&mut reply) => match read {
                Ok(1..) if !reply.ends_with(b"}}") => {}
                _ => break,
            },
            Some(part) = next => if stream.write_all(&part).await.is_err() { break },
        }
    }
    String::from_utf8_lossy(&reply).into_owned()
}

/// Holds many bodies of strangers back, half sent, and delivers a genuine one meanwhile.
async fn hold_bodies(app: App) {
    let token = app.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    let genuine = app.emulator.deliveries()[0].clone();
    let server = app.url.trim_start_matches("http://").parse().unwrap();
    let before = resident();
    let mut held = JoinSet::new();
    for _ in 0..HELD {
        let parts = vec![Bytes::from(head(1_000_000)), Bytes::from_static(&PART)];
        held.spawn(
            async move { timeout(Duration::from_secs(30), exchange(server, parts, Duration::ZERO)).await },
        );
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let taken = resident().saturating_sub(before);
    println!("{HELD} held bodies take {} MiB", taken / 1024 / 1024);

    let began = Instant::now();
    let reply = app.stranger().deliver(&genuine.body, &genuine.hmac_sha256).await;
    let took = began.elapsed();
    println!("a genuine delivery meanwhile: {took:?}");
    assert_eq!(reply.status, 200);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(taken < MOST, "{taken} bytes");
    while let Some(ended) = held.join_next().await {
        let Ok(reply) = ended.unwrap() else { panic!("a held body was not ended in time") };
        assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 408"), "{reply}");
    }
}

/// Floods the app with large bodies that lack their end, each quick, and delivers genuine ones in
/// pieces meanwhile.
async fn flood(app: App) {
    let token = app.emulator.create_session(&[("end_user_id", "alice"), ("owner_kind", "user")]);
    app.emulator.connect(&token, "openai", Credentials::api_key("sk-test")).await.unwrap();
    app.settled().await;
    let genuine = app.emulator.deliveries()[0].clone();
    let server: SocketAddr = app.url.trim_start_matches("http://").parse().unwrap();
    let flood = async {
        let mut held = Vec::new();
        for _ in 0..FLOOD {
            let mut stream = TcpStream::connect(server).await.unwrap();
            stream.write_all(head(PART.len() + 100).as_bytes()).await.unwrap();
            let _ = stream.write_all(&PART).await;
            held.push(stream);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    let deliver = async {
        // The memory is full by then.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        for _ in 0..3 {
            let (signature, body) = (&genuine.hmac_sha256, genuine.body.as_bytes());
            let head = Bytes::from(signed_head(signature, body.len()));
            let pieces = body.chunks(body.len().div_ceil(4)).map(Bytes::copy_from_slice);
            let parts = std::iter::once(head).chain(pieces).collect();
            let reply =
                timeout(Duration::from_secs(5), exchange(server, parts, Duration::from_millis(150))).await;
            let reply = reply.unwrap();
            assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
        }
    };
    tokio::join!(flood, deliver);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_large_bodies_ends_no_delivery_in_pieces_on_both() {
    let entity = |builder: NangoBuilder| builder.entity::<axum::User>();
    flood(App::served_by(on_axum, MemoryStore::new(), entity).await).await;
    flood(App::served_by(on_actix, MemoryStore::new(), entity).await).await;
}

/// One after the other, since each measures the memory of the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn held_bodies_take_bounded_memory_on_both() {
    let entity = |builder: NangoBuilder| builder.entity::<axum::User>();
    hold_bodies(App::served_by(on_axum, MemoryStore::new(), entity).await).await;
    hold_bodies(App::served_by(on_actix, MemoryStore::new(), entity).await).await;
}

/// Sends a body byte by byte, and returns the reply and the time until the server hangs up.
async fn trickle(app: &App) -> (String, Duration) {
    let server = app.url.trim_start_matches("http://").parse().unwrap();
    let bytes = std::iter::once(Bytes::from(head(1_000))).chain((0..1_000).map(|_| Bytes::from_static(b"x")));
    let began = Instant::now();
    (exchange(server, bytes.collect(), Duration::from_millis(500)).await, began.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_body_that_trickles_is_ended_on_both() {
    let entity = |builder: NangoBuilder| builder.entity::<axum::User>();
    let one = App::served_by(on_axum, MemoryStore::new(), entity).await;
    let other = App::served_by(on_actix, MemoryStore::new(), entity).await;
    for (reply, took) in <[_; 2]>::from(tokio::join!(trickle(&one), trickle(&other))) {
        assert!(reply.starts_with("HTTP/1.1 408"), "{reply}");
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}
