//! An app with the store: its own pool, whose tables are migrated, the routes, and the sweeper.

use std::time::Duration;

use axum::Router;
use custom_store_postgres::{Connections, User};
use nango_core::Nango;
use sqlx::PgPool;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt::init(); // the log says what is wrong with the set-up
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let nango =
        Nango::from_env(Connections::new(pool))?.allowed_integrations(["slack"]).entity::<User>().build()?;
    let sweeper = nango.spawn_sweeper(Duration::from_secs(300));
    let app: Router = Router::new().nest("/nango", nango_axum::router::<User, _>(nango));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    sweeper.stop().await;
    Ok(())
}
