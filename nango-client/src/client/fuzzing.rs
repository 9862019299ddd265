//! What the fuzz targets reach of the parsers that only replies of Nango, or the app's own calls,
//! reach otherwise. Not there in any other build.

use bytes::Bytes;
use serde_json::Value;

use super::connections::{ConnectionDetails, ConnectionPage, details_in, rows_in};
use super::functions::FunctionPage;
use super::integrations::Integration;
use super::providers::Provider;
use super::proxy::{Multipart, below_proxy};
use super::records::{RecordPage, page_in};
use super::reply::Reply;
use super::scripts::ScriptsConfig;
use super::syncs::SyncStatus;
use super::wire::Metadata;
use crate::error::Error;

/// Reads a page of a list, as far as it is one.
pub fn read_page(body: &[u8], with_metadata: bool) -> Result<ConnectionPage, Error> {
    let mut page = ConnectionPage::default();
    page.extend(rows_in(body, if with_metadata { Metadata::Read } else { Metadata::Skip })?);
    Ok(page)
}

/// Returns the path that a proxied call is sent to.
pub fn path_below_proxy(path: &str) -> Result<String, Error> {
    below_proxy("/proxy", path)
}

/// Reads a page of records.
pub fn read_records(body: &[u8]) -> Result<RecordPage<Value>, Error> {
    page_in(body)
}

/// Reads a connection with its credentials.
pub fn read_details(body: &[u8]) -> Result<ConnectionDetails, Error> {
    details_in(body)
}

/// Reads a body as each of the other replies, and returns the texts of those that it is.
pub fn read_replies(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(Reply(page)) = serde_json::from_slice::<Reply<FunctionPage>>(body) {
        found.push(format!("{page:?}"));
    }
    if let Ok(Reply(integration)) = serde_json::from_slice::<Reply<Integration>>(body) {
        found.push(format!("{integration:?}"));
    }
    if let Ok(Reply(provider)) = serde_json::from_slice::<Reply<Provider>>(body) {
        found.push(format!("{provider:?}"));
    }
    if let Ok(Reply(scripts)) = serde_json::from_slice::<Reply<ScriptsConfig>>(body) {
        found.push(format!("{scripts:?}"));
    }
    if let Ok(Reply(status)) = serde_json::from_slice::<Reply<SyncStatus>>(body) {
        found.push(format!("{status:?}"));
    }
    found
}

/// Returns the content type and the body of a form.
pub fn written_form(form: Multipart) -> Result<(String, Bytes), Error> {
    form.finish()
}
