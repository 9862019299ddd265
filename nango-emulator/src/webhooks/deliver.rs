//! Delivery of webhooks with retries (wire reference 8.1, 8.5), and their signatures (8.2).

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::jsonb;
use crate::model::{Attempt, Delivery, DeliveryState, WebhookFault};
use crate::time::system_time;

/// User agent of Nango's webhooks.
const USER_AGENT: &str = "nango/0.71.4 (linux/6.18.44; node.js/22.22.2)";

const TIMEOUT: Duration = Duration::from_secs(20);

/// Delays before the second and the third attempt.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(6)];

/// Properties of a webhook besides its body.
pub(crate) struct Outgoing {
    pub(crate) kind: &'static str,
    pub(crate) operation: Option<&'static str>,
    /// Replaces the environment's URLs.
    pub(crate) url_override: Option<String>,
    /// Provider's own headers of a forwarded webhook.
    pub(crate) headers: Vec<(String, String)>,
}

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Delivers a webhook in the background; the API call that caused it does not wait.
pub(crate) fn send(app: &App, outgoing: Outgoing, body: &Value) {
    let body = Bytes::from(jsonb::alphabetical(body).to_string());
    let urls = match outgoing.url_override {
        Some(url) => vec![url],
        None => app.settings().webhook_urls.clone(),
    };
    if urls.is_empty() {
        return;
    }
    let fault = app.faults().next_webhook_fault();
    let key = match fault {
        Some(WebhookFault::Forge) => app.ids.uuid(),
        _ => app.keys.signing_key_for_next(),
    };
    let signatures = sign(&key, &body);
    let ids: Vec<_> = urls
        .iter()
        .map(|url| {
            app.deliveries().add(Delivery {
                id: 0,
                created_at: system_time(app.clock.now()),
                kind: outgoing.kind,
                operation: outgoing.operation,
                url: url.clone(),
                body: String::from_utf8_lossy(&body).into_owned(),
                hmac_sha256: signatures.hmac.clone(),
                signature: signatures.legacy.clone(),
                state: DeliveryState::Pending,
                attempts: Vec::new(),
            })
        })
        .collect();
    let job = |app: App, delay: Duration| -> Job {
        let (ids, urls, body) = (ids.clone(), urls.clone(), body.clone());
        let (signatures, headers) = (signatures.clone(), outgoing.headers.clone());
        Box::pin(async move {
            app.clock.sleep(delay).await;
            // URLs are served in turn: the second waits until the first is done.
            for (id, url) in ids.into_iter().zip(urls) {
                deliver_with_retries(&app, id, &url, &body, &signatures, &headers).await;
            }
        })
    };
    match fault {
        Some(WebhookFault::Drop) => {
            for id in ids {
                app.deliveries().update(id, |entry| entry.state = DeliveryState::Dropped);
            }
        }
        Some(WebhookFault::Duplicate) => {
            app.spawn(job(app.clone(), Duration::ZERO));
            app.spawn(job(app.clone(), Duration::ZERO));
        }
        Some(WebhookFault::Delay(delay)) => app.spawn(job(app.clone(), delay)),
        Some(WebhookFault::Reorder { last }) => {
            let held = app.faults().hold_webhook(job(app.clone(), Duration::ZERO), last);
            app.spawn(async move {
                for job in held {
                    job.await;
                }
            });
        }
        Some(WebhookFault::Forge) | None => app.spawn(job(app.clone(), Duration::ZERO)),
    }
}

/// Retries 5xx and missing responses with the identical request. Every other status is final.
async fn deliver_with_retries(
    app: &App,
    id: u64,
    url: &str,
    body: &Bytes,
    signatures: &Signatures,
    headers: &[(String, String)],
) {
    let mut gaps = RETRY_DELAYS.iter();
    let state = loop {
        if app.breaker_is_open(url) {
            break DeliveryState::Dropped;
        }
        let at = system_time(app.clock.now());
        let status = post(app, url, body, signatures, headers).await;
        let success = status.is_some_and(|status| (200..300).contains(&status));
        app.record_for_breaker(url, success);
        app.deliveries().update(id, |entry| entry.attempts.push(Attempt { at, status }));
        tracing::debug!(delivery = id, status, "webhook attempt");
        if success {
            break DeliveryState::Delivered;
        }
        if status.is_some_and(|status| status < 500) {
            break DeliveryState::Failed;
        }
        let Some(&gap) = gaps.next() else { break DeliveryState::Failed };
        app.clock.sleep(gap).await;
    };
    app.deliveries().update(id, |entry| entry.state = state);
}

async fn post(
    app: &App,
    url: &str,
    body: &Bytes,
    signatures: &Signatures,
    headers: &[(String, String)],
) -> Option<u16> {
    let mut request = app
        .client
        .post(url)
        .timeout(TIMEOUT)
        .header("accept", "application/json, text/plain, */*")
        .header("content-type", "application/json")
        .header("x-nango-signature", &signatures.legacy)
        .header("x-nango-hmac-sha256", &signatures.hmac)
        .header("user-agent", USER_AGENT)
        .header("accept-encoding", "gzip, compress, deflate, br")
        .header("connection", "keep-alive");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.body(body.clone()).send().await.ok()?;
    Some(response.status().as_u16())
}

/// Signatures over the exact body. The key is the UUID as text.
#[derive(Clone)]
pub(crate) struct Signatures {
    /// `X-Nango-Hmac-Sha256`: HMAC-SHA256, lower-case hex.
    pub(crate) hmac: String,
    /// `X-Nango-Signature`, the older header: SHA-256 over key and body.
    pub(crate) legacy: String,
}

pub(crate) fn sign(key: &str, body: &[u8]) -> Signatures {
    // HMAC accepts keys of any length.
    let hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_or_else(
        |_| String::new(),
        |mut mac| {
            mac.update(body);
            hex::encode(mac.finalize().into_bytes())
        },
    );
    let legacy = hex::encode(Sha256::new().chain_update(key).chain_update(body).finalize());
    Signatures { hmac, legacy }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A delivery recorded from a real Nango server.
    #[test]
    fn signatures_match_a_recording() {
        let body = br#"{"authMode":"API_KEY","connectionId":"d828f3de-9824-4f46-a3e3-a7d97651cd3a","environment":"capture","from":"nango","operation":"creation","provider":"fake-apikey","providerConfigKey":"demo-apikey","success":true,"tags":{"end_user_id":"user-1","workspace":"WS-9"},"type":"auth"}"#;
        let signed = sign("5dbf086b-8331-4835-9e86-a0300af9d134", body);
        assert_eq!(signed.hmac, "eae23cb7dade57065a69004329fe4ed23788e22db11d71712a4293faa968fce0");
        assert_eq!(signed.legacy, "00c77045126831e1764fefb839dbe53a56a04d23e388e807f3d6d83a252d9f2b");
    }
}
