//! A server that records requests and sends prepared responses.

use std::sync::{Arc, Mutex};

use nango_client::Client;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The prepared response: status, additional header lines, body.
pub(crate) type Prepared = (u16, &'static str, String);

/// A request as it arrived. The head has lower-case header names.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) host: String,
    recorded: Arc<Mutex<Vec<Recorded>>>,
}

impl Server {
    /// Starts a server that sends these responses in order, each on a connection of its own.
    pub(crate) async fn start(responses: impl IntoIterator<Item = Prepared>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let (log, responses): (_, Vec<Prepared>) = (recorded.clone(), responses.into_iter().collect());
        tokio::spawn(async move {
            for (status, headers, body) in responses {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                log.lock().unwrap().push(request);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
                );
                // The client closes the connection of a response that is too large.
                let _ = stream.write_all((head + &body).as_bytes()).await;
            }
        });
        Self { client: Client::new(&host, "key").unwrap(), host, recorded }
    }

    /// Starts a server that sends one response, with JSON.
    pub(crate) async fn json(status: u16, body: &str) -> Self {
        Self::start([(status, "", body.to_owned())]).await
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.recorded.lock().unwrap().clone()
    }

    /// Returns the first line of each request, without the version.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |request: Recorded| request.head.split(" HTTP/").next().unwrap().to_owned();
        self.requests().into_iter().map(line).collect()
    }
}

/// Reads one request.
pub(crate) async fn read(stream: &mut TcpStream) -> Recorded {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8(bytes.clone()).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Recorded { head: head.to_owned(), body: body.to_owned() };
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request ends early");
    }
}

/// Returns a connection of `slack` as Nango describes it.
pub(crate) fn connection(id: &str) -> String {
    format!(
        r#"{{"id":7,"connection_id":"{id}","provider_config_key":"slack","provider":"slack","errors":[],"tags":{{}},
        "metadata":{{"a":1}},"created":"2026-11-23T09:02:01Z"}}"#
    )
}
