//! A server with the part of Nango's API that the cases need.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A server with connections, which stops when it is dropped.
pub(super) struct StandIn {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    server: JoinHandle<()>,
}

struct State {
    connections: Mutex<Vec<Connected>>,
    /// The number of requests so far.
    asked: watch::Sender<usize>,
    /// True while replies are held back.
    holding: watch::Sender<bool>,
}

struct Connected {
    id: String,
    owner: String,
}

impl StandIn {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            connections: Mutex::default(),
            asked: watch::Sender::new(0),
            holding: watch::Sender::new(false),
        });
        let shared = Arc::clone(&state);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that hangs up does not wait for the reply.
                    let _ = answer(&state, stream).await;
                });
            }
        });
        Self { address, state, server }
    }

    /// Creates a connection of `slack` for a user, without a delivery.
    pub(super) fn connect(&self, id: &str, owner: &str) {
        self.state.connections().push(Connected { id: id.to_owned(), owner: owner.to_owned() });
    }

    /// Ends a connection without a delivery.
    pub(super) fn disconnect(&self, id: &str) {
        self.state.connections().retain(|connected| connected.id != id);
    }

    /// Counts the requests so far.
    pub(super) fn asked(&self) -> usize {
        *self.state.asked.borrow()
    }

    /// Starts or stops holding replies back.
    pub(super) fn hold(&self, hold: bool) {
        self.state.holding.send_replace(hold);
    }

    /// Waits for more than this number of requests.
    pub(super) async fn asked_more_than(&self, times: usize) {
        self.state.asked.subscribe().wait_for(|asked| *asked > times).await.unwrap();
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    fn connections(&self) -> MutexGuard<'_, Vec<Connected>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, method: &str, target: &str) -> (u16, String) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let asked_for = path.strip_prefix("/connections/");
        let mut connections = self.connections();
        match (method, path, asked_for) {
            ("POST", "/connect/sessions" | "/connect/sessions/reconnect", _) => {
                let token = r#"{"data":{"token":"session-token","expires_at":"2030-01-01T00:00:00.000Z",
                    "connect_link":"http://localhost:3009/?session_token=session-token"}}"#;
                (201, token.to_owned())
            }
            ("GET", "/connections", _) => {
                let query: HashMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
                let passes = |key, value: &str| query.get(key).is_none_or(|wanted| wanted == value);
                let wanted = |connected: &&Connected| {
                    passes("connectionId", &connected.id) && passes("tags[end_user_id]", &connected.owner)
                };
                let found: Vec<_> = connections.iter().filter(wanted).map(Connected::json).collect();
                (200, format!(r#"{{"connections":[{}]}}"#, found.join(",")))
            }
            ("DELETE", _, Some(id)) => {
                connections.retain(|connected| connected.id != id);
                (200, r#"{"success":true}"#.to_owned())
            }
            (_, _, Some(id)) => match connections.iter().find(|connected| connected.id == id) {
                Some(connected) => (200, connected.json()),
                None => (404, r#"{"error":{"code":"not_found"}}"#.to_owned()),
            },
            _ => (404, r#"{"error":{"code":"not_found"}}"#.to_owned()),
        }
    }
}

impl Connected {
    fn json(&self) -> String {
        let Self { id, owner } = self;
        format!(
            r#"{{"id":1,"connection_id":"{id}","provider_config_key":"slack","provider":"slack","errors":[],
            "end_user":null,"tags":{{"end_user_id":"{owner}","owner_kind":"user"}},"created":"2026-01-01T00:00:00Z"}}"#
        )
    }
}

async fn answer(state: &State, mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    let head = loop {
        if let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") {
            break String::from_utf8_lossy(&request[..end]).into_owned();
        }
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    };
    let header = |line: &str| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
    let length: usize = head.lines().find_map(header).unwrap_or(0);
    while request.len() < head.len() + 4 + length {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    state.asked.send_modify(|asked| *asked += 1);
    let _ = state.holding.subscribe().wait_for(|holding| !holding).await;
    let mut words = head.split_ascii_whitespace();
    let (status, body) = state.reply(words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}
