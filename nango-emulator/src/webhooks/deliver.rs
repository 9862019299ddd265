//! Sending a webhook, and sending it again (wire reference 8.1, 8.5).

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use serde_json::Value;

use super::{
    log::{Attempt, Delivery, DeliveryState},
    sign::{self, Signatures},
};
use crate::{app::App, control::faults::WebhookFault, jsonb};

/// What Nango calls itself.
const USER_AGENT: &str = "nango/0.71.4 (linux/6.18.44; node.js/22.22.2)";

const TIMEOUT: Duration = Duration::from_secs(20);

/// Waits before the second and the third attempt.
const GAPS: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(6)];

/// What goes with a body.
pub(crate) struct Outgoing {
    pub(crate) kind: &'static str,
    pub(crate) operation: Option<&'static str>,
    /// Replaces the environment's URLs.
    pub(crate) url_override: Option<String>,
    /// A provider's own headers, for forwarded webhooks.
    pub(crate) headers: Vec<(String, String)>,
}

type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hands a webhook to the background and returns: the API call that caused it does not wait.
pub(crate) fn send(app: &App, outgoing: Outgoing, body: &Value) {
    let body = Bytes::from(jsonb::sorted(body).to_string());
    let urls = match outgoing.url_override {
        Some(url) => vec![url],
        None => app.settings().webhook_urls.clone(),
    };
    if urls.is_empty() {
        return;
    }
    let fault = app.faults().take_webhook();
    let key = match fault {
        Some(WebhookFault::Forge) => app.ids.uuid(),
        _ => app.keys.signing_key_for_next(),
    };
    let signatures = sign::sign(&key, &body);
    let ids: Vec<_> = urls
        .iter()
        .map(|url| {
            app.deliveries().add(Delivery {
                id: 0,
                created_at: app.clock.now(),
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
            // One after the other: the second URL waits until the first is through.
            for (id, url) in ids.into_iter().zip(urls) {
                attempt_all(&app, id, &url, &body, &signatures, &headers).await;
            }
        })
    };
    match fault {
        Some(WebhookFault::Drop) => {
            for id in ids {
                app.deliveries().change(id, |entry| entry.state = DeliveryState::Dropped);
            }
        }
        Some(WebhookFault::Duplicate) => {
            spawn(app, job(app.clone(), Duration::ZERO));
            spawn(app, job(app.clone(), Duration::ZERO));
        }
        Some(WebhookFault::Delay(delay)) => spawn(app, job(app.clone(), delay)),
        Some(WebhookFault::Reorder { last }) => {
            let held = app.faults().hold(job(app.clone(), Duration::ZERO), last);
            spawn(
                app,
                Box::pin(async move {
                    for job in held {
                        job.await;
                    }
                }),
            );
        }
        Some(WebhookFault::Forge) | None => spawn(app, job(app.clone(), Duration::ZERO)),
    }
}

/// Work that ends with the emulator.
fn spawn(app: &App, job: Job) {
    let mut stop = app.stop.subscribe();
    app.runtime.spawn(async move {
        tokio::select! {
            () = job => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    });
}

/// 5xx and no answer are tried again, byte for byte the same; everything else is final.
async fn attempt_all(
    app: &App,
    id: u64,
    url: &str,
    body: &Bytes,
    signatures: &Signatures,
    headers: &[(String, String)],
) {
    let mut gaps = GAPS.iter();
    let state = loop {
        if app.breaker_is_open(url) {
            break DeliveryState::Dropped;
        }
        let at = app.clock.now();
        let status = post(app, url, body, signatures, headers).await;
        let success = status.is_some_and(|status| (200..300).contains(&status));
        app.note_for_breaker(url, success);
        app.deliveries().change(id, |entry| entry.attempts.push(Attempt { at, status }));
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
    app.deliveries().change(id, |entry| entry.state = state);
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
    let answer = request.body(body.clone()).send().await.ok()?;
    Some(answer.status().as_u16())
}
