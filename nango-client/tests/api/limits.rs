//! Responses that are larger than a client reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nango_client::{Client, ConnectionKey, ErrorKind, Refresh, SessionDefaults, Tags};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::server::{Server, connection};

const MIB: usize = 1024 * 1024;

/// The largest response of Nango's own API.
const OWN: usize = 32 * MIB;

/// A server whose responses do not end.
struct Endless {
    client: Client,
    sent: Arc<AtomicUsize>,
    /// Has a message for each connection that the client has closed.
    closed: mpsc::UnboundedReceiver<()>,
}

impl Endless {
    /// Starts a server whose responses have this head, and a body without end in chunks.
    async fn start(head: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
        let sent = Arc::new(AtomicUsize::new(0));
        let (closing, closed) = mpsc::unbounded_channel();
        let counter = sent.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await.unwrap();
                stream.write_all(head.as_bytes()).await.unwrap();
                let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
                while stream.write_all(chunk.as_bytes()).await.is_ok() {
                    counter.fetch_add(0x10000, Ordering::Relaxed);
                }
                closing.send(()).unwrap();
            }
        });
        Self { client, sent, closed }
    }

    /// Asserts that the connection is closed after this many bytes, and what fits between both
    /// sides.
    async fn assert_stopped_at(&mut self, limit: usize) {
        timeout(Duration::from_secs(10), self.closed.recv()).await.unwrap().unwrap();
        let sent = self.sent.swap(0, Ordering::Relaxed);
        assert!(sent < limit + 16 * MIB, "{sent} bytes were sent, of which {limit} may be read");
    }
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn slack() -> ConnectionKey {
    ConnectionKey::new("slack", "c")
}

#[tokio::test]
async fn a_body_without_end_is_read_up_to_the_limit_and_its_connection_closed() {
    let mut server = Endless::start(CHUNKED).await;
    let client = server.client.clone();
    let proxied = client.proxy(&slack()).get("/export").response_limit(MIB).send().await;
    let error = proxied.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::TooLarge, false));
    server.assert_stopped_at(MIB).await;
    let proxied = client.proxy(&slack()).get("/export").send().await;
    assert_eq!(proxied.unwrap_err().kind(), ErrorKind::TooLarge, "there is a limit by default");
    server.assert_stopped_at(OWN).await;
    let session = client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await;
    assert_eq!(session.unwrap_err().kind(), ErrorKind::TooLarge);
    server.assert_stopped_at(OWN).await;
    let found = client.background().look_up(&slack(), Refresh::WhenDue).await;
    assert_eq!(found.unwrap_err().kind(), ErrorKind::TooLarge, "the same would come again: no retry");
    server.assert_stopped_at(OWN).await;
}

#[tokio::test]
async fn a_failure_without_end_stays_what_its_status_says() {
    for (head, kind) in [
        ("HTTP/1.1 503 X\r\ntransfer-encoding: chunked\r\n\r\n", ErrorKind::Unavailable),
        ("HTTP/1.1 429 X\r\ntransfer-encoding: chunked\r\n\r\n", ErrorKind::RateLimited),
        ("HTTP/1.1 404 X\r\ntransfer-encoding: chunked\r\n\r\n", ErrorKind::TooLarge),
    ] {
        let mut server = Endless::start(head).await;
        let error = server.client.look_up(&slack(), Refresh::WhenDue).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{head}");
        server.assert_stopped_at(OWN).await;
    }
}

#[tokio::test]
async fn a_declared_length_above_the_limit_is_refused_before_the_body() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    let closed = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n").await.unwrap();
        // No body follows, so that a client which waits for one fails by its time-out.
        stream.read(&mut request).await
    });
    let proxied = client.proxy(&slack()).get("/export").response_limit(MIB).send();
    assert_eq!(proxied.await.unwrap_err().kind(), ErrorKind::TooLarge);
    let closed = timeout(Duration::from_secs(10), closed).await.unwrap().unwrap();
    assert!(matches!(closed, Ok(0) | Err(_)), "the connection is closed");
}

