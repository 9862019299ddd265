//! Comparison of one recorded exchange with the emulator's reply.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex_lite::Regex;
use reqwest::{Client, Method};
use serde_json::Value;

/// Values that differ between runs: recorded -> live.
pub(super) struct Replay {
    base: String,
    learnt: BTreeMap<String, String>,
    classes: Vec<(&'static str, Regex)>,
    origin: Regex,
    /// Compares headers of CORS and of the rate limit.
    headers: bool,
}

const UUID: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const TIMESTAMP: &str = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)";

/// Fields with texts for users, whose wording may differ.
const SOFT: [&str; 2] = ["message", "description"];

impl Replay {
    pub(super) fn new(base: &str) -> Self {
        let regex = |text: &str| Regex::new(text).unwrap();
        Self {
            base: base.to_owned(),
            learnt: BTreeMap::new(),
            classes: vec![
                ("session_token", regex("nango_connect_session_[0-9a-f]{64}")),
                ("timestamp", regex(TIMESTAMP)),
                ("uuid", regex(UUID)),
                ("log_id", regex(r"\d{13}_[A-Za-z0-9]{8}")),
            ],
            origin: regex(r"https?://(localhost|127\.0\.0\.1):\d+"),
            headers: true,
        }
    }

    /// Leaves out headers that these recordings do not have.
    pub(super) fn without_headers(mut self) -> Self {
        self.headers = false;
        self
    }

    pub(super) fn knows(&self, recorded: &str) -> bool {
        self.learnt.contains_key(recorded)
    }

    pub(super) fn substitute(&self, text: &str) -> String {
        self.learnt.iter().fold(text.to_owned(), |text, (recorded, live)| text.replace(recorded, live))
    }

