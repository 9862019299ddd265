//! What becomes of a caller's body on its way (observed on Nango 0.71.4): JSON stays, a form turns
//! into JSON, and text is labelled a form.

use bytes::Bytes;
use http::header;

use crate::http::call::Call;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Content type and body for the provider.
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
    // The boundary is in the content type, so a multipart body cannot do without its own.
    let own = lower.starts_with("multipart/");
    (Some(if own { sent.to_owned() } else { FORM.to_owned() }), Some(call.raw.clone()))
}
