//! The content of deliveries, by type.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::action::AsyncActionEvent;
use super::auth::{AuthEvent, Fields};
use super::forward::ForwardEvent;
use super::sync::SyncEvent;
use crate::connection::ConnectionKey;

/// A genuine delivery, by type. Types and operations that newer servers add are kept as they came.
///
/// The `Debug` output has no bodies, tags and ids.
#[derive(Clone)]
#[non_exhaustive]
pub enum Delivery {
    /// Something happened to a connection.
    Auth(AuthEvent),
    /// A sync of the app has run.
    Sync(SyncEvent),
    /// A provider's own webhook, forwarded by Nango for a connection.
    Forward(ForwardEvent),
    /// An action that was started without waiting has ended.
    AsyncAction(AsyncActionEvent),
    /// None of these, or unreadable. Provider webhooks that Nango could not match to a connection
    /// come without any envelope and end up here.
    Unknown(Bytes),
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(event) => event.fmt(f),
            Self::Sync(event) => event.fmt(f),
            Self::Forward(event) => event.fmt(f),
            Self::AsyncAction(event) => event.fmt(f),
            Self::Unknown(body) => write!(f, "Unknown({} bytes)", body.len()),
        }
    }
}

/// The fields that say what a delivery is about. One of an unexpected type makes the delivery unknown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    from: String,
    connection_id: String,
    provider_config_key: String,
    // Those of an auth event, the most frequent kind, which is not read from its beginning once more.
    #[serde(borrow, default)]
    operation: Option<&'a RawValue>,
    #[serde(borrow, default)]
    success: Option<&'a RawValue>,
    #[serde(borrow, default)]
    environment: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tags: Option<&'a RawValue>,
}

impl Delivery {
    pub(crate) fn read(body: &Bytes) -> Self {
        Self::known(body).unwrap_or_else(|| Self::Unknown(body.clone()))
    }

    fn known(body: &Bytes) -> Option<Self> {
        let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
        let Envelope { operation, success, environment, error, tags, .. } = envelope;
        let fields = Fields { operation, success, environment, error, tags };
        let Envelope { r#type, from, connection_id, provider_config_key, .. } = envelope;
        let connection = ConnectionKey::new(provider_config_key, connection_id);
        match (&*r#type, from.as_str()) {
            ("auth", "nango") => AuthEvent::read(connection, &fields).map(Self::Auth),
            ("sync", "nango") => SyncEvent::read(connection, body).map(Self::Sync),
            ("async_action", "nango") => AsyncActionEvent::read(connection, body).map(Self::AsyncAction),
            ("forward", _) => Some(Self::Forward(ForwardEvent { connection, from, body: body.clone() })),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::auth::{AuthFailure, Operation};
    use super::*;

    fn read(text: &str) -> Delivery {
        Delivery::read(&Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn an_auth_event_is_read_and_its_debug_shows_neither_id_nor_tags() {
        let text = r#"{"authMode":"API_KEY","connectionId":"c0ffee","environment":"dev","from":"nango",
            "operation":"creation","provider":"openai","providerConfigKey":"openai","success":true,
            "tags":{"end_user_id":"alice"},"type":"auth","new":{"field":1}}"#;
        let Delivery::Auth(event) = read(text) else { panic!() };
        assert_eq!(event.connection, ConnectionKey::new("openai", "c0ffee"));
        assert_eq!((&event.operation, event.success), (&Operation::Creation, true));
        let shown = format!("{event:?}");
        assert!(!shown.contains("c0ffee") && !shown.contains("alice"), "{shown}");
    }

    #[test]
    fn a_failure_has_its_description_and_its_debug_has_none() {
        let failed = |error: &str| {
            let text = format!(
                r#"{{"connectionId":"c","from":"nango","operation":"refresh","providerConfigKey":"p",
                "success":false,"type":"auth","error":{error}}}"#
            );
            let Delivery::Auth(event) = read(&text) else { panic!("{text}") };
            event.failure.unwrap()
        };
        let failure = failed(r#"{"type":"refresh_token_external_error","description":"c0ffee"}"#);
        assert_eq!(failure, AuthFailure::new("refresh_token_external_error", Some("c0ffee")));
        assert!(!format!("{failure:?}").contains("c0ffee"));
        for error in ["{}", r#"{"description":null}"#, r#"{"description":{"code":1}}"#] {
            assert_eq!(failed(error).description, None, "{error}");
        }
    }

    #[test]
    fn unknown_operations_and_types_are_kept() {
        let renamed = r#"{"connectionId":"c","from":"nango","operation":"verification","providerConfigKey":"p",
            "success":true,"type":"auth"}"#;
        assert!(
            matches!(read(renamed), Delivery::Auth(event) if event.operation == Operation::Other("verification".into()))
        );
        for text in ["", "[]", "{}", r#"{"type":"auth"}"#, "\u{0}", r#"{"event":"from a provider"}"#] {
            assert!(matches!(read(text), Delivery::Unknown(raw) if raw == text), "{text}");
        }
        let forged =
            r#"{"connectionId":"c","from":"github","providerConfigKey":"p","success":true,"type":"auth"}"#;
        assert!(matches!(read(forged), Delivery::Unknown(_)), "auth events are from nango");
        assert_eq!(format!("{:?}", read("secret")), "Unknown(6 bytes)");
    }
}
