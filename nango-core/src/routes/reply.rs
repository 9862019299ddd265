//! The replies of the routes: the only place where an error becomes a status and a text.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Response, StatusCode};
use serde::Serialize;

use super::{Audience, Route};
use crate::error::{Error, ErrorKind};
use crate::nango::Nango;
use crate::report::BackgroundFailure;

/// A reason to refuse a request. Contains nothing from a store, from Nango or from another owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    Ambiguous,
    BadSignature,
    CrossOrigin,
    /// With the error in the body and the expected shape.
    InvalidBody(&'static str),
    InvalidQuery,
    InvalidTags,
    Misconfigured,
    NangoRefused,
    /// With the pause that Nango asks for.
    NangoUnavailable(Option<Duration>),
    NoAttempt,
    NoRoute,
    NotAllowed,
    NotFound,
    QueryTooLong,
    StoreUnavailable,
    Stalled,
    TooLarge,
    TooManyRequests(Duration),
    WrongMethod(Method),
}

impl Problem {
    /// Converts it to the reply of a route.
    pub(super) fn into_response_for(self, route: Route) -> Response<Bytes> {
        match route.audience() {
            Audience::Owner => private(self.into_response()),
            Audience::Public => self.into_response(),
        }
    }

    pub(super) fn into_response(self) -> Response<Bytes> {
        let (status, code, message) = self.describe();
        let body = Body { error: Described { code, message } };
        let mut reply = json(status, &body);
        let headers = reply.headers_mut();
        match self {
            Self::TooManyRequests(wait) | Self::NangoUnavailable(Some(wait)) => {
                // Rounded up, so that a retry after this time is within the limit.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
            }
            Self::WrongMethod(method) => {
                if let Ok(allow) = HeaderValue::from_str(method.as_str()) {
                    headers.insert(ALLOW, allow);
                }
            }
            _ => {}
        }
        reply
    }

    /// Returns every problem that a route can reply with.
    #[cfg(feature = "openapi")]
    pub(super) fn possible_for(route: Route) -> Vec<Self> {
        let method = Self::WrongMethod(route.method());
        if route == Route::Callback {
            return vec![method, Self::QueryTooLong];
        }
        let body = [method, Self::TooLarge, Self::Stalled, Self::InvalidBody("the body broke off")];
        let unavailable = [Self::StoreUnavailable, Self::NangoUnavailable(None)];
        let own: &[Self] = match route {
            Route::Webhook => return [&body[..], &[Self::BadSignature], &unavailable].concat(),
            Route::SessionToken => {
                let waiting = Self::TooManyRequests(Duration::ZERO);
                &[Self::NotAllowed, Self::InvalidTags, waiting, Self::NangoRefused]
            }
            Route::ReconnectToken => {
                let waiting = Self::TooManyRequests(Duration::ZERO);
                &[Self::NotFound, Self::Ambiguous, Self::InvalidTags, waiting, Self::NangoRefused]
            }
            Route::Attempt => &[Self::NoAttempt, Self::InvalidQuery],
            Route::Check => &[Self::NotFound, Self::NangoRefused],
            Route::Disconnect => &[Self::NotFound, Self::TooManyRequests(Duration::ZERO), Self::NangoRefused],
            Route::Connections | Route::Callback => &[],
        };
        [&body[..], &[Self::CrossOrigin, Self::Misconfigured], &unavailable, own].concat()
    }

