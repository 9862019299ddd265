//! The webhook: a bell.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use nango_client::{Delivery, SigningKeys};
use tokio::sync::Notify;

use crate::args::Args;
use crate::table::{BASE, MODEL, Table};

pub struct Webhooks {
    keys: SigningKeys,
    table: Table,
    bell: Arc<Notify>,
    integration: String,
}

pub fn routes(keys: SigningKeys, table: Table, bell: Arc<Notify>, args: &Args) -> Router {
    let webhooks = Arc::new(Webhooks { keys, table, bell, integration: args.integration.clone() });
    Router::new().route("/webhook", post(receive)).with_state(webhooks)
}

/// Notes what is to be read, then answers. Nango sends again what is answered 503, three times in all.
///
/// A failed run rings, too: it keeps what it has saved. An `INITIAL` one asks for a comparison, which has to
/// be in the database before the answer, since nothing else says so.
pub async fn receive(State(webhooks): State<Arc<Webhooks>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Ok(verified) = webhooks.keys.verify(&headers, body) else { return StatusCode::UNAUTHORIZED };
    if let Delivery::Sync(event) = verified.delivery()
        && event.connection.integration() == webhooks.integration
        && event.models().any(|model| model == MODEL)
    {
        let variant = event.variant.as_deref().unwrap_or(BASE);
        if let Err(error) = webhooks.table.ask(&event.connection, variant, event.is_initial()).await {
            tracing::error!("cannot note a sync's webhook: {error}; Nango sends it again");
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        webhooks.bell.notify_one();
    }
    StatusCode::OK
}
