//! Reasons for failed runs of syncs.

use serde::Deserialize as _;
use serde_json::{Map, Value};

use crate::client::ProviderReply;
use crate::client::reply::Reply;

/// The reason for a failed run of a sync. [`SyncEvent::failure`](crate::SyncEvent::failure) reads it.
///
/// `Debug` does not show the texts: they are the sync's and the provider's, and may contain anything.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SyncFailure {
    /// Nango's word for the failure: `script_error`, whatever the cause (observed on 0.71.4).
    pub kind: Option<String>,
    /// The description, in Nango's words. It tells the causes apart for people only.
    pub description: Option<String>,
    /// The cause.
    pub cause: SyncFailureCause,
}

crate::__debug_only!(SyncFailure { cause });

/// The cause of a [`SyncFailure`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum SyncFailureCause {
    /// An HTTP call of the sync has failed.
    #[non_exhaustive]
    Http {
        /// The provider's reply. Nango passes on few of its headers.
        reply: Box<ProviderReply>,
        /// The payload of the failure, which repeats the body of the reply (observed on 0.71.4).
        payload: Option<Value>,
    },
    /// A text of Nango's: the run has timed out, for example.
    Text(String),
    /// The sync has thrown an error.
    Thrown(Box<ThrownError>),
    /// A payload of another type, or none: a failed run for a webhook of the provider has none (observed on
    /// 0.71.4).
    Other(Option<Value>),
}

/// Shows the cause without the contents.
impl std::fmt::Debug for SyncFailureCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http { reply, .. } => f.debug_struct("Http").field("reply", reply).finish_non_exhaustive(),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Thrown(_) => f.write_str("Thrown"),
            Self::Other(_) => f.write_str("Other"),
        }
    }
}

/// An error that the code of a sync has thrown. A field of another type than a text is in `extra`.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ThrownError {
    /// The name of the error's class in JavaScript, such as `Error` or `TypeError`.
    pub name: Option<String>,
    /// The message.
    pub message: Option<String>,
    /// The code, such as `ECONNREFUSED`.
    pub code: Option<String>,
    /// The lines of the stack trace; none where they are not texts.
    pub stacktrace: Vec<String>,
    /// Fields that this version does not know.
    pub extra: Map<String, Value>,
}

crate::__debug_only!(ThrownError {});

impl SyncFailure {
    /// Reads an error of any type. `null` is none.
    pub(super) fn read(error: Value) -> Option<Self> {
        let mut fields = match error {
            Value::Null => return None,
            Value::Object(fields) => fields,
            other => {
                let cause = SyncFailureCause::read(Some(other), None);
                return Some(Self { kind: None, description: None, cause });
            }
        };
        let upstream = fields.get("additional_properties").and_then(|more| more.get("upstream_response"));
        let reply = upstream.and_then(|upstream| Reply::<ProviderReply>::deserialize(upstream).ok());
        let payload = fields.remove("payload");
        Some(Self {
            kind: take_text(&mut fields, "type"),
            description: take_text(&mut fields, "description"),
            cause: SyncFailureCause::read(payload, reply.map(|Reply(reply)| reply)),
        })
    }
}

impl SyncFailureCause {
    fn read(payload: Option<Value>, reply: Option<ProviderReply>) -> Self {
        match (reply, payload) {
            (Some(reply), payload) => Self::Http { reply: Box::new(reply), payload },
            (None, Some(Value::String(text))) => Self::Text(text),
            (None, Some(Value::Object(fields))) => Self::Thrown(Box::new(ThrownError::read(fields))),
            (None, payload) => Self::Other(payload),
        }
    }
}

impl ThrownError {
    fn read(mut fields: Map<String, Value>) -> Self {
        Self {
            name: take_text(&mut fields, "name"),
            message: take_text(&mut fields, "message"),
            code: take_text(&mut fields, "code"),
            stacktrace: take_texts(&mut fields, "stacktrace"),
            extra: fields,
        }
    }
}