#[tokio::test]
async fn a_declared_length_below_the_limit_reserves_no_memory_for_a_body_that_does_not_arrive() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        // More than an address space: reserving it would end the process.
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 4611686018427387904\r\n\r\nbody";
        stream.write_all(head.as_bytes()).await.unwrap();
    });
    let proxied = client.proxy(&slack()).get("/export").response_limit(usize::MAX).send().await;
    assert_eq!(proxied.unwrap_err().kind(), ErrorKind::Unavailable, "it breaks off");
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    for (limit, expected) in [(4, true), (3, false), (0, false)] {
        let server = Server::json(200, "body").await;
        let sent = server.client.proxy(&slack()).get("/me").response_limit(limit).send().await;
        assert_eq!(sent.is_ok(), expected, "{limit}");
    }
    let server = Server::json(200, "").await;
    assert!(server.client.proxy(&slack()).get("/me").response_limit(0).send().await.is_ok());
}

#[tokio::test]
async fn the_length_of_a_reply_to_head_is_not_that_of_its_body() {
    let server = Server::start([(200, "", "x".repeat(2 * MIB))]).await;
    let request = server.client.proxy(&slack()).request(http::Method::HEAD, "/file").response_limit(MIB);
    assert!(request.send().await.unwrap().bytes().is_empty());
}

/// Starts a server with a list of these connections, of which one has metadata of more than the
/// largest response.
async fn list_with_a_large_row(count: usize, large: usize) -> (Client, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = requests.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counter.fetch_add(1, Ordering::Relaxed);
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let number = |name: &str| -> usize {
                let value = request.split_once(&format!("{name}=")).unwrap().1;
                value.split(['&', ' ']).next().unwrap().parse().unwrap()
            };
            let (limit, page) = (number("limit"), number("page"));
            let positions = (page * limit).min(count)..((page + 1) * limit).min(count);
            let rows: Vec<_> = positions.clone().map(|n| connection(&format!("c-{n}"))).collect();
            let body = format!(r#"{{"connections":[{}]}}"#, rows.join(","));
            let length = if positions.contains(&large) { OWN + 1 } else { body.len() };
            let head = format!("HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            // The client closes the connection of a response that is too large.
            let _ = stream.write_all((head + &body).as_bytes()).await;
        }
    });
    (client, requests)
}

#[tokio::test]
async fn a_page_that_is_too_large_is_requested_again_in_halves() {
    for (count, limit, page, large) in [
        (16, 8, 0, 3),
        (16, 8, 1, 15),
        (16, 8, 1, 8),
        (1_000, 125, 3, 400),
        (1_000, 997, 0, 996),
        (1_000, 7, 4, 34),
        (30, 1_000, 0, 29),
        (30, 1_000, 0, 0),
        (5, 1, 2, 2),
    ] {
        let (client, requests) = list_with_a_large_row(count, large).await;
        let found = client.connections().limit(limit).page(page).send().await.unwrap();
        let first = (page * limit) as usize;
        let expected: Vec<_> = (first..count.min(first + limit as usize))
            .filter(|n| *n != large)
            .map(|n| ConnectionKey::new("slack", format!("c-{n}")))
            .collect();
        let keys: Vec<_> = found.connections.iter().map(|found| found.key.clone()).collect();
        assert_eq!(keys, expected, "{count} {limit} {page} {large}");
        assert_eq!(found.unreadable.len(), 1);
        assert_eq!(found.unreadable[0].key, None);
        assert_eq!(found.requests as usize, requests.load(Ordering::Relaxed));
        assert!(found.requests <= 31, "three for each halving: {found:?}");
    }
}

#[tokio::test]
async fn a_walk_goes_on_after_a_row_that_is_too_large() {
    let (client, _) = list_with_a_large_row(10, 3).await;
    let mut pages = client.connections().limit(4).pages();
    let mut lengths = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        lengths.push((page.connections.len(), page.unreadable.len()));
    }
    assert_eq!(lengths, [(3, 1), (4, 0), (2, 0)]);
}
