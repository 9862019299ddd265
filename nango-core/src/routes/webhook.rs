//! Deliveries of Nango's webhooks.

use bytes::Bytes;
use http::{Response, StatusCode};
use nango_client::Signature;
use serde::Serialize;
use tokio::time::timeout;

use super::reply::{Problem, json};
use crate::engine::{Count, WEBHOOK_DEADLINE};
use crate::nango::Nango;

#[derive(Serialize)]
struct Received {
    received: bool,
}

/// Handles a delivery. Replies 200 to every genuine one that was handled or deliberately ignored.
///
/// Nango retries only after a 5xx, three times in ten seconds, and never after a 4xx (observed on
/// 0.71.4).
pub(super) async fn receive(nango: &Nango, signature: &Signature, body: Bytes) -> Response<Bytes> {
    let delivery = match nango.settings().signing_keys.verify_signature(signature, body) {
        Ok(delivery) => delivery,
        Err(reason) => {
            nango.engine().count(Count::Refused);
            tracing::warn!(%reason, "webhook refused; compare the webhook signing key with the environment's");
            return Problem::BadSignature.into_response();
        }
    };
    match timeout(WEBHOOK_DEADLINE, nango.receive(&delivery)).await {
        Ok(Ok(())) => json(StatusCode::OK, &Received { received: true }),
        Ok(Err(error)) => {
            tracing::warn!(%error, "webhook failed; nango may retry it");
            match Problem::from(error) {
                Problem::StoreUnavailable => Problem::StoreUnavailable.into_response(),
                // Also for what would be a 4xx, after which Nango does not retry.
                _ => Problem::NangoUnavailable.into_response(),
            }
        }
        Err(_) => Problem::NangoUnavailable.into_response(),
    }
}
