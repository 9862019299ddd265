//! The proxy (wire reference 6; observed on Nango 0.71.4).

mod forward;
mod request;
mod retry;

pub(crate) use forward::proxy;