/// Takes a field out, if it is a text.
fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    let text = fields.get(name)?.as_str()?.to_owned();
    fields.remove(name);
    Some(text)
}

/// Takes a field out, if it is a list of texts.
fn take_texts(fields: &mut Map<String, Value>, name: &str) -> Vec<String> {
    let texts = fields.get(name).and_then(|found| Vec::<String>::deserialize(found).ok());
    texts.inspect(|_| _ = fields.remove(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cause(error: Value) -> SyncFailureCause {
        SyncFailure::read(error).unwrap().cause
    }

    fn thrown(payload: &Value) -> ThrownError {
        let SyncFailureCause::Thrown(error) = cause(json!({ "payload": payload })) else { panic!() };
        *error
    }

    #[test]
    fn an_http_failure_has_the_providers_reply() {
        let reply = |upstream: Value| {
            let more = json!({ "upstream_response": upstream });
            cause(json!({"additional_properties": more, "payload": {"message": "slow down"}}))
        };
        let upstream = json!({"body": "text", "headers": {"content-type": "text/plain"}, "status": 429});
        let SyncFailureCause::Http { reply: found, payload } = reply(upstream) else { panic!() };
        assert_eq!((found.status, found.body, found.headers.len()), (429, Some("text".into()), 1));
        assert_eq!(payload, Some(json!({"message": "slow down"})));
        // Without a reply that can be read, the payload is what is left.
        for upstream in [json!(null), json!("429"), json!({"status": "429"})] {
            assert!(matches!(reply(upstream), SyncFailureCause::Thrown(_)));
        }
    }

    #[test]
    fn a_thrown_error_keeps_the_fields_of_another_type() {
        let error = thrown(&json!({"code": "ENOENT", "message": "m", "name": "E", "stacktrace": ["a", "b"]}));
        assert_eq!((error.name.as_deref(), error.message.as_deref()), (Some("E"), Some("m")));
        assert_eq!(
            (error.code.as_deref(), error.stacktrace.as_slice()),
            (Some("ENOENT"), &["a", "b"].map(str::to_owned)[..])
        );
        assert!(error.extra.is_empty());
        let odd = json!({"code": 7, "message": {"a": 1}, "more": true, "name": null, "stacktrace": ["a", 1]});
        let error = thrown(&odd);
        assert_eq!((error.name, error.message, error.code, error.stacktrace.len()), (None, None, None, 0));
        assert_eq!(Value::Object(error.extra), odd);
    }

    #[test]
    fn every_other_error_is_kept() {
        assert_eq!(SyncFailure::read(Value::Null), None);
        assert_eq!(cause(json!({"payload": "timed out"})), SyncFailureCause::Text("timed out".to_owned()));
        assert_eq!(cause(json!({"payload": null})), SyncFailureCause::Other(Some(Value::Null)));
        assert_eq!(cause(json!({})), SyncFailureCause::Other(None));
        assert_eq!(cause(json!("aborted")), SyncFailureCause::Text("aborted".to_owned()));
        assert_eq!(cause(json!([1])), SyncFailureCause::Other(Some(json!([1]))));
        let odd = SyncFailure::read(json!({"description": 1, "type": "script_error"})).unwrap();
        assert_eq!((odd.description, odd.kind.as_deref()), (None, Some("script_error")));
    }

    #[test]
    fn debug_shows_no_content() {
        let secret = "c0ffee";
        let upstream =
            json!({"upstream_response": {"body": secret, "headers": {secret: secret}, "status": 500}});
        for error in [
            json!({"additional_properties": upstream, "description": secret, "payload": secret, "type": secret}),
            json!({"description": secret, "payload": secret}),
            json!({"payload": {"code": secret, "message": secret, "name": secret, secret: secret}}),
            json!({"payload": [secret]}),
        ] {
            let failure = SyncFailure::read(error).unwrap();
            let mut shown = format!("{failure:?}");
            if let SyncFailureCause::Thrown(error) = failure.cause {
                shown += &format!("{error:?}");
            }
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
