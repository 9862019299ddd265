//! Events to test with, and short forms of calls.

use http::HeaderMap;
use nango_client::{SIGNATURE_HEADER, SigningKeys};

use crate::queue::{Claim, QueuedEvent, WorkQueue};

/// Returns a new event, with a number in its body.
#[must_use]
pub fn event(number: usize) -> QueuedEvent {
    event_with(&number.to_string())
}

/// Returns a new event, with a text in its body.
pub(super) fn event_with(text: &str) -> QueuedEvent {
    let connection = format!("c{}", text.len() % 7);
    let body = serde_json::json!({
        "connectionId": connection, "from": "github", "payload": text, "providerConfigKey": "github", "type": "forward"
    });
    signed(body.to_string().into_bytes())
}

/// Returns the event of a body, as if Nango had sent it.
pub(super) fn signed(body: Vec<u8>) -> QueuedEvent {
    let keys = SigningKeys::new(["key"]).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(SIGNATURE_HEADER, keys.sign(&body).parse().unwrap());
    QueuedEvent::of(&keys.verify(&headers, body.into()).unwrap()).unwrap()
}

/// Pushes so many new events, and returns their keys in this order.
pub async fn push_all(queue: &dyn WorkQueue, events: usize) -> Vec<String> {
    let mut keys = Vec::new();
    for number in 0..events {
        let event = event(number);
        queue.push(&event).await.unwrap();
        keys.push(event.key().to_owned());
    }
    keys
}

/// Claims what there is, in calls of at most 100.
pub async fn claim_all(queue: &dyn WorkQueue) -> Vec<Claim> {
    let mut all = Vec::new();
    loop {
        let claims = queue.claim(100).await.unwrap();
        if claims.is_empty() {
            return all;
        }
        all.extend(claims);
    }
}

/// Claims one event.
pub async fn claim_one(queue: &dyn WorkQueue) -> Claim {
    let mut claims = queue.claim(1).await.unwrap();
    assert_eq!(claims.len(), 1, "one event waits");
    claims.remove(0)
}
