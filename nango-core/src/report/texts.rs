//! Parts of the texts of failures.

use std::fmt;

use crate::queue::EventKind;

pub(super) struct Origin<'a>(pub(super) Option<&'a str>);

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(origin) => write!(f, ": {origin}"),
            None => Ok(()),
        }
    }
}

/// What to do about a refused page, by the `Host` that its origin was compared with.
pub(super) struct Remedy<'a>(pub(super) Option<&'a str>);

impl fmt::Display for Remedy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = "if the page is the app's own, add its origin to `.trusted_origins([..])`";
        match self.0 {
            Some(host) => {
                write!(
                    f,
                    ", while the request's Host is {host}; {list}, or let the proxy in between keep the Host"
                )
            }
            None => write!(f, "; {list}"),
        }
    }
}

pub(super) struct OfEvent<'a>(pub(super) Option<EventKind>, pub(super) Option<&'a str>);

impl fmt::Display for OfEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(kind), Some(integration)) => write!(f, " ({kind} of {integration})"),
            _ => Ok(()),
        }
    }
}

pub(super) struct Integration<'a>(pub(super) Option<&'a str>);

impl fmt::Display for Integration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(integration) => write!(f, " for a connection of {integration}"),
            None => Ok(()),
        }
    }
}
