//! Signed deliveries, with the fields and the sizes that Nango 0.71.4 sends.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use nango_core::{SIGNATURE_HEADER, SigningKeys, Verified};

/// The id of the connection that every delivery names.
pub(crate) const CONNECTION: &str = "a52d5028-64de-4e51-a62b-58b9b34d46a0";

/// The tags of [`alice`](crate::alice), as Nango repeats them.
macro_rules! tags {
    () => {
        r#"{"end_user_display_name":"Alice","end_user_email":"alice@example.com","end_user_id":"4711","organization_id":"acme","owner_kind":"user"}"#
    };
}
pub(crate) use tags;

/// A delivery with its headers, and the keys that verify it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Signed {
    /// The headers of the request.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The keys of the environment.
    pub keys: SigningKeys,
}

impl Signed {
    fn new(body: String) -> Self {
        let keys = SigningKeys::new(["5dbf086b-8331-4835-9e86-a0300af9d134"]).expect("a key");
        let signature = HeaderValue::try_from(keys.sign(body.as_bytes())).expect("hex digits");
        let headers = HeaderMap::from_iter([
            (http::header::ACCEPT, HeaderValue::from_static("application/json, text/plain, */*")),
            (http::header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (SIGNATURE_HEADER.parse().expect("a name"), signature),
            (http::header::USER_AGENT, HeaderValue::from_static("nango/0.71.4")),
            (http::header::CONTENT_LENGTH, body.len().into()),
        ]);
        Self { headers, body: body.into(), keys }
    }

    /// Verifies the delivery.
    ///
    /// # Panics
    ///
    /// When the signature is wrong.
    #[must_use]
    pub fn verified(&self) -> Verified {
        self.keys.verify(&self.headers, self.body.clone()).expect("a genuine delivery")
    }
}

/// Returns the delivery of a connection that was created.
#[must_use]
pub fn auth() -> Signed {
    Signed::new(format!(
        concat!(
            r#"{{"authMode":"OAUTH2","connectionId":"{}","environment":"prod","from":"nango","operation":"creation","#,
            r#""provider":"slack","providerConfigKey":"slack","success":true,"tags":{},"type":"auth"}}"#,
        ),
        CONNECTION,
        tags!(),
    ))
}

/// Returns the delivery of a sync that has run.
#[must_use]
pub fn sync() -> Signed {
    Signed::new(format!(
        concat!(
            r#"{{"checkpoints":{{"from":null,"to":{{"page":3}}}},"connectionId":"{}","from":"nango","model":"Ticket","#,
            r#""modifiedAfter":"2026-11-28T01:04:43.132Z","providerConfigKey":"slack","#,
            r#""queryTimeStamp":"2026-11-28T01:04:43.132Z","responseResults":{{"added":1,"deleted":2,"updated":3}},"#,
            r#""startedAt":"2026-11-28T01:04:43.132Z","success":true,"syncName":"tickets","syncType":"INCREMENTAL","#,
            r#""syncVariant":"base","type":"sync"}}"#,
        ),
        CONNECTION,
    ))
}

/// Returns the delivery of a provider's webhook of 16 KiB.
#[must_use]
pub fn forward() -> Signed {
    let text = "a line of a comment, as it may be in a ticket. ".repeat(348);
    Signed::new(format!(
        r#"{{"connectionId":"{CONNECTION}","from":"slack","payload":{{"text":"{text}"}},"providerConfigKey":"slack","type":"forward"}}"#,
    ))
}
