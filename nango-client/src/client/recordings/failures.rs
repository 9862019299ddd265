//! The kind of each recorded failure.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::Value;

use super::exchange::{Exchange, exchanges};
use crate::{
    Client, ConnectionKey, Cursor, Error, ErrorKind, HttpOptions, ResponseBody, Transport, TransportError,
};

/// The kind of each code. Without one the response is not Nango's.
const KINDS: &[(ErrorKind, &[&str])] = &[
    (ErrorKind::InvalidCursor, &["a cursor that cannot be read"]),
    (ErrorKind::NotFound, &["not_found", "unknown_connection", "unknown_function", "no connection"]),
    (
        ErrorKind::Refused,
        &[
            "base_url_override_not_allowed",
            "integration_not_allowed",
            "invalid_auth_mode",
            "invalid_body",
            "invalid_connection",
            "invalid_content_type",
            "invalid_headers",
            "invalid_json",
            "invalid_query_params",
            "invalid_uri_params",
            "invalid_variant",
            "missing_client_secret",
            "missing_provider_config_key",
            "no_syncs_found",
            "sync_variant_already_exists",
            "unknown_environment",
            "unknown_provider_config",
            "unknown_sync",
        ],
    ),
    (ErrorKind::ScriptFailed, &["action_script_runtime_error", "script_internal_error"]),
    (
        ErrorKind::Unauthorized,
        &[
            "deprecated_authentication",
            "forbidden",
            "invalid_connect_session_token_format",
            "invalid_secret_key_format",
            "missing_auth_header",
            "missing_public_key",
            "unknown_account",
            "unknown_connect_session_token",
        ],
    ),
    (ErrorKind::Unavailable, &["", "generic_error_support", "server_error"]),
];

#[tokio::test]
async fn every_recorded_failure_becomes_the_right_kind_of_error() {
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    for exchange in exchanges().into_iter().filter(|found| found.response.status >= 400) {
        let error = repeat(&exchange).await;
        let case = case(&exchange);
        let expected = KINDS.iter().find(|(_, codes)| codes.contains(&case.as_str())).map(|(kind, _)| *kind);
        // The reply of a provider is no error of a call.
        let expected = expected.filter(|_| case != "a provider's");
        let found = error.as_ref().map(Error::kind);
        if found != expected || expected.is_none() && case != "a provider's" {
            problems.push(format!("{}: {case}: {found:?}, and not {expected:?}", exchange.file));
        }
        seen.push(case);
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let codes = KINDS.iter().flat_map(|(_, codes)| codes.iter());
    let unused: Vec<_> = codes.filter(|code| !seen.iter().any(|seen| seen == *code)).collect();
    assert!(unused.is_empty(), "no recording of {unused:?}");
}

/// Returns the code, or a name where it does not say what it means.
fn case(exchange: &Exchange) -> String {
    let body: Value = serde_json::from_str(exchange.body()).unwrap_or_default();
    let (code, message) =
        (body["error"]["code"].as_str().unwrap_or_default(), body["error"]["message"].as_str());
    let name = match (code, message) {
        ("invalid_body", Some("Connection not found"))
        | ("server_error", Some("Failed to get connection")) => "no connection",
        ("server_error", Some("Failed to fetch records" | "Failed to prune records")) => {
            "a cursor that cannot be read"
        }
        ("", _) if exchange.path().starts_with("/proxy/") => "a provider's",
        (code, _) => code,
    };
    name.to_owned()
}

/// Makes the call again, with the recorded response.
async fn repeat(exchange: &Exchange) -> Option<Error> {
    let canned = Canned(Mutex::new(Some((exchange.response.status, exchange.body().to_owned()))));
    let http = HttpOptions::new().transport(canned);
    let client = Client::builder("https://nango.example", "key").http(http).build().unwrap();
    let key = ConnectionKey::new("demo-apikey", "fn-1");
    let (method, path) = (exchange.request.method.parse::<Method>().unwrap(), exchange.path());
    let cursor = exchange.request.path.split("cursor=").nth(1).map(|text| text.replace("%3D", "="));
    match (path, cursor) {
        (_, Some(cursor)) if path.starts_with("/records") => {
            let list = client.records::<Value>(&key, "Contact").after(Cursor::new(cursor));
            list.send().await.err()
        }
        ("/records/prune", _) => {
            client.prune_records(&key, "Contact", &Cursor::new("zzz")).send().await.err()
        }
        _ => match path.strip_prefix("/proxy/") {
            Some(path) => client.proxy(&key).request(method, path).send().await.err(),
            None => client.request(method, path).send().await.err(),
        },
    }
}

struct Canned(Mutex<Option<(u16, String)>>);

impl Transport for Canned {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<ResponseBody>, TransportError> {
        let (status, body) = self.0.lock().unwrap().take().unwrap();
        Ok(Response::builder().status(status).body(ResponseBody::from(body.into_bytes())).unwrap())
    }
}
