//! Makes the calls of `tests/sdk/same/scenario.mjs` with nango-client, for a comparison of the requests.
//!
//! `NANGO_HOST` names the recorder, `NANGO_SECRET_KEY` and `NANGO_WEBHOOK_SIGNING_KEY` the keys, and
//! `TEST_BASE_URL` a second address of the provider.

mod catalogue;
mod connections;
mod context;
mod data;
mod proxy;
mod steps;

use std::env;

use nango_client::http::{HeaderMap, HeaderName, HeaderValue};
use nango_client::{Client, ConnectionKey, SIGNATURE_HEADER, SigningKeys};

use context::Context;
use steps::{Outcome, Steps};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let host = env::var("NANGO_HOST")?;
    let elsewhere = env::var("TEST_BASE_URL")?;
    let client =
        Client::builder(&host, env::var("NANGO_SECRET_KEY")?).allow_base_urls([&elsewhere]).build()?;
    let context = Context {
        client,
        steps: Steps::new(&host),
        main: ConnectionKey::new("acme", "main"),
        slack: ConnectionKey::new("slack", "work"),
        elsewhere,
    };
    catalogue::providers(&context).await?;
    catalogue::integrations(&context).await?;
    connections::sessions(&context).await?;
    connections::reads(&context).await?;
    connections::changes(&context).await?;
    data::syncs(&context).await?;
    data::records(&context).await?;
    catalogue::functions(&context).await?;
    data::actions(&context).await?;
    proxy::calls(&context).await?;

    context.steps.begin("verifyIncomingWebhookRequest").await?;
    verify(&SigningKeys::new([env::var("NANGO_WEBHOOK_SIGNING_KEY")?])?)?;
    connections::deletion(&context).await
}

fn verify(keys: &SigningKeys) -> Outcome<()> {
    let body = br#"{"from":"nango","type":"auth"}"#;
    let name = HeaderName::from_static(SIGNATURE_HEADER);
    let headers = HeaderMap::from_iter([(name, HeaderValue::from_str(&keys.sign(body))?)]);
    keys.verify(&headers, body.to_vec().into())?;
    match keys.verify(&headers, [body.as_slice(), b" "].concat().into()) {
        Ok(_) => Err("a changed body was verified".into()),
        Err(_) => Ok(()),
    }
}
