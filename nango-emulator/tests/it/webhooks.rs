//! Delivery: retries, faults, rotation.

use std::time::Duration;

use nango_emulator::{Credentials, DeliveryState, Emulator};
use serde_json::json;

use crate::support::{Receiver, session};

async fn connect(nango: &Emulator, user: &str) {
    let token = session(nango, json!({ "tags": { "end_user_id": user } })).await;
    nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
}

/// Advances the clock until all retries have run.
async fn settle(nango: &Emulator) {
    for _ in 0..100 {
        if nango.wait_for_deliveries(Duration::from_millis(30)).await {
            return;
        }
        nango.advance(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn server_errors_are_retried_twice_and_client_errors_never() {
    for (answers, attempts, state) in [
        (vec![503, 500, 500], 3, DeliveryState::Failed),
        (vec![500, 200], 2, DeliveryState::Delivered),
        (vec![429], 1, DeliveryState::Failed),
        (vec![404], 1, DeliveryState::Failed),
        (vec![204], 1, DeliveryState::Delivered),
    ] {
        let (receiver, url) = Receiver::start(&answers).await;
        let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
        connect(&nango, "x").await;
        settle(&nango).await;
        let delivery = nango.deliveries().pop().unwrap();
        assert_eq!((delivery.attempts.len(), delivery.state), (attempts, state), "{answers:?}");
        let all = receiver.all();
        assert!(all.iter().all(|(headers, body)| {
            let signature = |headers: &http::HeaderMap| headers["x-nango-hmac-sha256"].clone();
            *body == all[0].1 && signature(headers) == signature(&all[0].0)
        }));
    }
}

#[tokio::test]
async fn unreachable_receiver_gets_three_attempts() {
    let nango = Emulator::builder().webhook_url("http://127.0.0.1:9/x").start().await.unwrap();
    connect(&nango, "x").await;
    settle(&nango).await;
    let delivery = nango.deliveries().pop().unwrap();
    assert_eq!(delivery.attempts.len(), 3);
    assert!(delivery.attempts.iter().all(|attempt| attempt.status.is_none()));
    let begun = |attempt: usize| delivery.attempts[attempt].at;
    let gap = |attempt: usize| begun(attempt + 1).duration_since(begun(attempt)).unwrap().as_secs();
    assert!(gap(0) >= 3 && gap(1) >= 6);
}

#[tokio::test]
async fn webhooks_can_be_dropped_duplicated_and_reordered() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).start().await.unwrap();
    nango.drop_next(1);
    connect(&nango, "lost").await;
    nango.duplicate_next(1);
    connect(&nango, "twice").await;
    receiver.bodies(2).await;
    nango.reorder_next(3);
    for user in ["first", "second", "third"] {
        connect(&nango, user).await;
    }
    let users: Vec<_> = receiver
        .bodies(5)
        .await
        .iter()
        .map(|body| body["tags"]["end_user_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(users, ["twice", "twice", "third", "second", "first"]);
    assert_eq!(nango.deliveries()[0].state, DeliveryState::Dropped);
}

#[tokio::test]
async fn two_urls_and_one_override() {
    let (first, first_url) = Receiver::start(&[]).await;
    let (second, second_url) = Receiver::start(&[]).await;
    let (third, third_url) = Receiver::start(&[]).await;
    let builder = Emulator::builder().webhook_url(first_url).secondary_webhook_url(second_url);
    let nango = builder.start().await.unwrap();
    connect(&nango, "a").await;
    let body = json!({ "tags": {}, "webhook_url_override": third_url });
    let token = session(&nango, body).await;
    nango.connect(&token, "openai", Credentials::api_key("k")).await.unwrap();
    third.bodies(1).await;
    second.bodies(1).await;
    assert!(nango.wait_for_deliveries(Duration::from_secs(5)).await);
    assert_eq!((first.all().len(), second.all().len(), third.all().len()), (1, 1, 1));
}

#[tokio::test]
async fn open_circuit_drops_webhooks() {
    let builder = Emulator::builder().webhook_url("http://127.0.0.1:9/x").circuit_breaker(true);
    let nango = builder.start().await.unwrap();
    for _ in 0..2 {
        connect(&nango, "x").await;
    }
    // Six failures open the circuit if they happen within ten seconds, so the clock stays.
    assert!(nango.wait_for_deliveries(Duration::from_secs(15)).await);
    connect(&nango, "y").await;
    assert!(nango.wait_for_deliveries(Duration::from_secs(5)).await);
    assert_eq!(nango.deliveries().pop().unwrap().state, DeliveryState::Dropped);
    nango.advance(Duration::from_secs(61));
    connect(&nango, "z").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(nango.deliveries().pop().unwrap().attempts.len(), 1);
}

#[tokio::test]
async fn rotation_overlaps_and_forged_signatures_match_no_key() {
    let (receiver, url) = Receiver::start(&[]).await;
    let nango = Emulator::builder().webhook_url(url).signing_key("old").start().await.unwrap();
    nango.rotate_signing_key("new", 2);
    for count in 1..=4 {
        if count == 4 {
            nango.forge_next(1);
        }
        connect(&nango, "x").await;
        receiver.bodies(count).await;
    }
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let signed_by = |key: &str, at: usize| {
        let (headers, body) = &receiver.all()[at];
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(body);
        headers["x-nango-hmac-sha256"] == hex::encode(mac.finalize().into_bytes()).as_str()
    };
    assert!(signed_by("old", 0) && signed_by("new", 1) && signed_by("new", 2));
    assert!(!signed_by("old", 3) && !signed_by("new", 3), "forged");
}
