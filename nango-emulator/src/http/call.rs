//! Requests in the form that Nango's controllers get: content type checked, JSON and query parsed,
//! all before authentication (wire reference 1.3; observed on Nango 0.71.4).

use std::collections::HashMap;

use axum::RequestExt as _;
use axum::body::Body;
use axum::extract::{FromRequest, OriginalUri, Path, Request};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::envelope::ApiError;
use super::rate_limit::RateLimitSlot;
use super::{javascript, query};
use crate::check::{Fields, Issue, Text, is_uuid};

/// Nango's public body limit, 75 MB (read in its source).
const BODY_LIMIT: usize = 75 * 1024 * 1024;

/// Parameter that a fallback route takes from the last segment of an exact path.
#[derive(Clone)]
pub(crate) struct LastSegment {
    pub(crate) param: &'static str,
    pub(crate) segment: String,
}

/// Request with parsed query, parameters and body.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) raw_query: String,
    pub(crate) query: Map<String, Value>,
    pub(crate) headers: HeaderMap,
    params: HashMap<String, String>,
    /// Parsed body. `None` is JavaScript's `undefined`: the request has no JSON content type.
    pub(crate) body: Option<Value>,
    pub(crate) raw: Bytes,
    pub(crate) rate: RateLimitSlot,
}

impl Call {
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// Returns a parameter of the path; an issue names it `shown`.
    pub(crate) fn checked_param(&self, name: &str, shown: &str, rule: Text) -> Result<&str, ApiError> {
        let text = self.param(name);
        let issues = rule.check(text, &[shown]);
        if issues.is_empty() { Ok(text) } else { Err(ApiError::invalid("invalid_uri_params", &issues)) }
    }

    /// Checks parameters of the path and reports all of their issues.
    pub(crate) fn check_params(&self, names: &[&str], rule: Text) -> Result<(), ApiError> {
        let issues: Vec<_> = names.iter().flat_map(|name| rule.check(self.param(name), &[name])).collect();
        if issues.is_empty() { Ok(()) } else { Err(ApiError::invalid("invalid_uri_params", &issues)) }
    }

    /// Checks that a parameter of the path is a UUID.
    pub(crate) fn check_uuid_param(&self, name: &str) -> Result<(), ApiError> {
        if is_uuid(self.param(name)) {
            return Ok(());
        }
        let issue = Issue::new("invalid_format", "Invalid UUID", &[name]);
        Err(ApiError::invalid("invalid_uri_params", &[issue]))
    }

    /// Deserializes the body of a control call; no body is an empty object.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let body = self.body.clone().unwrap_or_else(|| Map::new().into());
        serde_json::from_value(body).map_err(|error| ApiError::new(400, "invalid_body", error.to_string()))
    }

    /// Returns a reader of the body's fields. Fails if the body is not an object.
    pub(crate) fn fields(&self) -> Result<Fields<'_>, ApiError> {
        Fields::of(self.body.as_ref(), &[]).map_err(|issue| ApiError::body(&[issue]))
    }

    pub(crate) fn query_fields(&self) -> Fields<'_> {
        Fields::new(&self.query, &[])
    }

    /// Refuses any query.
    pub(crate) fn no_query(&self) -> Result<(), ApiError> {
        finish_query(self.query_fields())
    }

    /// Refuses any body but an empty object.
    pub(crate) fn no_body(&self) -> Result<(), ApiError> {
        let Some(body) = &self.body else { return Ok(()) };
        Fields::of(Some(body), &[]).map_err(|issue| ApiError::body(&[issue])).and_then(finish_body)
    }

    async fn read(request: Request, lenient: bool) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let too_large = || ApiError::new(413, "payload_too_large", "request entity too large");
        let raw = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| too_large())?;
        let body = json_body(&parts.headers, &raw, lenient)?;
        let mut probe = Request::from_parts(parts.clone(), Body::empty());
        let params = probe.extract_parts::<Path<HashMap<String, String>>>().await;
        let mut params = params.map(|path| path.0).unwrap_or_default();
        if let Some(LastSegment { param, segment }) = parts.extensions.remove::<LastSegment>() {
            params.insert(param.to_owned(), segment);
        }
        let rate = parts.extensions.remove::<RateLimitSlot>().unwrap_or_default();
        let whole = parts.extensions.get::<OriginalUri>().cloned();
        let whole = whole.as_ref().map(|uri| uri.0.path());
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self {
            method: parts.method,
            // A nested router strips its prefix from the URI.
            path: whole.unwrap_or(parts.uri.path()).to_owned(),
            query: query::parse(&raw_query),
            raw_query,
            headers: parts.headers,
            params,
            body,
            raw,
            rate,
        })
    }
}

/// Returns the headers of `names` that the request has, for validation.
pub(crate) fn header_values(headers: &HeaderMap, names: &[&str]) -> Map<String, Value> {
    let sent = |name: &&str| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.into()))
    };
    names.iter().filter_map(sent).collect()
}

/// Rejects a query with issues or with unknown keys.
pub(crate) fn finish_query(mut fields: Fields<'_>) -> Result<(), ApiError> {
    fields.strict();
    refuse_query(&fields.issues)
}

/// Rejects a body with issues or with unknown keys.
pub(crate) fn finish_body(mut fields: Fields<'_>) -> Result<(), ApiError> {
    fields.strict();
    refuse_body(&fields.issues)
}

pub(crate) fn refuse_query(issues: &[Issue]) -> Result<(), ApiError> {
    if issues.is_empty() { Ok(()) } else { Err(ApiError::query(issues)) }
}

pub(crate) fn refuse_body(issues: &[Issue]) -> Result<(), ApiError> {
    if issues.is_empty() { Ok(()) } else { Err(ApiError::body(issues)) }
}

fn json_body(headers: &HeaderMap, raw: &Bytes, lenient: bool) -> Result<Option<Value>, ApiError> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let begins = |with: &[u8]| {
        let start = content_type.as_bytes().get(..with.len());
        start.is_some_and(|start| if lenient { start.eq_ignore_ascii_case(with) } else { start == with })
    };
    // The strict variant is case-sensitive: Nango, too, refuses `Application/JSON`.
    if !begins(b"application/json") {
        if lenient {
            let form = begins(b"application/x-www-form-urlencoded");
            let parsed = || javascript::parsed(Value::Object(query::parse(&String::from_utf8_lossy(raw))));
            return Ok(form.then(parsed));
        }
        let message = "Content-Type header must be application/json";
        return Err(ApiError::new(415, "invalid_content_type", message));
    }
    if raw.is_empty() {
        return Ok(Some(Value::Object(Map::new())));
    }
    match serde_json::from_slice::<Value>(raw) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(Some(javascript::parsed(value))),
        Ok(_) => Err(ApiError::json("Unexpected token in JSON at position 0")),
        Err(error) if error.is_eof() => Err(ApiError::json("Unexpected end of JSON input")),
        Err(error) => Err(ApiError::json(format!("Unexpected token in JSON at position {}", error.column()))),
    }
}

impl<S: Sync> FromRequest<S> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Self::read(request, false).await
    }
}

/// Request to a route that accepts any content type: `/proxy`, `/webhook`, `/oauth/callback`,
/// `/oauth2/auth`.
pub(crate) struct LenientCall(pub(crate) Call);

impl<S: Sync> FromRequest<S> for LenientCall {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Call::read(request, true).await.map(Self)
    }
}
