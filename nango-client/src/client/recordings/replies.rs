//! The type of each recorded reply.

use serde::Deserialize;
use serde_json::Value;

use super::exchange::{Exchange, exchanges};
use super::take_unknown;
use crate::client::actions::StartedAction;
use crate::client::connections::details_in;
use crate::client::environments::EnvironmentVariable;
use crate::client::functions::{Function, FunctionCode, FunctionPage};
use crate::client::integrations::Integration;
use crate::client::providers::Provider;
use crate::client::records::{Pruned, RecordPage, page_in};
use crate::client::reply::{Data, Reply};
use crate::client::scripts::{OpenAiFunction, ScriptsConfig};
use crate::client::sessions::{Created, SessionInfo};
use crate::client::syncs::{Statuses, SyncFrequency, SyncVariant};
use crate::client::wire::lost_in_connection;

/// Reads a reply and returns the fields that no type has.
type Read = fn(&Exchange) -> Vec<String>;

/// Method and path of each call, and the way its replies are read. The first that fits counts.
const TABLE: &[(&str, &str, Read)] = &[
    // What this client calls.
    ("GET", "/action/{id}", any_json),
    ("POST", "/action/trigger", action),
    ("GET", "/connect/session", as_type::<Data<SessionInfo>>),
    ("POST", "/connect/sessions", session),
    ("POST", "/connect/sessions/reconnect", session),
    ("GET", "/connections", connections),
    ("POST", "/connections", details),
    ("POST", "/connections/metadata", echo),
    ("PATCH", "/connections/metadata", echo),
    ("GET", "/connections/{id}", details),
    ("PATCH", "/connections/{id}", success),
    ("GET", "/environment-variables", as_type::<Vec<EnvironmentVariable>>),
    ("GET", "/integrations", as_type::<Data<Vec<Integration>>>),
    ("POST", "/integrations", as_type::<Data<Integration>>),
    ("GET", "/integrations/{id}", as_type::<Data<Integration>>),
    ("PATCH", "/integrations/{id}", as_type::<Data<Integration>>),
    ("DELETE", "/integrations/{id}", success),
    ("GET", "/integrations/{id}/functions", as_type::<FunctionPage>),
    ("GET", "/integrations/{id}/functions/{name}", as_type::<Data<Function>>),
    ("GET", "/integrations/{id}/functions/{name}/code", as_type::<FunctionCode>),
    ("GET", "/providers", as_type::<Data<Vec<Provider>>>),
    ("GET", "/providers/{name}", as_type::<Data<Provider>>),
    ("GET", "/records", records),
    // The trailing slash is the Node SDK's.
    ("GET", "/records/", records),
    ("PATCH", "/records/prune", as_type::<Pruned>),
    ("GET", "/scripts/config", scripts),
    ("POST", "/sync/pause", success),
    ("POST", "/sync/start", success),
    ("GET", "/sync/status", as_type::<Statuses>),
    ("POST", "/sync/trigger", success),
    ("PUT", "/sync/update-connection-frequency", as_type::<SyncFrequency>),
    ("POST", "/sync/{name}/variant/{variant}", as_type::<SyncVariant>),
    ("DELETE", "/sync/{name}/variant/{variant}", success),
    // Replies of providers, which the proxy passes on as bytes.
    ("DELETE", "/proxy/**", not_nangos),
    ("GET", "/proxy/**", not_nangos),
    ("PATCH", "/proxy/**", not_nangos),
    ("POST", "/proxy/**", not_nangos),
    ("PUT", "/proxy/**", not_nangos),
    // Calls of browsers and providers, of Nango's CLI, and old ones.
    ("POST", "/api-auth/**", not_nangos),
    ("POST", "/auth/**", not_nangos),
    ("GET", "/config/{id}", not_nangos),
    ("GET", "/connection/{id}", details),
    ("GET", "/health", not_nangos),
    ("GET", "/oauth/**", not_nangos),
    ("POST", "/oauth2/**", not_nangos),
    ("POST", "/sync/deploy", not_nangos),
    ("POST", "/sync/deploy/confirmation", not_nangos),
    ("POST", "/webhook/**", not_nangos),
];

