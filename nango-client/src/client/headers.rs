//! Headers that name a connection.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::connection::ConnectionKey;
use crate::error::Error;

const CONNECTION_ID: HeaderName = HeaderName::from_static("connection-id");
const PROVIDER_CONFIG_KEY: HeaderName = HeaderName::from_static("provider-config-key");

/// Returns the headers of a call for a connection. Its id is marked as sensitive.
pub(super) fn connection_headers(key: &ConnectionKey) -> Result<HeaderMap, Error> {
    let mut id = header_value(key.connection_id())?;
    id.set_sensitive(true);
    let integration = header_value(key.integration())?;
    Ok(HeaderMap::from_iter([(CONNECTION_ID, id), (PROVIDER_CONFIG_KEY, integration)]))
}

/// Returns a text as the value of a header.
pub(super) fn header_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::invalid_request("a header has characters that no header can have"))
}
