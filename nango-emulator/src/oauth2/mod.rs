//! OAuth2 code flow, in which the emulator is a real client of the template's provider (wire
//! reference 3.1, 3.2; observed on Nango 0.71.4).

pub(crate) mod accounts;
pub(crate) mod callback;
pub(crate) mod connect;
pub(crate) mod consent;
pub(crate) mod echo;
pub(crate) mod outcome;
mod profiles;
pub(crate) mod websocket;
