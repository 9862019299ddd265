//! Webhooks of providers.

use std::any::type_name;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::lenient::Lenient;
use crate::connection::ConnectionKey;

/// A forwarded webhook of a provider. The provider's own signature is not checked: Nango's covers
/// the envelope.
///
/// Where the integration has a sync that takes webhooks (`onWebhook`), the same webhook of the provider
/// also causes a [`SyncEvent`](crate::SyncEvent), before or after this event (observed on 0.71.4).
#[derive(Clone)]
#[non_exhaustive]
pub struct ForwardEvent {
    /// The connection that Nango matched it to.
    pub connection: ConnectionKey,
    /// The provider.
    pub from: String,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

crate::__debug_only!(ForwardEvent { connection });

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Fields<'a> {
    #[serde(borrow, default)]
    payload: Lenient<&'a RawValue>,
}

impl ForwardEvent {
    /// Reads the provider's part.
    ///
    /// ```
    /// use nango_client::{ForwardEvent, PayloadError};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Push {
    ///     repository: String,
    /// }
    ///
    /// fn repository(event: &ForwardEvent) -> Result<String, PayloadError> {
    ///     event.payload::<Push>().map(|push| push.repository)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`PayloadError::Missing`] when the delivery has no payload, and [`PayloadError::Shape`] when it does
    /// not have the requested shape.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        let fields: Fields<'_> = serde_json::from_slice(&self.body).unwrap_or_default();
        let payload = fields.payload.0.ok_or(PayloadError::Missing)?;
        // The parser's message can quote the payload, so that only its position is kept.
        serde_json::from_str(payload.get()).map_err(|error| PayloadError::Shape {
            expected: type_name::<T>(),
            line: error.line(),
            column: error.column(),
        })
    }
}

/// The payload of a forwarded webhook cannot be read. The texts do not quote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The delivery has no payload.
    #[error("the forwarded webhook has no payload")]
    Missing,
    /// The payload does not have the requested shape.
    #[error(
        "the payload of the forwarded webhook is not a `{expected}`: it differs at line {line}, column {column}"
    )]
    #[non_exhaustive]
    Shape {
        /// The Rust type that was requested.
        expected: &'static str,
        /// The line of the payload, from 1.
        line: usize,
        /// The column in the line, in bytes.
        column: usize,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::Delivery;
    use super::*;

    fn event(payload: &str) -> ForwardEvent {
        let text = format!(
            r#"{{"connectionId":"c","from":"github","providerConfigKey":"p","type":"forward"{payload}}}"#
        );
        let Delivery::Forward(event) = Delivery::read(&Bytes::from(text)) else { panic!() };
        event
    }

    #[test]
    fn a_payload_is_read_as_the_requested_type() {
        let push = event(r#","payload":{"id":7,"ref":"main"}"#);
        #[derive(Deserialize)]
        struct Push {
            id: u64,
        }
        assert_eq!(push.payload::<Push>().unwrap().id, 7);
        assert_eq!(push.payload::<Value>().unwrap()["ref"], "main");
        assert_eq!(event(r#","payload":"a=b""#).payload::<String>().unwrap(), "a=b");
        // One that is null is there.
        assert_eq!(event(r#","payload":null"#).payload::<Option<u64>>(), Ok(None));
        assert_eq!(event("").payload::<Option<u64>>(), Err(PayloadError::Missing));
    }

    #[test]
    fn an_error_says_where_the_payload_differs_and_does_not_quote_it() {
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Push {
            id: u64,
        }
        for payload in [r#"{"id":"c0ffee"}"#, r#"{"c0ffee":1}"#, r#""c0ffee""#, "{}"] {
            let error = event(&format!(r#","payload":{payload}"#)).payload::<Push>().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("Push") && !shown.contains("c0ffee"), "{shown}");
        }
        let error = event(",\"payload\":{\"id\":\n\"c0ffee\"}").payload::<Push>().unwrap_err();
        let expected = type_name::<Push>();
        assert_eq!(error, PayloadError::Shape { expected, line: 2, column: 8 });
    }
}
