//! Failures of the network, read from the errors of the HTTP client.

use std::error::Error as StdError;
use std::io;

use super::{Cause, Error, ErrorKind, TlsFailure};

/// Describes a request without a response, or a response that breaks off.
///
/// The raw error is kept without its URL, which contains connection ids.
pub(crate) fn network_failure(error: reqwest::Error) -> Error {
    let cause = if error.is_timeout() { Some(Cause::TimedOut) } else { cause_of(&error) };
    let kind = if error.is_builder() { ErrorKind::InvalidRequest } else { ErrorKind::Unavailable };
    Error::new(kind).with_cause(cause).with_raw(error.without_url())
}

/// Finds the cause in a chain of errors, whose inner errors decide.
fn cause_of(error: &(dyn StdError + 'static)) -> Option<Cause> {
    let chain: Vec<_> = chain(error).collect();
    if let Some(failure) = chain.iter().rev().find_map(|error| tls_failure(*error)) {
        return Some(Cause::Tls(failure));
    }
    // The connector's type is not public, and the resolver's own errors have no kind.
    if chain.iter().any(|error| error.to_string() == "dns error") {
        return Some(Cause::Dns);
    }
    let http = chain.iter().find_map(|error| error.downcast_ref::<hyper::Error>());
    // A server that speaks first, such as SSH, cancels the request.
    if http.is_some_and(|error| error.is_parse() || error.is_incomplete_message() || error.is_canceled()) {
        return Some(Cause::NotHttp);
    }
    let io = chain.iter().rev().find_map(|error| error.downcast_ref::<io::Error>());
    match io.map(io::Error::kind)? {
        io::ErrorKind::ConnectionRefused => Some(Cause::ConnectionRefused),
        io::ErrorKind::TimedOut => Some(Cause::TimedOut),
        // It would read `other error`.
        io::ErrorKind::Other => None,
        kind => Some(Cause::Io(kind)),
    }
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
