//! The loop of the web server.
//!
//! `axum::serve` sets no time-out for the head of a request, and offers no way to set one: a client
//! that sends half a head, or nothing, would hold its connection and its file descriptor for ever.
//! So this is hyper's own loop, with a time-out.

use std::io::ErrorKind;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

/// The longest wait for the head of a request. A connection without requests ends after it, too.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause after an error of `accept`, such as too many open files: the next call would fail at
/// once.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Serves until `stop` completes, then lets open requests end.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    // Without a timer hyper ignores the time-out.
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let graceful = GracefulShutdown::new();
    let accept = async {
        loop {
            let stream = accept(&listener).await;
            // Sends small replies at once; without it they are only slower.
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(app.clone());
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                // A client that hangs up, or that is too slow, is no error of the app's.
                let _ = connection.await;
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // The client has hung up already.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::error!("cannot accept connections: {error}; trying again");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
