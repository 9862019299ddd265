//! Responses that are larger than a client reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nango_client::{Client, ConnectionKey, ErrorKind, Refresh, SessionDefaults, Tags};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::server::Server;

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
