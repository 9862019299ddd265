//! Failures of the network, read from the errors of the HTTP client.

use std::error::Error as StdError;
use std::io;

use super::{Cause, TlsFailure};

/// What a chain of errors says about a failure of the network.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    pub(crate) cause: Option<Cause>,
    /// `true` if a connection was closed under the request: neither a refusal nor a time-out.
    pub(crate) is_broken_connection: bool,
    /// `true` if no part of the request can have reached the server.
    pub(crate) is_unsent: bool,
}

impl Findings {
    /// Reads a chain of errors, whose inner errors decide.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Self {
        let chain: Vec<_> = chain(error).collect();
        let http: Vec<_> = chain.iter().filter_map(|error| error.downcast_ref::<hyper::Error>()).collect();
        let io = chain.iter().rev().find_map(|error| error.downcast_ref::<io::Error>()).map(io::Error::kind);
        // hyper returns a request with these two only if it has not begun to write it. An incomplete
        // message proves nothing: the server may have done everything but answer.
        let is_unsent = http.iter().any(|error| error.is_canceled() || error.is_closed());
        let is_closed = is_unsent || http.iter().any(|error| error.is_incomplete_message());
        Self {
            cause: cause_of(&chain, &http, io),
            is_broken_connection: is_closed || io.is_some_and(is_of_a_closed_connection),
            is_unsent,
        }
    }
}

fn cause_of(
    chain: &[&(dyn StdError + 'static)],
    http: &[&hyper::Error],
    io: Option<io::ErrorKind>,
) -> Option<Cause> {
    if let Some(failure) = chain.iter().rev().find_map(|error| tls_failure(*error)) {
        return Some(Cause::Tls(failure));
    }
    // The connectors' types are not public, and the resolver's own errors have no kind.
    if chain.iter().any(|error| error.to_string() == "dns error") {
        return Some(Cause::Dns);
    }
    if io.is_none() && chain.iter().any(|error| error.to_string().starts_with("tunnel error: ")) {
        return Some(Cause::Proxy);
    }
    // A server that speaks first, such as SSH, cancels the request.
    let is_not_http = |error: &&hyper::Error| {
        error.is_parse() || error.is_incomplete_message() || error.is_canceled() || error.is_closed()
    };
    if http.first().is_some_and(is_not_http) {
        return Some(Cause::NotHttp);
    }
    match io? {
        io::ErrorKind::ConnectionRefused => Some(Cause::ConnectionRefused),
        io::ErrorKind::TimedOut => Some(Cause::TimedOut),
        // It would read `other error`.
        io::ErrorKind::Other => None,
        kind => Some(Cause::Io(kind)),
    }
}

fn is_of_a_closed_connection(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as E;
    matches!(
        kind,
        E::BrokenPipe | E::ConnectionAborted | E::ConnectionReset | E::NotConnected | E::UnexpectedEof
    )
}

/// Walks from an error to its innermost source.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        // The source of an `io::Error` is that of its inner error.
        inner.map(|inner| inner as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}

#[cfg(feature = "rustls")]
fn tls_failure(error: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    use rustls::{CertificateError as C, Error as E};

    Some(match error.downcast_ref::<E>()? {
        E::InvalidMessage(_) => TlsFailure::NotTls,
        E::InvalidCertificate(problem) => match problem {
            C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => {
                TlsFailure::Expired
            }
            C::NotValidForName | C::NotValidForNameContext { .. } => TlsFailure::OtherName,
            _ => TlsFailure::Untrusted,
        },
        _ => TlsFailure::Handshake,
    })
}

/// Without rustls, failures of TLS are not told apart from others.
#[cfg(not(feature = "rustls"))]
fn tls_failure(_: &(dyn StdError + 'static)) -> Option<TlsFailure> {
    None
}
