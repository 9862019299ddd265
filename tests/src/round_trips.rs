//! A proxy that counts the round trips between a program and its database server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Long enough for a server on this machine to have answered everything.
const QUIET: Duration = Duration::from_millis(50);

/// A running proxy in front of a server.
#[derive(Debug, Clone)]
pub struct RoundTrips {
    url: String,
    count: Arc<AtomicUsize>,
}

/// The round trips of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counted {
    /// Those that the call waited for.
    pub awaited: usize,
    /// Those that it has caused, also once it had returned.
    pub caused: usize,
}

impl RoundTrips {
    /// Starts one in front of the server of a URL.
    ///
    /// # Panics
    ///
    /// When the URL names no host and port.
    #[expect(clippy::unwrap_used, reason = "a test has nothing to do when it cannot start")]
    pub async fn start(server: &str) -> Self {
        let mut url = reqwest::Url::parse(server).unwrap();
        let default = if url.scheme() == "mysql" { 3306 } else { 5432 };
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(default));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let proxy = Self { url: url.into(), count: Arc::default() };
        let count = Arc::clone(&proxy.count);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&target).await.unwrap();
                serve(client, server, &count);
            }
        });
        proxy
    }

    /// Returns the URL of the server's database through this.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Counts the round trips of a call on a connection that has made it before.
    ///
    /// In a runtime of one thread no task runs between the end of the call and the count.
    pub async fn of<T>(&self, call: impl AsyncFn() -> T) -> Counted {
        for _ in 0..3 {
            call().await;
            tokio::time::sleep(QUIET).await;
        }
        let before = self.count.load(Ordering::SeqCst);
        call().await;
        let awaited = self.count.load(Ordering::SeqCst) - before;
        tokio::time::sleep(QUIET).await;
        Counted { awaited, caused: self.count.load(Ordering::SeqCst) - before }
    }
}

/// Forwards between a client and a server. A round trip begins when the client sends for the first
/// time, or after the server has sent.
fn serve(client: TcpStream, server: TcpStream, count: &Arc<AtomicUsize>) {
    let has_answered = Arc::new(AtomicBool::new(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (answered, count) = (Arc::clone(&has_answered), Arc::clone(count));
    tokio::spawn(forward(from_client, to_server, move || {
        if answered.swap(false, Ordering::SeqCst) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }));
    tokio::spawn(forward(from_server, to_client, move || has_answered.store(true, Ordering::SeqCst)));
}

async fn forward(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, before_each: impl Fn()) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        before_each();
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
