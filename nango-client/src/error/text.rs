//! The text of an error: what failed, the cause, and what to do.

use std::fmt;

use super::cause::{Cause, TlsFailure};
use super::inner::{Attempt, Inner, Source};
use super::kind::ErrorKind;

pub(super) fn write(error: &Inner, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(Attempt { what, host, is_proxied, .. }) = &error.attempt {
        let way = if *is_proxied { " through the proxy" } else { "" };
        write!(f, "could not {what} at {host}{way}: ")?;
    }
    write_problem(error, f)?;
    write_remedy(error, f)
}

fn write_problem(error: &Inner, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // A cause of the network or of the request says it all.
    let is_whole = matches!(
        (error.kind, &error.source),
        (ErrorKind::Unavailable | ErrorKind::InvalidRequest, Some(Source::Cause(_)))
            | (_, Some(Source::Cause(Cause::ProviderStatus { .. } | Cause::MissingScope(_))))
    );
    if !is_whole {
        f.write_str(match error.kind {
            ErrorKind::Decode => "the response does not have the expected shape",
            ErrorKind::InvalidCredentials => "nango could not refresh the credentials of the connection",
            ErrorKind::InvalidCursor => "nango cannot read the cursor",
            ErrorKind::InvalidRequest => "the request cannot be sent",
            ErrorKind::NotATokenCredential => "the credentials of the connection are not a single token",
            ErrorKind::NotFound => "nango does not have ",
            ErrorKind::RateLimited => "nango's rate limit is used up",
            ErrorKind::Refused => "the request was refused",
            ErrorKind::ScriptFailed => "the function failed",
            ErrorKind::Tags => "the tags break a rule of Nango",
            ErrorKind::TooLarge => "the response is larger than the limit",
            ErrorKind::Unauthorized if is_of_session(error) => {
                "nango does not accept the token of the session"
            }
            ErrorKind::Unauthorized => "nango does not accept the API key",
            ErrorKind::Unavailable => "nango is unavailable",
        })?;
        if error.kind == ErrorKind::NotFound {
            f.write_str(error.attempt.as_ref().map_or("the connection", |attempt| attempt.missing))?;
        }
        if let Some(code) = &error.code {
            write!(f, " ({code})")?;
        }
        if error.source.is_some() {
            f.write_str(": ")?;
        }
    }
    match &error.source {
        Some(Source::Cause(cause)) => fmt::Display::fmt(cause, f),
        Some(Source::Tags(tags)) => fmt::Display::fmt(tags, f),
        None => Ok(()),
    }
}

fn write_remedy(error: &Inner, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(id) = &error.request_id {
        write!(f, "; request {id}")?;
    }
    if let (ErrorKind::RateLimited, Some(wait)) = (error.kind, error.retry_after) {
        return write!(f, "; retry in {} s", wait.as_secs());
    }
    let Some(remedy) = remedy(error) else { return Ok(()) };
    let is_proxied = error.attempt.as_ref().is_some_and(|attempt| attempt.is_proxied);
    let of_the_network = |cause: &Cause| {
        matches!(
            cause,
            Cause::ConnectionRefused | Cause::Dns | Cause::Io(_) | Cause::NotHttp | Cause::TimedOut
        )
    };
    match &error.source {
        Some(Source::Cause(cause)) if is_proxied && of_the_network(cause) => {
            write!(f, "; check the proxy (`HttpOptions::proxy`); if it works, {remedy}")
        }
        _ => write!(f, "; {remedy}"),
    }
}

/// Returns `true` if the call was made with the token of a session in place of an API key.
fn is_of_session(error: &Inner) -> bool {
    error.code.as_deref().is_some_and(|code| code.contains("connect_session_token"))
}

fn remedy(error: &Inner) -> Option<&'static str> {
    if let Some(Source::Cause(cause)) = &error.source
        && let Some(remedy) = remedy_of_cause(cause)
    {
        return Some(remedy);
    }
    match (error.kind, error.code.as_deref()) {
        (ErrorKind::InvalidCredentials, _) => Some("offer a reconnect"),
        (ErrorKind::InvalidCursor, _) => Some("read from the beginning"),
        (ErrorKind::NotATokenCredential, _) => Some("use the proxy"),
        (ErrorKind::RateLimited | ErrorKind::Unavailable, _) => Some("retry later"),
        (ErrorKind::Unauthorized, Some("invalid_secret_key_format")) => {
            Some("check the API key (NANGO_SECRET_KEY): Nango's keys are UUIDs, see Environment settings")
        }
        (ErrorKind::Unauthorized, Some("unknown_account")) => Some(
            "check that the API key (NANGO_SECRET_KEY) is the one of this server (NANGO_HOST), and not the webhook \
             signing key",
        ),
        (ErrorKind::Unauthorized, _) if is_of_session(error) => {
            Some("it has expired, or the session was deleted; create another session")
        }
        (ErrorKind::Unauthorized, _) => Some("check the API key (NANGO_SECRET_KEY) and its scopes"),
        (ErrorKind::Refused, Some("unknown_provider_config")) => {
            Some("create the integration in Nango, or correct its id")
        }
        _ => None,
    }
}

fn remedy_of_cause(cause: &Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::ConnectionRefused => "check the Nango host (NANGO_HOST), and whether Nango runs there",
        Cause::Dns => "check the Nango host (NANGO_HOST), and the DNS of this machine",
        Cause::InvalidFields(fields) if fields.iter().any(|field| field.unknown_integration.is_some()) => {
            "create the integration in Nango, or correct its id"
        }
        Cause::InvalidFields(fields)
            if fields.iter().any(|field| field.code.as_deref() == Some("unrecognized_keys")) =>
        {
            "the server may be older than the oldest that is supported, see the documentation of nango-client"
        }
        Cause::Io(_) => "check the Nango host (NANGO_HOST), and the network to it; retry later",
        Cause::MissingScope(_) => {
            "add the scope to the key in Nango's dashboard, or use another key (NANGO_SECRET_KEY)"
        }
        Cause::NotHttp => {
            "check the Nango host (NANGO_HOST): a port that speaks TLS needs https://; retry later if it is right"
        }
        Cause::NotNango { status: 300..=399 } => {
            "redirects are not followed, since they would carry the key along: set the Nango host (NANGO_HOST) to its \
             final address"
        }
        Cause::NotNango { status: 407 } | Cause::Proxy => {
            "check the proxy of this machine (HTTPS_PROXY and the like, or `HttpOptions::proxy`), and the user name and \
             password for it"
        }
        Cause::NotNango { status: 500.. } => "a gateway may be in between; retry later",
        Cause::NotNango { .. } => "check the Nango host (NANGO_HOST)",
        Cause::TimedOut => "check the Nango host (NANGO_HOST), and firewalls on the way to it; retry later",
        Cause::Tls(TlsFailure::Expired) => "renew the certificate, and check this machine's clock",
        Cause::Tls(TlsFailure::Handshake) => "check the Nango host (NANGO_HOST), and its TLS set-up",
        Cause::Tls(TlsFailure::NotTls) => {
            "write the Nango host (NANGO_HOST) with http://, or with the port that speaks TLS"
        }
        Cause::Tls(TlsFailure::OtherName) => "write the Nango host (NANGO_HOST) as its certificate names it",
        Cause::Tls(TlsFailure::Untrusted) => {
            "install the CA certificates of this machine (package `ca-certificates`), and that of a private authority"
        }
        Cause::InvalidFields(_) | Cause::ProviderStatus { .. } | Cause::Request(_) => return None,
    })
}
