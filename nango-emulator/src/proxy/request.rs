//! The parameters of a proxy call, which are headers, and the conversion of its body, as observed
//! on Nango 0.71.4: JSON is serialized anew, a form becomes JSON, a multipart body is forwarded
//! unchanged, and any other body is forwarded with the content type of a form.

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use url::Url;

use crate::check::{CONNECTION_ID, Fields, INTEGRATION_ID, Issue, Text};
use crate::http::query::number;
use crate::http::{ApiError, Call, header_values, javascript};
use crate::outbound;

/// Prefix of the headers that go to the provider. The prefix itself is removed.
const PREFIX: &str = "nango-proxy-";

/// Headers of the proxy, in the order of their validation.
const NAMES: [&str; 10] = [
    "provider-config-key",
    "connection-id",
    "retries",
    "base-url-override",
    "decompress",
    "retry-on",
    "forward-headers-on-redirect",
    "nango-activity-log-id",
    "nango-is-sync",
    "nango-is-dry-run",
];

const YES_NO: [&str; 2] = ["true", "false"];

pub(super) struct ProxyRequest {
    pub(super) connection_id: String,
    pub(super) integration: String,
    pub(super) base_url_override: Option<String>,
    pub(super) retries: u32,
    pub(super) retry_on: Vec<u16>,
    pub(super) forwarded: Vec<(String, String)>,
}

impl ProxyRequest {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let map = header_values(headers, &NAMES);
        let mut fields = Fields::new(&map, &[]);
        let integration = fields.required("provider-config-key", INTEGRATION_ID);
        let connection_id = fields.required("connection-id", CONNECTION_ID);
        let retries = number(&mut fields, "retries", 0, None);
        let base = base_url(&mut fields);
        fields.optional_choice("decompress", &YES_NO);
        let codes = retry_on(&mut fields);
        fields.optional_choice("forward-headers-on-redirect", &YES_NO);
        fields.optional("nango-activity-log-id", Text::between(0, 255));
        fields.optional_choice("nango-is-sync", &YES_NO);
        fields.optional_choice("nango-is-dry-run", &YES_NO);
        if !fields.issues.is_empty() {
            return Err(ApiError::invalid("invalid_headers", &fields.issues));
        }
        let forwarded = headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix(PREFIX)?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        Ok(Self {
            connection_id: connection_id.unwrap_or_default().to_owned(),
            integration: integration.unwrap_or_default().to_owned(),
            base_url_override: base,
            retries: retries.and_then(|retries| u32::try_from(retries).ok()).unwrap_or(0),
            retry_on: codes,
            forwarded: forwarded.collect(),
        })
    }

    /// Refuses a base URL of the caller that outgoing rules block.
    pub(super) fn refuse_denied_base(&self) -> Result<(), ApiError> {
        let base = self.base_url_override.as_deref().and_then(|base| Url::parse(base).ok());
        if !base.is_some_and(|base| outbound::is_blocked(&base)) {
            return Ok(());
        }
        let message = "This outbound URL is not allowed by server configuration.";
        Err(ApiError::new(400, "base_url_override_not_allowed", message))
    }
}

/// Takes a URL or an empty string.
fn base_url(fields: &mut Fields<'_>) -> Option<String> {
    const NAME: &str = "base-url-override";
    let text = fields.optional(NAME, Text::ANY).filter(|text| !text.is_empty())?;
    if !outbound::is_url(text) {
        fields.push(Issue::new("invalid_union", "Invalid input", &[NAME]));
    }
    Some(text.to_owned())
}

/// Takes statuses, separated by commas.
fn retry_on(fields: &mut Fields<'_>) -> Vec<u16> {
    const NAME: &str = "retry-on";
    let Some(text) = fields.optional(NAME, Text::ANY) else { return Vec::new() };
    let digits = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    if !text.split(',').all(digits) {
        let message = r"Invalid string: must match pattern /^\d+(,\d+)*$/";
        fields.push(Issue::new("invalid_format", message, &[NAME]));
    }
    text.split(',').filter_map(|code| code.parse().ok()).collect()
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Returns content type and body for the provider. Nango's client sends no body with a GET, and
/// labels one of three methods as a form where nothing else names its type, even one that is empty.
pub(super) fn outgoing_body(call: &Call) -> (Option<String>, Option<Bytes>) {
    let labels = matches!(call.method, Method::POST | Method::PUT | Method::PATCH);
    // A real Nango drops the bodies of rarer methods, too, such as PROPFIND.
    if matches!(call.method, Method::GET | Method::HEAD) {
        return (None, None);
    }
    if let Some(body) = &call.body {
        return (Some(JSON.to_owned()), Some(Bytes::from(javascript::stringify(body))));
    }
    let sent = call.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    // A multipart body is unreadable without the boundary in its content type.
    let own = sent.filter(|sent| sent.to_ascii_lowercase().starts_with("multipart/"));
    if let Some(own) = own.filter(|_| !call.raw.is_empty()) {
        return (Some(own.to_owned()), Some(call.raw.clone()));
    }
    let body = (labels || !call.raw.is_empty()).then(|| call.raw.clone());
    (labels.then(|| FORM.to_owned()), body)
}
