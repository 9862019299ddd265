//! What a caller of the proxy says in headers.

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::http::{
    check::{CONNECTION_ID, Fields, INTEGRATION_ID, Text},
    envelope::Refusal,
};

/// Only headers with this prefix go to the provider, without it.
const PREFIX: &str = "nango-proxy-";

pub(super) struct Wanted {
    pub(super) connection_id: String,
    pub(super) integration: String,
    pub(super) base_url_override: Option<String>,
    pub(super) retries: u32,
    pub(super) retry_on: Vec<u16>,
    pub(super) forwarded: Vec<(String, String)>,
}

impl Wanted {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let names = ["provider-config-key", "connection-id", "retries", "base-url-override"];
        let map: Map<String, Value> =
            names.iter().filter_map(|name| Some(((*name).to_owned(), Value::from(text(name)?)))).collect();
        let mut fields = Fields::new(&map, &[]);
        let integration = fields.required("provider-config-key", INTEGRATION_ID);
        let connection_id = fields.required("connection-id", CONNECTION_ID);
        let base = fields.optional("base-url-override", Text::ANY);
        if !fields.issues.is_empty() {
            return Err(Refusal::invalid("invalid_headers", &fields.issues));
        }
        let codes = text("retry-on").unwrap_or_default().split(',');
        let forwarded = headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix(PREFIX)?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        Ok(Self {
            connection_id: connection_id.unwrap_or_default().to_owned(),
            integration: integration.unwrap_or_default().to_owned(),
            base_url_override: base.filter(|base| !base.is_empty()).map(str::to_owned),
            retries: text("retries").and_then(|n| n.trim().parse().ok()).unwrap_or(0),
            retry_on: codes.filter_map(|code| code.trim().parse().ok()).collect(),
            forwarded: forwarded.collect(),
        })
    }
}
