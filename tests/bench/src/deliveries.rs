//! Signed deliveries.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::outcome::Outcome;
use crate::plan::{INTEGRATION, connection_id, user};

/// Returns the body of the delivery that Nango sends for the connection with a number, and its signature.
pub(crate) fn delivery(n: usize, key: &str) -> Outcome<(String, String)> {
    let body = json!({
        "authMode": "API_KEY",
        "connectionId": connection_id(n),
        "environment": "dev",
        "from": "nango",
        "operation": "creation",
        "provider": INTEGRATION,
        "providerConfigKey": INTEGRATION,
        "success": true,
        "tags": { "end_user_id": user(n), "owner_kind": "user" },
        "type": "auth",
    })
    .to_string();
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?.chain_update(&body);
    Ok((body, hex::encode(mac.finalize().into_bytes())))
}
