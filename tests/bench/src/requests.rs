//! The requests of loads.

use std::net::SocketAddr;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderValue, Method, Request, header};
use http_body_util::Full;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::outcome::Outcome;
use crate::plan::{INTEGRATION, connection_id, user};

/// A request that is sent again and again.
pub(crate) type Ready = Request<Full<Bytes>>;

/// The requests, which are sent in turn and then from the first one on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Requests {
    /// A delivery of each connection.
    Deliveries(usize),
    /// The list of each user.
    Lists(usize),
    /// A session token for each user.
    Tokens(usize),
}

impl Requests {
    /// Creates all of them, for an app at an address.
    pub(crate) fn build(self, address: SocketAddr, signing_key: &str) -> Outcome<Vec<Ready>> {
        let request = |method: Method, path: &str| {
            Request::builder().method(method).uri(path).header(header::HOST, address.to_string())
        };
        let empty = Full::default;
        match self {
            Self::Deliveries(count) => (1..=count)
                .map(|n| {
                    let (body, signature) = delivery(n, signing_key)?;
                    let request = request(Method::POST, "/nango/webhook")
                        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
                        .header("x-nango-hmac-sha256", signature);
                    Ok(request.body(body.into())?)
                })
                .collect(),
            Self::Lists(users) => (1..=users)
                .map(|n| {
                    Ok(request(Method::GET, "/nango/connections").header("x-user", user(n)).body(empty())?)
                })
                .collect(),
            Self::Tokens(users) => (1..=users)
                .map(|n| {
                    Ok(request(Method::POST, "/nango/session-token")
                        .header("x-user", user(n))
                        .body(empty())?)
                })
                .collect(),
        }
    }
}

/// Returns the body of the delivery that Nango sends for the connection with a number, and its signature.
fn delivery(n: usize, key: &str) -> Outcome<(String, String)> {
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
