//! The HTTP side: reading requests, answering them, and the rules that hold for all routes.

pub(crate) mod auth;
pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod envelope;
pub(crate) mod front;
pub(crate) mod query;
pub(crate) mod ratelimit;
pub(crate) mod reply;
pub(crate) mod routes;
mod unknown;
