//! Conversion of the caller's body (observed on Nango 0.71.4): JSON stays, a form becomes JSON,
//! text is labelled as a form.

use bytes::Bytes;
use http::header;

use crate::http::Call;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Returns content type and body for the provider.
pub(super) fn outgoing(call: &Call) -> (Option<String>, Option<Bytes>) {
    if call.raw.is_empty() {
        return (None, None);
    }
    let sent = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let sent = sent.unwrap_or_default();
    let lower = sent.to_ascii_lowercase();
    if lower.starts_with(JSON) {
        return (Some(JSON.to_owned()), Some(call.raw.clone()));
    }
    if lower.starts_with(FORM) {
        let form = call.body.as_ref().map(ToString::to_string).unwrap_or_default();
        return (Some(JSON.to_owned()), Some(Bytes::from(form)));
    }
    // A multipart body is unreadable without the boundary in its content type.
    let own = lower.starts_with("multipart/");
    (Some(if own { sent.to_owned() } else { FORM.to_owned() }), Some(call.raw.clone()))
}