    /// Returns the differences between the reply and the recorded one.
    pub(super) async fn run(&mut self, http: &Client, recording: &Value) -> Vec<String> {
        let (asked, recorded) = (&recording["request"], &recording["response"]);
        let method = Method::from_bytes(asked["method"].as_str().unwrap().as_bytes()).unwrap();
        let path = self.substitute(asked["path"].as_str().unwrap());
        let mut request = http.request(method, format!("{}{path}", self.base));
        for (name, value) in asked["headers"].as_object().into_iter().flatten() {
            if !["host", "connection", "content-length", "accept-encoding"].contains(&name.as_str()) {
                request = request.header(name, self.substitute(value.as_str().unwrap()));
            }
        }
        if let Some(body) = asked["body"].as_str() {
            request = request.body(self.substitute(body));
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = |value: Option<&reqwest::header::HeaderValue>| {
            value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let content_type = text(answer.headers().get("content-type"));
        let location = text(answer.headers().get("location"));
        let allowed = text(answer.headers().get("access-control-allow-origin"));
        let limited = ["limit", "remaining", "reset"]
            .map(|name| answer.headers().contains_key(format!("x-ratelimit-{name}")));
        let body = answer.text().await.unwrap();
        let mut wrong = Vec::new();
        if recording.get("succeeds").is_some() {
            if !(200..300).contains(&status) {
                wrong.push(format!("status {status}: {body}"));
            }
            if let Some(expected) = recording.get("answer") {
                self.compare(expected, &serde_json::from_str(&body).unwrap(), "$", &mut wrong);
            }
            return wrong;
        }
        if self.headers && limited != [recorded["headers"].get("x-ratelimit-limit").is_some(); 3] {
            wrong.push(format!("headers of the rate limit: {limited:?}"));
        }
        if recorded["status"] != status {
            wrong.push(format!("status {status}, recorded {}", recorded["status"]));
        }
        // A real Nango serves the Connect UI from another origin.
        let origin = recorded["headers"]["access-control-allow-origin"].as_str().unwrap_or_default();
        if self.headers && self.mask(origin) != self.mask(&allowed) {
            wrong.push(format!("allowed origin {allowed:?}, recorded {origin:?}"));
        }
        if let Some(recorded) = recorded["headers"]["location"].as_str().filter(|to| to.contains("://")) {
            self.compare_location(recorded, &location, &mut wrong);
        }
        let recorded_type = recorded["headers"]["content-type"].as_str().unwrap_or_default();
        if recorded_type.contains("json") {
            if !content_type.contains("json") {
                wrong.push(format!("content type {content_type:?}"));
            }
            let expected = normalized(serde_json::from_str(recorded["body"].as_str().unwrap()).unwrap());
            match serde_json::from_str(&body) {
                Ok(live) => self.compare(&expected, &normalized(live), "$", &mut wrong),
                Err(_) => wrong.push("no JSON".to_owned()),
            }
        } else if let Some(recorded) = recorded.get("result_page_error") {
            self.compare_page(recorded, &body, &mut wrong);
        } else if status == 204 && !body.is_empty() {
            wrong.push("a body after 204".to_owned());
        }
        wrong
    }

    /// Looks for a recorded webhook among those sent, but for times. Returns it if it is not there.
    pub(super) fn find_webhook(&self, raw: &str, sent: &[Value]) -> Vec<String> {
        let comparable = |body: Value| self.without_times(normalized(body));
        let recorded = comparable(serde_json::from_str(&self.substitute(raw)).unwrap());
        if sent.iter().any(|live| comparable(live.clone()) == recorded) {
            return Vec::new();
        }
        vec![format!("not sent: {recorded}")]
    }

    fn without_times(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.class(&text) == Some("timestamp") => "<timestamp>".into(),
            Value::Array(items) => items.into_iter().map(|item| self.without_times(item)).collect(),
            Value::Object(map) => {
                map.into_iter().map(|(name, value)| (name, self.without_times(value))).collect()
            }
            other => other,
        }
    }

    /// Compares the exact message of the popup's last page to its opener.
    fn compare_page(&self, recorded: &Value, live: &str, wrong: &mut Vec<String>) {
        let message = live.lines().find_map(|line| line.trim().strip_prefix("const message = "));
        let message = message.and_then(|message| message.strip_suffix(';')).unwrap_or_default();
        let message: Value = serde_json::from_str(message).unwrap_or_default();
        let payload = &message["payload"];
        for name in ["message", "errorType"] {
            let (recorded, live) = (&recorded[name], &payload[name]);
            let masked = |value: &Value| self.mask(value.as_str().unwrap_or_default());
            if !recorded.is_string() || masked(recorded) != masked(live) {
                wrong.push(format!("the page's {name}: {live}, recorded {recorded}"));
            }
        }
    }

    /// Compares the redirect's parameters in their order.
    fn compare_location(&self, recorded: &str, live: &str, wrong: &mut Vec<String>) {
        let parts = |text: &str| {
            let url = url::Url::parse(text).unwrap();
            let pairs = url.query_pairs().map(|(name, value)| match &*name {
                "code_challenge" => format!("{name}, {} long", value.len()),
                _ => format!("{name}={}", self.mask(&value)),
            });
            let address = format!("{}{}", url.origin().ascii_serialization(), url.path());
            std::iter::once(address).chain(pairs).collect::<Vec<_>>()
        };
        let (recorded, live) = (parts(recorded), parts(live));
        if recorded != live {
            wrong.push(format!("location {live:?}, recorded {recorded:?}"));
        }
    }

    fn compare(&mut self, recorded: &Value, live: &Value, path: &str, wrong: &mut Vec<String>) {
        let key = path.rsplit('.').next().unwrap_or_default();
        match (recorded, live) {
            (Value::Object(recorded), Value::Object(live)) => {
                for name in recorded.keys().filter(|name| !live.contains_key(*name)) {
                    wrong.push(format!("{path}.{name}: missing"));
                }
                for name in live.keys().filter(|name| !recorded.contains_key(*name)) {
                    wrong.push(format!("{path}.{name}: not in the recording"));
                }
                for (name, value) in recorded {
                    if let Some(live) = live.get(name) {
                        self.compare(value, live, &format!("{path}.{name}"), wrong);
                    }
                }
            }
            (Value::Array(recorded), Value::Array(live)) => {
                if recorded.len() != live.len() {
                    wrong.push(format!("{path}: {} items, not {}", live.len(), recorded.len()));
                }
                for (at, (recorded, live)) in recorded.iter().zip(live).enumerate() {
                    self.compare(recorded, live, &format!("{path}[{at}]"), wrong);
                }
            }
            (Value::String(recorded), Value::String(live)) => {
                self.compare_text(recorded, live, path, key, wrong);
            }
            _ if recorded == live || key == "id" => {}
            _ => wrong.push(format!("{path}: {live}, recorded {recorded}")),
        }
    }

    fn compare_text(&mut self, recorded: &str, live: &str, path: &str, key: &str, wrong: &mut Vec<String>) {
        if let Some(class) = self.class(recorded) {
            if self.class(live) != Some(class) {
                wrong.push(format!("{path}: {live:?} is no {class}"));
            } else if class != "timestamp" {
                self.learnt.entry(recorded.to_owned()).or_insert_with(|| live.to_owned());
            }
            return;
        }
        if self.mask(recorded) != self.mask(live) && !SOFT.contains(&key) {
            wrong.push(format!("{path}: {live:?}, recorded {recorded:?}"));
        }
    }

    fn class(&self, text: &str) -> Option<&'static str> {
        let whole = |found: regex_lite::Match<'_>| found.start() == 0 && found.end() == text.len();
        let class = self.classes.iter().find(|(_, regex)| regex.find(text).is_some_and(whole));
        class.map(|(name, _)| *name)
    }

    fn mask(&self, text: &str) -> String {
        let masked = self.classes.iter().fold(text.to_owned(), |text, (name, regex)| {
            regex.replace_all(&text, format!("<{name}>").as_str()).into_owned()
        });
        self.origin.replace_all(&masked, "<origin>").into_owned()
    }
}

/// Reduces cursors to the record that they are about, and places in code to the file: both differ
/// between servers.
pub(super) fn normalized(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(normalized_text(text)),
        Value::Array(items) => items.into_iter().map(normalized).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, normalized(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn normalized_text(text: String) -> String {
    let position = STANDARD.decode(&text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((_, id)) = position.as_deref().and_then(|position| position.split_once("||")) {
        return format!("record {}", id.replace('-', ""));
    }
    match text.split_once(".cjs:") {
        Some((file, _)) => format!("{file}.cjs)"),
        None => text,
    }
}
