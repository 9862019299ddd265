//! `/proxy/*`: calls to a provider with a connection's credentials (wire reference 6).

pub(crate) mod headers;
