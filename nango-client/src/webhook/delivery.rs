//! The content of deliveries, by type.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::events::{AsyncActionEvent, AuthEvent, AuthFailure, ForwardEvent, Operation, SyncEvent};
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

/// All fields that any type has. A field of an unexpected type makes the whole delivery unknown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    r#type: String,
    #[serde(default)]
    from: String,
    connection_id: String,
    provider_config_key: String,
    operation: Option<String>,
    success: Option<bool>,
    environment: Option<String>,
    error: Option<WireFailure>,
    tags: Option<BTreeMap<String, String>>,
    sync_name: Option<String>,
    model: Option<String>,
}

#[derive(Deserialize)]
struct WireFailure {
    #[serde(rename = "type", default)]
    kind: String,
    /// For people. One that is not a text makes the delivery no less readable.
    #[serde(default)]
    description: Value,
}

impl Delivery {
    pub(crate) fn read(body: &Bytes) -> Self {
        let body = body.clone();
        let Ok(wire) = serde_json::from_slice::<Wire>(&body) else {
            return Self::Unknown(body);
        };
        let connection = ConnectionKey::new(wire.provider_config_key, wire.connection_id);
        let success = wire.success.unwrap_or_default();
        match (wire.r#type.as_str(), wire.from.as_str()) {
            ("auth", "nango") => Self::Auth(AuthEvent {
                connection,
                operation: Operation::named(wire.operation.unwrap_or_default()),
                success,
                environment: wire.environment,
                failure: wire.error.map(|error| AuthFailure::new(error.kind, error.description.as_str())),
                tags: wire.tags,
            }),
            ("sync", "nango") => {
                Self::Sync(SyncEvent { connection, name: wire.sync_name, model: wire.model, success, body })
            }
            ("async_action", "nango") => Self::AsyncAction(AsyncActionEvent { connection, body }),
            ("forward", _) => Self::Forward(ForwardEvent { connection, from: wire.from, body }),
            _ => Self::Unknown(body),
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn a_sync_names_what_is_to_be_read_and_an_action_its_result() {
        let sync = |fields: &str| {
            let text = format!(
                r#"{{"connectionId":"c","from":"nango","providerConfigKey":"p","success":true,"syncName":"s",
                "type":"sync",{fields}}}"#
            );
            let Delivery::Sync(event) = read(&text) else { panic!("{text}") };
            event
        };
        let event = sync(r#""model":"Ticket,Comment","syncType":"INITIAL","syncVariant":"base""#);
        assert_eq!(event.models().collect::<Vec<_>>(), ["Ticket", "Comment"]);
        assert_eq!((event.variant().as_deref(), event.is_initial()), (Some("base"), true));
        let event = sync(r#""model":"","syncType":["INITIAL"]"#);
        assert_eq!((event.models().count(), event.variant(), event.is_initial()), (0, None, false));
        let action = |payload: &str| {
            let text = format!(
                r#"{{"connectionId":"c","from":"nango","payload":{payload},"providerConfigKey":"p","type":"async_action"}}"#
            );
            let Delivery::AsyncAction(event) = read(&text) else { panic!("{text}") };
            event.action_id()
        };
        assert_eq!(action(r#"{"id":"7","statusUrl":"/action/7"}"#).as_deref(), Some("7"));
        assert_eq!((action("{}"), action("[]"), action(r#"{"id":7}"#)), (None, None, None));
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
