//! Sockets that close: while they are idle, and just when a request meets them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use nango_client::{Cause, Client, ConnectionKey, Error, ErrorKind, HttpOptions, SessionDefaults, Tags};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::server::read;

/// The way in which a socket ends that a request meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The server has read the request, and closes without an answer.
    AfterTheRequest,
    /// The server has not read the request, which it refuses by a reset.
    BeforeTheRequest,
    /// The socket stays open.
    Never,
}

/// A server that keeps sockets open after a response.
struct KeepAlive {
    host: String,
    client: Client,
    /// The number of the socket and the first line of each request that was read.
    requests: Arc<Mutex<Vec<(usize, String)>>>,
}

impl KeepAlive {
    /// Starts a server whose first socket ends in this way when the second request meets it.
    async fn start(end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = requests.clone();
        tokio::spawn(async move {
            for socket in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let end = if socket == 0 { end } else { End::Never };
                tokio::spawn(serve(stream, socket, end, log.clone()));
            }
        });
        Self { client: Client::new(&host, "key").unwrap(), host, requests }
    }

    fn requests(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, socket: usize, end: End, log: Arc<Mutex<Vec<(usize, String)>>>) {
    for number in 0.. {
        let mut first = [0; 1];
        if !matches!(stream.peek(&mut first).await, Ok(1)) {
            return;
        }
        if number == 1 && end == End::BeforeTheRequest {
            // Closed with unread bytes, which the system answers with a reset.
            return;
        }
        let line = read(&mut stream).await.head.split(" HTTP/").next().unwrap().to_owned();
        log.lock().unwrap().push((socket, line));
        if number == 1 && end == End::AfterTheRequest {
            return;
        }
        let body = r#"{"data":[],"connections":[]}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
    }
}

fn lines(requests: &[(usize, &str)]) -> Vec<(usize, String)> {
    requests.iter().map(|(socket, line)| (*socket, (*line).to_owned())).collect()
}

async fn connect(client: &Client) -> Result<(), Error> {
    client.create_connect_session(&Tags::new(), &["slack"], &SessionDefaults::new()).await.map(drop)
}

#[tokio::test]
async fn an_idle_socket_is_closed_before_nangos_server_closes_it() {
    for (wait, socket) in [(25, 0), (31, 1)] {
        let server = KeepAlive::start(End::Never).await;
        server.client.integrations().await.unwrap();
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(wait)).await;
        tokio::time::resume();
        server.client.integrations().await.unwrap();
        let expected = [(0, "GET /integrations"), (socket, "GET /integrations")];
        assert_eq!(server.requests(), lines(&expected), "after {wait} s");
    }
}

#[tokio::test]
async fn the_time_of_idle_sockets_can_be_set() {
    let server = KeepAlive::start(End::Never).await;
    let options = HttpOptions::new().idle_timeout(Duration::from_millis(20));
    let client = Client::builder(&server.host, "key").http(options).build().unwrap();
    client.integrations().await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    client.integrations().await.unwrap();
    assert_eq!(server.requests(), lines(&[(0, "GET /integrations"), (1, "GET /integrations")]));
}

#[tokio::test]
async fn a_request_that_changes_nothing_twice_is_repeated_on_another_socket() {
    for end in [End::AfterTheRequest, End::BeforeTheRequest] {
        let slack = ConnectionKey::new("slack", "c");
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let server = KeepAlive::start(end).await;
            server.client.integrations().await.unwrap();
            let outcome = match method {
                Method::GET => server.client.integrations().await.map(drop),
                Method::PATCH => server.client.set_tags(&slack, &Tags::new()).await,
                _ => server.client.delete_connection(&slack).await,
            };
            outcome.unwrap_or_else(|error| panic!("{method} {end:?}: {error}"));
            let repeated: Vec<_> = server.requests().into_iter().skip(1).map(|(socket, _)| socket).collect();
            let expected: &[usize] = if end == End::AfterTheRequest { &[0, 1] } else { &[1] };
            assert_eq!(repeated, expected, "{method} {end:?}");
        }
    }
}

#[tokio::test]
async fn a_post_that_may_have_arrived_is_never_repeated() {
    for end in [End::AfterTheRequest, End::BeforeTheRequest] {
        for background in [false, true] {
            let server = KeepAlive::start(end).await;
            let client = if background { server.client.background() } else { server.client.clone() };
            client.integrations().await.unwrap();
            let error = connect(&client).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{end:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            let mut expected = vec![(0, "GET /integrations")];
            if end == End::AfterTheRequest {
                expected.push((0, "POST /connect/sessions"));
            }
            assert_eq!(server.requests(), lines(&expected), "{end:?}");
        }
    }
}

#[tokio::test]
async fn a_proxied_call_is_repeated_only_if_it_reads() {
    for (method, is_repeated) in [
        (Method::GET, true),
        (Method::HEAD, true),
        (Method::PUT, false),
        (Method::DELETE, false),
        (Method::POST, false),
    ] {
        let server = KeepAlive::start(End::AfterTheRequest).await;
        let proxy = server.client.proxy(&ConnectionKey::new("slack", "c"));
        let _ = proxy.get("/first").send().await.unwrap();
        let outcome = proxy.request(method.clone(), "/second").send().await;
        assert_eq!(outcome.is_ok(), is_repeated, "{method}");
        let line = format!("{method} /proxy/second");
        let mut expected = vec![(0, "GET /proxy/first"), (0, &line)];
        if is_repeated {
            expected.push((1, &line));
        }
        assert_eq!(server.requests(), lines(&expected), "{method}");
    }
}

#[tokio::test]
async fn a_socket_that_was_closed_while_idle_is_not_used() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    let server = tokio::spawn(async move {
        let mut read_requests = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_requests.push(read(&mut stream).await.head.split(' ').next().unwrap().to_owned());
            let body = r#"{"data":{"token":"t","connect_link":"http://localhost:3009/?session_token=t","expires_at":"2026-11-23T09:02:01Z"}}"#;
            let head = format!("HTTP/1.1 201 X\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all((head + body).as_bytes()).await.unwrap();
        }
        read_requests
    });
    connect(&client).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    connect(&client).await.unwrap();
    assert_eq!(server.await.unwrap(), ["POST", "POST"]);
}

#[tokio::test]
async fn a_background_post_is_repeated_while_no_connection_can_be_made() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = Client::new(&format!("http://{free}"), "key").unwrap();
    assert_eq!(connect(&client).await.unwrap_err().cause(), Some(&Cause::ConnectionRefused));
    let server = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let (mut stream, _) = TcpListener::bind(free).await.unwrap().accept().await.unwrap();
        let line = read(&mut stream).await.head;
        let body = r#"{"data":{"token":"t","connect_link":"http://localhost:3009/?session_token=t","expires_at":"2026-11-23T09:02:01Z"}}"#;
        let head = format!("HTTP/1.1 201 X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
        line
    });
    connect(&client.background()).await.unwrap();
    assert!(server.await.unwrap().starts_with("POST /connect/sessions HTTP/1.1"));
}
