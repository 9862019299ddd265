//! What a thousand callers cost that wait for the outcome of an attempt at once: memory, and calls to Nango.
//! A program of its own, since both are the process's.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "helpers of a test")]

use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nango_core::MemoryStore;
use nango_emulator::{Credentials, Emulator};
use nango_tests::{Balancer, Organization, User, nango_builder, on_axum};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const CALLERS: usize = 1_000;
const WAIT: Duration = Duration::from_secs(8);

/// A look every two seconds, the one at the beginning, and one more.
const MOST_CALLS: usize = 8 / 2 + 2;

const MIB: usize = 1024 * 1024;

/// Returns the memory that this process has at the moment, in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Asks for the outcome of an attempt as alice. A client of a few bytes, since it counts, too.
async fn ask(app: SocketAddr, attempt: &str) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(app).await.unwrap();
    let request = format!(
        "GET /nango/attempts/{attempt}?wait={} HTTP/1.1\r\nhost: app\r\nx-user: alice\r\nconnection: close\r\n\r\n",
        WAIT.as_secs()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    (reply, began.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_waiting_callers_cost_little() {
    let emulator = Emulator::builder().listen("127.0.0.1:0").start().await.unwrap();
    let counter = Balancer::start([emulator.local_url()]).await;
    let nango = nango_builder(&emulator, MemoryStore::new()).host(counter.url()).track_attempts();
    let nango = nango.entity::<User>().entity::<Organization>().build().unwrap();
    let app = on_axum(nango.clone()).await;
    let alice = User::named("alice").unwrap();
    let mut sessions = Vec::new();
    for _ in 0..CALLERS {
        let session = nango.connect_session(&alice).integrations(["openai"]).create().await.unwrap();
        sessions.push(session);
    }
    // What the first request costs is not the callers'.
    assert!(ask(app, "none").await.0.starts_with("HTTP/1.1 404"));

    let (calls, before, began) = (counter.taken().len(), resident(), Instant::now());
    let mut callers = JoinSet::new();
    for session in &sessions {
        let attempt = session.attempt.as_ref().unwrap().as_str().to_owned();
        callers.spawn(async move { ask(app, &attempt).await });
    }
    let mut peak = 0;
    while began.elapsed() < WAIT - Duration::from_secs(1) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        peak = peak.max(resident());
    }
    assert!(callers.try_join_next().is_none(), "all are still waiting");
    // One of them is connected, of which no webhook says anything.
    emulator.set_webhook_url("http://127.0.0.1:9/lost".to_owned());
    let connected = emulator.connect(sessions[7].token.expose(), "openai", Credentials::api_key("sk-1"));
    connected.await.unwrap();
    let (mut pending, mut connected) = (0, 0);
    for (reply, held) in callers.join_all().await {
        assert!(held < WAIT + Duration::from_secs(4), "a caller was held for {held:?}");
        pending += usize::from(reply.contains(r#"{"state":"pending"}"#));
        connected += usize::from(reply.contains(r#"{"state":"connected","handle":"#));
    }
    peak = peak.max(resident());
    assert_eq!((pending + connected, connected <= 1), (CALLERS, true));
    let cost = peak.saturating_sub(before);
    assert!(cost < 64 * MIB, "{CALLERS} callers take {} KiB", cost / 1024);
    let calls = counter.taken().split_off(calls);
    let looks = calls.iter().filter(|call| *call == "GET /connections").count();
    assert!((3..=MOST_CALLS).contains(&looks), "{calls:?}");
    // The one that was connected is looked at by id.
    assert!(calls.len() <= looks + 1, "{calls:?}");
    println!("{CALLERS} callers: {} KiB, {} calls to Nango", cost / 1024, calls.len());
}
