//! Endpoints that take credentials from a browser (wire reference 3; observed on Nango 0.71.4).

mod api_key;
mod basic;
mod client_credentials;
mod none;
mod target;

pub(crate) use api_key::api_key;
pub(crate) use basic::basic;
pub(crate) use client_credentials::client_credentials;
pub(crate) use none::none;
pub(crate) use target::{connection_config, connection_id, refuse_connection_id};
