//! The address of a connection, and the reply of a change.

use serde::Deserialize;
use url::Url;

use crate::connection::ConnectionKey;
use crate::error::Error;
use crate::transport::Call;

/// Returns the address of a connection.
pub(super) fn connection_url(call: Call<'_>, key: &ConnectionKey) -> Result<Url, Error> {
    let mut url = call.url(&["connections", key.connection_id()])?;
    url.query_pairs_mut().append_pair("provider_config_key", key.integration());
    Ok(url)
}

/// `{"success": true}`; the status is enough.
#[derive(Deserialize)]
pub(super) struct Done {}
