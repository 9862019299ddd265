//! Requests to providers, built from their templates.

pub(crate) mod token;
pub(crate) mod verification;
