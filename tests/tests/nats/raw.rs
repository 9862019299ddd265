//! What another client of the server does to a queue.

use nango_core::Claim;
use nango_nats::async_nats::Client;
use serde_json::{Value, json};

pub(crate) async fn api(client: &Client, call: &str, body: Value) -> Value {
    let reply = client
        .request(format!("$JS.API.{call}"), if body.is_null() { "".into() } else { body.to_string().into() })
        .await
        .unwrap();
    let reply: Value = serde_json::from_slice(&reply.payload).unwrap();
    assert!(reply["error"].is_null(), "{reply}");
    reply
}

/// The sequence of the event of a claim.
pub(crate) fn event_of(token: &str) -> u64 {
    token.split('.').nth(2).unwrap().parse().unwrap()
}

/// Writes into the record of a claim, as a worker does that ends before it has done more.
pub(crate) async fn write_state(client: &Client, prefix: &str, claim: &Claim, state: Value) {
    let mut token = claim.token.split('.');
    let (id, _) = (token.next().unwrap(), token.next());
    let record = json!({
        "event": event_of(&claim.token), "claim": id, "failures": 7, "deaths": 0, "state": state
    });
    let subject = format!("{prefix}.claims.{}", claim.key);
    client.request(subject, record.to_string().into()).await.unwrap();
}

/// Makes the consumer anew. It delivers everything again, and has delivered nothing yet.
pub(crate) async fn recreate_consumer(client: &Client, prefix: &str, configure: impl FnOnce(&mut Value)) {
    let stream = format!("{prefix}_events");
    let mut info = api(client, &format!("CONSUMER.INFO.{stream}.workers"), Value::Null).await;
    configure(&mut info["config"]);
    api(client, &format!("CONSUMER.DELETE.{stream}.workers"), Value::Null).await;
    let create = json!({ "stream_name": stream, "config": info["config"] });
    api(client, &format!("CONSUMER.DURABLE.CREATE.{stream}.workers"), create).await;
}

/// Lets the server recognise repeated messages of a stream for a moment only, instead of two minutes.
pub(crate) async fn forget_duplicates(client: &Client, prefix: &str, stream: &str) {
    let stream = format!("{prefix}_{stream}");
    let mut config = api(client, &format!("STREAM.INFO.{stream}"), Value::Null).await["config"].take();
    // In nanoseconds. A server wants a hundred milliseconds at least.
    config["duplicate_window"] = json!(100_000_000);
    api(client, &format!("STREAM.UPDATE.{stream}"), config).await;
}
