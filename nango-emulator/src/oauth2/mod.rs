//! The OAuth2 code flow, the emulator being a real client of the provider that a template names
//! (wire reference 3.1, 3.2; observed on Nango 0.71.4).

pub(crate) mod callback;
pub(crate) mod connect;
pub(crate) mod consent;
pub(crate) mod flow;
pub(crate) mod page;
pub(crate) mod token;
pub(crate) mod websocket;
