//! What the fuzz targets reach of the parsers that only replies of Nango, or the app's own calls,
//! reach otherwise. Not there in any other build.

use super::connections::{ConnectionPage, rows_in};
use super::proxy::below_proxy;
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
