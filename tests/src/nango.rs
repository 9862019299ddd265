//! A handle on an emulated Nango, and what Nango sends and is sent.

use nango_core::{ConnectionStore, Nango, NangoBuilder, SigningKeys};
use nango_emulator::Emulator;
use reqwest::Method;
use serde_json::Value;

use crate::{Reply, http, send};

/// Starts to build a handle on an emulator, with the integrations of the tests and without an
/// entity.
#[expect(clippy::unwrap_used, reason = "an emulator has a signing key")]
pub fn nango_builder(emulator: &Emulator, store: impl ConnectionStore) -> NangoBuilder {
    let keys = SigningKeys::new([emulator.signing_key()]).unwrap();
    Nango::builder(emulator.secret_key(), keys, store)
        .host(emulator.local_url())
        .allowed_integrations(["slack", "openai", "freshdesk"])
}

/// Calls Nango's API with the secret key, bypassing the library.
#[expect(clippy::unwrap_used, reason = "a test has nothing to do without a reply")]
pub async fn call_nango(emulator: &Emulator, method: Method, path: &str, body: Option<&Value>) -> Reply {
    let url = format!("{}{path}", emulator.local_url());
    let mut request = http().request(method, url).bearer_auth(emulator.secret_key());
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    send(request).await.unwrap()
}

/// Signs a delivery. The library's own signer may be trusted: the emulator has another one, and
/// genuine deliveries pass in most tests.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test signs with a key")]
pub fn sign(key: &str, body: &str) -> String {
    SigningKeys::new([key]).unwrap().sign(body.as_bytes())
}