#[test]
fn every_recorded_reply_is_read_and_no_field_of_it_is_lost() {
    let mut used = vec![false; TABLE.len()];
    let mut problems = Vec::new();
    for exchange in exchanges().into_iter().filter(|found| (200..400).contains(&found.response.status)) {
        let fits = |(method, path, _): &(&str, &str, Read)| exchange.is(method, path);
        let Some(entry) = TABLE.iter().position(fits) else {
            problems.push(format!("{}: no entry for {}", exchange.file, exchange.path()));
            continue;
        };
        used[entry] = true;
        let lost = TABLE[entry].2(&exchange);
        if !lost.is_empty() {
            problems.push(format!("{}: {lost:?}", exchange.file));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let unused: Vec<_> = TABLE.iter().zip(used).filter(|(_, used)| !used).map(|(entry, _)| entry.1).collect();
    assert!(unused.is_empty(), "no recording of {unused:?}");
}

/// A walk that finds nothing would prove nothing.
#[test]
fn a_field_that_no_type_has_is_found_at_any_depth() {
    let lost = |body: &str| lost_in::<Reply<Data<Integration>>>(body);
    let body =
        r#"{"data":{"unique_key":"a","provider":"b","display_name":"c","credentials":{"type":"OAUTH2"}}}"#;
    assert_eq!(lost(body), Vec::<String>::new());
    assert_eq!(lost(&body.replace(r#""provider""#, r#""new":1,"provider""#)), ["new"]);
    assert_eq!(lost(&body.replace(r#""type""#, r#""new":1,"type""#)), ["new"]);
    assert_eq!(lost(&body.replace(r#"{"data""#, r#"{"new":1,"data""#)), ["new"]);
    assert_eq!(lost("{}").len(), 1);
}

fn lost_in<T: for<'de> Deserialize<'de>>(body: &str) -> Vec<String> {
    take_unknown();
    let mut lost = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(body);
    let read = serde_ignored::deserialize::<_, _, T>(&mut reader, |path| lost.push(path.to_string()));
    if let Err(error) = read.and_then(|_| reader.end()) {
        lost.push(error.to_string());
    }
    lost.extend(take_unknown());
    lost
}

fn as_type<T>(exchange: &Exchange) -> Vec<String>
where
    Reply<T>: for<'de> Deserialize<'de>,
{
    lost_in::<Reply<T>>(exchange.body())
}

fn any_json(exchange: &Exchange) -> Vec<String> {
    lost_in::<Value>(exchange.body())
}

fn not_nangos(_: &Exchange) -> Vec<String> {
    Vec::new()
}

/// A change's reply, of which the status is enough.
fn success(exchange: &Exchange) -> Vec<String> {
    match exchange.body() {
        r#"{"success":true}"# => Vec::new(),
        other => vec![other.to_owned()],
    }
}

/// The reply to a change of metadata repeats the request.
fn echo(exchange: &Exchange) -> Vec<String> {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only their presence counts")]
    struct Echo {
        connection_id: Value,
        provider_config_key: Value,
        metadata: Value,
    }
    lost_in::<Echo>(exchange.body())
}

fn action(exchange: &Exchange) -> Vec<String> {
    match exchange.response.status {
        202 => lost_in::<Reply<StartedAction>>(exchange.body()),
        _ => any_json(exchange),
    }
}

fn session(exchange: &Exchange) -> Vec<String> {
    lost_in::<Created>(exchange.body())
}

fn scripts(exchange: &Exchange) -> Vec<String> {
    if exchange.request.path.ends_with("format=openai") {
        lost_in::<Reply<Data<Vec<OpenAiFunction>>>>(exchange.body())
    } else {
        lost_in::<Reply<Vec<ScriptsConfig>>>(exchange.body())
    }
}

fn records(exchange: &Exchange) -> Vec<String> {
    take_unknown();
    let page: RecordPage<Value> = match page_in(exchange.body().as_bytes()) {
        Ok(page) => page,
        Err(error) => return vec![error.to_string()],
    };
    let mut lost = take_unknown();
    // The fields of the app are JSON, so that it is enough to count them.
    let whole: Value = serde_json::from_str(exchange.body()).unwrap();
    let rows = whole["records"].as_array().unwrap();
    assert_eq!(rows.len(), page.records.len());
    let next = page.next.as_ref().map(crate::Cursor::as_str);
    assert_eq!(whole["next_cursor"].as_str(), next, "{}", exchange.file);
    if whole.as_object().unwrap().len() != 2 {
        lost.push("a field of the page".to_owned());
    }
    for (row, record) in rows.iter().zip(page.records) {
        let metadata = &row["_nango_metadata"];
        assert_eq!(metadata["cursor"].as_str(), Some(record.cursor().as_str()));
        assert!(record.cursor().time().is_some(), "{}", exchange.file);
        let mut fields = row.clone();
        fields.as_object_mut().unwrap().remove("_nango_metadata");
        let is_bare = fields.as_object().unwrap().len() == 1;
        let kept = match record.data {
            crate::RecordData::Present(data) | crate::RecordData::Deleted(Some(data)) => data == fields,
            crate::RecordData::Deleted(None) | crate::RecordData::Pruned => is_bare,
            crate::RecordData::Unreadable(_) => false,
        };
        if !kept || row["id"].as_str() != Some(&record.id) {
            lost.push(format!("the record {}", record.id));
        }
    }
    lost
}

/// The list: all that were recorded are empty. A connection is read as in [`details`].
fn connections(exchange: &Exchange) -> Vec<String> {
    match exchange.body() {
        r#"{"connections":[]}"# => Vec::new(),
        other => vec![other.to_owned()],
    }
}

fn details(exchange: &Exchange) -> Vec<String> {
    take_unknown();
    let found = match details_in(exchange.body().as_bytes()) {
        Ok(found) => found,
        Err(error) => return vec![error.to_string()],
    };
    let mut lost = take_unknown();
    if matches!(found.credentials, crate::Credentials::Other(_)) {
        lost.push("the credentials".to_owned());
    }
    lost.extend(lost_in_connection(exchange.body()));
    lost
}