    pub(super) fn describe(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Ambiguous => (
                S::CONFLICT,
                "ambiguous",
                "there are several connections of this integration; name one by its handle",
            ),
            Self::BadSignature => (S::UNAUTHORIZED, "invalid_signature", "the signature is missing or wrong"),
            Self::CrossOrigin => (
                S::FORBIDDEN,
                "cross_origin",
                "the request comes from a page of another origin, or a proxy has changed its Host header; if the page is the \
                 app's own, the server has to list its origin in `trusted_origins`",
            ),
            Self::InvalidBody(what) => (S::BAD_REQUEST, "invalid_body", what),
            Self::InvalidQuery => (S::BAD_REQUEST, "invalid_query", "`wait` is not a number of seconds"),
            Self::InvalidTags => (
                S::UNPROCESSABLE_ENTITY,
                "invalid_tags",
                "the owner has a value that nango does not take as a tag",
            ),
            Self::Misconfigured => (
                S::INTERNAL_SERVER_ERROR,
                "misconfigured",
                "the server's integration with nango is not complete",
            ),
            Self::NangoRefused => (S::BAD_GATEWAY, "nango_refused", "nango refused the request"),
            Self::NangoUnavailable(_) => {
                (S::SERVICE_UNAVAILABLE, "nango_unavailable", "nango cannot be asked at the moment")
            }
            Self::NoAttempt => (S::NOT_FOUND, "not_found", "there is no such attempt"),
            Self::NoRoute => (S::NOT_FOUND, "not_found", "there is no such route"),
            Self::NotAllowed => (
                S::BAD_REQUEST,
                "integration_not_allowed",
                "an integration is not among those that can be connected here",
            ),
            Self::NotFound => (S::NOT_FOUND, "not_found", "there is no such connection"),
            Self::QueryTooLong => (S::URI_TOO_LONG, "query_too_long", "the query is longer than 16 KiB"),
            Self::StoreUnavailable => (
                S::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "connections cannot be read or written at the moment",
            ),
            Self::Stalled => (S::REQUEST_TIMEOUT, "body_stalled", "the body did not come in time"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "body_too_large", "the body is too large"),
            Self::TooManyRequests(_) => {
                (S::TOO_MANY_REQUESTS, "too_many_requests", "too many requests of this kind; wait a little")
            }
            Self::WrongMethod(_) => {
                (S::METHOD_NOT_ALLOWED, "method_not_allowed", "the route has another method")
            }
        }
    }
}

impl Error {
    /// Returns the status with which the ready-made routes answer this error, for a handler of the
    /// app's own.
    ///
    /// A foreign connection and a missing one are both 404.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        Problem::from(self.kind()).describe().0
    }
}

impl From<ErrorKind> for Problem {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Ambiguous => Self::Ambiguous,
            ErrorKind::NotAllowed => Self::NotAllowed,
            // A caller must not be able to distinguish a foreign connection from a missing one.
            ErrorKind::NotFound | ErrorKind::OwnerConflict => Self::NotFound,
            ErrorKind::Decode
            | ErrorKind::InvalidCredentials
            | ErrorKind::InvalidCursor
            | ErrorKind::InvalidRequest
            | ErrorKind::Refused
            | ErrorKind::ScriptFailed
            | ErrorKind::TooLarge
            | ErrorKind::Unauthorized => Self::NangoRefused,
            ErrorKind::RateLimited | ErrorKind::Unavailable => Self::NangoUnavailable(None),
            ErrorKind::Store => Self::StoreUnavailable,
            ErrorKind::Tags => Self::InvalidTags,
            // An error of a call that no route makes.
            ErrorKind::NotATokenCredential => Self::Misconfigured,
            ErrorKind::OtherEnvironment | ErrorKind::UnknownKind => Self::Misconfigured,
        }
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

/// A request that is not answered as it wants.
#[derive(Debug)]
pub(super) enum Rejection {
    Failed(Error),
    Refused(Problem),
}

impl Rejection {
    /// Converts it to a reply, and reports a failure of the server's.
    pub(super) fn into_response(self, nango: &Nango) -> Response<Bytes> {
        let error = match self {
            Self::Refused(problem) => return problem.into_response(),
            Self::Failed(error) => error,
        };
        let problem = match Problem::from(error.kind()) {
            Problem::NangoUnavailable(_) => Problem::NangoUnavailable(error.retry_after()),
            problem => problem,
        };
        if problem.describe().0.is_server_error() || problem == Problem::InvalidTags {
            nango.report(BackgroundFailure::Request { code: problem.describe().1, error });
        }
        problem.into_response()
    }
}

#[derive(Serialize)]
struct Body {
    error: Described,
}

#[derive(Serialize)]
struct Described {
    code: &'static str,
    message: &'static str,
}

/// Creates a reply with a JSON body.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    json_of_about(128, status, body)
}

/// Creates a reply with a JSON body of about this many bytes: room that grows is copied with each growth.
pub(super) fn json_of_about(bytes: usize, status: StatusCode, value: &impl Serialize) -> Response<Bytes> {
    let mut body = Vec::with_capacity(bytes);
    // The types of this module tree can all be written as JSON.
    if serde_json::to_writer(&mut body, value).is_err() {
        body.clear();
    }
    let mut reply = empty(status);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *reply.body_mut() = Bytes::from(body);
    reply
}

/// Creates a reply without a body.
pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = status;
    reply
}

/// Forbids caches to store a reply.
pub(super) fn private(mut reply: Response<Bytes>) -> Response<Bytes> {
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}
