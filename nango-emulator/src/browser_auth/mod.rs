//! Endpoints that take credentials from a browser (wire reference 3; observed on Nango 0.71.4).

mod forms;
mod target;

pub(crate) use forms::{api_key, basic, client_credentials, none};
pub(crate) use target::{connection_config, connection_id, refuse_connection_id};
