//! Webhooks to the customer (wire reference 8; observed on Nango 0.71.4).

pub(crate) mod deliver;
pub(crate) mod payload;
