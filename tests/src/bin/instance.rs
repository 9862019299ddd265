//! An instance of an app, for tests that kill it: `instance POSTGRESQL_URL`, with Nango's settings
//! in the environment. With `TEST_HANDLER_MILLIS` it has a handler that takes so long.
//!
//! It prints its URL, logs to its error output, and sweeps every other second.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use nango_core::{BoxError, ConnectionChanged, Nango, WebhookHandler, async_trait};
use nango_sqlx::PostgresStore;
use nango_tests::{Organization, User};
use tokio::net::TcpListener;

const SWEEP: Duration = Duration::from_secs(2);

/// Logs when it begins and when it returns.
struct Slow(Duration);

#[async_trait]
impl WebhookHandler for Slow {
    async fn connection_changed(&self, _: &Nango, event: ConnectionChanged) -> Result<(), BoxError> {
        tracing::info!("the handler begins with {}", event.key);
        tokio::time::sleep(self.0).await;
        tracing::info!("the handler returns from {}", event.key);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args().nth(1).ok_or("usage: instance POSTGRESQL_URL")?;
    let store = PostgresStore::connect(&database).await?;
    let mut builder =
        Nango::from_env(store)?.allowed_integrations(["openai"]).entity::<User>().entity::<Organization>();
    if let Ok(millis) = std::env::var("TEST_HANDLER_MILLIS") {
        builder = builder.handler(Slow(Duration::from_millis(millis.parse()?)));
    }
    let nango = builder.build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    tracing_subscriber::fmt().with_ansi(false).with_writer(std::io::stderr).init();
    println!("ready http://{}", listener.local_addr()?);
    let _sweeper = nango.spawn_sweeper(SWEEP);
    let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
    Ok(axum::serve(listener, app).await?)
}
