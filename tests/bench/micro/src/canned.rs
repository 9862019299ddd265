//! A Nango that answers within the process.

use bytes::Bytes;
use http::{Request, Response};
use nango_core::{ResponseBody, Transport, TransportError};

use crate::deliveries::{CONNECTION, tags};

/// Answers every request with a list of the one connection.
pub(crate) struct Canned(Bytes);

impl Canned {
    pub(crate) fn new() -> Self {
        let list = format!(
            concat!(
                r#"{{"connections":[{{"id":17,"connection_id":"{}","provider_config_key":"slack","provider":"slack","#,
                r#""errors":[],"end_user":null,"tags":{},"metadata":null,"created":"2026-11-23T09:02:01.820+00:00"}}]}}"#,
            ),
            CONNECTION,
            tags!(),
        );
        Self(list.into())
    }
}

impl Transport for Canned {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        // A rate limit that no benchmark reaches: beyond it, deliveries are not looked at.
        Response::builder()
            .header("content-type", "application/json; charset=utf-8")
            .header("x-ratelimit-limit", "4000000000")
            .header("x-ratelimit-remaining", "3999999999")
            .header("x-ratelimit-reset", "4102444800")
            .body(ResponseBody::from(self.0.clone()))
            .map_err(TransportError::new)
    }
}
