//! Requests to the server, each with a deadline, and their failures.

mod connect;
mod diagnosis;
mod failure;
mod request;

pub(crate) use failure::{Failure, code};
pub(crate) use request::{Server, attempt};
