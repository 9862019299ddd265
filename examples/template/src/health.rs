//! The health endpoint, for load balancers and containers.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use nango_core::BoxError;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest wait for the database.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest wait for the endpoint.
const ENDPOINT_TIMEOUT: Duration = Duration::from_secs(4);

/// `GET /healthz`: 200 while the database answers, and 503 otherwise. Nango is not asked: the app works on without
/// it, and a restart would not bring it back.
pub(crate) async fn health(State(pool): State<PgPool>) -> (StatusCode, &'static str) {
    match timeout(DATABASE_TIMEOUT, sqlx::query("SELECT 1").execute(&pool)).await {
        Ok(Ok(_)) => (StatusCode::OK, "ok\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

/// Calls the endpoint of the app on this machine: a container image needs no HTTP client for its check.
///
/// # Errors
///
/// When the reply is not 200, or does not come within four seconds.
pub async fn call_health_endpoint(port: u16) -> Result<(), BoxError> {
    let call = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await?;
        Ok::<_, std::io::Error>(reply)
    };
    let reply = timeout(ENDPOINT_TIMEOUT, call).await.map_err(|_| "no reply in time")??;
    match reply.split(' ').nth(1) {
        Some("200") => Ok(()),
        _ => Err(format!("not healthy: {}", reply.lines().next().unwrap_or("an empty reply")).into()),
    }
}
