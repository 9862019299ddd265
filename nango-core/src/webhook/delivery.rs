//! What a delivery says. A hint, never the truth.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;

use crate::connection::ConnectionRef;

/// A genuine delivery, by type. Types and fields that newer servers add are kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Delivery {
    /// Something happened to a connection.
    Auth(AuthEvent),
    /// A sync of the app has run.
    Sync(SyncEvent),
    /// A provider's own webhook, passed on by Nango for a connection.
    Forward(ForwardEvent),
    /// An action that was started without waiting has ended.
    AsyncAction(AsyncActionEvent),
    /// None of these, or unreadable. Provider webhooks that Nango could not match to a connection come without any
    /// envelope and end up here.
    Unknown(Bytes),
}

/// What Nango says of a connection. It tells where to look; it is not believed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthEvent {
    /// The connection, which may not exist: a failed first attempt names one that was never made.
    pub connection: ConnectionRef,
    /// What was done.
    pub operation: Operation,
    /// Whether it worked.
    pub success: bool,
    /// The environment, by name.
    pub environment: Option<String>,
    /// Why it did not work.
    pub failure: Option<AuthFailure>,
    /// The tags it claims, only for finding out that a look is older than this event.
    pub(crate) tags: Option<BTreeMap<String, String>>,
}

/// The operations of an [`AuthEvent`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// Made, or: an attempt to make **or to reconnect** failed.
    Creation,
    /// Reconnected, or imported again.
    Override,
    /// Credentials were refreshed, or tested.
    Refresh,
    /// Deleted at Nango. Only newer servers say so.
    Deletion,
    /// One that this version does not know.
    Other(String),
}

/// Why something did not work, in Nango's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthFailure {
    /// A word such as `invalid_callback` or `refresh_token_external_error`.
    pub kind: String,
}

/// A sync has run. See Nango's documentation for the fields of `body`.
#[derive(Clone)]
#[non_exhaustive]
pub struct SyncEvent {
    /// The connection.
    pub connection: ConnectionRef,
    /// The sync.
    pub name: Option<String>,
    /// The model that it wrote.
    pub model: Option<String>,
    /// Whether it worked.
    pub success: bool,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

/// A provider's webhook, passed on. What the provider signed is not checked: Nango's signature covers the envelope.
#[derive(Clone)]
#[non_exhaustive]
pub struct ForwardEvent {
    /// The connection that Nango matched it to.
    pub connection: ConnectionRef,
    /// The provider.
    pub from: String,
    /// The whole delivery, as JSON; the provider's part is under `payload`.
    pub body: Bytes,
}

/// An action has ended.
#[derive(Clone)]
#[non_exhaustive]
pub struct AsyncActionEvent {
    /// The connection.
    pub connection: ConnectionRef,
    /// The whole delivery, as JSON.
    pub body: Bytes,
}

macro_rules! debug_without_body {
    ($($event:ident),*) => {$(
        impl fmt::Debug for $event {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($event)).field("connection", &self.connection).finish_non_exhaustive()
            }
        }
    )*};
}
debug_without_body!(SyncEvent, ForwardEvent, AsyncActionEvent);

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
}

impl Delivery {
    pub(super) fn read(body: &Bytes) -> Self {
        let unknown = || Self::Unknown(body.clone());
        let Ok(wire) = serde_json::from_slice::<Wire>(body) else {
            return unknown();
        };
        let connection = ConnectionRef::new(wire.provider_config_key, wire.connection_id);
        let body = body.clone();
        match (wire.r#type.as_str(), wire.from.as_str()) {
            ("auth", "nango") => Self::Auth(AuthEvent {
                connection,
                operation: wire.operation.map_or(Operation::Other(String::new()), Operation::named),
                success: wire.success.unwrap_or_default(),
                environment: wire.environment,
                failure: wire.error.map(|error| AuthFailure { kind: error.kind }),
                tags: wire.tags,
            }),
            ("sync", "nango") => Self::Sync(SyncEvent {
                connection,
                name: wire.sync_name,
                model: wire.model,
                success: wire.success.unwrap_or_default(),
                body,
            }),
            ("async_action", "nango") => Self::AsyncAction(AsyncActionEvent { connection, body }),
            ("forward", _) => Self::Forward(ForwardEvent { connection, from: wire.from, body }),
            _ => Self::Unknown(body),
        }
    }
}

impl Operation {
    fn named(name: String) -> Self {
        match name.as_str() {
            "creation" => Self::Creation,
            "override" => Self::Override,
            "refresh" => Self::Refresh,
            "deletion" => Self::Deletion,
            _ => Self::Other(name),
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
    fn reads_an_auth_event() {
        let text = r#"{"authMode":"API_KEY","connectionId":"c","environment":"dev","from":"nango",
            "operation":"creation","provider":"openai","providerConfigKey":"openai","success":true,
            "tags":{"end_user_id":"a"},"type":"auth","new":{"field":1}}"#;
        let Delivery::Auth(event) = read(text) else { panic!() };
        assert_eq!(event.connection, ConnectionRef::new("openai", "c"));
        assert_eq!((event.operation, event.success), (Operation::Creation, true));
    }

    #[test]
    fn what_it_does_not_know_it_keeps() {
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
    }
}
