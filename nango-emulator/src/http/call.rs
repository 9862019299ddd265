//! A request as Nango's controllers see it: content type checked, JSON parsed, query read, and all
//! of that before anybody asks who is calling (wire reference 1.3; observed on Nango 0.71.4).

use std::collections::HashMap;

use axum::{
    RequestExt as _,
    body::Body,
    extract::{FromRequest, OriginalUri, Path, Request},
};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde_json::{Map, Value};

use super::{
    check::Fields,
    envelope::{Issue, Refusal},
    query,
    ratelimit::RateSlot,
};
use crate::app::App;

/// Nango's public body limit (read in its source: 75 MB).
const BODY_LIMIT: usize = 75 * 1024 * 1024;

/// A parameter of the route that answers for an exact path.
#[derive(Clone)]
pub(crate) struct LastSegment {
    pub(crate) param: &'static str,
    pub(crate) segment: String,
}

/// Everything a handler may look at.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) raw_query: String,
    pub(crate) query: Map<String, Value>,
    pub(crate) headers: HeaderMap,
    params: HashMap<String, String>,
    /// `None` is JavaScript's `undefined`: there was no JSON content type.
    pub(crate) body: Option<Value>,
    pub(crate) raw: Bytes,
    pub(crate) rate: RateSlot,
}

impl Call {
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// The body as the fields of a strict object, or the complaint that it is none.
    pub(crate) fn fields(&self) -> Result<Fields<'_>, Refusal> {
        Fields::of(self.body.as_ref(), &[]).map_err(|issue| Refusal::body(&[issue]))
    }

    pub(crate) fn query_fields(&self) -> Fields<'_> {
        Fields::new(&self.query, &[])
    }

    /// For routes that take no query at all.
    pub(crate) fn no_query(&self) -> Result<(), Refusal> {
        let mut fields = self.query_fields();
        fields.strict();
        refuse_query(&fields.issues)
    }

    /// For routes that take no body: an empty object is none.
    pub(crate) fn no_body(&self) -> Result<(), Refusal> {
        let Some(body) = &self.body else { return Ok(()) };
        let mut fields = Fields::of(Some(body), &[]).map_err(|issue| Refusal::body(&[issue]))?;
        fields.strict();
        refuse_body(&fields.issues)
    }

    async fn read(request: Request, app: &App, lenient: bool) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let too_large = || Refusal::new(413, "payload_too_large", "request entity too large");
        let raw = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|_| too_large())?;
        let body = json_body(&parts.headers, &raw, lenient)?;
        let mut probe = Request::from_parts(parts.clone(), Body::empty());
        let params: Result<Path<HashMap<String, String>>, _> = probe.extract_parts_with_state(app).await;
        let mut params = params.map(|path| path.0).unwrap_or_default();
        if let Some(LastSegment { param, segment }) = parts.extensions.remove::<LastSegment>() {
            params.insert(param.to_owned(), segment);
        }
        let rate = parts.extensions.remove::<RateSlot>().unwrap_or_default();
        let whole = parts.extensions.get::<OriginalUri>().cloned();
        let whole = whole.as_ref().map(|uri| uri.0.path());
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self {
            method: parts.method,
            // A nested router shortens the address of what it handles.
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

/// Those of `names` that were sent, as a validation takes them.
pub(crate) fn header_values(headers: &HeaderMap, names: &[&str]) -> Map<String, Value> {
    let sent = |name: &&str| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.into()))
    };
    names.iter().filter_map(sent).collect()
}

pub(crate) fn refuse_query(issues: &[Issue]) -> Result<(), Refusal> {
    if issues.is_empty() { Ok(()) } else { Err(Refusal::query(issues)) }
}

pub(crate) fn refuse_body(issues: &[Issue]) -> Result<(), Refusal> {
    if issues.is_empty() { Ok(()) } else { Err(Refusal::body(issues)) }
}

fn json_body(headers: &HeaderMap, raw: &Bytes, lenient: bool) -> Result<Option<Value>, Refusal> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let begins = |with: &[u8]| {
        let start = content_type.as_bytes().get(..with.len());
        start.is_some_and(|start| if lenient { start.eq_ignore_ascii_case(with) } else { start == with })
    };
    // Lower case only, except where nobody asks: `Application/JSON` is refused by Nango, too.
    if !begins(b"application/json") {
        if lenient {
            let form = begins(b"application/x-www-form-urlencoded");
            return Ok(form.then(|| Value::Object(query::parse(&String::from_utf8_lossy(raw)))));
        }
        let message = "Content-Type header must be application/json";
        return Err(Refusal::new(415, "invalid_content_type", message));
    }
    if raw.is_empty() {
        return Ok(Some(Value::Object(Map::new())));
    }
    match serde_json::from_slice::<Value>(raw) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => Ok(Some(value)),
        Ok(_) => Err(Refusal::json("Unexpected token in JSON at position 0")),
        Err(error) if error.is_eof() => Err(Refusal::json("Unexpected end of JSON input")),
        Err(error) => Err(Refusal::json(format!("Unexpected token in JSON at position {}", error.column()))),
    }
}

impl FromRequest<App> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        Self::read(request, app, false).await
    }
}

/// A call to one of the route groups that take any content type: `/proxy`, `/webhook`,
/// `/oauth/callback`, `/oauth2/auth`.
pub(crate) struct LenientCall(pub(crate) Call);

impl FromRequest<App> for LenientCall {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        Call::read(request, app, true).await.map(Self)
    }
}
