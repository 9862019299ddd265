//! Nango's deliveries.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde::Serialize;
use tokio::time::timeout;

use super::reply::{Problem, json};
use crate::nango::{Count, Nango};

/// Nango gives up after 20 s. What is not done by then is as good as lost, so it is given up earlier.
const WHOLE: Duration = Duration::from_secs(10);

#[derive(Serialize)]
struct Received {
    received: bool,
}

/// 200 for everything genuine that was handled or knowingly ignored: Nango tries again only on a 5xx, three times in ten
/// seconds, and never on a 4xx (observed on 0.71.4).
pub(super) async fn receive(nango: &Nango, request: Request<Bytes>) -> Response<Bytes> {
    let (head, body) = request.into_parts();
    let delivery = match nango.signing_keys().verify(&head.headers, body) {
        Ok(delivery) => delivery,
        Err(reason) => {
            nango.count(Count::Refused);
            tracing::warn!(%reason, "refused a webhook");
            return Problem::BadSignature.reply();
        }
    };
    match timeout(WHOLE, nango.receive(&delivery)).await {
        Ok(Ok(())) => json(StatusCode::OK, &Received { received: true }),
        Ok(Err(error)) => {
            tracing::warn!(%error, "could not handle a webhook; nango may try again");
            match Problem::from(error) {
                unavailable @ (Problem::NangoUnavailable | Problem::StoreUnavailable) => unavailable.reply(),
                // A 4xx would tell Nango never to send it again.
                _ => Problem::NangoUnavailable.reply(),
            }
        }
        Err(_) => Problem::NangoUnavailable.reply(),
    }
}
